package props

import (
	"math"
	"slices"

	"example.com/attest/internal/guard"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// attentionScene is a drawn attention: its operands and options.
type attentionScene[T spec.Float] struct {
	q, k, v tensor
	opt     spec.AttentionOptions
	layout  layout
	views   map[string]layout // of operands that lie otherwise
	bare    bool              // hand over what no query may see as it is
}

// shapeOut is the shape of the output.
func (s attentionScene[T]) shapeOut() [4]int {
	return [4]int{s.q.Shape[0], s.q.Shape[1], s.q.Shape[2], s.v.Shape[3]}
}

// run calls the implementation.
func (s attentionScene[T]) run(t *Trial, im *spec.Implementation[T]) tensor {
	call, result := s.prepare(t, im)
	call()
	return result()
}

// prepare returns a call of the implementation, and what it stored.
func (s attentionScene[T]) prepare(t *Trial, im *spec.Implementation[T]) (call func(), result func() tensor) {
	s = s.hide(t)
	out := outputTensor[T](t, "output", s.shapeOut(), s.lies("output"))
	opt := s.lend(t)
	q, k, v := inputTensor[T](t, "Q", s.q, s.lies("Q")), inputTensor[T](t, "K", s.k, s.lies("K")), inputTensor[T](t, "V", s.v, s.lies("V"))
	return func() { im.Attention.Attend(out, q, k, v, &opt) }, func() tensor { return wideTensor(out) }
}

// lend returns a copy of the options for one call; after the trial all that they
// point to must still hold the same.
func (s attentionScene[T]) lend(t *Trial) spec.AttentionOptions {
	const nowhere = math.MinInt32 // a length or place that makes no sense
	opt, slack := s.opt, float32(t.slack())
	opt.Mask, opt.Keep = lendGrid(t, s, "mask", opt.Mask, true), lendGrid(t, s, "keep mask", opt.Keep, true)
	opt.Bias = lendGrid(t, s, "bias", opt.Bias, slack)
	opt.Sinks, opt.Slopes = lendSlice(t, "sinks", opt.Sinks, slack), lendSlice(t, "slopes", opt.Slopes, slack)
	opt.KeyLengths, opt.Offsets = lendSlice(t, "key lengths", opt.KeyLengths, nowhere), lendSlice(t, "offsets", opt.Offsets, nowhere)
	if opt.Window != nil {
		w := *opt.Window
		opt.Window = &w
	}
	if packed := opt.Sequences; packed != nil {
		opt.Sequences = &spec.Sequences{Queries: lendSlice(t, "cumulative queries", packed.Queries, nowhere), Keys: lendSlice(t, "cumulative keys", packed.Keys, nowhere)}
	}
	return opt
}

// lendGrid returns a copy of a grid for s, which ends with its last element if s
// has queries; its data, and what is around it, must stay as it is.
func lendGrid[E guard.Element, T spec.Float](t *Trial, s attentionScene[T], name string, g *spec.Grid[E], slack E) *spec.Grid[E] {
	if g == nil {
		return nil
	}
	lent, data := *g, g.Data
	if s.q.Shape[1] > 0 {
		view := tensor{Shape: [4]int{s.q.Shape[0], s.q.Shape[1], g.Queries, g.Keys}, Stride: [4]int{g.BatchStride, g.HeadStride, g.Stride, 1}}
		data = data[:view.Span()]
	}
	lent.Data = lendSlice(t, name, data, slack)
	return &lent
}

// lendSlice returns a copy of x that must stay as it is, as must what is around
// it; nil for nil.
func lendSlice[E guard.Element](t *Trial, name string, x []E, slack E) []E {
	if x == nil {
		return nil
	}
	m := lend(t, name, len(x), slack)
	copy(m.Data, x)
	watch(t, name, m)
	return m.Data
}

// want returns the exact output.
func (s attentionScene[T]) want(t *Trial) tensor {
	out := spec.NewTensor[float64](s.shapeOut()[0], s.shapeOut()[1], s.shapeOut()[2], s.shapeOut()[3])
	t.Oracle.Attention.Attend(out, s.q, s.k, s.v, &s.opt)
	return out
}

// bound returns the bound on the error of each output, and ends the trial where
// there is none.
func (s attentionScene[T]) bound(t *Trial, im *spec.Implementation[T]) tensor {
	b, ok := reference.AttentionBound(s.q, s.k, s.v, &s.opt, im.Profile, reference.RoundingOf[T](), reference.InputError{})
	if !ok {
		t.Undecidable()
	}
	return b
}

// agree requires got, which the implementation computed for s, to lie within both
// bounds of want, which it computed for another case with bounds boundWant.
func (s attentionScene[T]) agree(t *Trial, im *spec.Implementation[T], got, want, boundWant tensor) {
	bound := addTensors(s.bound(t, im), boundWant)
	nearTensor(t, "output", got, want, bound)
	t.Informative(s.telling(want, bound))
}

// telling reports whether wrong outputs of four kinds would not pass for want: some
// output is more than 8 times its bound away from zero and from the mean of the
// values that its query may see, some from the first value, and some from what
// comes out without the last key that its query may see. Where one key is visible
// of several, the mean of all values takes the place of the mean of one; where
// there is no other key, zeros alone are told.
func (s attentionScene[T]) telling(want, bound tensor) bool {
	n := s.k.Shape[2]
	if n == 0 {
		return false
	}
	mean, first, last := false, n == 1, false
	for b := range want.Shape[0] {
		for h := range want.Shape[1] {
			g := spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1])
			for i := range want.Shape[2] {
				for c := range want.Shape[3] {
					w, far := want.At(b, h, i, c), 8*bound.At(b, h, i, c)
					first = first || math.Abs(w-s.v.At(b, g, 0, c)) > far
					mean = mean || math.Abs(w) > far && (n == 1 || math.Abs(w-s.meanValue(b, h, i, c)) > far)
				}
				last = last || s.needsLastKey(b, h, i, want, bound)
				if mean && first && last {
					return true
				}
			}
		}
	}
	return false
}

// meanValue returns the mean of channel c of the values that query i may see, of
// all if it is one.
func (s attentionScene[T]) meanValue(b, h, i, c int) float64 {
	one := s.visible(b, h, i) == 1
	var sum, count float64
	for j := range s.k.Shape[2] {
		if one || s.opt.Allowed(b, h, i, j) {
			sum += s.v.At(b, spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]), j, c)
			count++
		}
	}
	return sum / count
}

// needsLastKey reports whether some channel of want for query i is more than 8
// times its bound away from that without the last key that the query may see.
func (s attentionScene[T]) needsLastKey(b, h, i int, want, bound tensor) bool {
	x := reference.Logits(s.q, s.k, &s.opt, b, h, i)
	last := len(x) - 1
	for last >= 0 && !s.opt.Allowed(b, h, i, last) {
		last--
	}
	if last < 0 {
		return false
	}
	x[last] = math.Inf(-1)
	sink := s.opt.SinkAt(h)
	top := max(slices.Max(x), sink)
	if math.IsInf(top, -1) {
		top = 0 // no key is left
	}
	sum := math.Exp(sink - top)
	for j := range x {
		x[j] = math.Exp(x[j] - top)
		sum += x[j]
	}
	for c := range want.Shape[3] {
		var o float64
		for j := range last {
			if x[j] > 0 {
				o += x[j] / sum * s.opt.KeepFactor(b, h, i, j) * s.v.At(b, spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]), j, c)
			}
		}
		if math.Abs(want.At(b, h, i, c)-o) > 8*bound.At(b, h, i, c) {
			return true
		}
	}
	return false
}

// lies returns the layout of the named operand.
func (s attentionScene[T]) lies(name string) layout {
	if l, ok := s.views[name]; ok {
		return l
	}
	return s.layout
}

// visible returns how many keys query i of head h of batch b may attend to.
func (s attentionScene[T]) visible(b, h, i int) int {
	var count int
	for j := range s.k.Shape[2] {
		if s.opt.Allowed(b, h, i, j) {
			count++
		}
	}
	return count
}

// seen reports whether some query may attend to key j of key head g of batch b.
func (s attentionScene[T]) seen(b, g, j int) bool {
	for h := range s.q.Shape[1] {
		for i := range s.q.Shape[2] {
			if spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]) == g && s.opt.Allowed(b, h, i, j) {
				return true
			}
		}
	}
	return false
}

// spread returns the largest distance of two logits of one row.
func (s attentionScene[T]) spread() float64 {
	var most float64
	for b := range s.q.Shape[0] {
		for h := range s.q.Shape[1] {
			for i := range s.q.Shape[2] {
				lo, hi := math.Inf(1), math.Inf(-1)
				for j, x := range reference.Logits(s.q, s.k, &s.opt, b, h, i) {
					if s.opt.Allowed(b, h, i, j) {
						lo, hi = min(lo, x), max(hi, x)
					}
				}
				most = max(most, hi-lo)
			}
		}
	}
	return most
}

// withKeys returns s with the keys at the given places, in that order, and the
// mask's columns with them. The causal rule becomes part of the mask.
func (s attentionScene[T]) withKeys(places []int) attentionScene[T] {
	out := s
	out.k, out.v = gather(s.k, 2, places), gather(s.v, 2, places)
	if s.opt.Mask != nil || s.opt.Causal {
		out.opt.Causal, out.opt.Offset = false, 0
		plain := s.withoutBias().opt
		out.opt.Mask = newMask(s.q.Shape[2], len(places), func(i, j int) bool { return plain.Allowed(0, 0, i, places[j]) })
	}
	if s.opt.Bias != nil {
		out.opt.Bias = out.fullBias(func(b, h, i, j int) float64 { return s.opt.BiasAt(b, h, i, places[j]) })
	}
	return out
}

// withQueries returns s with the queries lo to hi alone.
func (s attentionScene[T]) withQueries(lo, hi int) attentionScene[T] {
	out := s
	out.q = gather(s.q, 2, span(lo, hi))
	out.opt.Offset += lo
	if s.opt.Mask != nil {
		out.opt.Mask = newMask(hi-lo, s.k.Shape[2], func(i, j int) bool {
			return s.opt.Mask.Data[(lo+i)*s.opt.Mask.Stride+j]
		})
	}
	return out
}
