package spec

import "math"

// AlibiSlopes returns the usual slopes for the given number of heads: for a power
// of two 2^(−8(h+1)/heads); for others those of the next lower power p, and then,
// for the heads that are left, every other slope of 2p heads, from the first on.
// Source: [press2022] and its published code.
func AlibiSlopes(heads int) []float32 {
	slopes := make([]float32, heads)
	p := 1
	for 2*p <= heads {
		p *= 2
	}
	for h := range slopes {
		exponent := 8 * float64(h+1) / float64(p)
		if h >= p {
			exponent = 8 * float64(2*(h-p)+1) / float64(2*p)
		}
		slopes[h] = float32(math.Exp2(-exponent))
	}
	return slopes
}
