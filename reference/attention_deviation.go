package reference

import (
	"math"

	"example.com/attest/spec"
)

// SuspectFrom is how many standard deviations an error may have before it is
// suspect.
const SuspectFrom = 10

// AttentionDeviation returns the standard deviation σ of the error of each output
// of an attention that rounds as the profile says, if its roundings were
// independent and each uniform between its bounds: one of at most e has the
// variance e²/3. Sums run from the first allowed key, or channel, to the last, and a
// sink comes before the keys. With the terms of AttentionBound, whose largest errors
// these are:
//
//	var xⱼ = u²/3·(s²(Σtᵢ² + ΣSᵢ²) + c·yⱼ²)·cap′² + (the cap's)²/3 + u²/3·(slope² + 2xⱼ²)
//	         + u²/3·((κ(xⱼ−m))² + (κ₀xⱼ)²) + (1+R)ε²/3
//	σ² = Σⱼ(aⱼ(vⱼ−o))² var xⱼ + u²/3·(Σtₙ² + ΣSₙ² + Ro² + o²(ΣLⱼ² + R) + 2o²) + underflow
//
// where y = s·q·k, tᵢ = qᵢkᵢ and tₙ = aⱼvⱼ are terms and Sᵢ, Sₙ, Lⱼ the sums of
// qᵢkᵢ, aⱼvⱼ and aⱼ up to there. It is at least what makes 8u|o| + 4u·max|v|/n
// not suspect, a few roundings of the result and of a mean. It is no bound:
// roundings may be correlated, and sums run in another order.
func AttentionDeviation(q, k, v tensor, opt *spec.AttentionOptions, p spec.Profile, r Rounding) tensor {
	out := spec.NewTensor[float64](q.Shape[0], q.Shape[1], q.Shape[2], v.Shape[3])
	w := newAttentionRow(q, k, v, opt, p, r, InputError{})
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				w.deviations(out, b, h, i)
			}
		}
	}
	return out
}

// deviations stores σ of the outputs of query (b, h, i), 0 without a key.
func (w *attentionRow) deviations(out tensor, b, h, i int) {
	r, ok := w.weights(b, h, i)
	if !ok || len(r.keys) == 0 {
		return
	}
	vars := make([]float64, len(r.keys))
	for l, j := range r.keys {
		vars[l] = w.logitVariance(b, h, i, j, r.x[j]) + w.weightVariance(r.x[j], r.m)
	}
	share, shares := w.partialSums(&r, h)
	sink := share * share * w.weightVariance(w.opt.SinkAt(h), r.m)
	u2 := w.Unit * w.Unit
	for c := range w.v.Shape[3] {
		_, o, _ := w.channel(&r, b, h, c)
		at, step := w.v.Index(b, spec.KeyHead(h, w.q.Shape[1], w.v.Shape[1]), 0, c), w.v.Stride[2]
		var own, sums, sum, under, most float64
		for l, j := range r.keys {
			v := r.keep[l] * w.v.Data[at+j*step]
			t := r.a[l] * v
			most = math.Max(most, math.Abs(v))
			sum += t
			d := r.a[l] * (v - o)
			own += d * d * vars[l]
			sums += t*t*w.productVariance() + sum*sum
			e := r.under*v + w.Tiny
			under += e * e
		}
		roundings := shares + 2*w.rescales + 2
		if w.opt.Keep != nil {
			roundings += 2
		}
		loss := r.under * o
		variance := own + sink*o*o + (u2*(sums+roundings*o*o)+under+float64(len(r.keys))*loss*loss+w.Tiny*w.Tiny)/3
		few := 8*w.Unit*math.Abs(o) + 4*w.Unit*most/float64(len(r.keys))
		out.Set(b, h, i, c, math.Max(math.Sqrt(variance), few/SuspectFrom))
	}
}

// partialSums returns the sink's share of the weights and ΣLⱼ², the sink being the
// first term.
func (w *attentionRow) partialSums(r *weightErrors, h int) (sink, squares float64) {
	sink = math.Exp(w.opt.SinkAt(h) - r.lse)
	upTo := sink
	squares = upTo * upTo
	for _, a := range r.a {
		upTo += a
		squares += upTo * upTo
	}
	return sink, squares
}

// productVariance is how many times u²/3 the product of a weight and a value has
// for a variance, relative to its square: its own rounding, and that of a weight
// that is stored in another format.
func (w *attentionRow) productVariance() float64 {
	stored := w.p.WeightUnit / w.Unit
	return 1 + stored*stored
}

// logitVariance returns the variance of the logit of key j, x in exact arithmetic.
func (w *attentionRow) logitVariance(b, h, i, j int, x float64) float64 {
	g := spec.KeyHead(h, w.q.Shape[1], w.k.Shape[1])
	ks := channels(w.k, b, g, j)
	var dot, squares float64
	for c, q := range channels(w.q, b, h, i) {
		t := q * ks[c]
		dot += t
		squares += t*t + dot*dot
	}
	y := w.scale * dot
	u2 := w.Unit * w.Unit / 3
	variance := u2 * (w.scale*w.scale*squares + w.rounds*y*y)
	if c := math.Abs(w.opt.Softcap); c > 0 {
		tanh := math.Tanh(y / c)
		slope, e := 1-tanh*tanh, w.capError(c, math.Abs(y), c*math.Abs(tanh))
		variance = variance*slope*slope + e*e/3
	}
	if w.opt.Slopes != nil {
		s := slope(w.opt, b, h, i, j)
		variance += u2 * (s*s + x*x)
	}
	if w.opt.Bias != nil {
		variance += u2 * x * x
	}
	return variance
}

// weightVariance returns the relative variance that the exponential of x−m and
// the rescalings give a weight, 0 where there is none.
func (w *attentionRow) weightVariance(x, m float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	far, base := w.kappa*(x-m), w.kappaBase*x
	return (w.Unit*w.Unit*(far*far+base*base) + (1+w.rescales)*w.eps*w.eps) / 3
}
