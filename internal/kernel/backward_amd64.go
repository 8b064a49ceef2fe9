//go:build !purego

package kernel

import "unsafe"

// backward sets the loops of the levels with vectors.
func (l Level) backward(b *Backward) {
	switch l {
	case AVX512:
		b.wrap([]meansFunc{means1AVX512, means2AVX512, means3AVX512},
			[]gradientsFunc{gradients1AVX512, gradients2AVX512, gradients3AVX512, gradientsTwo1AVX512, gradientsTwo2AVX512, gradientsTwo3AVX512},
			[]owedFunc{owed1AVX512, owed2AVX512, owed3AVX512, owed4AVX512})
	case AVX2:
		b.wrap([]meansFunc{means1AVX2, means2AVX2, means3AVX2},
			[]gradientsFunc{gradients1AVX2, gradients2AVX2, gradients3AVX2, gradientsTwo1AVX2, gradientsTwo2AVX2, gradientsTwo3AVX2},
			[]owedFunc{owed1AVX2, owed2AVX2})
	}
}

// The assembly's functions, one for each number of vectors.
type (
	meansFunc     func(mean, s, p, factor *float32, keys int)
	gradientsFunc func(s, p, top, inverse, mean *float32, keys int, scale float32)
	owedFunc      func(dst, a, x *float32, stride, pitch, xStride, keys, lanes int)
)

// wrap sets the functions that choose among those of assembly and check what these
// will touch.
func (b *Backward) wrap(means []meansFunc, gradients []gradientsFunc, owed []owedFunc) {
	vector := b.Vector
	b.Means = func(mean, s, p, factor []float32, keys, lanes int) {
		means[lanes/vector-1](need(mean, 1, 0, lanes), need(s, keys, lanes, lanes), need(p, keys, lanes, lanes), need(factor, 1, 0, lanes), keys)
	}
	b.Gradients = func(s, p, top, inverse, mean []float32, keys, lanes int, two bool, scale float32) {
		n := lanes/vector - 1
		if two {
			n += 3
		}
		gradients[n](need(s, keys, lanes, lanes), need(p, keys, lanes, lanes), need(top, 1, 0, lanes), need(inverse, 1, 0, lanes), need(mean, 1, 0, lanes), keys, scale)
	}
	b.Owed = func(dst, a, x []float32, stride, xStride, keys, lanes, channels int) {
		need(dst, keys, stride, channels)
		need(x, lanes, xStride, channels)
		for c := 0; c < channels; {
			n := min((channels-c)/vector, len(owed))
			owed[n-1](unsafe.SliceData(dst[c:]), need(a, keys, lanes, lanes), unsafe.SliceData(x[c:]), stride, lanes, xStride, keys, lanes)
			c += n * vector
		}
	}
}
