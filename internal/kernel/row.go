package kernel

import "math"

// Largest returns the largest of x, NaN left out, −Inf for none.
func (l Level) Largest(x []float32) float32 { return l.largest(x) }

// ExpSum stores exp(xₖ−m) in dst, which may be x, and returns their sum. None of x
// is above m; the exponentials err by ExpError.
func (l Level) ExpSum(dst, x []float32, m float32) float32 {
	_ = dst[:len(x)]
	return l.expSum(dst, x, m)
}

// ShiftExpSum stores xₖ−m in dst, which may be x, and returns the sum of their
// exponentials. None of x is above m; the exponentials err by ExpError.
func (l Level) ShiftExpSum(dst, x []float32, m float32) float32 {
	_ = dst[:len(x)]
	return l.shiftExpSum(dst, x, m)
}

// Sum returns Σ xₖ, in several chains.
func (l Level) Sum(x []float32) float32 { return l.sum(x) }

// SquareSum returns Σ (xₖ−mean)², in several chains.
func (l Level) SquareSum(x []float32, mean float32) float32 { return l.squareSum(x, mean) }

// Affine stores axₖ + b in dst, which may be x.
func (l Level) Affine(dst, x []float32, a, b float32) {
	_ = dst[:len(x)]
	l.affine(dst, x, a, b)
}

// Normalize stores gainₖ·((xₖ−mean)·inverse) + shiftₖ in dst, which may be x.
func (l Level) Normalize(dst, x, gain, shift []float32, mean, inverse float32) {
	_, _, _ = dst[:len(x)], gain[:len(x)], shift[:len(x)]
	l.normalize(dst, x, gain, shift, mean, inverse)
}

// Gain stores gainₖ·(cxₖ) in dst, which may be x.
func (l Level) Gain(dst, x, gain []float32, c float32) {
	_, _ = dst[:len(x)], gain[:len(x)]
	l.gain(dst, x, gain, c)
}

// Times stores xₖyₖ in dst, which may be either.
func (l Level) Times(dst, x, y []float32) {
	_, _ = dst[:len(x)], y[:len(x)]
	l.times(dst, x, y)
}

// Plus stores xₖ+yₖ in dst, which may be either.
func (l Level) Plus(dst, x, y []float32) {
	_, _ = dst[:len(x)], y[:len(x)]
	l.plus(dst, x, y)
}

func portableLargest(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

func portableExpSum(dst, x []float32, m float32) float32 {
	var sum [4]float32
	for k, v := range x {
		e := float32(math.Exp(float64(v - m)))
		dst[k] = e
		sum[k%4] += e
	}
	return (sum[0] + sum[1]) + (sum[2] + sum[3])
}

func portableShiftExpSum(dst, x []float32, m float32) float32 {
	var sum [4]float32
	for k, v := range x {
		t := v - m
		dst[k] = t
		sum[k%4] += float32(math.Exp(float64(t)))
	}
	return (sum[0] + sum[1]) + (sum[2] + sum[3])
}

func portableSum(x []float32) float32 {
	var s0, s1, s2, s3 float32
	for ; len(x) >= 4; x = x[4:] {
		s0, s1, s2, s3 = s0+x[0], s1+x[1], s2+x[2], s3+x[3]
	}
	for _, v := range x {
		s0 += v
	}
	return (s0 + s1) + (s2 + s3)
}

func portableSquareSum(x []float32, mean float32) float32 {
	var s0, s1, s2, s3 float32
	for ; len(x) >= 4; x = x[4:] {
		d0, d1, d2, d3 := x[0]-mean, x[1]-mean, x[2]-mean, x[3]-mean
		s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
	}
	for _, v := range x {
		d := v - mean
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}

func portableAffine(dst, x []float32, a, b float32) {
	for k, v := range x {
		dst[k] = a*v + b
	}
}

func portableNormalize(dst, x, gain, shift []float32, mean, inverse float32) {
	for k, v := range x {
		dst[k] = gain[k]*((v-mean)*inverse) + shift[k]
	}
}

func portableGain(dst, x, gain []float32, c float32) {
	for k, v := range x {
		dst[k] = gain[k] * (v * c)
	}
}

func portableTimes(dst, x, y []float32) {
	for k, v := range x {
		dst[k] = v * y[k]
	}
}

func portablePlus(dst, x, y []float32) {
	for k, v := range x {
		dst[k] = v + y[k]
	}
}
