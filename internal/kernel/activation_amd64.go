//go:build !purego

package kernel

// longest is how many numbers one call takes, which cannot be interrupted.
const longest = 1 << 14

// vectors returns how many of n numbers the next call with vectors takes, 0 where
// the rest is for others.
func (l Level) vectors(n int) int {
	if l != AVX512 && l != AVX2 {
		return 0
	}
	return min(n, longest) / l.lanes() * l.lanes()
}

func (l Level) apply(f Function, dst, x []float32) {
	if l != AVX512 && l != AVX2 {
		portableApply(f, dst, x)
		return
	}
	for n := l.vectors(len(x)); n > 0; n = l.vectors(len(x)) {
		l.applyVectors(f, &dst[0], &x[0], n)
		dst, x = dst[n:], x[n:]
	}
	if len(x) > 0 { // the rest, in a vector of its own
		var last [16]float32
		copy(last[:], x)
		l.applyVectors(f, &last[0], &last[0], l.lanes())
		copy(dst, last[:len(x)])
	}
}

// applyVectors calls by name, so that the compiler knows that memory on the stack
// stays there.
func (l Level) applyVectors(f Function, dst, x *float32, n int) {
	wide := l == AVX512
	switch {
	case f == ReLU && wide:
		reluAVX512(dst, x, n)
	case f == ReLU:
		reluAVX2(dst, x, n)
	case f == Sigmoid && wide:
		sigmoidAVX512(dst, x, n)
	case f == Sigmoid:
		sigmoidAVX2(dst, x, n)
	case f == SiLU && wide:
		siluAVX512(dst, x, n)
	case f == SiLU:
		siluAVX2(dst, x, n)
	case f == Tanh && wide:
		tanhAVX512(dst, x, n)
	case f == Tanh:
		tanhAVX2(dst, x, n)
	case f == GELU && wide:
		geluAVX512(dst, x, n)
	case f == GELU:
		geluAVX2(dst, x, n)
	case f == GELUTanh && wide:
		geluTanhAVX512(dst, x, n)
	case f == GELUTanh:
		geluTanhAVX2(dst, x, n)
	case f == Softplus && wide:
		softplusAVX512(dst, x, n)
	case f == Softplus:
		softplusAVX2(dst, x, n)
	case f == Log && wide:
		logAVX512(dst, x, n)
	default:
		logAVX2(dst, x, n)
	}
}
