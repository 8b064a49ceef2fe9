package reference

import (
	"math"

	"example.com/attest/spec"
)

var (
	rope      spec.Rope[float64]      = Rope
	positions spec.Positions[float64] = Positions
)

// Rope stores each row with its pairs turned by the angles of its position.
func Rope(dst, src matrix, r spec.Rotary) {
	spec.CheckRope(dst, src, r)
	for i := range src.Rows {
		copy(dst.Row(i), src.Row(i))
		for k := range r.Dims / 2 {
			first, second := r.Pair(k)
			sin, cos := math.Sincos(Angle(r.Offset+i, k, r.Dims, r.Base))
			x, y := dst.At(i, first), dst.At(i, second)
			dst.Set(i, first, x*cos-y*sin)
			dst.Set(i, second, x*sin+y*cos)
		}
	}
}

// Angle returns p·base^(−2k/d).
func Angle(p, k, d int, base float64) float64 {
	return float64(p) * math.Pow(base, -float64(2*k)/float64(d))
}

// Positions stores sin and cos of the angles of each position in turn.
func Positions(dst matrix, offset int, base float64) {
	spec.CheckPositions(dst, base)
	for i := range dst.Rows {
		for c := range dst.Cols {
			sin, cos := math.Sincos(Angle(offset+i, c/2, dst.Cols, base))
			dst.Set(i, c, sin)
			if c%2 == 1 {
				dst.Set(i, c, cos)
			}
		}
	}
}
