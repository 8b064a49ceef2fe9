package reference

import "math"

// AverageBounds bounds the error of the masked steps: of any implementation of
// yᵢ + η Σⱼ wᵢⱼ(xⱼ−yᵢ)/(Σⱼ wᵢⱼ + self), wᵢⱼ = Kᵢⱼ exp(−‖yᵢ−xⱼ‖²/2), that takes
// differences before it squares them, evaluates exp within 4u and adds in any
// order, with or without fused multiply-add. It is InteractionBounds for keys
// that are not the queries.
type AverageBounds struct {
	Rounding
	y, x, k matrix
	self    float64
	W, Z    matrix    // wᵢⱼ and ‖yᵢ−xⱼ‖²/2
	D       []float64 // Σⱼ wᵢⱼ + self
	err     matrix    // bound on the error of wᵢⱼ
}

// NewAverageBounds prepares the bounds for queries Y among keys X with factors
// K (m×n) and a self weight that is added to each sum.
//
// A half squared distance has relative error (d+2)u, an exponential 4u, the
// product with K one u more; underflow costs tiny in each.
func NewAverageBounds(y, x, k matrix, self float64, r Rounding) *AverageBounds {
	b := &AverageBounds{Rounding: r, y: y, x: x, k: k, self: self, W: newMatrix(y.Rows, x.Rows),
		Z: newMatrix(y.Rows, x.Rows), D: make([]float64, y.Rows), err: newMatrix(y.Rows, x.Rows)}
	c := float64(y.Cols)
	for i := range y.Rows {
		b.D[i] = self
		for j := range x.Rows {
			kij := k.At(i, j)
			if kij == 0 {
				continue
			}
			z := halfSquaredBetween(y.Row(i), x.Row(j))
			w := kij * math.Exp(-z)
			b.Z.Set(i, j, z)
			b.W.Set(i, j, w)
			b.D[i] += w
			b.err.Set(i, j, second*w*(r.Unit*((c+2)*z+5)+c*r.Tiny)+r.Tiny*(1+kij))
		}
	}
	return b
}

// Degree bounds the error of Dᵢ: of its terms and of their sum.
func (b *AverageBounds) Degree(i int) float64 {
	var e float64
	for _, x := range b.err.Row(i) {
		e += x
	}
	return e + second*float64(b.x.Rows)*b.Unit*b.D[i]
}

// Decidable reports whether every sum of weights is known well enough for the
// bounds to hold. A row of K that is zero has no weights and no error.
func (b *AverageBounds) Decidable() bool {
	for i, d := range b.D {
		if e := b.Degree(i); e > 0 && !(e <= MaxRelativeError*d) {
			return false
		}
	}
	return true
}

// Step returns the bound for each element of the step in difference form: with
// r = xⱼ−yᵢ and inc = Σⱼ wᵢⱼr/Dᵢ,
//
//	(η/Dᵢ) Σⱼ (|r|+|inc|)(err of wᵢⱼ + (n+4)u·wᵢⱼ) + 3uη|inc| + u|y⁺|,
//
// and 0 for a token without any weight.
func (b *AverageBounds) Step(eta float64) matrix {
	out := newMatrix(b.y.Rows, b.y.Cols)
	u, n := b.Unit, float64(b.x.Rows)
	for i, d := range b.D {
		if b.Degree(i) == 0 {
			continue
		}
		for c := range b.y.Cols {
			var inc float64
			for j := range b.x.Rows {
				if w := b.W.At(i, j); w != 0 {
					inc += w * (b.x.At(j, c) - b.y.At(i, c)) / d
				}
			}
			// The self term of the sum costs u·self, against which stands |inc|.
			e := b.self * u * math.Abs(inc)
			for j := range b.x.Rows {
				if b.k.At(i, j) == 0 {
					continue
				}
				r := math.Abs(b.x.At(j, c) - b.y.At(i, c))
				e += (r+math.Abs(inc))*(b.err.At(i, j)+(n+4)*u*b.W.At(i, j)) + b.Tiny
			}
			e = eta*e/d + (3+n)*u*eta*math.Abs(inc) + u*math.Abs(b.y.At(i, c)+eta*inc)
			out.Set(i, c, second*e+3*b.Tiny*(1+eta))
		}
	}
	return out
}

// RowValue bounds the error of Σⱼ wᵢⱼ, the energy of one query.
func (b *AverageBounds) RowValue(i int) float64 {
	e := 0.0
	for j := range b.x.Rows {
		e += b.err.At(i, j) + second*float64(b.x.Rows)*b.Unit*b.W.At(i, j)
	}
	return e
}

// Value bounds the error of MaskedEnergy: half of all pairs of different
// tokens, N = n(n−1)/2 terms.
func (b *AverageBounds) Value() float64 {
	var e float64
	n := float64(b.y.Rows)
	for i := range b.y.Rows {
		for j := range b.x.Rows {
			if i != j {
				e += (b.err.At(i, j) + second*(n*(n-1)/2+2)*b.Unit*b.W.At(i, j)) / 2
			}
		}
	}
	return e
}

// Slip bounds what the error ε of row i of the step adds to the decrease that
// the exact step guarantees. Where the gradient of the energy is −Dδ/η, the
// identity E(Y)−E(Y′) = −⟨∇E, δ′⟩ − … at the computed increment δ′ differs from
// the one with −⟨∇E, δ′⟩ = D‖δ′‖²/η by (D/η)⟨δ−δ′, δ′⟩.
func (b *AverageBounds) Slip(i int, eps, delta []float64, eta float64) float64 {
	var s float64
	for c := range delta {
		s += eps[c] * math.Abs(delta[c])
	}
	return second * b.D[i] / eta * s
}

// MaskedShift bounds how far MaskedEnergy moves when each row of Y moves by at
// most the given elementwise amounts: e^{−1/2} Σ_{i<j} ½(Kᵢⱼ+Kⱼᵢ)(‖εᵢ‖+‖εⱼ‖).
func MaskedShift(eps, k matrix) float64 {
	var s float64
	for i := range eps.Rows {
		for j := range i {
			s += (k.At(i, j) + k.At(j, i)) / 2 * (Norm(eps.Row(i)) + Norm(eps.Row(j)))
		}
	}
	return second * math.Exp(-0.5) * s
}

// KLTerm returns e^{−z}(e^{−t} − 1 + t), t = next − z, and what rounding to
// float64 makes of it when z and next are half squared distances of d channels.
func KLTerm(z, next float64, d int) (value, err float64) {
	const u = 0x1p-53
	t := next - z
	if t < -1 {
		value = math.Exp(-next) + math.Exp(-z)*(t-1)
	} else {
		value = math.Exp(-z) * (math.Expm1(-t) + t)
	}
	g, h := math.Exp(-z), math.Exp(-next)
	err = second * u * ((g+h)*float64(d+4)*(z+next) + 8*(h+g*(1+math.Abs(t))))
	return value, err
}
