package reference

import (
	"math"

	"example.com/attest/spec"
)

// MaxWeightError is the largest value of AttentionBound's B for which it gives
// a bound. The bound is finite for B < 1; it stops sooner because it is
// evaluated in float64, at weights that are themselves off by a factor of up to
// 1±B when it judges float64.
const MaxWeightError = 0.25

// InputError bounds, element by element, how far the queries, keys and values
// that an implementation works with lie from those that the bound is evaluated
// at. A tensor without data stands for no error.
type InputError struct{ Query, Key, Value tensor }

// AttentionBound returns the bound on the error of each output of an attention
// that rounds as the profile says, and whether there is one. All additions may
// run in any order or in the profile's chains, with or without fused
// multiply-add. For one query, with xⱼ its logits over the n allowed keys,
// m = max xⱼ, aⱼ its weights, o its exact output and w the smallest positive
// number:
//
//  1. Logits. Aⱼ = Σ|qᵢkⱼᵢ|, Sⱼ = sumError of these terms. Then the computed
//     logit is off by at most eⱼ = |s|(Sⱼ + uAⱼ) + c·u|s|Aⱼ and what products
//     lose to underflow. A cap, c·tanh(x/c), carries eⱼ on at most as it is, since
//     |tanh′| ≤ 1, and adds capError. Adding a bias is one rounding more of the
//     result, u(|xⱼ| + eⱼ); a slope beside it, in either order, at most 2u(|slope·
//     distance| + |bias| + |xⱼ| + eⱼ). A sink is a key of value 0 whose logit has
//     no error, and may cost one rescaling more.
//
//  2. Weights, up to a factor that numerator and denominator share, are off by
//     a relative error of at most ρⱼ = expm1(eⱼ + u(|xⱼ−m| + eⱼ + max e) +
//     (1+R)ε). The arguments of the exponentials that rescale telescope,
//     because the maxima only rise: in sum they are rounded by no more than
//     u(m − xⱼ). Their own errors ε remain, once for each of R rescalings.
//
//  3. Sums. The denominator of weights tⱼ = aⱼ(1+ρⱼ), T = Σtⱼ, is off by at most
//     E_d = sumError(t) + R·uT; the numerator of terms tⱼ|vⱼ| by E_n, the same with
//     one rounding more for the product and one for weights that are divided
//     first; weights that are kept count as values KeepScale·vⱼ with two roundings
//     more, dropped ones as 0. What underflows costs at most w·(R+2)(Σ|vⱼ| + n + 1) in one and
//     w(R+2)n in the other, since the largest weight before division is 1.
//
//  4. Quotient. numerator − o·denominator = Σaⱼrⱼ(vⱼ−o) + e_n − o·e_d with
//     |rⱼ| ≤ ρⱼ, and the denominator is at least 1 − B, B = Σaⱼρⱼ + E_d. Hence
//
//     |o′−o| ≤ (Σaⱼρⱼ|vⱼ−o| + E_n + |o|E_d)(1+2u)/(1−B) + 2u|o| + w,
//
// enlarged by 1 % for what evaluating it in float64 costs.
//
// With inputs that are off by δq, δk, δv, eⱼ grows by |s|(δq·|kⱼ| + |q|·δkⱼ +
// δq·δkⱼ), the magnitudes by the same, and the numerator's error by Σtⱼδvⱼ.
//
// There is no bound where B > MaxWeightError, or where a product or sum could
// overflow. The centred factor |vⱼ−o| keeps the bound small where values are
// nearly equal. Rows without an allowed key have the bound 0.
func AttentionBound(q, k, v tensor, opt *spec.AttentionOptions, p spec.Profile, r Rounding, in InputError) (tensor, bool) {
	out := spec.NewTensor[float64](q.Shape[0], q.Shape[1], q.Shape[2], v.Shape[3])
	w := newAttentionRow(q, k, v, opt, p, r, in)
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				if !w.row(out, b, h, i) {
					return out, false
				}
			}
		}
	}
	return out, true
}

// attentionRow evaluates the bound row by row.
type attentionRow struct {
	Rounding
	q, k, v   tensor
	opt       *spec.AttentionOptions
	p         spec.Profile
	in        InputError
	scale     float64   // |s|
	rounds    float64   // roundings of the scale
	rescales  float64   // R
	eps       float64   // of the exponential
	kappa     float64   // roundings of xⱼ−m
	kappaBase float64   // roundings of xⱼ itself
	largest   float64   // beyond which something may overflow
	terms     []float64 // scratch memory of a sum
}

// room returns scratch memory for n terms, which the next call takes back.
func (w *attentionRow) room(n int) []float64 {
	if cap(w.terms) < n {
		w.terms = make([]float64, n)
	}
	return w.terms[:n]
}

func newAttentionRow(q, k, v tensor, opt *spec.AttentionOptions, p spec.Profile, r Rounding, in InputError) *attentionRow {
	w := &attentionRow{Rounding: r, q: q, k: k, v: v, opt: opt, p: p, in: in, scale: math.Abs(opt.Scale),
		rounds: 3, rescales: float64(p.Rescales(k.Shape[2])), eps: 4 * r.Unit, kappa: 1, largest: 0x1p125}
	if r.Unit == spec.Unit[float64]() {
		w.largest = 0x1p1020
	}
	if p.ScaleRoundings > 0 {
		w.rounds = float64(p.ScaleRoundings)
	}
	if p.Exp > 0 {
		w.eps = p.Exp
	}
	if p.Exp2 {
		w.kappa, w.kappaBase = 2, 1
	}
	if opt.Sinks != nil {
		w.rescales++
	}
	if p.FlushToZero {
		w.Tiny /= 2 * r.Unit // the smallest normal number
	}
	return w
}

// errorAt returns element (b, h, i, c) of t, 0 when t has no data.
func errorAt(t tensor, b, h, i, c int) float64 {
	if t.Data == nil {
		return 0
	}
	return t.At(b, h, i, c)
}

// logitError returns step 1 for one key: |s|Aⱼ at most, and eⱼ.
func (w *attentionRow) logitError(b, h, i, j int) (size, e float64) {
	d, g := w.q.Shape[3], spec.KeyHead(h, w.q.Shape[1], w.k.Shape[1])
	qs, ks, terms := channels(w.q, b, h, i), channels(w.k, b, g, j), w.room(d)
	var a, shift, under float64
	for c := range terms {
		q, k := math.Abs(qs[c]), math.Abs(ks[c])
		dq, dk := errorAt(w.in.Query, b, h, i, c), errorAt(w.in.Key, b, g, j, c)
		shift += dq*k + (q+dq)*dk
		terms[c] = (q + dq) * (k + dk)
		a += terms[c]
		if q*max(1, w.scale) > w.largest || k*max(1, w.scale) > w.largest {
			a = math.Inf(1)
		}
		under += q + k
	}
	under = w.Tiny * (float64(d)*(w.scale+1) + (1+math.Sqrt(w.scale))*under + a + 1)
	e = w.scale*(shift+w.sumError(terms, a, w.p.QueryKeyChain)+(1+w.rounds)*w.Unit*a) + under
	return max(a, w.scale*a), e * (1 + 4*(float64(d)+w.rounds)*w.Unit)
}

// capError bounds what rounding adds to a logit y, |y| ≤ size, when it is capped
// to x = c·tanh(y/c). The quotient is within 2u, or w, of y/c; since |z·tanh′(z)| <
// 0.45, that moves x by at most 0.9uc, and by no more than y itself moves, 2u|y|.
// The tangent is off by 4u, or by ε|tanh|, and the product is rounded.
func (w *attentionRow) capError(c, size, x float64) float64 {
	tanh := 4 * w.Unit * c
	if w.p.Tanh > 0 {
		tanh = w.p.Tanh * x
	}
	return second * (math.Min(0.9*w.Unit*c, 2*w.Unit*size) + tanh + w.Unit*x + w.Tiny*(c+1))
}

// sumError bounds the rounding error of a sum of floating-point terms of
// absolute values t, T = Σt, added in any order: Σ min(uT, t), because a node
// of the tree of additions is off by no more than u times its value and by no
// more than either of its operands. (Call a term big if it exceeds uT. A node
// that joins two sums with big terms in both costs uT, and there are fewer of
// these than big terms; a node that joins small terms alone to others costs at
// most their sum, once.) If every term passes at most chain−1 additions, the
// error is also at most (chain−1)uT.
func (w *attentionRow) sumError(t []float64, total float64, chain int) float64 {
	var s float64
	for _, x := range t {
		s += math.Min(w.Unit*total, x)
	}
	n := float64(len(t))
	if chain > 0 {
		s = math.Min(s, float64(chain-1)*w.Unit*total)
	}
	return s * (1 + 4*n*w.Unit)
}

// weightErrors are the exact weights of one query and how far they may be off.
type weightErrors struct {
	x     []float64 // logits of all keys
	keys  []int     // allowed
	a     []float64 // exact weights
	rho   []float64 // their relative errors before normalisation
	t     []float64 // a(1+ρ)
	den   float64   // E_d
	under float64   // what underflow costs a weight
	m     float64   // the largest logit, the sink's included
	B     float64
	lse   float64   // log Σ exp xⱼ, the sink's included
	sink  float64   // the sink's exact weight times its ρ
	keep  []float64 // what each weight is multiplied by at last
}

// weights returns steps 1 and 2 for query (b, h, i), and E_d and B, and reports
// whether there is a bound.
func (w *attentionRow) weights(b, h, i int) (weightErrors, bool) {
	var r weightErrors
	r.keys = make([]int, 0, w.k.Shape[2])
	for j := range w.k.Shape[2] {
		if w.opt.Allowed(b, h, i, j) {
			r.keys = append(r.keys, j)
		}
	}
	n := len(r.keys)
	if n == 0 {
		return r, true
	}
	r.a, r.rho, r.t = make([]float64, 0, n), make([]float64, 0, n), make([]float64, 0, n+1) // and the sink
	r.keep = make([]float64, 0, n)
	x := Logits(w.q, w.k, w.opt, b, h, i)
	r.x = x
	a := weightsOf(x, w.opt, b, h, i)
	r.lse = lseOf(x, w.opt, b, h, i)
	for _, j := range r.keys {
		r.keep = append(r.keep, w.opt.KeepFactor(b, h, i, j))
	}
	e := make([]float64, n)
	maxE := 0.0
	sink := w.opt.SinkAt(h)
	r.m = sink
	for l, j := range r.keys {
		err, ok := w.stageError(spec.QKLogits, b, h, i, j, x[j])
		if !ok {
			return r, false
		}
		e[l], r.m, maxE = err, math.Max(r.m, x[j]), math.Max(maxE, err)
	}
	var total, sumRho float64
	for l, j := range r.keys {
		rho := math.Expm1(e[l] + w.Unit*(w.kappa*(math.Abs(x[j]-r.m)+e[l]+maxE)+w.kappaBase*(math.Abs(x[j])+e[l])) +
			(1+w.rescales)*w.eps/(1-w.eps))
		r.a, r.rho, r.t = append(r.a, a[j]), append(r.rho, rho), append(r.t, a[j]*(1+rho))
		total += a[j] * (1 + rho)
		sumRho += a[j] * rho
	}
	keys := float64(n)
	if !math.IsInf(sink, -1) {
		rho := math.Expm1(w.Unit*(w.kappa*(math.Abs(sink-r.m)+maxE)+w.kappaBase*math.Abs(sink)) + (1+w.rescales)*w.eps/(1-w.eps))
		share := math.Exp(sink - r.lse)
		r.sink = share * rho
		r.t = append(r.t, share*(1+rho))
		total += share * (1 + rho)
		sumRho += share * rho
		keys++
	}
	// Weights that underflow are counted where x−m is rounded: before division
	// the largest weight is 1, so each of them loses at most w, as does each
	// factor of a rescaling for all that it multiplies.
	r.under = (w.rescales + 2) * (w.Tiny + w.p.WeightTiny)
	r.den = w.sumError(r.t, total, w.p.KeyChain) + w.rescales*w.Unit*total + w.p.WeightUnit*total + r.under*keys
	r.B = sumRho + r.den
	return r, r.B <= MaxWeightError
}

// row stores the bounds of query (b, h, i) and reports whether there are any.
func (w *attentionRow) row(out tensor, b, h, i int) bool {
	r, ok := w.weights(b, h, i)
	if !ok || len(r.keys) == 0 {
		return ok
	}
	tiny := w.Tiny // a quotient may underflow before it is multiplied by KeepScale
	if w.opt.Keep != nil {
		tiny *= 1 + math.Abs(w.opt.KeepScale)
	}
	for c := range w.v.Shape[3] {
		e, o, ok := w.channel(&r, b, h, c)
		if !ok {
			return false
		}
		e /= 1 - r.B
		if w.Unit == spec.Unit[float64]() {
			e *= 1 + 4*r.B // the weights that this was evaluated with are off too
		}
		out.Set(b, h, i, c, second*(e+2*w.Unit*math.Abs(o))+tiny)
	}
	return true
}

// channel returns steps 3 and 4 before the division for one channel, and its
// output o.
func (w *attentionRow) channel(r *weightErrors, b, h, c int) (e, o float64, ok bool) {
	g := spec.KeyHead(h, w.q.Shape[1], w.v.Shape[1])
	at, step := w.v.Index(b, g, 0, c), w.v.Stride[2]
	for l, j := range r.keys {
		o += r.a[l] * r.keep[l] * w.v.Data[at+j*step]
	}
	terms := w.room(len(r.keys))
	var total, values, shift float64
	centred := r.sink * math.Abs(o)
	for l, j := range r.keys {
		value, f := w.v.Data[at+j*step], math.Abs(r.keep[l])
		v, dv := r.keep[l]*value, f*errorAt(w.in.Value, b, g, j, c)
		terms[l] = r.t[l] * (math.Abs(v) + dv)
		total += terms[l]
		values += max(math.Abs(v)+dv, math.Abs(value))
		centred += r.a[l] * r.rho[l] * math.Abs(v-o)
		shift += r.t[l] * dv
	}
	if !(values < w.largest) {
		return 0, 0, false
	}
	roundings := w.rescales + 2
	if w.opt.Keep != nil {
		roundings += 2
		values *= 2
	}
	num := w.sumError(terms, total, w.p.KeyChain) + roundings*w.Unit*total + w.p.WeightUnit*total +
		r.under*(values+float64(len(r.keys))+1)
	return (centred + shift + num + math.Abs(o)*r.den) * (1 + 4*w.Unit), o, true
}

// WeightSumBound bounds how far the computed weights of one query over n keys,
// at least one of them allowed, sum away from 1: each is its exponential over
// the denominator, and the denominator is the sum of the same exponentials up
// to nu for its additions, 2Ru for rescaling both, 2u for the quotient, and what
// underflows. It does not depend on the logits.
func WeightSumBound(n int, p spec.Profile, r Rounding) float64 {
	rescales := float64(p.Rescales(n))
	if p.FlushToZero {
		r.Tiny /= 2 * r.Unit
	}
	return second * ((float64(n)+2*rescales+2)*r.Unit + 2*p.WeightUnit +
		float64(n)*(2*rescales+4)*(r.Tiny+p.WeightTiny))
}

// HullBound bounds how far a computed output may lie outside the least interval
// that holds the allowed values, of absolute value at most most, of its n keys.
// Computed weights before division are exactly the weights of an average; what
// remains is nu for the additions of the numerator and of the denominator each,
// 2Ru for rescaling both, 2u for products and division of weights, 2u for the
// quotient, and what underflows.
func HullBound(n int, most float64, p spec.Profile, r Rounding) float64 {
	rescales := float64(p.Rescales(n))
	if p.FlushToZero {
		r.Tiny /= 2 * r.Unit
	}
	return second * (((2*float64(n)+2*rescales+4)*r.Unit+2*p.WeightUnit)*most +
		(2*rescales+4)*(r.Tiny+p.WeightTiny)*float64(n)*(2*most+1))
}
