//go:build !purego

package kernel

import "unsafe"

func (l Level) fma(n int) (flops int) {
	switch {
	case n == 0:
		return 0
	case l == AVX512:
		fmaAVX512(n)
		return n * 16 * 16 * 2
	case l == AVX2:
		fmaAVX2(n)
		return n * 12 * 8 * 2
	}
	return portableFMA(n)
}

func (l Level) read(x []float32) float32 {
	switch p := unsafe.SliceData(x); {
	case len(x) == 0:
		return 0
	case l == AVX512:
		return readAVX512(p, len(x))
	case l == AVX2:
		return readAVX2(p, len(x))
	}
	return portableRead(x)
}
