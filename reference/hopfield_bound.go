package reference

import (
	"math"

	"example.com/attest/spec"
)

// The bounds of retrieval are those of an attention with the patterns for keys and
// values and the scale β, sums in any order and the maximum taken before any
// exponential: AttentionBound and its kin with the profile that is zero.

// hopfieldSize is what the energy of one state is added up from.
type hopfieldSize struct {
	half      float64 // ‖q‖²/2
	slip      float64 // bound on its error
	top, logZ float64 // the largest logit, and log Σ exp(x − top)
}

// size returns the bound on what forming E from its parts loses, in 4 roundings
// each: the quotient, a reciprocal and two additions, in any order.
func (s hopfieldSize) loss(beta float64, r Rounding) float64 {
	return s.slip + 4*r.Unit*(s.half+(math.Abs(s.top)+s.logZ)/beta) + r.Tiny*(4+1/beta)
}

// hopfieldSizeOf returns it for state i; ok is false where something may overflow.
func hopfieldSizeOf(q, k tensor, opt *spec.AttentionOptions, i int, r Rounding) (s hopfieldSize, ok bool) {
	qi := channels(q, 0, 0, i)
	s.half, s.slip = Dot(qi, qi)/2, DotBound(qi, qi, 0, r)/2
	s.top = math.Inf(-1)
	x := Logits(q, k, opt, 0, 0, i)
	for _, l := range x {
		s.top = math.Max(s.top, l)
	}
	s.logZ = math.Max(0, lseOf(x, opt, 0, 0, i)-s.top)
	largest := r.Largest() / 4
	return s, s.half+(math.Abs(s.top)+s.logZ+1)/opt.Scale < largest
}

// HopfieldEnergyBound returns the bound on the error of each energy, m×1, and
// whether there is one. With λ the bound of log Σ exp, AttentionLSEBound's,
//
//	λ/β + the error of ‖q‖²/2 + 4u(‖q‖²/2 + (|top| + log Z)/β),
//
// whether β divides the largest logit, the logarithm or their sum. An empty sum
// makes the energy +Inf, without an error.
func HopfieldEnergyBound(q, k matrix, visible []bool, beta float64, r Rounding) (matrix, bool) {
	out, opt := newMatrix(q.Rows, 1), Retrieval(q.Rows, visible, beta)
	lse, ok := AttentionLSEBound(oneHead(q), oneHead(k), opt, spec.Profile{}, r)
	if !ok {
		return out, false
	}
	for i := range q.Rows {
		if HopfieldCount(k, visible) == 0 {
			continue
		}
		s, ok := hopfieldSizeOf(oneHead(q), oneHead(k), opt, i, r)
		if !ok {
			return out, false
		}
		out.Set(i, 0, second*(lse.At(0, 0, i, 0)/beta+s.loss(beta, r)))
	}
	return out, true
}

// HopfieldRangeBound returns how far each energy, m×1, may be computed outside of
// ‖q‖²/2 − maxⱼ⟨kⱼ,q⟩ − [0, log(n)/β], n the number of visible patterns, and
// whether that is known: unlike HopfieldEnergyBound it is for logits of any size,
// as the exponentials are of what is computed. Logits within e of themselves move
// the largest by max e; exp of 0 is 1 and that of less at most 1+4u, so that the
// computed sum lies in [1−nu, n(1+(n+4)u)] and its logarithm, within 4u of itself,
// in [−nu, log n + (n+4)u + 4u·log n].
func HopfieldRangeBound(q, k matrix, visible []bool, beta float64, r Rounding) (matrix, bool) {
	out, opt := newMatrix(q.Rows, 1), Retrieval(q.Rows, visible, beta)
	n := float64(HopfieldCount(k, visible))
	w := newAttentionRow(oneHead(q), oneHead(k), oneHead(k), opt, spec.Profile{}, r, InputError{})
	for i := range q.Rows {
		if n == 0 {
			continue
		}
		s, ok := hopfieldSizeOf(oneHead(q), oneHead(k), opt, i, r)
		var most float64
		for j, x := range Logits(oneHead(q), oneHead(k), opt, 0, 0, i) {
			if !opt.Allowed(0, 0, i, j) {
				continue
			}
			e, fits := w.stageError(spec.QKLogits, 0, 0, i, j, x)
			ok, most = ok && fits, math.Max(most, e)
		}
		if !ok || !(n*r.Unit <= MaxRelativeError) {
			return out, false
		}
		log := (n + 4 + logError*math.Log(n)) * r.Unit
		out.Set(i, 0, second*((most+log)/beta+s.loss(beta, r)))
	}
	return out, true
}

// HopfieldCount returns how many patterns are visible.
func HopfieldCount(k matrix, visible []bool) int {
	if visible == nil {
		return k.Rows
	}
	n := 0
	for _, seen := range visible {
		if seen {
			n++
		}
	}
	return n
}

// HopfieldStepBound returns the bound for each element of the step, and whether
// there is one, for states and patterns of which the implementation has what lies
// within in. With o the attention and e the bound of it,
//
//	|η|e + u[(3|1−η| + 2|η|)|q| + 3|η|(|o| + e)],
//
// whether it is formed as (1−η)q + ηo or as q + η(o−q).
func HopfieldStepBound(q, k matrix, visible []bool, beta, eta float64, r Rounding, in InputError) (matrix, bool) {
	opt := Retrieval(q.Rows, visible, beta)
	e, ok := AttentionBound(oneHead(q), oneHead(k), oneHead(k), opt, spec.Profile{}, r, in)
	if !ok {
		return matrix{}, false
	}
	out := newMatrix(q.Rows, q.Cols)
	HopfieldStep(out, q, k, visible, beta, 1)
	a := math.Abs(eta)
	for i := range q.Rows {
		for c := range q.Cols {
			o, off := math.Abs(out.At(i, c))+e.At(0, 0, i, c), errorAt(in.Query, 0, 0, i, c)
			x := math.Abs(q.At(i, c)) + off
			err := a*e.At(0, 0, i, c) + math.Abs(1-eta)*off + r.Unit*((3*math.Abs(1-eta)+2*a)*x+3*a*o)
			out.Set(i, c, second*err+r.Tiny*3*(1+a))
			if !(a*(x+o)+math.Abs(1-eta)*x < r.Largest()/4) {
				return out, false
			}
		}
	}
	return out, true
}

// HopfieldHullBound bounds how far element k of a step with 0 ≤ η ≤ 2 may be
// computed from a point (1−η)q + ηx, x an average of n patterns of which element k
// is at most most: HullBound, times η, and what HopfieldStepBound adds to it. One
// average serves all elements, so that weighted sums of them are bounded as well.
func HopfieldHullBound(n int, q, most, eta float64, r Rounding) float64 {
	return second*(eta*HullBound(n, most, spec.Profile{}, r)+
		r.Unit*((3*math.Abs(1-eta)+2*eta)*math.Abs(q)+3*eta*most)) + r.Tiny*3*(1+eta)
}

// HopfieldDivergence returns, for state i of both, KL(a ‖ a⁺)/β, a and a⁺ the
// weights of the patterns at q and at next: Σⱼ aⱼ(exp tⱼ − 1 − tⱼ)/β, tⱼ = log a⁺ⱼ −
// log aⱼ, as Σ aⱼexp tⱼ = 1. err bounds its rounding in float64: a logarithm of a
// weight is within ρⱼ = e of its logit + λ of log Σ exp + u of both; tⱼ moves the
// sum by |aⱼ − a⁺ⱼ| for each unit, aⱼ by its own share.
func HopfieldDivergence(q, next, k matrix, visible []bool, beta float64, i int) (value, err float64, ok bool) {
	r := RoundingOf[float64]()
	opt := Retrieval(q.Rows, visible, beta)
	var logs, errs [2][]float64
	for s, state := range []matrix{q, next} {
		at := oneHead(state)
		lambda, fits := AttentionLSEBound(at, oneHead(k), opt, spec.Profile{}, r)
		if !fits {
			return 0, 0, false
		}
		w := newAttentionRow(at, oneHead(k), oneHead(k), opt, spec.Profile{}, r, InputError{})
		x := Logits(at, oneHead(k), opt, 0, 0, i)
		lse := lseOf(x, opt, 0, 0, i)
		for j := range x {
			if !opt.Allowed(0, 0, i, j) {
				continue
			}
			e, _ := w.stageError(spec.QKLogits, 0, 0, i, j, x[j])
			logs[s] = append(logs[s], x[j]-lse)
			errs[s] = append(errs[s], second*(e+lambda.At(0, 0, i, 0)+2*r.Unit*(math.Abs(x[j])+math.Abs(lse))))
		}
	}
	u, n := r.Unit, float64(len(logs[0]))
	for j, la := range logs[0] {
		a, t := math.Exp(la), logs[1][j]-la
		term := a * (math.Expm1(t) - t)
		if t > 1 { // exp t may overflow where a underflows
			term = math.Exp(logs[1][j]) - a*(1+t)
		}
		value += term
		own, other := errs[0][j], errs[1][j]
		rounding := (n + 16) * u * (math.Exp(logs[1][j]) + a*(1+math.Abs(t)))
		err += math.Abs(math.Exp(logs[1][j])-a)*(own+other) + math.Abs(term)*(own+4*u) + rounding
	}
	return value / beta, second * err / beta, true
}
