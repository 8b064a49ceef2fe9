package reference

import (
	"math"
	"slices"
)

// SoftmaxBounds bounds the error of any implementation of the softmax that
// subtracts a maximum before it exponentiates: the maximum of the row (two
// passes), or a running maximum with rescaling of what was summed before
// (online, in blocks, or in lanes that are merged). exp errs by at most 4u and
// exp(0) = 1 exactly; sums may run in any order; the division may be a
// multiplication by the reciprocal.
type SoftmaxBounds struct {
	Rounding
	P   []float64 // the weights
	Rel []float64 // relative error of exp(xⱼ−m) as it enters a sum or a quotient
	den float64   // relative error of the sum
	z   float64   // Σ exp(xⱼ−m)
}

// expError is the relative error allowed for an exponential, in units of u.
const expError = 4

// NewSoftmaxBounds prepares the bounds at the logits x, none of them NaN or
// +Inf.
//
// With t = m − xⱼ ≥ 0: rounded arguments cost u·t relative to the result, and
// that stays so when the way from xⱼ to m is taken in steps, because every
// running maximum lies between the two. The steps strictly rise through values
// of the row, so that a term is rescaled at most rⱼ times, rⱼ = the number of
// distinct logits above xⱼ. Each rescaling costs an exponential and a product.
func NewSoftmaxBounds(x []float64, r Rounding) *SoftmaxBounds {
	b := &SoftmaxBounds{Rounding: r, P: SoftmaxRow(x), Rel: make([]float64, len(x))}
	if len(x) == 0 {
		return b
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(x)))
	m := distinct[len(distinct)-1]
	if math.IsInf(m, -1) {
		return b
	}
	u, n := r.Unit, float64(len(x))
	terms := make([]float64, len(x))
	for j, v := range x {
		place, _ := slices.BinarySearch(distinct, v)
		rescalings := float64(len(distinct) - 1 - place)
		// Beyond 2000 the weight is nothing in either precision.
		t := min(m-v, 2000)
		terms[j] = math.Exp(v - m)
		b.z += terms[j]
		b.Rel[j] = math.Expm1(u*t) + u*(expError+(expError+1)*rescalings)
		b.den += b.P[j] * b.Rel[j]
	}
	// Underflow: at most n rescalings, each losing tiny in a factor of up to n
	// and in up to n products.
	b.den += (AnyOrderSum(terms, u) + 2*n*(n+1)*r.Tiny) / b.z
	return b
}

// Decidable reports whether the relative errors are small enough for the bounds
// to hold.
func (b *SoftmaxBounds) Decidable() bool { return b.den <= MaxRelativeError }

// Weight bounds the error of the weight of logit j:
// pⱼ(relⱼ + rel of the sum + 2u), and tiny for underflow.
func (b *SoftmaxBounds) Weight(j int) float64 {
	return second*b.P[j]*(b.Rel[j]+b.den+2*b.Unit) + float64(len(b.P)+3)*b.Tiny
}

// Order bounds how far the weight of logit i may lie above that of logit j if
// xᵢ ≤ xⱼ: both share the sum, so that only their own exponentials and
// quotients count.
func (b *SoftmaxBounds) Order(i, j int) float64 {
	u := b.Unit
	return second*(b.P[i]*(b.Rel[i]+2*u)+b.P[j]*(b.Rel[j]+2*u)) + 2*float64(len(b.P)+3)*b.Tiny
}

// Sum bounds how far the weights, added exactly, lie from 1.
func (b *SoftmaxBounds) Sum() float64 {
	var s float64
	for j := range b.P {
		s += b.Weight(j)
	}
	return s
}

// LogWeight bounds the error of (xⱼ−m) − log Σₖexp(xₖ−m) with the largest logit
// m subtracted first:
//
//	u(m−xⱼ) + rel of the sum + 4u·log Σ + u|result|,
//
// the logarithm erring by at most 4u relative to its result. A relative error of
// the sum is an absolute one of its logarithm. 0 for a logit of −Inf.
func (b *SoftmaxBounds) LogWeight(x []float64, j int) float64 {
	if math.IsInf(x[j], -1) {
		return 0
	}
	t, log := slices.Max(x)-x[j], math.Log(b.z)
	return second*(b.Unit*(2*t+(expError+1)*log)+b.den) + b.Tiny
}

// Relative bounds the relative error of the weight of logit j where nothing
// underflows.
func (b *SoftmaxBounds) Relative(j int) float64 {
	return second * (b.Rel[j] + b.den + 2*b.Unit)
}
