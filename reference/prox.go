package reference

import (
	"math"

	"example.com/attest/spec"
)

var prox = spec.Prox[float64]{
	Apply:   Apply,
	Penalty: Penalty,
	Step:    ProxStep,
}

// The constants of SELU: λ and α with which a standard normal input keeps mean
// 0 and variance 1.
const (
	seluLambda = 1.0507009873554804934193349852946
	seluAlpha  = 1.6732632423543772848170429916717
)

// Apply stores act(x) for each x of src.
func Apply(dst, src []float64, act spec.Activation) {
	spec.CheckActivate(dst, src, act)
	for k, x := range src {
		dst[k] = Activate(x, act)
	}
}

// Activate returns act(x): NaN for NaN, and the limit at ±Inf. The formulas are
// those of the table of activations, turned so that nothing overflows and no
// tail cancels. It panics for a name that is no activation.
func Activate(x float64, act spec.Activation) float64 {
	switch act {
	case spec.ActReLU:
		return math.Max(0, x)
	case spec.ActReLU6:
		return math.Min(math.Max(0, x), 6)
	case spec.ActHardTanh:
		return math.Min(math.Max(-1, x), 1)
	case spec.ActLeakyReLU:
		return math.Max(x, x/8)
	case spec.ActSoftThreshold:
		return SoftThreshold(x, 1)
	case spec.ActTanh:
		return math.Tanh(x)
	case spec.ActSigmoid:
		return sigmoid(x)
	case spec.ActSoftplus:
		return softplus(x)
	case spec.ActELU:
		return math.Max(x, 0) + math.Expm1(math.Min(x, 0))
	case spec.ActSoftsign:
		if math.Abs(x) > 1 {
			return math.Copysign(1/(1+1/math.Abs(x)), x)
		}
		return x / (1 + math.Abs(x))
	case spec.ActArctan:
		return 2 / math.Pi * math.Atan(math.Pi/2*x)
	case spec.ActHardSigmoid:
		return hardSigmoid(x)
	case spec.ActGELU:
		return vanishing(x, math.Erfc(-x/math.Sqrt2)/2)
	case spec.ActGELUTanh:
		// (1+tanh t)/2 = sigmoid(2t): the tail does not cancel.
		return vanishing(x, sigmoid(2*geluInner(x)))
	case spec.ActSiLU:
		return vanishing(x, sigmoid(x))
	case spec.ActMish:
		return vanishing(x, math.Tanh(softplus(x)))
	case spec.ActHardSwish:
		return vanishing(x, hardSigmoid(x))
	case spec.ActSELU:
		return seluLambda * (math.Max(x, 0) + seluAlpha*math.Expm1(math.Min(x, 0)))
	case spec.ActELU2:
		return math.Max(x, 0) + 2*math.Expm1(math.Min(x, 0))
	case spec.ActSquaredReLU:
		return math.Max(0, x) * math.Max(0, x)
	}
	panic("attest: unknown activation")
}

// geluInner returns √(2/π)(x + 0.044715x³), as a product, which cannot be
// Inf − Inf.
func geluInner(x float64) float64 {
	const root = 0.79788456080286535587989211986876 // √(2/π)
	return root * x * (1 + 0.044715*x*x)
}

// SoftThreshold returns sign(x)·max(0, |x|−t).
func SoftThreshold(x, t float64) float64 {
	return math.Copysign(math.Max(0, math.Abs(x)-t), x)
}

func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

func softplus(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

func hardSigmoid(x float64) float64 { return math.Min(math.Max((x+3)/6, 0), 1) }

// vanishing returns x·gate, and 0 where the gate is closed: there x may be −Inf.
func vanishing(x, gate float64) float64 {
	if gate == 0 {
		return 0
	}
	return x * gate
}

// Penalty returns the convex φ with act(x) = argmin_p φ(p) + (p−x)²/2, that is
// φ′ = act⁻¹ − id: +Inf outside the range of act. It panics for an activation
// that is no proximal operator.
func Penalty(p float64, act spec.Activation) float64 {
	lo, hi := PenaltyDomain(act)
	if !(p >= lo && p <= hi) {
		return math.Inf(1)
	}
	m := math.Abs(p)
	switch act {
	case spec.ActReLU, spec.ActReLU6, spec.ActHardTanh:
		return 0
	case spec.ActLeakyReLU:
		return 7 * math.Min(p, 0) * math.Min(p, 0) / 2
	case spec.ActSoftThreshold:
		return m
	case spec.ActTanh:
		return (plogp(1+p, math.Log1p(p))+plogp(1-p, math.Log1p(-p)))/2 - p*p/2
	case spec.ActSigmoid:
		return plogp(p, math.Log(p)) + plogp(1-p, math.Log1p(-p)) - p*p/2
	case spec.ActSoftplus:
		return dilogarithm(p)
	case spec.ActELU:
		if p >= 0 {
			return 0
		}
		return plogp(1+p, math.Log1p(p)) - p - p*p/2
	case spec.ActSoftsign:
		return -m - math.Log1p(-m) - p*p/2
	case spec.ActArctan:
		return -4/(math.Pi*math.Pi)*logCos(m) - p*p/2
	default: // hard-sigmoid: PenaltyDomain has refused everything else
		return 3*(p-0.5)*(p-0.5) - p*p/2
	}
}

// PenaltyDomain returns the ends of the interval on which the penalty is
// finite, or of its closure: the range of the activation.
func PenaltyDomain(act spec.Activation) (lo, hi float64) {
	switch act {
	case spec.ActReLU, spec.ActSoftplus:
		return 0, math.Inf(1)
	case spec.ActReLU6:
		return 0, 6
	case spec.ActHardTanh, spec.ActTanh, spec.ActSoftsign, spec.ActArctan:
		return -1, 1
	case spec.ActSigmoid, spec.ActHardSigmoid:
		return 0, 1
	case spec.ActELU:
		return -1, math.Inf(1)
	case spec.ActLeakyReLU, spec.ActSoftThreshold:
		return math.Inf(-1), math.Inf(1)
	}
	panic("attest: this activation is the proximal operator of no convex penalty")
}

// plogp returns p·log p, given log p, and 0 for p = 0.
func plogp(p, log float64) float64 {
	if p == 0 {
		return 0
	}
	return p * log
}

// logCos returns log cos(πm/2) for 0 ≤ m ≤ 1, near m = 1 as log sin(π(1−m)/2).
func logCos(m float64) float64 {
	if m < 0.5 {
		return math.Log(math.Cos(math.Pi / 2 * m))
	}
	return math.Log(math.Sin(math.Pi / 2 * (1 - m)))
}

// dilogarithm returns Li₂(e⁻ᵖ) = Σ e^{−kp}/k² for p ≥ 0; for e⁻ᵖ > ½ through
// Li₂(z) = π²/6 − log z·log(1−z) − Li₂(1−z).
func dilogarithm(p float64) float64 {
	if p == 0 {
		return math.Pi * math.Pi / 6
	}
	z, rest := math.Exp(-p), -math.Expm1(-p)
	if z > 0.5 {
		return math.Pi*math.Pi/6 + p*math.Log(rest) - dilogSeries(rest)
	}
	return dilogSeries(z)
}

func dilogSeries(z float64) float64 {
	var sum float64
	power := 1.0
	for k := 1.0; k <= 64; k++ {
		power *= z
		sum += power / (k * k)
	}
	return sum
}

// ProxStep stores prox_{ηφ}(Y − η∇E₂(Y)): the soft threshold at ηλ for φ =
// λΣ|·|, and max(0, ·) for λ < 0, the indicator of Y ≥ 0.
func ProxStep(dst, y, w, b matrix, lambda, eta float64) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	FeedForwardStep(dst, y, w, b, eta)
	for i := range dst.Rows {
		for k, x := range dst.Row(i) {
			if lambda < 0 {
				dst.Set(i, k, math.Max(0, x))
			} else {
				dst.Set(i, k, SoftThreshold(x, eta*lambda))
			}
		}
	}
}
