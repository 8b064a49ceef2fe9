//go:build !purego

package kernel

import "math"

// Each of these runs on whole vectors; the rest is for Go, but for exponentials.

func (l Level) largest(x []float32) float32 {
	most := float32(math.Inf(-1))
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		if l == AVX512 {
			most = max(most, rowLargestAVX512(&x[0], n))
		} else {
			most = max(most, rowLargestAVX2(&x[0], n))
		}
		x = x[n:]
	}
	return max(most, portableLargest(x))
}

func (l Level) expSum(dst, x []float32, m float32) float32 {
	return l.expSums(dst, x, m, true)
}

func (l Level) shiftExpSum(dst, x []float32, m float32) float32 {
	return l.expSums(dst, x, m, false)
}

// expSums has the rest in a vector of its own, filled up with what adds nothing,
// so that equal numbers have equal exponentials wherever they are.
func (l Level) expSums(dst, x []float32, m float32, keep bool) float32 {
	if l != AVX512 && l != AVX2 {
		if keep {
			return portableExpSum(dst, x, m)
		}
		return portableShiftExpSum(dst, x, m)
	}
	var s float32
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		s += l.expSumVectors(&dst[0], &x[0], n, m, keep)
		dst, x = dst[n:], x[n:]
	}
	if len(x) > 0 {
		var last [16]float32
		for k := copy(last[:], x); k < len(last); k++ {
			last[k] = float32(math.Inf(-1))
		}
		s += l.expSumVectors(&last[0], &last[0], l.lanes(), m, keep)
		copy(dst, last[:len(x)])
	}
	return s
}

func (l Level) expSumVectors(dst, x *float32, n int, m float32, keep bool) float32 {
	switch wide := l == AVX512; {
	case wide && keep:
		return expSumAVX512(dst, x, n, m)
	case wide:
		return shiftExpSumAVX512(dst, x, n, m)
	case keep:
		return expSumAVX2(dst, x, n, m)
	default:
		return shiftExpSumAVX2(dst, x, n, m)
	}
}

func (l Level) sum(x []float32) float32 {
	var s float32
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		if l == AVX512 {
			s += sumAVX512(&x[0], n)
		} else {
			s += sumAVX2(&x[0], n)
		}
		x = x[n:]
	}
	return s + portableSum(x)
}

func (l Level) squareSum(x []float32, mean float32) float32 {
	var s float32
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		if l == AVX512 {
			s += squareSumAVX512(&x[0], n, mean)
		} else {
			s += squareSumAVX2(&x[0], n, mean)
		}
		x = x[n:]
	}
	return s + portableSquareSum(x, mean)
}

func (l Level) affine(dst, x []float32, a, b float32) {
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		if l == AVX512 {
			affineAVX512(&dst[0], &x[0], n, a, b)
		} else {
			affineAVX2(&dst[0], &x[0], n, a, b)
		}
		dst, x = dst[n:], x[n:]
	}
	portableAffine(dst, x, a, b)
}

func (l Level) normalize(dst, x, gain, shift []float32, mean, inverse float32) {
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		if l == AVX512 {
			normalizeAVX512(&dst[0], &x[0], &gain[0], &shift[0], n, mean, inverse)
		} else {
			normalizeAVX2(&dst[0], &x[0], &gain[0], &shift[0], n, mean, inverse)
		}
		dst, x, gain, shift = dst[n:], x[n:], gain[n:], shift[n:]
	}
	portableNormalize(dst, x, gain, shift, mean, inverse)
}

func (l Level) gain(dst, x, gain []float32, c float32) {
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		if l == AVX512 {
			gainAVX512(&dst[0], &x[0], &gain[0], n, c)
		} else {
			gainAVX2(&dst[0], &x[0], &gain[0], n, c)
		}
		dst, x, gain = dst[n:], x[n:], gain[n:]
	}
	portableGain(dst, x, gain, c)
}

func (l Level) times(dst, x, y []float32) {
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		if l == AVX512 {
			timesAVX512(&dst[0], &x[0], &y[0], n)
		} else {
			timesAVX2(&dst[0], &x[0], &y[0], n)
		}
		dst, x, y = dst[n:], x[n:], y[n:]
	}
	portableTimes(dst, x, y)
}

func (l Level) plus(dst, x, y []float32) {
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		if l == AVX512 {
			plusAVX512(&dst[0], &x[0], &y[0], n)
		} else {
			plusAVX2(&dst[0], &x[0], &y[0], n)
		}
		dst, x, y = dst[n:], x[n:], y[n:]
	}
	portablePlus(dst, x, y)
}
