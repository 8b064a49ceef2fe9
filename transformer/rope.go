package transformer

import (
	"math"

	"example.com/attest/spec"
)

var (
	rope      spec.Rope[float32]      = Rope
	positions spec.Positions[float32] = Positions
)

// Rope turns the pairs of each row by the angles of its position. The angle is
// formed and reduced in float64, whose sine and cosine are rounded to float32
// once; the rotation itself is float32. Both layouts share every operation, so
// that they differ in where numbers lie and in nothing else. See spec.Rope.
func Rope(dst, src spec.Matrix[float32], r spec.Rotary) {
	spec.CheckRope(dst, src, r)
	turn(dst, src, r, 1)
}

// turn is Rope for heads that lie side by side: they share the angles of a row.
func turn(dst, src spec.Matrix[float32], r spec.Rotary, heads int) {
	frequency := frequencies(r.Dims/2, r.Dims, r.Base)
	sin, cos := make([]float32, len(frequency)), make([]float32, len(frequency))
	width := src.Cols / heads
	for i := range src.Rows {
		position := float64(r.Offset + i)
		for k, w := range frequency {
			s, c := math.Sincos(position * w)
			sin[k], cos[k] = float32(s), float32(c)
		}
		in, out := src.Row(i), dst.Row(i)
		for h := 0; h < heads*width; h += width {
			turnRow(out[h:h+width], in[h:h+width], sin, cos, r)
		}
	}
}

// turnRow turns the pairs of one row and copies the rest.
func turnRow(out, in, sin, cos []float32, r spec.Rotary) {
	copy(out[r.Dims:], in[r.Dims:])
	step, apart := 1, r.Dims/2
	if r.Layout == spec.InterleavedLayout {
		step, apart = 2, 1
	}
	for k, s := range sin {
		x, y, c := in[k*step], in[k*step+apart], cos[k]
		out[k*step] = x*c - y*s
		out[k*step+apart] = x*s + y*c
	}
}

// frequencies returns base^(−2k/d) for the first pairs.
func frequencies(pairs, d int, base float64) []float64 {
	out := make([]float64, pairs)
	for k := range out {
		out[k] = math.Pow(base, -float64(2*k)/float64(d))
	}
	return out
}

// Positions stores sinusoidal positions; angles, sines and cosines are float64,
// rounded once. See spec.Positions.
func Positions(dst spec.Matrix[float32], offset int, base float64) {
	spec.CheckPositions(dst, base)
	frequency := frequencies((dst.Cols+1)/2, dst.Cols, base)
	for i := range dst.Rows {
		row, position := dst.Row(i), float64(offset+i)
		for k, w := range frequency {
			s, c := math.Sincos(position * w)
			row[2*k] = float32(s)
			if 2*k+1 < len(row) {
				row[2*k+1] = float32(c)
			}
		}
	}
}
