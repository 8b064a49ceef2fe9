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
	size                []float64 // |xₖ − mean| at most, whatever the error of x
	shift               []float64 // what that error moves xₖ − mean by
	centre              []float64 // bound on the rounding error of xₖ − mean
	root                float64   // relative error of 1/√(σ²+eps)
	spread              float64   // relative error of σ²+eps
	drift               float64   // what the error of x moves √(σ²+eps) by
	low                 float64   // √(σ²+eps) at least
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
	return NewNormBoundsFrom(x, make([]float64, len(x)), eps, r)
}

// NewNormBoundsFrom is NewNormBounds for a row that the implementation has within
// e, element by element.
//
// Such an error moves c = x − mean by at most eₖ + mean e, and √(σ²+eps), the
// norm of (c, √(d·eps))/√d, by at most δ = √(mean e²), since subtracting the mean
// lengthens no vector. Rounding is that of magnitudes as large, and of a root as
// small, as two such errors make them: the row at which this is evaluated may be
// off by another.
func NewNormBoundsFrom(x, e []float64, eps float64, r Rounding) *NormBounds {
	n := len(x)
	b := &NormBounds{Rounding: r, Eps: eps, x: x, size: make([]float64, n), shift: make([]float64, n), centre: make([]float64, n)}
	b.Mean, b.Variance = Moments(x)
	u, d := r.Unit, float64(n)
	reach := make([]float64, n)
	var off float64
	for k, v := range x {
		reach[k] = math.Abs(v) + 2*e[k]
		off += e[k] / d
	}
	b.drift = math.Sqrt(MeanSquare(e))
	b.low = math.Sqrt(b.Variance+eps) - 2*b.drift
	mean := second*(AnyOrderSum(reach, u)/d+2*u*(math.Abs(b.Mean)+2*off)) + 2*r.Tiny
	squares := make([]float64, n)
	var cross, own, sum float64
	for k, v := range x {
		b.shift[k] = e[k] + off
		c := math.Abs(v-b.Mean) + 2*b.shift[k]
		b.size[k], b.centre[k] = c, mean+u*(c+mean)
		cross += c * (c + mean) / d
		own += b.centre[k] * b.centre[k] / d
		squares[k] = (c + b.centre[k]) * (c + b.centre[k])
		sum += squares[k] / d
	}
	variance := second*(2*u*cross+own+AnyOrderSum(squares, u)/d+3*u*sum) + 3*r.Tiny
	b.spread = variance*(1+u)/(b.low*b.low) + u
	b.root = 1/math.Sqrt(1-b.spread) - 1 + second*3*u
	return b
}

// Decidable reports whether the variance is known well enough for the bounds to
// hold: a row all of whose spread is rounding has none unless eps covers it.
func (b *NormBounds) Decidable() bool { return b.low > 0 && b.spread <= 0.25 }

// VarianceError bounds the relative error of σ² + eps.
func (b *NormBounds) VarianceError() float64 { return b.spread }

// Centre bounds the error of xₖ − mean.
func (b *NormBounds) Centre(k int) float64 { return b.centre[k] }

// Output bounds the error of output k with that gain and shift: with s =
// √(σ²+eps) at least and |c| at most,
//
//	|gain|/s·(dc(1+root) + |c|·root) + 2u|gain|(|c|+dc)(1+root)/s + u|y|,
//
// for a row that is off by e
//
//	|gain|/s·(eₖ + mean e + |c|δ/s),
//
// and underflow of the quotient, of a product and of the sum.
func (b *NormBounds) Output(k int, gain, shift float64) float64 {
	c, dc, g := b.size[k], b.centre[k], math.Abs(gain)/b.low
	e := g*(dc*(1+b.root)+c*b.root) + 2*b.Unit*g*(c+dc)*(1+b.root)
	y := gain*(b.x[k]-b.Mean)/math.Sqrt(b.Variance+b.Eps) + shift
	moved := g * (b.shift[k] + c*b.drift/b.low)
	e += moved + b.Unit*(math.Abs(y)+2*moved+e)
	return second*e + 2*b.Tiny*(1+math.Abs(gain)+c+dc)
}

// NormBound returns the bound for each element of LayerNorm, and whether it
// holds.
func NormBound(src matrix, gain, shift []float64, eps float64, r Rounding) (bound matrix, ok bool) {
	return NormBoundFrom(src, newMatrix(src.Rows, src.Cols), gain, shift, eps, r)
}

// NormBoundFrom is NormBound for rows that the implementation has within e.
func NormBoundFrom(src, e matrix, gain, shift []float64, eps float64, r Rounding) (bound matrix, ok bool) {
	bound, ok = newMatrix(src.Rows, src.Cols), true
	for i := range src.Rows {
		b := NewNormBoundsFrom(src.Row(i), e.Row(i), eps, r)
		ok = ok && b.Decidable()
		for k := range src.Cols {
			bound.Set(i, k, b.Output(k, gain[k], shift[k]))
		}
	}
	return bound, ok
}
