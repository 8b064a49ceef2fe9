package reference

import (
	"math"

	"example.com/attest/spec"
)

// activationRoundings is, for each activation, the largest relative error of a
// careful evaluation in units of u: exp within 4u, expm1, log1p, tanh, atan and
// erfc within 3u of their argument's own error, a rounding for every other
// operation and two for an irrational constant.
var activationRoundings = map[spec.Activation]float64{
	spec.ActReLU: 0, spec.ActReLU6: 0, spec.ActHardTanh: 0, spec.ActHardSigmoid: 0,
	spec.ActLeakyReLU: 1, spec.ActSoftThreshold: 1, spec.ActSquaredReLU: 1, spec.ActHardSwish: 1,
	spec.ActSoftsign: 4,
	spec.ActTanh:     8, spec.ActSigmoid: 8, spec.ActSoftplus: 8, spec.ActELU: 8, spec.ActELU2: 8,
	spec.ActArctan: 8, spec.ActSELU: 8, spec.ActGELU: 8, spec.ActGELUTanh: 10, spec.ActSiLU: 10, spec.ActMish: 20,
}

// ActivationBound bounds the error of act(x). It is relative, as far as the
// function allows:
//   - GELU to the left of zero: erfc(t), t = −x/√2, has the condition number
//     2t²+1 at most, so that the 2u of t grow to 2(x²+1)u;
//   - the tanh form of GELU is x·sigmoid(2t): eight roundings of 2t, relative,
//     enter by the condition number |2t|(1 − sigmoid(2t));
//   - hard-sigmoid and hard-swish: x/6 + ½ cancels near −3, where the error is
//     4u(|x|/6+½), times |x| for hard-swish.
//
// Underflow adds 2·tiny(1+|x|).
func ActivationBound(x float64, act spec.Activation, r Rounding) float64 {
	k := activationRoundings[act]
	e := k * r.Unit * math.Abs(Activate(x, act))
	switch {
	case act == spec.ActGELU && x < 0:
		e += 2 * (x*x + 1) * r.Unit * math.Abs(Activate(x, act))
	case act == spec.ActGELUTanh:
		t := 2 * geluInner(x)
		e += 8 * math.Abs(t) * sigmoid(-t) * r.Unit * math.Abs(Activate(x, act))
	case act == spec.ActHardSigmoid && math.Abs(x) < 4:
		e += 4 * r.Unit * (math.Abs(x)/6 + 0.5)
	case act == spec.ActHardSwish && math.Abs(x) < 4:
		e += 4 * r.Unit * (math.Abs(x)/6 + 0.5) * math.Abs(x)
	}
	return second*e + 2*r.Tiny*(1+math.Abs(x))
}

// PenaltyBound bounds the error of φ(p) for finite φ(p): 16u(1+s), s the sum of
// the sizes of its terms, none of which meets more than 16 roundings; 64u(1+s)
// for the dilogarithm, a sum of as many terms.
func PenaltyBound(p float64, act spec.Activation, r Rounding) float64 {
	k := 16.0
	size := math.Abs(Penalty(p, act)) + p*p
	switch act {
	case spec.ActReLU, spec.ActReLU6, spec.ActHardTanh:
		return 0
	case spec.ActSoftplus:
		k = 64
	case spec.ActLeakyReLU:
		size = 4 * p * p
	case spec.ActHardSigmoid:
		size = 3 + 4*p*p
	}
	return second * k * r.Unit * (1 + size)
}

// ProxStepBound returns the bound for each element of ProxStep: that of the
// gradient step, which neither proximal operator enlarges, and the roundings of
// ηλ and of the subtraction, 2u(|x|+ηλ).
func ProxStepBound(y, w, b matrix, lambda, eta float64, r Rounding) matrix {
	f := NewFeedForwardBounds(y, w, b, r)
	out, size := f.Step(eta), f.size()
	for i := range out.Rows {
		for k := range out.Cols {
			x := f.y.At(i, k) + eta*size.At(i, k)
			out.Set(i, k, out.At(i, k)+second*(2*r.Unit*(x+eta*max(lambda, 0))+r.Tiny))
		}
	}
	return out
}
