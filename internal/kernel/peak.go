package kernel

import "runtime"

// FMA runs n rounds of fused multiply-adds that do not wait for one another and
// returns how many floating-point operations that were: timed, it is the most
// that a kernel of the level can reach.
func (l Level) FMA(n int) (flops int) { return l.fma(n) }

// Read reads every element of x once and returns their sum in some order: timed,
// it is the rate at which memory can be read.
func (l Level) Read(x []float32) float32 {
	const lanes = 64
	whole := len(x) / lanes * lanes
	s := l.read(x[:whole])
	for _, e := range x[whole:] {
		s += e
	}
	return s
}

// portableFMA does what the level without vectors can.
func portableFMA(n int) (flops int) {
	var a, b, c, d, e, f, g, h float32
	const x, y = 0.5, 0.25
	for range n {
		a, b, c, d = a*x+y, b*x+y, c*x+y, d*x+y
		e, f, g, h = e*x+y, f*x+y, g*x+y, h*x+y
	}
	runtime.KeepAlive(a + b + c + d + e + f + g + h) // or nothing would be computed
	return 16 * n
}

func portableRead(x []float32) float32 {
	var s0, s1, s2, s3 float32
	for ; len(x) >= 4; x = x[4:] {
		s0, s1, s2, s3 = s0+x[0], s1+x[1], s2+x[2], s3+x[3]
	}
	return s0 + s1 + s2 + s3
}
