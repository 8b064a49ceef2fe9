package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func multiHeadProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "MHA-001", Run: multiHeadOptions[T]},
		{Claim: "MHA-002", Run: multiHeadGrouped[T]},
		{Claim: "MHA-003", Run: multiHeadFurther[T]},
		{Claim: "MHA-004", Run: multiHeadKeyBias[T](false)},
		{Claim: "MHA-005", Run: multiHeadKeyBias[T](true)},
		{Claim: "MHA-006", Run: multiHeadValueBias[T](false)},
		{Claim: "MHA-007", Run: multiHeadValueBias[T](true)},
		{Claim: "MHA-008", Run: multiHeadNaN[T]},
	}
}

// multiHeadScene is a drawn multi-head attention.
type multiHeadScene[T spec.Float] struct {
	x, memory matrix
	w         spec.MultiHeadWeights[float64]
	opt       spec.AttentionOptions
}

// drawSelfAttention draws tokens that attend to one another with weights by the
// given function, as many heads of keys as of queries, and masks.
func drawSelfAttention[T spec.Float](t *Trial, maxTokens int, weights func(name string, d int) matrix) multiHeadScene[T] {
	heads, dHead := t.Int("heads", 1, 4), t.Int("dHead", 1, 5)
	m, d := t.Size("m", 1, maxTokens), heads*dHead
	project := func(name string) spec.Projection[float64] { return spec.Projection[float64]{W: weights(name, d)} }
	s := multiHeadScene[T]{x: t.Matrix("X", m, d, append(gen.Tokens[:len(gen.Tokens):len(gen.Tokens)], gen.Heavy), -2, 1)}
	s.memory = s.x
	s.w = spec.MultiHeadWeights[float64]{Query: project("WQ"), Key: project("WK"), Value: project("WV"), Output: project("WO"),
		Heads: heads, KeyHeads: heads}
	s.opt.Scale = spec.DefaultScale(dHead)
	if t.Bool("masked") {
		s.opt.Mask = drawMask(t, m, m)
	}
	s.opt.Causal = t.Bool("causal")
	return s
}

// drawMultiHead draws tokens and a memory, which may be the tokens themselves,
// with heads of any kind and biases. Options are left to the caller.
func drawMultiHead[T spec.Float](t *Trial, rotary bool) multiHeadScene[T] {
	var s multiHeadScene[T]
	m, d := t.Size("m", 1, 9), t.Size("d", 1, 9)
	s.x = t.Matrix("X", m, d, calmKinds, -1, 1)
	s.memory = s.x
	if t.Bool("with memory") {
		n, e := t.Size("n", 1, 17), d
		if t.Bool("memory of other channels") {
			e = t.Size("e", 1, 9)
		}
		s.memory = t.Matrix("memory", n, e, calmKinds, -1, 1)
	}
	s.w = drawMultiHeadWeights(t, "", d, s.memory.Cols, t.Size("p", 1, 9), rotary)
	s.opt.Scale = spec.DefaultScale(s.dHead())
	return s
}

// drawMultiHeadWeights draws weights from tokens of d channels and a memory of e
// to p channels. Their names begin with the prefix.
func drawMultiHeadWeights(t *Trial, prefix string, d, e, p int, rotary bool) spec.MultiHeadWeights[float64] {
	keyHeads := t.Int(prefix+"keyHeads", 1, 2)
	heads := keyHeads * t.Int(prefix+"group", 1, 2)
	dHead, dValue := t.Int(prefix+"dHead", 1, 5), t.Int(prefix+"dValue", 1, 4)
	w := spec.MultiHeadWeights[float64]{Heads: heads, KeyHeads: keyHeads}
	if rotary && t.Bool(prefix+"rotary") {
		dHead = 2 * max(1, dHead/2)
		w.Rotary = &spec.Rotary{Layout: spec.Layout(t.Word(prefix+"layout", string(spec.HalfLayout), string(spec.InterleavedLayout))),
			Dims: dHead - 2*t.Int(prefix+"pairs not turned", 0, 1)%dHead, Offset: t.Int(prefix+"first position", 0, 64), Base: 100}
	}
	project := func(name string, in, out int) spec.Projection[float64] {
		return drawProjection(t, prefix+name, in, out, t.Bool(prefix+"biased "+name))
	}
	w.Query, w.Key = project("Q", d, heads*dHead), project("K", e, keyHeads*dHead)
	w.Value, w.Output = project("V", e, keyHeads*dValue), project("O", heads*dValue, p)
	return w
}

// drawProjection draws a linear layer.
func drawProjection(t *Trial, name string, in, out int, biased bool) spec.Projection[float64] {
	p := spec.Projection[float64]{W: t.Weights("W"+name, in, out)}
	if biased {
		p.Bias = drawBias(t, name, out)
	}
	return p
}

func drawBias(t *Trial, name string, n int) []float64 {
	return t.Matrix("b"+name, 1, n, []gen.Kind{gen.Normal, gen.Uniform, gen.Ints}, -2, 0).Row(0)
}

// drawOptions draws any of the options that im takes, for m queries and n keys.
func drawOptions[T spec.Float](t *Trial, im *spec.Implementation[T], w *spec.MultiHeadWeights[float64], m, n int) spec.AttentionOptions {
	can, dHead := im.AttentionAbilities, w.Query.W.Cols/w.Heads
	s := attentionScene[T]{q: tensor{Shape: [4]int{1, w.Heads, m, dHead}}, k: tensor{Shape: [4]int{1, w.KeyHeads, n, dHead}}}
	some := func(ability bool, name string) bool { return ability && t.Int(name, 0, 3) == 3 }
	s.opt.Scale = spec.DefaultScale(dHead)
	if some(true, "masked") {
		s.opt.Mask = drawMask(t, m, n)
	}
	if s.opt.Causal = some(true, "causal"); s.opt.Causal || w.Rotary != nil {
		s.opt.Offset = t.Int("offset", -2, 12)
	}
	if some(can.Bias, "biased") {
		s.opt.Bias = s.drawBias(t, "heads", n, exactKinds, -1, 1)
	}
	if some(can.Softcap, "capped") {
		s.opt.Softcap = t.Power("softcap", -1, 3)
	}
	if some(can.Window, "with window") {
		s.opt.Window = drawWindow(t)
	}
	if some(can.KeyLengths, "with length") {
		s.opt.KeyLengths = []int{t.Int("length", 0, 16) % (n + 1)}
	}
	if some(can.Sinks, "with sinks") {
		s.opt.Sinks = s.drawSinks(t)
	}
	if some(can.Slopes, "with slopes") {
		s.opt.Slopes = spec.AlibiSlopes(w.Heads)
	}
	if some(can.Keep, "with dropout") {
		s.opt.Keep, _ = s.drawKeep(t)
		s.opt.KeepScale = 1.25
	}
	return s.opt
}

// dHead returns the channels of a head of queries and keys.
func (s multiHeadScene[T]) dHead() int { return s.w.Query.W.Cols / s.w.Heads }

func (s multiHeadScene[T]) run(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "output", s.x.Rows, s.w.Output.W.Cols)
	hidden, given := hiddenMemory[T](t, s.memory, s.w.Heads, s.x.Rows, s.opt)
	opt := attentionScene[T]{opt: given}.lend(t)
	x := input[T](t, "X", s.x)
	memory := x
	if !s.toItself() {
		memory = input[T](t, "memory", hidden)
	}
	im.MultiHead(out, x, memory, lendMultiHead[T](t, &s.w), &opt)
	return wide(out)
}

// toItself reports whether the memory is the tokens themselves.
func (s multiHeadScene[T]) toItself() bool { return &s.memory.Data[0] == &s.x.Data[0] }

// lendMultiHead hands weights to an implementation.
func lendMultiHead[T spec.Float](t *Trial, w *spec.MultiHeadWeights[float64]) *spec.MultiHeadWeights[T] {
	return &spec.MultiHeadWeights[T]{Query: lendProjection[T](t, "Q", w.Query), Key: lendProjection[T](t, "K", w.Key),
		Value: lendProjection[T](t, "V", w.Value), Output: lendProjection[T](t, "O", w.Output),
		Heads: w.Heads, KeyHeads: w.KeyHeads, Rotary: w.Rotary}
}

func lendProjection[T spec.Float](t *Trial, name string, p spec.Projection[float64]) spec.Projection[T] {
	return spec.Projection[T]{W: input[T](t, "W"+name, p.W), Bias: lendVector[T](t, "b"+name, p.Bias)}
}

// lendVector hands a vector to an implementation, nil as nil.
func lendVector[T spec.Float](t *Trial, name string, x []float64) []T {
	if x == nil {
		return nil
	}
	return input[T](t, name, spec.MatrixOf(x)).Row(0)
}

func (s multiHeadScene[T]) bound(t *Trial, im *spec.Implementation[T]) matrix {
	b, ok := reference.MultiHeadBound(s.x, s.memory, &s.w, &s.opt, im.Profile, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return b
}

// want returns the exact output.
func (s multiHeadScene[T]) want(t *Trial) matrix {
	out := spec.NewMatrix[float64](s.x.Rows, s.w.Output.W.Cols)
	t.Oracle.MultiHead(out, s.x, s.memory, &s.w, &s.opt)
	return out
}

// agree requires s and other, of the same implementation, to lie within both
// bounds.
func (s multiHeadScene[T]) agree(t *Trial, im *spec.Implementation[T], other multiHeadScene[T]) {
	bound, want := plus(s.bound(t, im), other.bound(t, im)), other.run(t, im)
	near(t, "output", s.run(t, im), want, bound)
	t.Informative(exceeds(want, bound, 8))
}

func multiHeadValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSelfAttention[T](t, 17, func(name string, d int) matrix { return t.Weights(name, d, d) })
	bound, want := s.bound(t, im), s.want(t)
	near(t, "output", s.run(t, im), want, bound)
	t.Informative(exceeds(want, bound, 8) && s.x.Rows > 1)
	t.Sometimes("several heads", s.w.Heads > 1)
}

func multiHeadOptions[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawMultiHead[T](t, true)
	s.opt = drawOptions(t, im, &s.w, s.x.Rows, s.memory.Rows)
	bound, want := s.bound(t, im), s.want(t)
	near(t, "output", s.run(t, im), want, bound)
	t.Informative(exceeds(want, bound, 8) && s.memory.Rows > 1)
	t.Sometimes("fewer heads of keys", s.w.KeyHeads < s.w.Heads)
	t.Sometimes("several heads of keys", s.w.KeyHeads > 1)
	t.Sometimes("rotary embedding", s.w.Rotary != nil)
	t.Sometimes("a memory of other channels", s.memory.Cols != s.x.Cols)
}

// multiHeadGrouped repeats the weights of each head of keys and values for the
// heads of queries that it serves.
func multiHeadGrouped[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawMultiHead[T](t, true)
	repeated := s
	repeated.w.KeyHeads = s.w.Heads
	repeat := func(p spec.Projection[float64]) spec.Projection[float64] {
		n := p.W.Cols / s.w.KeyHeads
		var order []int
		for h := range s.w.Heads {
			g := spec.KeyHead(h, s.w.Heads, s.w.KeyHeads)
			order = append(order, span(g*n, (g+1)*n)...)
		}
		return pick(p, order)
	}
	repeated.w.Key, repeated.w.Value = repeat(s.w.Key), repeat(s.w.Value)
	s.agree(t, im, repeated)
	t.Informative(s.w.KeyHeads < s.w.Heads && s.memory.Rows > 1)
	t.Sometimes("two groups of two", s.w.KeyHeads == 2 && s.w.Heads == 4)
}

// pick returns the projection to the given channels of p, in that order.
func pick(p spec.Projection[float64], order []int) spec.Projection[float64] {
	columns := func(m matrix) matrix {
		out := spec.NewMatrix[float64](m.Rows, len(order))
		for i := range m.Rows {
			for c, from := range order {
				out.Set(i, c, m.At(i, from))
			}
		}
		return out
	}
	out := spec.Projection[float64]{W: columns(p.W)}
	if p.Bias != nil {
		out.Bias = columns(spec.MatrixOf(p.Bias)).Row(0)
	}
	return out
}

// multiHeadFurther moves all positions of the rotary embedding.
func multiHeadFurther[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawMultiHead[T](t, true)
	if s.w.Rotary == nil {
		t.Undecidable()
	}
	s.opt.Offset = t.Int("offset", -4, 12)
	moved, by := s, *s.w.Rotary
	by.Offset += t.Int("by", 1, 200)
	moved.w.Rotary = &by
	s.agree(t, im, moved)
	t.Informative(s.memory.Rows > 1 && by.Dims > 0)
}

// drawSmallMultiHead draws one head of few channels without biases.
func drawSmallMultiHead[T spec.Float](t *Trial) multiHeadScene[T] {
	m, d := t.Int("m", 1, 3), t.Int("d", 1, 2)
	project := func(name string) spec.Projection[float64] {
		return spec.Projection[float64]{W: t.Matrix(name, d, d, []gen.Kind{gen.OneHot, gen.Ints, gen.Coarse}, 0, 0)}
	}
	s := multiHeadScene[T]{x: t.Matrix("X", m, d, []gen.Kind{gen.Ints, gen.Coarse, gen.One}, 0, 0)}
	s.memory, s.opt.Scale = s.x, 1
	s.w = spec.MultiHeadWeights[float64]{Query: project("WQ"), Key: project("WK"), Value: project("WV"), Output: project("WO"), Heads: 1, KeyHeads: 1}
	return s
}

// multiHeadKeyBias compares with and without a bias of the keys, where nothing is
// turned or everything is.
func multiHeadKeyBias[T spec.Float](turned bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var s multiHeadScene[T]
		if turned {
			s = drawSmallMultiHead[T](t)
			s.w.Rotary = &spec.Rotary{Layout: spec.HalfLayout, Dims: s.x.Cols / 2 * 2, Base: 10}
		} else {
			s = drawMultiHead[T](t, false)
		}
		plain := s
		plain.w.Key.Bias = nil
		s.w.Key.Bias = drawBias(t, "key", s.w.Key.W.Cols)
		s.agree(t, im, plain)
		t.Informative(s.memory.Rows > 1 && reference.Norm(s.w.Key.Bias) > 0)
	}
}

// multiHeadValueBias compares the rise of the output by a bias of the values with
// that bias times WO, for tokens that see some key or for any.
func multiHeadValueBias[T spec.Float](any bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var s multiHeadScene[T]
		if any {
			s = drawSmallMultiHead[T](t)
			s.opt.Mask = drawMask(t, s.x.Rows, s.x.Rows)
		} else {
			s = drawMultiHead[T](t, true)
			if t.Bool("masked") {
				s.opt.Mask = drawMask(t, s.x.Rows, s.memory.Rows)
			}
		}
		plain := s
		plain.w.Value.Bias = nil
		s.w.Value.Bias = drawBias(t, "value", s.w.Value.W.Cols)
		dValue := s.w.Value.W.Cols / s.w.KeyHeads
		each := spec.NewMatrix[float64](1, s.w.Output.W.Rows)
		for c := range each.Cols {
			each.Set(0, c, s.w.Value.Bias[spec.KeyHead(c/dValue, s.w.Heads, s.w.KeyHeads)*dValue+c%dValue])
		}
		rise, size := reference.Times(each, s.w.Output.W), reference.Times(absolute(each), absolute(s.w.Output.W))
		got, base, bound := s.run(t, im), plain.run(t, im), plus(s.bound(t, im), plain.bound(t, im))
		told := false
		for i := range got.Rows {
			if !any && !sees(&s.opt, i, s.memory.Rows) {
				continue
			}
			for k := range got.Cols {
				e := bound.At(i, k) + gamma(each.Cols+2)*(size.At(0, k)+math.Abs(base.At(i, k)))
				t.Near(at("output", i, k), got.At(i, k), base.At(i, k)+rise.At(0, k), e)
				told = told || math.Abs(rise.At(0, k)) > 8*e
			}
		}
		t.Informative(told)
	}
}

// selection returns a d×d matrix with a single 1 in each column: products with
// it are exact.
func selection(t *Trial, name string, d int) matrix {
	offset, step := t.Int(name+" offset", 0, 19), t.Int(name+" step", 1, 7)
	w := spec.NewMatrix[float64](d, d)
	for l := range d {
		w.Set((offset+step*l)%d, l, 1)
	}
	return w
}

// multiHeadComposition takes weights that select channels, so that what the
// heads receive and what becomes of their outputs is exact, and compares with
// the implementation's own attention of each head.
func multiHeadComposition[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSelfAttention[T](t, 33, func(name string, d int) matrix { return selection(t, name, d) })
	m, d, heads := s.x.Rows, s.dHead(), s.w.Heads
	q, k, v := reference.Times(s.x, s.w.Query.W), reference.Times(s.x, s.w.Key.W), reference.Times(s.x, s.w.Value.W)
	joined, bound := spec.NewMatrix[float64](m, s.x.Cols), spec.NewMatrix[float64](m, s.x.Cols)
	for h := range heads {
		slice := func(x matrix) tensor {
			return tensorLike([4]int{1, 1, m, d}, func(_, _, i, c int) float64 { return x.At(i, h*d+c) })
		}
		one := attentionScene[T]{q: slice(q), k: slice(k), v: slice(v), opt: s.opt, layout: headsFirst}
		got, e := one.run(t, im), one.bound(t, im)
		for i := range m {
			for c := range d {
				joined.Set(i, h*d+c, got.At(0, 0, i, c))
				bound.Set(i, h*d+c, e.At(0, 0, i, c))
			}
		}
	}
	want, allowed := reference.Times(joined, s.w.Output.W), scaled(reference.Times(bound, s.w.Output.W), 2)
	near(t, "output", s.run(t, im), want, allowed)
	t.Informative(heads > 1 && m > 1 && exceeds(want, allowed, 8))
}

// sees reports whether query i of the first head may attend to one of n keys.
func sees(opt *spec.AttentionOptions, i, n int) bool {
	for j := range n {
		if opt.Allowed(0, 0, i, j) {
			return true
		}
	}
	return false
}
