package main

import "math"

// neonExp builds the exponentials of slices for arm64: the same polynomials as
// exponential has.
func neonExp(n *neon) {
	for _, f := range []struct {
		name, doc string
		base      base
	}{{"expNEON", "exp x", natural}, {"exp2NEON", "2^x", two}} {
		n.function(f.name, "(dst, x *float32, n int)", "stores "+f.doc+" for n numbers, a positive multiple of 4.", 24)
		n.op("MOVD dst+0(FP), R0")
		n.op("MOVD x+8(FP), R1")
		n.op("MOVD n+16(FP), R2")
		e := newNeonExponential(n, f.base, 8)
		loop := n.label("loop")
		n.place(loop)
		n.load(0, "R1")
		e.emit(0, 1, 2, 3)
		n.store(0, "R0")
		n.op("SUBS $4, R2, R2")
		n.op("BNE %s", loop)
		n.op("RET")
	}
}

// neonExponential emits exponentials; its constants stay in registers. See
// exponential.
type neonExponential struct {
	*neon
	base                             base
	least, most, log2e, high, low, b v
	coefficients                     []v
}

// newNeonExponential loads the constants into thirteen registers from first on.
func newNeonExponential(n *neon, b base, first v) *neonExponential {
	next := first
	keep := func(x float32) v {
		n.constant(next, math.Float32bits(x))
		next++
		return next - 1
	}
	e := &neonExponential{neon: n, base: b}
	if b == natural {
		e.least, e.most = keep(leastE), keep(mostE)
		e.log2e, e.high, e.low = keep(log2e), keep(ln2High), keep(ln2Low)
	} else {
		e.least, e.most = keep(least2), keep(most2)
	}
	_, coefficients := b.names()
	for _, c := range coefficients {
		e.coefficients = append(e.coefficients, keep(c))
	}
	n.constant(next, 127)
	e.b = next
	return e
}

// emit replaces x by its exponential, by way of three registers.
func (e *neonExponential) emit(x, n, p, q v) {
	e.max(x, x, e.least)
	e.min(x, x, e.most)
	if e.base == natural {
		e.mul(n, x, e.log2e)
		e.round(n, n)
		e.fms(x, n, e.high)
		e.fms(x, n, e.low)
	} else {
		e.round(n, x)
		e.sub(x, x, n)
	}
	e.copy(p, e.coefficients[0])
	for _, c := range e.coefficients[1:] {
		e.copy(q, c)
		e.fma(q, p, x)
		p, q = q, p
	}
	e.toInt(n, n)
	e.halve(q, n)
	e.op("VSUB V%d.S4, V%d.S4, V%d.S4", q, n, n)
	for _, power := range []v{q, n} { // 2ⁿ as two products, since one may be no normal number
		e.op("VADD V%d.S4, V%d.S4, V%d.S4", e.b, power, power)
		e.op("VSHL $23, V%d.S4, V%d.S4", power, power)
		e.mul(p, p, power)
	}
	e.copy(x, p)
}
