//go:build (amd64 || arm64) && !purego

package kernel

func (l Level) exp(dst, x []float32, two bool) {
	if l == Portable {
		portableExp(dst, x, two)
		return
	}
	width := l.lanes()
	const most = 1 << 16 // elements in one call, which cannot be interrupted
	for len(x) >= width {
		n := min(len(x), most) / width * width
		l.expVectors(&dst[0], &x[0], n, two)
		dst, x = dst[n:], x[n:]
	}
	if len(x) > 0 { // the rest, in a vector of its own
		var last [16]float32
		copy(last[:], x)
		l.expVectors(&last[0], &last[0], width, two)
		copy(dst, last[:len(x)])
	}
}
