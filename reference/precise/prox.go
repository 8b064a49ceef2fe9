package precise

import (
	"math"

	"example.com/attest/spec"
)

var prox = spec.Prox[float64]{
	Apply:   apply,
	Penalty: penalty,
	Step:    proxStep,
}

func apply(dst, src []float64, act spec.Activation) {
	spec.CheckActivate(dst, src, act)
	for k, x := range src {
		switch {
		case math.IsNaN(x):
			dst[k] = x
		case math.IsInf(x, 0):
			dst[k] = limit(x > 0, act)
		default:
			dst[k] = float(activate(num(x), act))
		}
	}
}

// limit returns the limit of act at +Inf or −Inf.
func limit(plus bool, act spec.Activation) float64 {
	inf := math.Inf(1)
	ends := map[spec.Activation][2]float64{
		spec.ActReLU6: {0, 6}, spec.ActHardTanh: {-1, 1}, spec.ActLeakyReLU: {-inf, inf}, spec.ActSoftThreshold: {-inf, inf},
		spec.ActTanh: {-1, 1}, spec.ActSigmoid: {0, 1}, spec.ActELU: {-1, inf}, spec.ActSoftsign: {-1, 1}, spec.ActArctan: {-1, 1},
		spec.ActHardSigmoid: {0, 1}, spec.ActSELU: {-1.7580993408473766, inf}, spec.ActELU2: {-2, inf},
	}
	e, ok := ends[act]
	if !ok {
		e = [2]float64{0, inf}
	}
	if plus {
		return e[1]
	}
	return e[0]
}

// seluLambda and seluAlpha have more digits than float64 holds.
var (
	seluLambda, _, _ = zero().Parse("1.0507009873554804934193349852946", 10)
	seluAlpha, _, _  = zero().Parse("1.6732632423543772848170429916717", 10)
)

// minimum returns the smaller of x and y.
func minimum(x, y real) real {
	if less(x, y) {
		return x
	}
	return y
}

func activate(x real, act spec.Activation) real {
	positive, negative := maximum(x, zero()), minimum(x, zero())
	gate := func() real { return minimum(maximum(add(quo(x, num(6)), num(0.5)), zero()), one) }
	switch act {
	case spec.ActReLU:
		return positive
	case spec.ActReLU6:
		return minimum(positive, num(6))
	case spec.ActHardTanh:
		return minimum(maximum(x, num(-1)), one)
	case spec.ActLeakyReLU:
		return add(positive, quo(negative, num(8)))
	case spec.ActSoftThreshold:
		return softThreshold(x, one)
	case spec.ActTanh:
		return tanh(x)
	case spec.ActSigmoid:
		return quo(one, add(one, exp(neg(x))))
	case spec.ActSoftplus:
		return add(positive, log1p(exp(minimum(x, neg(x)))))
	case spec.ActELU:
		return add(positive, expm1(negative))
	case spec.ActSoftsign:
		return quo(x, add(one, maximum(x, neg(x))))
	case spec.ActArctan:
		return mul(quo(two, pi()), atan(mul(half(pi()), x)))
	case spec.ActHardSigmoid:
		return gate()
	case spec.ActGELU:
		return half(mul(x, erfc(neg(quo(x, sqrt(two))))))
	case spec.ActGELUTanh:
		// x·e^{2t}/(e^{2t}+1) = x/(1+e^{−2t}) with 2t from the sum.
		c, _, _ := zero().Parse("0.044715", 10)
		t := mul(sqrt(quo(two, pi())), add(x, mul(c, mul(x, mul(x, x)))))
		return quo(x, add(one, exp(mul(num(-2), t))))
	case spec.ActSiLU:
		return quo(x, add(one, exp(neg(x))))
	case spec.ActMish:
		// tanh(log(1+e)) = (e²+2e)/(e²+2e+2).
		e := exp(x)
		m := mul(e, add(e, two))
		return mul(x, quo(m, add(m, two)))
	case spec.ActHardSwish:
		return mul(x, gate())
	case spec.ActSELU:
		return mul(seluLambda, add(positive, mul(seluAlpha, expm1(negative))))
	case spec.ActELU2:
		return add(positive, mul(two, expm1(negative)))
	case spec.ActSquaredReLU:
		return mul(positive, positive)
	}
	panic("attest: unknown activation")
}

// softThreshold returns x − clip(x, −t, t).
func softThreshold(x, t real) real { return sub(x, minimum(maximum(x, neg(t)), t)) }

// penalty returns φ(p) from the integral of act⁻¹ − id.
func penalty(p float64, act spec.Activation) float64 {
	x := num(p)
	m := maximum(x, neg(x))
	square := half(mul(x, x))
	out := func(inside bool, f func() real) float64 {
		if !inside {
			return math.Inf(1)
		}
		return float(f())
	}
	nothing := func() real { return zero() }
	entropy := func(q real) real { // q log q
		if q.Sign() == 0 {
			return zero()
		}
		return mul(q, log(q))
	}
	up, down := add(one, x), sub(one, x)
	switch act {
	case spec.ActReLU:
		return out(p >= 0, nothing)
	case spec.ActReLU6:
		return out(p >= 0 && p <= 6, nothing)
	case spec.ActHardTanh:
		return out(p >= -1 && p <= 1, nothing)
	case spec.ActLeakyReLU:
		return out(true, func() real { return mul(num(7), half(mul(minimum(x, zero()), minimum(x, zero())))) })
	case spec.ActSoftThreshold:
		return out(true, func() real { return m })
	case spec.ActTanh:
		return out(p >= -1 && p <= 1, func() real { return sub(half(add(entropy(up), entropy(down))), square) })
	case spec.ActSigmoid:
		return out(p >= 0 && p <= 1, func() real { return sub(add(entropy(x), entropy(down)), square) })
	case spec.ActSoftplus:
		return out(p >= 0, func() real { return dilog(exp(neg(x))) })
	case spec.ActELU:
		return out(p >= -1, func() real {
			if p >= 0 {
				return zero()
			}
			return sub(sub(entropy(up), x), square)
		})
	case spec.ActSoftsign:
		return out(p > -1 && p < 1, func() real { return sub(neg(add(m, log(sub(one, m)))), square) })
	case spec.ActArctan:
		return out(p > -1 && p < 1, func() real {
			return sub(neg(mul(quo(num(4), mul(pi(), pi())), log(cos(mul(half(pi()), x))))), square)
		})
	case spec.ActHardSigmoid:
		return out(p >= 0 && p <= 1, func() real { h := sub(x, num(0.5)); return sub(mul(num(3), mul(h, h)), square) })
	}
	panic("attest: this activation is the proximal operator of no convex penalty")
}

func proxStep(dst, y, w, b matrix, lambda, eta float64) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	out := feedForwardRows(rows(y), w, rows(b), num(eta))
	for i := range out {
		for k, x := range out[i] {
			if lambda < 0 {
				out[i][k] = maximum(x, zero())
			} else {
				out[i][k] = softThreshold(x, mul(num(lambda), num(eta)))
			}
		}
	}
	store(dst, out)
}
