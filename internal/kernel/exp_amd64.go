//go:build !purego

package kernel

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
