package reference

import "math"

// NormBounds bounds the error of any LayerNorm of one row that takes the mean
// first, subtracts it, and takes the variance of the differences (two passes):
// sums in any order, divisions possibly as multiplications by reciprocals,
// gain multiplied before or after, with or without fused multiply-add.
type NormBounds struct {
	Rounding
	Mean, Variance, Eps float64
	x                   []float64
	centre              []float64 // bound on the error of xₖ − mean
	root                float64   // relative error of 1/√(σ²+eps)
	spread              float64   // relative error of σ²+eps
}

// NewNormBounds prepares the bounds for a row x.
//
// With |μ̂−μ| ≤ dμ, a computed difference is ĉ = c − (μ̂−μ) + ρ, |ρ| ≤ u(|c|+dμ),
// so that |ĉ−c| ≤ dc = dμ + u(|c|+dμ). In the mean of ĉ² the error of the mean
// meets Σc = 0 and enters by its square alone:
//
//	|mean ĉ² − σ²| ≤ 2u·mean(|c|(|c|+dμ)) + mean(dc²).
//
// The squares cost u each, their sum what AnyOrderSum says, the division 2u.
func NewNormBounds(x []float64, eps float64, r Rounding) *NormBounds {
	b := &NormBounds{Rounding: r, Eps: eps, x: x, centre: make([]float64, len(x))}
	b.Mean, b.Variance = Moments(x)
	u, d := r.Unit, float64(len(x))
	mean := second*(AnyOrderSum(x, u)/d+2*u*math.Abs(b.Mean)) + 2*r.Tiny
	squares := make([]float64, len(x))
	var cross, own, sum float64
	for k, v := range x {
		c := math.Abs(v - b.Mean)
		b.centre[k] = mean + u*(c+mean)
		cross += c * (c + mean) / d
		own += b.centre[k] * b.centre[k] / d
		squares[k] = (c + b.centre[k]) * (c + b.centre[k])
		sum += squares[k] / d
	}
	variance := second*(2*u*cross+own+AnyOrderSum(squares, u)/d+3*u*sum) + 3*r.Tiny
	b.spread = (variance + u*(b.Variance+eps+variance)) / (b.Variance + eps)
	b.root = 1/math.Sqrt(1-b.spread) - 1 + second*3*u
	return b
}

// Decidable reports whether the variance is known well enough for the bounds to
// hold: a row all of whose spread is rounding has none unless eps covers it.
func (b *NormBounds) Decidable() bool { return b.spread <= 0.25 }

// VarianceError bounds the relative error of σ² + eps.
func (b *NormBounds) VarianceError() float64 { return b.spread }

// Centre bounds the error of xₖ − mean.
func (b *NormBounds) Centre(k int) float64 { return b.centre[k] }

// Output bounds the error of output k with that gain and shift: with s =
// √(σ²+eps),
//
//	|gain|/s·(dc(1+root) + |c|·root) + 2u|gain|(|c|+dc)(1+root)/s + u|y|,
//
// and underflow of the quotient, of a product and of the sum.
func (b *NormBounds) Output(k int, gain, shift float64) float64 {
	s := math.Sqrt(b.Variance + b.Eps)
	c, dc := math.Abs(b.x[k]-b.Mean), b.centre[k]
	g := math.Abs(gain) / s
	e := g*(dc*(1+b.root)+c*b.root) + 2*b.Unit*g*(c+dc)*(1+b.root)
	y := gain*(b.x[k]-b.Mean)/s + shift
	e += b.Unit * (math.Abs(y) + e)
	return second*e + 2*b.Tiny*(1+math.Abs(gain)+c+dc)
}

// NormBound returns the bound for each element of LayerNorm, and whether it
// holds.
func NormBound(src matrix, gain, shift []float64, eps float64, r Rounding) (bound matrix, ok bool) {
	bound, ok = newMatrix(src.Rows, src.Cols), true
	for i := range src.Rows {
		b := NewNormBounds(src.Row(i), eps, r)
		ok = ok && b.Decidable()
		for k := range src.Cols {
			bound.Set(i, k, b.Output(k, gain[k], shift[k]))
		}
	}
	return bound, ok
}
