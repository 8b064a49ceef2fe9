package mutant

import (
	"math"

	"example.com/attest/spec"
)

// fault says what is wrong with an attention. The zero value is a correct
// two-pass attention.
type fault struct {
	// Which keys count.
	offset      func(o *spec.AttentionOptions, m, n int) int // instead of Offset
	allowed     func(o *spec.AttentionOptions, b, h, i, j int) bool
	keys        func(n int) int // how many keys are visited
	firstKey    int
	additive    bool    // a mask adds 1 to the logits of allowed keys
	sentinel    float64 // finite logit of a masked key; 0 stands for none
	deafMean    bool    // a query without allowed key gets the mean of all values
	deafNaN     bool
	readMaskedV bool // masked keys get weight 0 but their values are read
	readMaskedK bool // −Inf is added to masked logits, which are computed
	keyIndex    func(j int) int
	// Logits.
	scale func(s float64, d, dv int) float64
	dHead func(d int) int
	logit func(x float64) float64
	// softcap replaces c·tanh(x/c); raw is x before the scale.
	softcap func(x, c, raw, scale float64) float64
	capLast bool // the cap comes after the bias
	capMask bool // and after the mask: a masked key's logit is −c
	// Softmax over blocks of keys.
	block                                       int // keys; 0: all
	blockOf                                     func(p place) int
	noMax, firstMax, noRescaleSum, noRescaleDen bool
	inverse                                     bool // rescales by exp(new − old)
	start                                       float64
	started                                     bool // the maximum begins at start instead of −Inf
	exp                                         func(x float64) float64
	tail                                        bool // the denominator counts the last block as full
	denominator                                 func(z float64) float64
	mean                                        bool // weights are equal
	skipZero                                    bool // weights of 0 are skipped, whatever the value
	weight, value, result                       func(x float64) float64
	valueRow                                    func(j int) int
	spread                                      bool // a NaN of one channel is written to all
	// Places.
	queryHead, batch func(x int) int
	keyHead          func(h, heads, keyHeads int) int
	dValue, rows     func(n int) int // how many are written
}

// place is a query of a call with the given sizes.
type place struct {
	batch, heads, keyHeads, m, n, dHead, dValue int
	b, h, i                                     int
	opt                                         *spec.AttentionOptions
}

// applied returns f(x), x itself for a nil f.
func applied[X any](f func(X) X, x X) X {
	if f == nil {
		return x
	}
	return f(x)
}

// attentionWith replaces an implementation's attention by one with a fault.
func attentionWith(f fault) func(im *implementation) { return plant[float64](f) }

// attentionWith32 does so on the float32 side.
func attentionWith32(f fault) func(im *spec.Implementation[float32]) { return plant[float32](f) }

func plant[T spec.Float](f fault) func(im *spec.Implementation[T]) {
	return func(im *spec.Implementation[T]) {
		im.Profile = spec.Profile{KeyBlock: f.block}
		if f.blockOf != nil {
			im.Profile.KeyBlock = 1
		}
		im.Attention = spec.AttentionFunc[T](func(dst, q, k, v spec.Tensor[T], opt *spec.AttentionOptions) {
			spec.CheckAttention(dst, q, k, v, opt)
			for b := range q.Shape[0] {
				for h := range q.Shape[1] {
					for i := range applied(f.rows, q.Shape[2]) {
						attendFaulty(f, dst, q, k, v, opt, b, h, i)
					}
				}
			}
		})
	}
}

// attendFaulty computes query (b, h, i) by an online softmax over blocks.
func attendFaulty[T spec.Float](f fault, dst, q, k, v spec.Tensor[T], opt *spec.AttentionOptions, b, h, i int) {
	m, n := q.Shape[2], k.Shape[2]
	g := 0
	if k.Shape[1] > 0 {
		g = spec.KeyHead(h, q.Shape[1], k.Shape[1])
		if f.keyHead != nil {
			g = f.keyHead(h, q.Shape[1], k.Shape[1])
		}
	}
	kb, qh := applied(f.batch, b), applied(f.queryHead, h)
	o := *opt
	if f.offset != nil {
		o.Offset = f.offset(opt, m, n)
	}
	allowed := func(j int) bool {
		if f.allowed != nil {
			return f.allowed(&o, b, h, i, j)
		}
		return o.Allowed(b, h, i, j)
	}
	scale := opt.Scale
	if f.scale != nil {
		scale = f.scale(scale, q.Shape[3], v.Shape[3])
	}
	cap := f.softcap
	if cap == nil {
		cap = func(x, c, _, _ float64) float64 { return c * math.Tanh(x/c) }
	}
	logit := func(j int) T {
		var x T
		for c := range applied(f.dHead, q.Shape[3]) {
			x += q.At(b, qh, i, c) * k.At(kb, g, applied(f.keyIndex, j), c)
		}
		raw := x
		x *= T(scale)
		if opt.Softcap != 0 {
			x = T(cap(float64(x), opt.Softcap, float64(raw), scale))
		}
		if opt.Slopes != nil {
			x += T(float64(opt.Slopes[h]) * opt.Distance(b, i, j))
		}
		if bias := opt.BiasAt(b, h, i, j); f.capLast && opt.Softcap != 0 {
			x = T(cap(float64(raw)*scale+bias, opt.Softcap, float64(raw), scale))
		} else {
			x += T(bias)
		}
		if f.additive && opt.Mask != nil && o.Mask.Data[i*o.Mask.Stride+j] {
			x++
		}
		return T(applied(f.logit, float64(x)))
	}
	exp := func(x T) T {
		if f.exp != nil {
			return T(f.exp(float64(x)))
		}
		return T(math.Exp(float64(x)))
	}
	sum := make([]T, v.Shape[3])
	var den T
	top, any := T(math.Inf(-1)), false
	if f.started {
		top = T(f.start)
	}
	visited := applied(f.keys, n)
	block := f.block
	if f.blockOf != nil {
		block = f.blockOf(place{q.Shape[0], q.Shape[1], k.Shape[1], m, n, q.Shape[3], v.Shape[3], b, h, i, opt})
	}
	if block == 0 {
		block = max(1, n)
	}
	for j0 := f.firstKey; j0 < visited; j0 += block {
		j1 := min(j0+block, visited)
		x := make([]T, j1-j0)
		old := top
		for j := j0; j < j1; j++ {
			switch {
			case allowed(j):
				any = true
				x[j-j0] = logit(j)
			case f.readMaskedK:
				x[j-j0] = logit(j) + T(math.Inf(-1))
			case f.capMask && opt.Softcap != 0:
				any = true
				x[j-j0] = T(-opt.Softcap)
			case f.sentinel != 0:
				any = true
				x[j-j0] = T(f.sentinel)
			default:
				x[j-j0] = T(math.Inf(-1))
				continue
			}
			if x[j-j0] > top && !(f.firstMax && j0 > f.firstKey && !math.IsInf(float64(old), -1)) {
				top = x[j-j0]
			}
		}
		if f.noMax {
			top, old = 0, 0
		}
		if !any && !f.readMaskedV && !f.readMaskedK {
			continue
		}
		if top != old && !math.IsInf(float64(old), -1) {
			r := exp(old - top)
			if f.inverse {
				r = exp(top - old)
			}
			if !f.noRescaleDen {
				den *= r
			}
			for c := range sum {
				if !f.noRescaleSum {
					sum[c] *= r
				}
			}
		}
		for j := j0; j < j1; j++ {
			masked := !allowed(j) && f.sentinel == 0 && !(f.capMask && opt.Softcap != 0)
			if masked && !f.readMaskedV && !f.readMaskedK {
				continue
			}
			p := exp(x[j-j0] - top)
			if masked && f.readMaskedV && !f.readMaskedK {
				p = 0
			}
			if f.mean {
				p = 1
			}
			den += p
			if f.skipZero && p == 0 {
				continue
			}
			p = T(applied(f.weight, float64(p)) * opt.KeepFactor(b, h, i, j))
			for c := range sum {
				sum[c] += p * T(applied(f.value, float64(v.At(kb, g, applied(f.valueRow, j), c))))
			}
		}
		if f.tail {
			den += T(block-(j1-j0)) * exp(-top)
		}
	}
	if f.denominator != nil && any {
		den = T(f.denominator(float64(den)))
	}
	broken := false
	for c := range applied(f.dValue, v.Shape[3]) {
		out := sum[c]
		switch {
		case any:
			out /= den
		case f.deafNaN:
			out = T(math.NaN())
		case f.deafMean:
			out = 0
			for j := range n {
				out += v.At(kb, g, j, c) / T(n)
			}
		}
		out = T(applied(f.result, float64(out)))
		broken = broken || math.IsNaN(float64(out))
		dst.Set(b, h, i, c, out)
	}
	if f.spread && broken {
		for c := range v.Shape[3] {
			dst.Set(b, h, i, c, T(math.NaN()))
		}
	}
}
