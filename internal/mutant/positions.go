package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// positionParts makes a mutant of the sinusoidal positions: its value at a
// position and a channel.
type positionParts func(p, c, d int, base float64) float64

func (f positionParts) change(im *implementation) {
	im.Positions = func(dst matrix, offset int, base float64) {
		for i := range dst.Rows {
			for c := range dst.Cols {
				dst.Set(i, c, f(offset+i, c, dst.Cols, base))
			}
		}
	}
}

// wave is the right value.
func wave(p, c, d int, base float64) float64 {
	return waveOf(c%2 == 1, reference.Angle(p, c/2, d, base))
}

func waveOf(cosine bool, angle float64) float64 {
	if cosine {
		return math.Cos(angle)
	}
	return math.Sin(angle)
}

// positionThen changes rows of the sound table.
func positionThen(f func(dst matrix, offset int)) func(im *implementation) {
	return func(im *implementation) {
		im.Positions = func(dst matrix, offset int, base float64) {
			reference.Positions(dst, offset, base)
			f(dst, offset)
		}
	}
}

// rescale multiplies rows so that their squared norm is d/2.
func rescale(dst matrix, _ int) {
	for i := range dst.Rows {
		norm := reference.Norm(dst.Row(i))
		for c, v := range dst.Row(i) {
			if norm > 0 {
				dst.Set(i, c, v*math.Sqrt(float64(dst.Cols)/2)/norm)
			} else {
				dst.Set(i, c, math.Sqrt(0.5))
			}
		}
	}
}

var positionMutants = []Mutant{
	{
		Name: "positions-exponent-of-channel", Fault: "the cosine of a pair has a frequency of its own, base^(−(2k+1)/d)",
		Kills: []spec.ID{"POS-001", "POS-003", "POS-004", "POS-006", "POS-009"},
		Change: positionParts(func(p, c, d int, base float64) float64 {
			return waveOf(c%2 == 1, float64(p)*math.Pow(base, -float64(c)/float64(d)))
		}).change,
	},
	{
		Name: "positions-exponent-halved", Fault: "frequencies are base^(−k/d)",
		Kills: []spec.ID{"POS-001", "POS-003", "POS-006", "POS-009"},
		Change: positionParts(func(p, c, d int, base float64) float64 {
			return waveOf(c%2 == 1, reference.Angle(p, c/2, 2*d, base))
		}).change,
	},
	{
		Name: "positions-swapped", Fault: "sines and cosines are interchanged",
		Kills: []spec.ID{"POS-001", "POS-007", "POS-009"},
		Change: positionParts(func(p, c, d int, base float64) float64 {
			return waveOf(c%2 == 0, reference.Angle(p, c/2, d, base))
		}).change,
	},
	{
		Name: "positions-halves", Fault: "sines fill the first half of the channels and cosines the second",
		Kills: []spec.ID{"POS-001", "POS-003", "POS-007", "POS-009"},
		Change: positionParts(func(p, c, d int, base float64) float64 {
			h := (d + 1) / 2
			return waveOf(c >= h, reference.Angle(p, c%h, d, base))
		}).change,
	},
	{
		Name: "positions-from-one", Fault: "positions count from 1",
		Kills:  []spec.ID{"POS-001", "POS-007", "POS-009"},
		Change: positionParts(func(p, c, d int, base float64) float64 { return wave(p+1, c, d, base) }).change,
	},
	{
		Name: "positions-offset-ignored", Fault: "every table starts at position 0",
		Kills: []spec.ID{"POS-001", "POS-003", "POS-006", "POS-008"},
		Change: func(im *implementation) {
			im.Positions = func(dst matrix, _ int, base float64) { reference.Positions(dst, 0, base) }
		},
	},
	{
		Name: "positions-angle-single", Fault: "frequencies and angles are rounded to float32",
		Kills: []spec.ID{"POS-001", "POS-003", "POS-006"},
		Change: positionParts(func(p, c, d int, base float64) float64 {
			return waveOf(c%2 == 1, singleAngle(p, c/2, spec.Rotary{Dims: d, Base: base}))
		}).change,
	},
	{
		Name: "positions-table-of-512", Fault: "positions beyond the table of 512 take its last entry",
		Kills:  []spec.ID{"POS-001", "POS-003", "POS-006"},
		Change: positionParts(func(p, c, d int, base float64) float64 { return wave(min(max(p, -511), 511), c, d, base) }).change,
	},
	{
		Name: "positions-scaled", Fault: "the table is multiplied by √d",
		Kills: []spec.ID{"POS-001", "POS-002", "POS-004", "POS-006"},
		Change: positionParts(func(p, c, d int, base float64) float64 {
			return wave(p, c, d, base) * math.Sqrt(float64(d))
		}).change,
	},
	{
		Name: "positions-overshoot", Fault: "the approximation of the sine passes 1 by 2⁻⁴⁰",
		Kills:  []spec.ID{"POS-001", "POS-002", "POS-004"},
		Change: positionParts(func(p, c, d int, base float64) float64 { return wave(p, c, d, base) * (1 + 0x1p-40) }).change,
	},
	{
		Name: "positions-recurrence", Fault: "each row is the one before turned by one position",
		Kills: []spec.ID{"POS-008"},
		Change: func(im *implementation) {
			im.Positions = func(dst matrix, offset int, base float64) {
				reference.Positions(dst, offset, base)
				for i := 1; i < dst.Rows; i++ {
					for c := 0; c+1 < dst.Cols; c += 2 {
						sin, cos := math.Sincos(reference.Angle(1, c/2, dst.Cols, base))
						s, t := dst.At(i-1, c), dst.At(i-1, c+1)
						dst.Set(i, c, s*cos+t*sin)
						dst.Set(i, c+1, t*cos-s*sin)
					}
				}
			}
		},
	},
	{
		Name: "positions-rescaled", Fault: "rows are brought to the squared norm d/2 whatever d is",
		Kills:  []spec.ID{"POS-001", "POS-005", "POS-007"},
		Change: positionThen(rescale),
	},
	{
		Name: "positions-constant", Fault: "every channel is √½ at every position",
		Kills:  []spec.ID{"POS-001", "POS-003", "POS-005", "POS-007"},
		Change: positionParts(func(int, int, int, float64) float64 { return math.Sqrt(0.5) }).change,
	},
}
