package reference

import (
	"math"

	"example.com/attest/spec"
)

// logError bounds the relative error of a logarithm, in units of u.
const logError = 4

// AttentionLSEBound returns the bound on the error of each log Σⱼ exp xⱼ that an
// attention rounding as the profile says stores beside its output, and whether
// there is one. The implementation adds its maximum m and the logarithm of its
// denominator. With AttentionBound's B, the denominator times exp m is within a
// factor 1±B of Σ exp xⱼ, where m may be off as the logits are since it cancels;
// the logarithm is within 4u of log Z, Z = Σ exp(xⱼ−m), and the sum is rounded:
//
//	−log(1−B) + 4u(|log Z| + B) + 2u(|lse| + B).
//
// One u|lse| is for the sum, the other for a change from base 2. Rows without an
// allowed key have the bound 0.
func AttentionLSEBound(q, k tensor, opt *spec.AttentionOptions, p spec.Profile, r Rounding) (tensor, bool) {
	out := spec.NewTensor[float64](q.Shape[0], q.Shape[1], q.Shape[2], 1)
	w := newAttentionRow(q, k, k, opt, p, r, InputError{})
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				e, ok := w.weights(b, h, i)
				if !ok {
					return out, false
				}
				if len(e.keys) == 0 { // −Inf or the sink, exactly
					continue
				}
				lse := e.lse
				rel := -math.Log1p(-e.B)
				if r.Unit == spec.Unit[float64]() {
					rel *= 1 + 4*e.B
				}
				out.Set(b, h, i, 0, second*(rel+logError*r.Unit*(math.Abs(lse-e.m)+e.B)+2*r.Unit*(math.Abs(lse)+e.B)))
			}
		}
	}
	return out, true
}

// MergeErrors are the bounds on the errors of both results of a merge.
type MergeErrors struct{ Output, LSE tensor }

// MergeBound returns the bounds for merging o₁, l₁ and o₂, l₂ when these inputs
// are themselves within e₁ and e₂ of what they should be; tensors without data
// stand for no error. With a₁, a₂ the softmax of (l₁, l₂) and d = |l₁−l₂|:
//
//   - The weights' ratio exp(−d) is off by a factor of at most 1+ρ,
//     ρ = expm1(δ₁ + δ₂ + u(d + δ₁ + δ₂) + 4u), δ the errors of l₁ and l₂.
//   - The output moves by at most a₁a₂ρ|o₁−o₂|(1+ρ) for it, and by
//     (a₁+a₂ρ)ε₁ + (a₂+a₁ρ)ε₂ for the errors ε of o₁ and o₂; two products, a sum, a
//     denominator and a quotient, or two divided weights, cost
//     5u(a₁|o₁|+a₂|o₂|); what underflows, w(|o₁|+|o₂|+3).
//   - lse moves by at most max(δ₁, δ₂), the ratio's rounding ρ′·min(a), ρ′ being ρ
//     without δ, and u + 4u·log 2 + u|lse| for the sum, its logarithm and the last
//     addition.
//
// A part that is empty leaves the errors of the other.
func MergeBound(o1, l1, o2, l2 tensor, e1, e2 MergeErrors, r Rounding) MergeErrors {
	u := r.Unit
	out := MergeErrors{spec.NewTensor[float64](o1.Shape[0], o1.Shape[1], o1.Shape[2], o1.Shape[3]),
		spec.NewTensor[float64](o1.Shape[0], o1.Shape[1], o1.Shape[2], 1)}
	for b := range o1.Shape[0] {
		for h := range o1.Shape[1] {
			for i := range o1.Shape[2] {
				x, y := l1.At(b, h, i, 0), l2.At(b, h, i, 0)
				dx, dy := errorAt(e1.LSE, b, h, i, 0), errorAt(e2.LSE, b, h, i, 0)
				first, other := math.IsInf(x, -1), math.IsInf(y, -1)
				d, m := math.Abs(x-y), math.Max(x, y)
				a1, a2 := math.Exp(x-m), math.Exp(y-m)
				a1, a2 = a1/(a1+a2), a2/(a1+a2)
				rounding := u*(d+dx+dy) + 4*u
				rho, own := math.Expm1(dx+dy+rounding), math.Expm1(rounding)
				switch {
				case first:
					out.LSE.Set(b, h, i, 0, dy)
				case other:
					out.LSE.Set(b, h, i, 0, dx)
				default:
					lse := m + math.Log1p(math.Exp(-d))
					out.LSE.Set(b, h, i, 0, second*(math.Max(dx, dy)+own*math.Min(a1, a2)+u*(1+logError*math.Ln2+math.Abs(lse)))+r.Tiny)
				}
				for c := range o1.Shape[3] {
					p, q := o1.At(b, h, i, c), o2.At(b, h, i, c)
					ep, eq := errorAt(e1.Output, b, h, i, c), errorAt(e2.Output, b, h, i, c)
					switch {
					case first:
						out.Output.Set(b, h, i, c, eq)
					case other:
						out.Output.Set(b, h, i, c, ep)
					default:
						move := a1 * a2 * rho * (1 + rho) * math.Abs(p-q)
						if a1*a2 == 0 { // 0·Inf where exp(−d) underflows: the weight is 0 or w
							move, rho = 0, 0
						}
						e := move + (a1+a2*rho)*ep + (a2+a1*rho)*eq + 5*u*(a1*math.Abs(p)+a2*math.Abs(q))
						out.Output.Set(b, h, i, c, second*e+r.Tiny*(math.Abs(p)+math.Abs(q)+3))
					}
				}
			}
		}
	}
	return out
}
