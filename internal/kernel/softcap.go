package kernel

import "math"

// TanhError bounds the relative error of the tangent in Cap; the quotient before it
// has two roundings and the product behind it one.
const TanhError = 0x5p-24

// softcap replaces each x by limit·tanh(x/limit), by vectors where the limit is a
// float32 whose inverse is not far from the middle of their range.
func (l Level) softcap(x []float32, limit float64) {
	c := float32(limit)
	if size := math.Abs(limit); l == Portable || float64(c) != limit || size < 0x1p-100 || size > 0x1p100 {
		for k, e := range x {
			x[k] = float32(limit * math.Tanh(float64(e)/limit))
		}
		return
	}
	l.Affine(x, x, 1/c, 0)
	l.Apply(Tanh, x, x)
	l.Affine(x, x, c, 0)
}
