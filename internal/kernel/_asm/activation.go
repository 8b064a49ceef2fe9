package main

import (
	"math"

	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// activation builds functions of each number of a slice.
func activation(c *build.Context) {
	for _, l := range levels(c) {
		for _, f := range []struct {
			name, doc string
			emit      func(x reg.VecVirtual) reg.VecVirtual
		}{
			{"relu", "max(0, x)", l.relu},
			{"sigmoid", "1/(1+exp(−x))", l.sigmoid},
			{"silu", "x/(1+exp(−x))", func(x reg.VecVirtual) reg.VecVirtual { return l.gate(x, l.sigmoid(x)) }},
			{"tanh", "tanh x", l.tanh},
			{"gelu", "xΦ(x)", l.gelu},
			{"geluTanh", "x/2·(1+tanh(√(2/π)(x+0.044715x³)))", l.geluTanh},
			{"log", "log x", l.log},
			{"softplus", "log(1+exp x)", l.softplus},
		} {
			l.function(f.name, "func(dst, x *float32, n int)", "stores "+f.doc)
			p := l.pointers("dst", "x")
			l.loop(p, func() {
				x := l.vector()
				l.VMOVUPS(Mem{Base: p[1]}, x)
				l.VMOVUPS(f.emit(x), Mem{Base: p[0]})
			})
			l.end()
		}
	}
}

// levels returns the levels of amd64, with constants in common.
func levels(c *build.Context) []*lanes {
	e := newExponential(c)
	return []*lanes{{c, e, "AVX512", true}, {c, e, "AVX2", false}}
}

// relu returns max(0, x): of NaN the second operand of VMAXPS is the result, and
// a zero is added to make −0 into 0.
func (l *lanes) relu(x reg.VecVirtual) reg.VecVirtual {
	zero := l.of(0)
	return l.do(l.VADDPS, l.do(l.VMAXPS, zero, x), zero)
}

// expOfMinus returns exp(−|x|).
func (l *lanes) expOfMinus(x reg.VecVirtual) reg.VecVirtual {
	e := l.do(l.VORPS, x, l.of(float32(math.Copysign(0, -1))))
	l.e.emit(e, natural, notPositive)
	return e
}

// sigmoid returns e/(1+e) for x < 0 and 1/(1+e) else, e = exp(−|x|), so that
// nothing overflows.
func (l *lanes) sigmoid(x reg.VecVirtual) reg.VecVirtual {
	one, e := l.of(1), l.expOfMinus(x)
	top := l.less(x, l.of(0), e, one)
	return l.do(l.VDIVPS, top, l.do(l.VADDPS, e, one))
}

// gate returns x·g for a gate g that is 0 long before x is −200: it stays 0 for
// x = −Inf.
func (l *lanes) gate(x, g reg.VecVirtual) reg.VecVirtual {
	return l.do(l.VMULPS, l.do(l.VMAXPS, l.of(-200), x), g)
}

// tanhNear is the least |x| at which tanh comes from an exponential, and
// tanhPowers are the coefficients of p in x + x³p(x²) below, from that of x⁸ on:
// least squares of the relative error on Chebyshev nodes, 0.02u.
const tanhNear = 0.55

var tanhPowers = []float32{-0x1.9a449ep-8, 0x1.590fcep-6, -0x1.b92268p-5, 0x1.110cfcp-3, -0x1.55554ap-2}

// tanh returns (1−e)/(1+e), e = exp(−2|x|), where that does not cancel, and a
// polynomial near zero, with the sign of x.
func (l *lanes) tanh(x reg.VecVirtual) reg.VecVirtual {
	minus := l.of(float32(math.Copysign(0, -1)))
	sign, size := l.do(l.VANDPS, x, minus), l.vector()
	l.VANDNPS(x, minus, size)
	one, e := l.of(1), l.expOfMinus(l.do(l.VADDPS, x, x))
	far := l.do(l.VDIVPS, l.do(l.VSUBPS, one, e), l.do(l.VADDPS, one, e))
	square := l.do(l.VMULPS, size, size)
	p := l.polynomial(square, tanhPowers...)
	p = l.do(l.VMULPS, p, square)
	l.VFMADD213PS(size, size, p)
	return l.do(l.VORPS, l.less(size, l.of(tanhNear), p, far), sign)
}

// geluTanh returns x·sigmoid(2t), t = √(2/π)(x+0.044715x³).
func (l *lanes) geluTanh(x reg.VecVirtual) reg.VecVirtual {
	c := 2 * math.Sqrt(2/math.Pi)
	t := l.do(l.VMULPS, x, x)
	l.VFMADD213PS(l.of(float32(c)), l.of(float32(c*0.044715)), t)
	return l.gate(x, l.sigmoid(l.do(l.VMULPS, t, x)))
}

// tailPowers are the coefficients of p in Φ(−a) = exp(−a²/2)·p((a−4)/(a+4))/(1+a),
// from that of the tenth power on: least squares of the relative error on
// Chebyshev nodes for 0 ≤ a ≤ 14.5, 0.24u.
var tailPowers = []float32{-0x1.4cfd92p-14, -0x1.4be434p-14, 0x1.67847ap-11, -0x1.31a126p-12, -0x1.4769eep-8, 0x1.25e3fp-6,
	-0x1.07c7bp-5, 0x1.d495c2p-6, 0x1.cabf3ap-7, -0x1.8c18fp-4, 0x1.e361eap-2}

// gelu returns xΦ(x): the tail at −|x|, or what it leaves of 1.
func (l *lanes) gelu(x reg.VecVirtual) reg.VecVirtual {
	a := l.vector()
	l.VANDNPS(x, l.of(float32(math.Copysign(0, -1))), a)
	a = l.do(l.VMINPS, l.of(32), a) // Φ is 0 there; NaN passes
	e := l.do(l.VMULPS, l.do(l.VMULPS, a, l.of(-0.5)), a)
	l.e.emit(e, natural, notPositive)
	four, one := l.of(4), l.of(1)
	u := l.do(l.VDIVPS, l.do(l.VSUBPS, a, four), l.do(l.VADDPS, a, four))
	p := l.do(l.VDIVPS, l.polynomial(u, tailPowers...), l.do(l.VADDPS, a, one))
	tail := l.do(l.VMULPS, p, e)
	return l.gate(x, l.less(x, l.of(0), tail, l.do(l.VSUBPS, one, tail)))
}

// logPowers are the coefficients of p in log(1+f) = f − f²/2 + f³p(f) for 1+f
// between √½ and √2, from that of f⁷ on: least squares of the relative error on
// Chebyshev nodes, 0.12u.
var logPowers = []float32{-0x1.2d3636p-4, 0x1.025beap-3, -0x1.0e6826p-3, 0x1.236438p-3, -0x1.546790p-3, 0x1.999860p-3,
	-0x1.00023cp-2, 0x1.555564p-2}

// log returns log x = n·ln 2 + log(1+f), x = 2ⁿ(1+f), after a subnormal x was
// multiplied by 2²³.
func (l *lanes) log(x reg.VecVirtual) reg.VecVirtual {
	zero := l.of(0)
	small := l.of(0x1p-126)
	y := l.less(x, small, l.do(l.VMULPS, x, l.of(0x1p23)), x)
	lift := l.less(x, small, l.of(-23), zero)
	n, m := l.vector(), l.vector()
	l.VPSUBD(l.of(0x1.6a09e6p-1), y, n)
	l.VPSRAD(U8(23), n, n)
	l.VPSLLD(U8(23), n, m)
	l.VPSUBD(m, y, m)
	l.VCVTDQ2PS(n, n)
	n = l.do(l.VADDPS, n, lift)
	f := l.do(l.VSUBPS, m, l.of(1))
	p := l.polynomial(f, logPowers...)
	l.VFMADD213PS(l.of(-0.5), f, p) // −½ + fp
	r := l.do(l.VMULPS, n, l.of(ln2Low))
	l.VFMADD231PS(l.do(l.VMULPS, f, f), p, r)
	r = l.do(l.VADDPS, r, f)
	l.VFMADD231PS(l.of(ln2High), n, r)
	l.VFMADD231PS(zero, x, r) // NaN of NaN, and of Inf for now
	r = l.less(l.of(math.MaxFloat32), x, x, r)
	r = l.less(x, l.of(0x1p-149), l.of(float32(math.Inf(-1))), r)
	return l.less(x, zero, l.of(float32(math.NaN())), r)
}

// softplus returns max(x, 0) + log(1+e), e = exp(−|x|): with w the rounded 1+e,
// log(1+e) is log w + (e−(w−1))/w.
func (l *lanes) softplus(x reg.VecVirtual) reg.VecVirtual {
	one, e := l.of(1), l.expOfMinus(x)
	w := l.do(l.VADDPS, e, one)
	lost := l.do(l.VDIVPS, l.do(l.VSUBPS, e, l.do(l.VSUBPS, w, one)), w)
	return l.do(l.VADDPS, l.do(l.VADDPS, l.log(w), lost), l.do(l.VMAXPS, l.of(0), x))
}
