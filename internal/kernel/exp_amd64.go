//go:build !purego

package kernel

func (l Level) exp(dst, x []float32, two bool) {
	width := 16
	switch l {
	case AVX2:
		width = 8
	case Portable:
		portableExp(dst, x, two)
		return
	}
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

func (l Level) expVectors(dst, x *float32, n int, two bool) {
	switch {
	case l == AVX512 && two:
		exp2AVX512(dst, x, n)
	case l == AVX512:
		expAVX512(dst, x, n)
	case two:
		exp2AVX2(dst, x, n)
	default:
		expAVX2(dst, x, n)
	}
}
