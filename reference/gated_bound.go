package reference

import (
	"math"

	"example.com/attest/spec"
)

// gateLipschitz has for each gate an upper bound of its largest slope.
var gateLipschitz = map[spec.Activation]float64{
	spec.ActSiLU: 1.1, spec.ActGELU: 1.13, spec.ActGELUTanh: 1.13, spec.ActReLU: 1, spec.ActSigmoid: 0.25,
}

// GateBounds has what GatedBound needs of one layer, and the error of the
// hidden units.
type GateBounds struct {
	Rounding
	Hidden matrix // act(XG) ⊙ XU
	Slip   matrix // bound on the error of each hidden unit
	down   matrix
}

// NewGateBounds prepares the bounds for any gated layer whose products with
// matrices add in any order.
//
// With a = XG off by e, act(a) is off by Le, L the largest slope, and by the
// error of the activation, evaluated at the computed a: there its bound is
// larger by at most 64u·e, because |act′| and the conditions in ActivationBound
// stay below that. A product of factors off by e₁ and e₂ is off by |f₁|e₂ +
// |f₂|e₁ + e₁e₂ and a rounding.
func NewGateBounds(x, gate, up, down matrix, act spec.Activation, r Rounding) *GateBounds {
	return NewGateBoundsFrom(x, matrix{}, gate, up, down, act, r)
}

// NewGateBoundsFrom is NewGateBounds for an X that the implementation has within
// e; the zero Matrix is no error.
func NewGateBoundsFrom(x, e, gate, up, down matrix, act spec.Activation, r Rounding) *GateBounds {
	b := &GateBounds{Rounding: r, Hidden: newMatrix(x.Rows, gate.Cols), Slip: newMatrix(x.Rows, gate.Cols), down: down}
	a, ae := Product(x, gate), LinearBoundFrom(x, e, gate, nil, r)
	v, ve := Product(x, up), LinearBoundFrom(x, e, up, nil, r)
	for i := range a.Rows {
		for l := range a.Cols {
			open, e := Activate(a.At(i, l), act), activationBoundFrom(a.At(i, l), ae.At(i, l), act, r)
			h := open * v.At(i, l)
			slip := math.Abs(open)*ve.At(i, l) + math.Abs(v.At(i, l))*e + e*ve.At(i, l)
			b.Hidden.Set(i, l, h)
			b.Slip.Set(i, l, second*(slip+r.Unit*(math.Abs(h)+slip))+r.Tiny)
		}
	}
	return b
}

// activationBoundFrom bounds the error of act(a) where a is off by e.
func activationBoundFrom(a, e float64, act spec.Activation, r Rounding) float64 {
	return (gateLipschitz[act]+64*r.Unit)*e + ActivationBound(a, act, r)
}

// Output returns the bound for each element of the layer's output: the errors
// of the hidden units times |D|, and those of the product with D.
func (b *GateBounds) Output() matrix {
	return LinearBoundFrom(b.Hidden, b.Slip, b.down, nil, b.Rounding)
}

// GatedBound returns the bound for each element of a gated layer.
func GatedBound(x, gate, up, down matrix, act spec.Activation, r Rounding) matrix {
	return NewGateBounds(x, gate, up, down, act, r).Output()
}
