package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// ropeParts makes a mutant of the rotary embedding from its parts; a nil part
// is the right one.
type ropeParts struct {
	angle func(row, k int, r spec.Rotary) float64
	turn  func(x, y, sin, cos float64) (float64, float64)
	pair  func(k int, r spec.Rotary) (int, int)
}

func (p ropeParts) change(im *implementation) { im.Rope = p.into }

func (p ropeParts) into(dst, src matrix, r spec.Rotary) {
	for i := range src.Rows {
		copy(dst.Row(i), src.Row(i))
		for k := range r.Dims / 2 {
			angle := ropeAngle(i, k, r)
			if p.angle != nil {
				angle = p.angle(i, k, r)
			}
			first, second := r.Pair(k)
			if p.pair != nil {
				first, second = p.pair(k, r)
			}
			sin, cos := math.Sincos(angle)
			x, y := dst.At(i, first), dst.At(i, second)
			a, b := x*cos-y*sin, x*sin+y*cos
			if p.turn != nil {
				a, b = p.turn(x, y, sin, cos)
			}
			dst.Set(i, first, a)
			dst.Set(i, second, b)
		}
	}
}

func ropeAngle(row, k int, r spec.Rotary) float64 {
	return reference.Angle(r.Offset+row, k, r.Dims, r.Base)
}

// ropeAt makes a mutant that takes another position for a row.
func ropeAt(position func(row int, r spec.Rotary) int) func(im *implementation) {
	return ropeParts{angle: func(row, k int, r spec.Rotary) float64 {
		return reference.Angle(position(row, r), k, r.Dims, r.Base)
	}}.change
}

// ropeWith calls the sound embedding with other parameters.
func ropeWith(f func(r spec.Rotary, channels int) spec.Rotary) func(im *implementation) {
	return func(im *implementation) {
		im.Rope = func(dst, src matrix, r spec.Rotary) { reference.Rope(dst, src, f(r, src.Cols)) }
	}
}

// ropeThen changes the output of the sound embedding.
func ropeThen(f func(dst matrix, r spec.Rotary)) func(im *implementation) {
	return func(im *implementation) {
		im.Rope = func(dst, src matrix, r spec.Rotary) {
			reference.Rope(dst, src, r)
			f(dst, r)
		}
	}
}

// eachOutput changes every number of an output.
func eachOutput(f func(y float64) float64) func(dst matrix, r spec.Rotary) {
	return func(dst matrix, _ spec.Rotary) {
		for i := range dst.Rows {
			for c, y := range dst.Row(i) {
				dst.Set(i, c, f(y))
			}
		}
	}
}

// toBits rounds x to that many significant bits.
func toBits(x float64, bits int) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	m, e := math.Frexp(x)
	return math.Ldexp(math.RoundToEven(math.Ldexp(m, bits)), e-bits)
}

// singleAngle is the angle formed in float32.
func singleAngle(row, k int, r spec.Rotary) float64 {
	omega := float32(reference.Angle(1, k, r.Dims, r.Base))
	return float64(float32(r.Offset+row) * omega)
}

var ropeMutants = []Mutant{
	{
		Name: "rope-always-half", Fault: "the interleaved layout is served by the half one",
		Model: "weights of one layout run through the other",
		Kills: []spec.ID{"ROP-001", "ROP-007", "ROP-010"},
		Change: ropeWith(func(r spec.Rotary, _ int) spec.Rotary {
			r.Layout = spec.HalfLayout
			return r
		}),
	},
	{
		Name: "rope-sign", Fault: "pairs are turned the other way round",
		Kills:  []spec.ID{"ROP-001", "POS-009"},
		Change: ropeParts{turn: func(x, y, sin, cos float64) (float64, float64) { return x*cos + y*sin, y*cos - x*sin }}.change,
	},
	{
		Name: "rope-exponent", Fault: "frequencies are base^(−k/Dims)",
		Kills: []spec.ID{"ROP-001", "ROP-009"},
		Change: ropeParts{angle: func(row, k int, r spec.Rotary) float64 {
			return float64(r.Offset+row) * math.Pow(r.Base, -float64(k)/float64(r.Dims))
		}}.change,
	},
	{
		Name: "rope-offset-ignored", Fault: "every call starts at position 0",
		Model:  "a cache whose length does not reach the embedding",
		Kills:  []spec.ID{"ROP-001", "ROP-009", "ROP-011", "POS-009"},
		Change: ropeAt(func(row int, _ spec.Rotary) int { return row }),
	},
	{
		Name: "rope-position-from-one", Fault: "positions count from 1",
		Kills:  []spec.ID{"ROP-001", "ROP-003", "ROP-005", "POS-009"},
		Change: ropeAt(func(row int, r spec.Rotary) int { return r.Offset + row + 1 }),
	},
	{
		Name: "rope-position-bfloat16", Fault: "positions are rounded to eight bits, so that some above 256 fall together",
		Kills:  []spec.ID{"ROP-001", "ROP-004", "ROP-005", "ROP-009"},
		Change: ropeAt(func(row int, r spec.Rotary) int { return int(toBits(float64(r.Offset+row), 8)) }),
	},
	{
		Name: "rope-position-16-bits", Fault: "positions wrap at 2¹⁵",
		Kills:  []spec.ID{"ROP-001", "ROP-005", "ROP-009"},
		Change: ropeAt(func(row int, r spec.Rotary) int { return int(int16(r.Offset + row)) }),
	},
	{
		Name: "rope-table-of-4096", Fault: "positions beyond the table of 4096 take its last entry",
		Kills:  []spec.ID{"ROP-001", "ROP-004", "ROP-005", "ROP-009"},
		Change: ropeAt(func(row int, r spec.Rotary) int { return min(max(r.Offset+row, -4095), 4095) }),
	},
	{
		Name: "rope-angle-single", Fault: "frequencies and angles are rounded to float32",
		Kills:  []spec.ID{"ROP-001", "ROP-004", "ROP-005", "ROP-009"},
		Change: ropeParts{angle: singleAngle}.change,
	},
	{
		Name: "rope-angle-float32-kernel", Fault: "the float32 kernel forms its angles in float32",
		Kills: []spec.ID{"ROP-001", "ROP-005", "ROP-009"},
		Change32: func(im *spec.Implementation[float32]) {
			im.Rope = func(dst, src spec.Matrix[float32], r spec.Rotary) {
				for i := range src.Rows {
					copy(dst.Row(i), src.Row(i))
					for k := range r.Dims / 2 {
						a, b := r.Pair(k)
						s, c := math.Sincos(singleAngle(i, k, r))
						x, y, sin, cos := src.At(i, a), src.At(i, b), float32(s), float32(c)
						dst.Set(i, a, x*cos-y*sin)
						dst.Set(i, b, x*sin+y*cos)
					}
				}
			}
		},
	},
	{
		Name: "rope-angle-reciprocal", Fault: "the half layout divides by base^(2k/Dims), the interleaved one multiplies by base^(−2k/Dims)",
		Kills: []spec.ID{"ROP-007"},
		Change: ropeParts{angle: func(row, k int, r spec.Rotary) float64 {
			if r.Layout == spec.HalfLayout {
				return float64(r.Offset+row) / math.Pow(r.Base, float64(2*k)/float64(r.Dims))
			}
			return ropeAngle(row, k, r)
		}}.change,
	},
	{
		Name: "rope-angle-guarded", Fault: "2⁻³⁰ is added to every angle",
		Kills:  []spec.ID{"ROP-001", "ROP-003", "ROP-005"},
		Change: ropeParts{angle: func(row, k int, r spec.Rotary) float64 { return ropeAngle(row, k, r) + 0x1p-30 }}.change,
	},
	{
		Name: "rope-frequencies-of-half-the-pairs", Fault: "the second half of the pairs takes the frequencies of the first",
		Model: "ncnn#6833",
		Kills: []spec.ID{"ROP-001", "POS-009"},
		Change: ropeParts{angle: func(row, k int, r spec.Rotary) float64 {
			return ropeAngle(row, k%max(1, r.Dims/4), r)
		}}.change,
	},
	{
		Name: "rope-fast-sine", Fault: "sines and cosines have 16 bits",
		Kills: []spec.ID{"ROP-001", "ROP-002"},
		Change: ropeParts{turn: func(x, y, sin, cos float64) (float64, float64) {
			sin, cos = toBits(sin, 16), toBits(cos, 16)
			return x*cos - y*sin, x*sin + y*cos
		}}.change,
	},
	{
		Name: "rope-in-place", Fault: "the second of a pair is formed from the first that is already turned",
		Kills: []spec.ID{"ROP-001", "ROP-002", "ROP-004", "ROP-005"},
		Change: ropeParts{turn: func(x, y, sin, cos float64) (float64, float64) {
			x = x*cos - y*sin
			return x, x*sin + y*cos
		}}.change,
	},
	{
		Name: "rope-attention-factor", Fault: "a length factor of 1 + 2⁻²⁰ stays on",
		Kills: []spec.ID{"ROP-001", "ROP-002", "ROP-003", "ROP-005"},
		Change: ropeParts{turn: func(x, y, sin, cos float64) (float64, float64) {
			const factor = 1 + 0x1p-20
			return factor * (x*cos - y*sin), factor * (x*sin + y*cos)
		}}.change,
	},
	{
		Name: "rope-all-channels", Fault: "all channels are turned although Dims is less",
		Kills: []spec.ID{"ROP-001", "ROP-006"},
		Change: ropeWith(func(r spec.Rotary, channels int) spec.Rotary {
			r.Dims = channels &^ 1
			return r
		}),
	},
	{
		Name: "rope-rest-cleared", Fault: "channels from Dims on become zero",
		Kills: []spec.ID{"ROP-001", "ROP-006"},
		Change: ropeThen(func(dst matrix, r spec.Rotary) {
			for i := range dst.Rows {
				clear(dst.Row(i)[r.Dims:])
			}
		}),
	},
	{
		Name: "rope-fixed-point", Fault: "outputs are multiples of 2⁻²⁰",
		Kills:  []spec.ID{"ROP-001", "ROP-002", "ROP-003", "ROP-008"},
		Change: ropeThen(eachOutput(func(y float64) float64 { return math.Round(y*0x1p20) / 0x1p20 })),
	},
	{
		Name: "rope-saturated", Fault: "outputs are clipped to [−8, 8]",
		Kills:  []spec.ID{"ROP-001", "ROP-002", "ROP-008"},
		Change: ropeThen(eachOutput(func(y float64) float64 { return min(max(y, -8), 8) })),
	},
	{
		Name: "rope-nan-cleared", Fault: "NaN becomes zero",
		Kills: []spec.ID{"ROP-011"},
		Change: ropeThen(eachOutput(func(y float64) float64 {
			if math.IsNaN(y) {
				return 0
			}
			return y
		})),
	},
	{
		Name: "rope-nan-carried", Fault: "zero times the channel before is added, which NaN survives",
		Kills: []spec.ID{"ROP-011"},
		Change: ropeThen(func(dst matrix, _ spec.Rotary) {
			for i := range dst.Rows {
				for c := 1; c < dst.Cols; c++ {
					dst.Set(i, c, dst.At(i, c)+0*dst.At(i, c-1))
				}
			}
		}),
	},
	{
		Name: "rope-nothing", Fault: "rows are copied",
		Kills:  []spec.ID{"ROP-001", "ROP-009", "ROP-010"},
		Change: ropeWith(func(r spec.Rotary, _ int) spec.Rotary { r.Dims = 0; return r }),
	},
}
