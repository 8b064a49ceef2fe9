package reference

import (
	"math"
	"slices"

	"example.com/attest/spec"
)

// second covers the products of rounding errors that the first-order bounds
// leave out, as long as each relative error stays below MaxRelativeError.
const second = 1.01

// MaxRelativeError is the largest first-order relative error for which the
// bounds of this package hold; beyond it a case cannot be decided.
const MaxRelativeError = 0.005

// Rounding says in which arithmetic an implementation computes.
type Rounding struct {
	Unit float64 // u, the unit roundoff
	Tiny float64 // the smallest positive number: what underflow can lose
}

// Largest returns the largest power of two of the arithmetic.
func (r Rounding) Largest() float64 {
	if r.Unit == spec.Unit[float64]() {
		return 0x1p1023
	}
	return 0x1p127
}

// RoundingOf returns the rounding of element type T.
func RoundingOf[T spec.Float]() Rounding {
	return Rounding{Unit: spec.Unit[T](), Tiny: spec.Tiny[T]()}
}

// InteractionBounds bounds the error of any implementation of the interaction
// energy that takes differences of tokens (or of rows of U = YA) before it
// squares them, evaluates exp within 4u, and adds in any order, with or without
// fused multiply-add. Derivation: docs/rounding.md.
type InteractionBounds struct {
	Rounding
	y, a matrix
	n    int
	g    matrix // G
	d    []float64
	// tau[i] bounds the error that forming row i of U adds, in the 2-norm; a
	// difference carries tau[i]+tau[j]. Zero when A is the identity.
	tau []float64
	rel matrix // relative error of the computed Gᵢⱼ
	z   matrix
}

// NewInteractionBounds prepares the bounds at tokens Y and weights A.
func NewInteractionBounds(y, a matrix, r Rounding) *InteractionBounds {
	n := y.Rows
	b := &InteractionBounds{Rounding: r, y: y, a: a, n: n, g: Kernel(y, a), tau: make([]float64, n),
		rel: spec.NewMatrix[float64](n, n), z: spec.NewMatrix[float64](n, n)}
	b.d = Degrees(b.g)
	p := y.Cols
	if !a.IsZero() {
		p = a.Cols
		for i := range n {
			b.tau[i] = projectionError(y.Row(i), a, r)
		}
	}
	for i := range n {
		for j := range n {
			if i == j {
				continue
			}
			z := HalfSquaredDistance(y, a, i, j)
			tau := b.tau[i] + b.tau[j]
			b.z.Set(i, j, z)
			b.rel.Set(i, j, second*(math.Expm1(math.Sqrt(2*z)*tau+tau*tau/2)+
				r.Unit*(float64(p+2)*z+4)+float64(p)*r.Tiny))
		}
	}
	return b
}

// projectionError bounds, in the 2-norm, the error that forming xA adds to a
// difference: (d+1)u‖|x||A|‖ for its sums of d products, the +1 where
// differences come first, and tiny for each product that underflows.
func projectionError(x []float64, a matrix, r Rounding) float64 {
	d, p := float64(a.Rows), float64(a.Cols)
	return second * ((d+1)*r.Unit*Norm(RowTimes(absRow(x), absMatrix(a))) + d*math.Sqrt(p)*r.Tiny)
}

// Decidable reports whether every relative error is small enough for the
// bounds to hold.
func (b *InteractionBounds) Decidable() bool {
	for _, x := range append(slices.Clone(b.y.Data), Times(b.y, b.a).Data...) {
		if !(math.Abs(x) <= b.Largest()/4) { // a difference could overflow
			return false
		}
	}
	for i := range b.n {
		for j := range b.n {
			// A weight that stays below the smallest number, its error included, spoils nothing.
			if !(b.rel.At(i, j) <= MaxRelativeError) && !(b.g.At(i, j)*(1+b.rel.At(i, j)) <= b.Tiny) {
				return false
			}
		}
	}
	return true
}

// Value bounds the error of the energy:
// Σ_{i<j} Gᵢⱼ(relᵢⱼ + (N−1)u) + N·tiny, N = n(n−1)/2.
func (b *InteractionBounds) Value() float64 {
	pairs := float64(b.n*(b.n-1)) / 2
	var e float64
	for i := range b.n {
		for j := range i {
			e += b.g.At(i, j)*(b.rel.At(i, j)+pairs*b.Unit) + b.Tiny
		}
	}
	return second * e
}

// Gradient returns the bound for each element of the gradient.
func (b *InteractionBounds) Gradient() matrix {
	out := spec.NewMatrix[float64](b.n, b.y.Cols)
	u, n := b.Unit, float64(b.n)
	for i := range b.n {
		var sum, err []float64
		for j := range b.n {
			r := Difference(b.y, b.a, i, j)
			if sum == nil {
				sum, err = make([]float64, len(r)), make([]float64, len(r))
			}
			tau := b.tau[i] + b.tau[j]
			if i == j {
				tau = 0
			}
			for l := range r {
				t := b.g.At(i, j) * math.Abs(r[l])
				sum[l] += t
				err[l] += t*(b.rel.At(i, j)+(n+3)*u) + b.g.At(i, j)*tau + b.Tiny*(math.Abs(r[l])+1)
			}
		}
		if !b.a.IsZero() {
			for l := range err {
				err[l] += float64(b.a.Cols+1) * u * sum[l]
			}
		}
		for k, e := range TimesTransposed(err, absMatrix(b.a)) {
			out.Set(i, k, second*(e+float64(b.a.Cols)*b.Tiny))
		}
	}
	return out
}

// HessianVector returns the bound for each element of the Hessian times V.
func (b *InteractionBounds) HessianVector(v matrix) matrix {
	out := spec.NewMatrix[float64](b.n, b.y.Cols)
	u, n := b.Unit, float64(b.n)
	tauV := make([]float64, b.n)
	p := b.y.Cols
	if !b.a.IsZero() {
		p = b.a.Cols
		for i := range b.n {
			tauV[i] = projectionError(v.Row(i), b.a, b.Rounding)
		}
	}
	for i := range b.n {
		sum, err := make([]float64, p), make([]float64, p)
		for j := range b.n {
			if i == j {
				continue
			}
			r, s := Difference(b.y, b.a, i, j), Difference(v, b.a, i, j)
			tr, ts := b.tau[i]+b.tau[j], tauV[i]+tauV[j]
			nr, ns := Norm(r)+tr, Norm(s)+ts
			var rs float64 // Σ|r||s| bounds |⟨r, s⟩| and its rounding
			for l := range r {
				rs += math.Abs(r[l] * s[l])
			}
			for l := range r {
				t := b.g.At(i, j) * (math.Abs(s[l]) + math.Abs(r[l])*rs)
				sum[l] += t
				err[l] += t*(b.rel.At(i, j)+(n+float64(p)+6)*u) +
					b.g.At(i, j)*(ts+tr*nr*ns+math.Abs(r[l])*(tr*ns+nr*ts)) + b.Tiny*(nr*nr*ns+ns+float64(p)*nr+1)
			}
		}
		if !b.a.IsZero() {
			for l := range err {
				err[l] += float64(p+1) * u * sum[l]
			}
		}
		for k, e := range TimesTransposed(err, absMatrix(b.a)) {
			out.Set(i, k, second*(e+float64(b.a.Cols)*b.Tiny))
		}
	}
	return out
}

// Majorizer bounds the error of the majorizer at Y that touches at the point
// for which b was prepared: the exponentials there, and both squared distances.
func (b *InteractionBounds) Majorizer(at *InteractionBounds) float64 {
	pairs := float64(b.n*(b.n-1)) / 2
	p := float64(max(b.y.Cols, b.a.Cols))
	slip := func(c *InteractionBounds, i, j int) float64 {
		z, tau := c.z.At(i, j), c.tau[i]+c.tau[j]
		return b.Unit*(p+2)*z + math.Sqrt(2*z)*tau + tau*tau/2 + p*b.Tiny
	}
	var e float64
	for i := range b.n {
		for j := range i {
			z, z0 := at.z.At(i, j), b.z.At(i, j)
			e += b.g.At(i, j)*((z+z0+1)*(b.rel.At(i, j)+(pairs+4)*b.Unit)+slip(b, i, j)+slip(at, i, j)) + b.Tiny*(z+z0+1)
		}
	}
	return second * e
}

// Weights returns the bound for each element of P.
func (b *InteractionBounds) Weights() matrix {
	out := spec.NewMatrix[float64](b.n, b.n)
	for i := range b.n {
		var den float64
		for j := range b.n {
			den += (b.g.At(i, j)*b.rel.At(i, j) + b.Tiny) / b.d[i]
		}
		for j := range b.n {
			p := b.g.At(i, j) / b.d[i]
			out.Set(i, j, second*(p*(b.rel.At(i, j)+den+float64(b.n+1)*b.Unit)+2*b.Tiny))
		}
	}
	return out
}

// Step returns the bound for each element of the step computed in difference
// form, yᵢ + η Σⱼ Gᵢⱼ(yⱼ−yᵢ)/Dᵢ: with r = yⱼ−yᵢ and inc = Σⱼ Gᵢⱼr/Dᵢ,
//
//	(η/Dᵢ) Σⱼ [(|r|+|inc|)(Gᵢⱼ(relᵢⱼ + (n+3)u) + tiny) + tiny] + 3uη|inc| + u|y⁺| + (2+η)tiny.
func (b *InteractionBounds) Step(eta float64) matrix {
	return b.weightedStep(b.g, b.rel, b.d, eta)
}

// weightedStep is Step for any weights g with relative errors rel and row sums
// d.
func (b *InteractionBounds) weightedStep(g, rel matrix, d []float64, eta float64) matrix {
	out := spec.NewMatrix[float64](b.n, b.y.Cols)
	u := b.Unit
	for i := range b.n {
		for k := range b.y.Cols {
			var inc float64
			for j := range b.n {
				inc += g.At(i, j) * (b.y.At(j, k) - b.y.At(i, k)) / d[i]
			}
			var e float64
			for j := range b.n {
				r := math.Abs(b.y.At(j, k) - b.y.At(i, k))
				e += (r+math.Abs(inc))*(g.At(i, j)*(rel.At(i, j)+float64(b.n+3)*u)+b.Tiny) + b.Tiny
			}
			e = eta*e/d[i] + 3*u*eta*math.Abs(inc) + u*math.Abs(b.y.At(i, k)+eta*inc)
			out.Set(i, k, second*e+(2+eta)*b.Tiny)
		}
	}
	return out
}

// EnergyShift bounds how far E₁ moves when each row of Y moves by at most the
// given elementwise amounts: e^{−1/2} Σ_{i<j} (‖εᵢ|A|‖ + ‖εⱼ|A|‖), because
// exp(−ρ²/2) has slope at most e^{−1/2}.
func EnergyShift(eps, a matrix) float64 {
	var s float64
	for i := range eps.Rows {
		row := eps.Row(i)
		if !a.IsZero() {
			row = RowTimes(row, absMatrix(a))
		}
		s += Norm(row)
	}
	return math.Exp(-0.5) * float64(eps.Rows-1) * s * second
}

func absRow(x []float64) []float64 {
	out := make([]float64, len(x))
	for k := range x {
		out[k] = math.Abs(x[k])
	}
	return out
}

func absMatrix(m matrix) matrix {
	out := spec.Convert[float64](m)
	for k := range out.Data {
		out.Data[k] = math.Abs(out.Data[k])
	}
	return out
}
