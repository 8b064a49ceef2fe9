package energy

import (
	"math"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

func (m Machine) prox() spec.Prox[float32] {
	return spec.Prox[float32]{
		Apply:   m.Apply,
		Penalty: Penalty,
		Step:    m.ProxStep,
	}
}

// Apply stores act(x) for each x of src; dst and src are equally long and may
// be the same. The piecewise linear activations are exact or rounded once. Those
// that internal/kernel has err as its Function.ErrorOf says; the others are
// evaluated in float64 and rounded once, so that their error is below 1.01u
// relative to the result down to the underflow threshold. NaN stays NaN and ±Inf
// gives the limit.
func Apply(dst, src []float32, act spec.Activation) { Fastest().Apply(dst, src, act) }

// Apply is the function Apply on m.
func (m Machine) Apply(dst, src []float32, act spec.Activation) {
	spec.CheckActivate(dst, src, act)
	if f, ok := vectors[act]; ok {
		m.Level.Apply(f, dst, src)
		return
	}
	switch act {
	case spec.ActReLU6:
		clip(dst, src, 0, 6)
	case spec.ActHardTanh:
		clip(dst, src, -1, 1)
	case spec.ActLeakyReLU:
		for k, x := range src {
			dst[k] = max(x, x/8)
		}
	case spec.ActSoftThreshold:
		shrink(dst, src, 1)
	case spec.ActSquaredReLU:
		for k, x := range src {
			dst[k] = max(0, x) * max(0, x)
		}
	default:
		f := smooth[act]
		for k, x := range src {
			dst[k] = float32(f(float64(x)))
		}
	}
}

// vectors holds the activations that are computed many at a time.
var vectors = map[spec.Activation]kernel.Function{
	spec.ActReLU:     kernel.ReLU,
	spec.ActTanh:     kernel.Tanh,
	spec.ActSigmoid:  kernel.Sigmoid,
	spec.ActSoftplus: kernel.Softplus,
	spec.ActGELU:     kernel.GELU,
	spec.ActGELUTanh: kernel.GELUTanh,
	spec.ActSiLU:     kernel.SiLU,
}

// clip stores min(max(x, lo), hi).
func clip(dst, src []float32, lo, hi float32) {
	for k, x := range src {
		dst[k] = min(max(x, lo), hi)
	}
}

// shrink stores sign(x)·max(0, |x|−t) as x − clip(x, −t, t).
func shrink(dst, src []float32, t float32) {
	for k, x := range src {
		switch {
		case x > t:
			dst[k] = x - t
		case x < -t:
			dst[k] = x + t
		default:
			dst[k] = 0 * x // NaN stays
		}
	}
}

// smooth holds the activations that are evaluated in float64. With 29 bits to
// spare their formulas may lose a few, but none may overflow or cancel a tail.
var smooth = map[spec.Activation]func(float64) float64{
	spec.ActELU:         func(x float64) float64 { return exponentialUnit(x, 1) },
	spec.ActELU2:        func(x float64) float64 { return exponentialUnit(x, 2) },
	spec.ActSoftsign:    softsign,
	spec.ActArctan:      func(x float64) float64 { return math.Atan(x*(math.Pi/2)) * (2 / math.Pi) },
	spec.ActHardSigmoid: func(x float64) float64 { return min(max(x+3, 0), 6) / 6 },
	spec.ActMish:        mish,
	spec.ActHardSwish:   func(x float64) float64 { return gated(x, min(max(x+3, 0), 6)/6) },
	spec.ActSELU: func(x float64) float64 {
		const lambda, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
		return lambda * exponentialUnit(x, alpha)
	},
}

// gated returns x·g, 0 for a closed gate even at x = −Inf.
func gated(x, g float64) float64 {
	if g == 0 {
		return 0
	}
	return x * g
}

// exponentialUnit returns x for x > 0 and α(eˣ−1) below.
func exponentialUnit(x, alpha float64) float64 {
	if x > 0 {
		return x
	}
	return alpha * math.Expm1(x)
}

func softsign(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.Copysign(1, x)
	}
	return x / (1 + math.Abs(x))
}

// mish returns x·tanh(log(1+eˣ)) = x·m/(m+2), m = eˣ(eˣ+2): one exponential.
// Above 20 the factor is 1 to float64's last bit.
func mish(x float64) float64 {
	if x > 20 {
		return x
	}
	e := math.Exp(x)
	m := e * (e + 2)
	return gated(x, m/(m+2))
}

// Penalty returns the convex penalty whose proximal operator act is, evaluated
// in float64 and rounded once; +Inf outside its domain.
func Penalty(p float32, act spec.Activation) float32 {
	x := float64(p)
	m := math.Abs(x)
	inside := func(lo, hi, value float64) float32 {
		if !(x >= lo && x <= hi) {
			return float32(math.Inf(1))
		}
		return float32(value)
	}
	inf := math.Inf(1)
	switch act {
	case spec.ActReLU:
		return inside(0, inf, 0)
	case spec.ActReLU6:
		return inside(0, 6, 0)
	case spec.ActHardTanh:
		return inside(-1, 1, 0)
	case spec.ActLeakyReLU:
		return inside(-inf, inf, 3.5*min(x, 0)*min(x, 0))
	case spec.ActSoftThreshold:
		return float32(m)
	case spec.ActTanh:
		return inside(-1, 1, (entropy(1+x)+entropy(1-x)-x*x)/2)
	case spec.ActSigmoid:
		return inside(0, 1, entropy(x)+entropy(1-x)-x*x/2)
	case spec.ActSoftplus:
		return inside(0, inf, dilogarithm(x))
	case spec.ActELU:
		return inside(-1, inf, entropy(1+min(x, 0))-min(x, 0)-min(x, 0)*min(x, 0)/2)
	case spec.ActSoftsign:
		return inside(-1, 1, -m-math.Log(1-m)-x*x/2)
	case spec.ActArctan:
		return inside(-1, 1, -4/(math.Pi*math.Pi)*math.Log(math.Sin(math.Pi/2*(1-m)))-x*x/2)
	case spec.ActHardSigmoid:
		return inside(0, 1, 3*(x-0.5)*(x-0.5)-x*x/2)
	}
	panic("attest: this activation is the proximal operator of no convex penalty")
}

// entropy returns q log q, and 0 for q ≤ 0.
func entropy(q float64) float64 {
	if q <= 0 {
		return 0
	}
	return q * math.Log(q)
}

// dilogarithm returns Li₂(e⁻ˣ) for x ≥ 0, the series in whichever of e⁻ˣ and
// 1−e⁻ˣ is smaller.
func dilogarithm(x float64) float64 {
	z, rest := math.Exp(-x), -math.Expm1(-x)
	series := func(z float64) float64 {
		var sum float64
		power := z
		for k := 1.0; power > 0x1p-40*z; k++ {
			sum += power / (k * k)
			power *= z
		}
		return sum
	}
	switch {
	case x <= 0:
		return math.Pi * math.Pi / 6
	case z > 0.5:
		return math.Pi*math.Pi/6 + x*math.Log(rest) - series(rest)
	}
	return series(z)
}

// ProxStep stores prox_{ηφ}(Y − η∇E₂(Y)) for φ = λΣ|·|, and for λ < 0 the
// indicator of Y ≥ 0, row by row behind the gradient step.
func (m Machine) ProxStep(dst, y, w, b matrix, lambda, eta float32) {
	m.FeedForwardStep(dst, y, w, b, eta)
	for i := range dst.Rows {
		if row := dst.Row(i); lambda < 0 {
			clip(row, row, 0, float32(math.Inf(1)))
		} else {
			shrink(row, row, eta*lambda)
		}
	}
}
