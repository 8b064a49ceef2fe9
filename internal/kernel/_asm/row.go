package main

import (
	"math"

	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rows builds what rows of softmax, of norms and of gates are made of.
func rows(c *build.Context) {
	for _, l := range levels(c) {
		l.largest()
		l.expSum("expSum", "stores exp(x−m) and returns its sum", true)
		l.expSum("shiftExpSum", "stores x−m and returns the sum of exp(x−m)", false)
		l.sum()
		l.squareSum()
		l.stream("affine", "func(dst, x *float32, n int, a, b float32)", "stores ax+b", []string{"dst", "x"}, []string{"a", "b"},
			func(v, s []reg.VecVirtual) reg.VecVirtual {
				l.VFMADD213PS(s[1], s[0], v[0])
				return v[0]
			})
		l.stream("normalize", "func(dst, x, gain, shift *float32, n int, mean, inverse float32)",
			"stores gain·((x−mean)·inverse) + shift", []string{"dst", "x", "gain", "shift"}, []string{"mean", "inverse"},
			func(v, s []reg.VecVirtual) reg.VecVirtual {
				y := l.do(l.VMULPS, l.do(l.VSUBPS, v[0], s[0]), s[1])
				l.VFMADD213PS(v[2], v[1], y)
				return y
			})
		l.stream("gain", "func(dst, x, gain *float32, n int, c float32)", "stores gain·(xc)", []string{"dst", "x", "gain"}, []string{"c"},
			func(v, s []reg.VecVirtual) reg.VecVirtual {
				return l.do(l.VMULPS, l.do(l.VMULPS, v[0], s[0]), v[1])
			})
		l.stream("times", "func(dst, x, y *float32, n int)", "stores xy", []string{"dst", "x", "y"}, nil,
			func(v, _ []reg.VecVirtual) reg.VecVirtual { return l.do(l.VMULPS, v[0], v[1]) })
		l.stream("plus", "func(dst, x, y *float32, n int)", "stores x+y", []string{"dst", "x", "y"}, nil,
			func(v, _ []reg.VecVirtual) reg.VecVirtual { return l.do(l.VADDPS, v[0], v[1]) })
	}
}

// stream builds a function of slices, the first of which is written.
func (l *lanes) stream(name, signature, doc string, slices, scalars []string, emit func(v, s []reg.VecVirtual) reg.VecVirtual) {
	l.function(name, signature, doc)
	p := l.pointers(slices...)
	s := make([]reg.VecVirtual, len(scalars))
	for k, name := range scalars {
		s[k] = l.scalar(name)
	}
	l.loop(p, func() {
		v := vectors(l.vector, len(p)-1)
		for k, r := range v {
			l.VMOVUPS(Mem{Base: p[k+1]}, r)
		}
		l.VMOVUPS(emit(v, s), Mem{Base: p[0]})
	})
	l.end()
}

// expSum builds a pass that stores exponentials, or their arguments, and adds
// them up.
func (l *lanes) expSum(name, doc string, keep bool) {
	l.function(name, "func(dst, x *float32, n int, m float32) float32", doc)
	p, m, sum := l.pointers("dst", "x"), l.scalar("m"), l.of(0)
	l.loop(p, func() {
		x := l.vector()
		l.VMOVUPS(Mem{Base: p[1]}, x)
		x = l.do(l.VSUBPS, x, m)
		if !keep {
			l.VMOVUPS(x, Mem{Base: p[0]})
		}
		l.e.emit(x, natural, notPositive)
		if keep {
			l.VMOVUPS(x, Mem{Base: p[0]})
		}
		l.VADDPS(x, sum, sum)
	})
	l.total(l.VADDPS, sum)
	l.end()
}

// largest builds the maximum, which NaN does not change.
func (l *lanes) largest() {
	l.function("rowLargest", "func(x *float32, n int) float32", "returns the largest, NaN left out,")
	p, most := l.pointers("x"), l.of(float32(math.Inf(-1)))
	l.loop(p, func() {
		x := l.vector()
		l.VMOVUPS(Mem{Base: p[0]}, x)
		l.VMAXPS(most, x, most)
	})
	l.total(l.VMAXPS, most)
	l.end()
}

// sum builds the sum, in as many chains as a vector has lanes.
func (l *lanes) sum() {
	l.function("sum", "func(x *float32, n int) float32", "returns the sum")
	p, sum := l.pointers("x"), l.of(0)
	l.loop(p, func() { l.VADDPS(Mem{Base: p[0]}, sum, sum) })
	l.total(l.VADDPS, sum)
	l.end()
}

// squareSum builds the sum of squared differences from a number.
func (l *lanes) squareSum() {
	l.function("squareSum", "func(x *float32, n int, mean float32) float32", "returns the sum of (x−mean)²")
	p, mean, sum := l.pointers("x"), l.scalar("mean"), l.of(0)
	l.loop(p, func() {
		x := l.vector()
		l.VMOVUPS(Mem{Base: p[0]}, x)
		x = l.do(l.VSUBPS, x, mean)
		l.VFMADD231PS(x, x, sum)
	})
	l.total(l.VADDPS, sum)
	l.end()
}
