package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// normParts makes a mutant of LayerNorm from its parts; a nil part is the right
// one.
type normParts struct {
	mean     func(x []float64) float64
	variance func(x []float64, mean float64) float64
	inverse  func(variance, eps float64) float64
	output   func(c, inverse, gain, shift float64) float64
}

func (p normParts) change(im *implementation) { im.LayerNorm = p.into }

func (p normParts) into(dst, src matrix, gain, shift []float64, eps float64) {
	for i := range src.Rows {
		row := src.Row(i)
		mean, _ := reference.Moments(row)
		if p.mean != nil {
			mean = p.mean(row)
		}
		variance := normMeanSquare(row, mean)
		if p.variance != nil {
			variance = p.variance(row, mean)
		}
		inverse := 1 / math.Sqrt(variance+eps)
		if p.inverse != nil {
			inverse = p.inverse(variance, eps)
		}
		for k, x := range row {
			y := gain[k]*((x-mean)*inverse) + shift[k]
			if p.output != nil {
				y = p.output(x-mean, inverse, gain[k], shift[k])
			}
			dst.Set(i, k, y)
		}
	}
}

// normMeanSquare returns the mean of (xₖ − about)².
func normMeanSquare(x []float64, about float64) float64 {
	var s float64
	for _, v := range x {
		s += (v - about) * (v - about)
	}
	return s / float64(len(x))
}

// normThen changes the output of LayerNorm.
func normThen(f func(dst, src matrix, gain, shift []float64, eps float64)) func(im *implementation) {
	return func(im *implementation) {
		im.LayerNorm = func(dst, src matrix, gain, shift []float64, eps float64) {
			reference.LayerNorm(dst, src, gain, shift, eps)
			f(dst, src, gain, shift, eps)
		}
	}
}

// normWith calls the sound LayerNorm with another eps.
func normWith(eps func(x matrix, eps float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.LayerNorm = func(dst, src matrix, gain, shift []float64, e float64) {
			reference.LayerNorm(dst, src, gain, shift, eps(src, e))
		}
	}
}

var normMutants = []Mutant{
	{
		Name: "norm-one-pass-variance", Fault: "the variance is the mean of squares less the square of the mean",
		Kills: []spec.ID{"LNM-001", "LNM-002"},
		Change: normParts{variance: func(x []float64, mean float64) float64 {
			var s float64
			for _, v := range x {
				s += v * v
			}
			return math.Abs(s/float64(len(x)) - mean*mean)
		}}.change,
	},
	{
		Name: "norm-sample-variance", Fault: "the variance is divided by d−1",
		Kills: []spec.ID{"LNM-001", "LNM-005", "LNM-008"},
		Change: normParts{variance: func(x []float64, mean float64) float64 {
			return normMeanSquare(x, mean) * float64(len(x)) / max(1, float64(len(x)-1))
		}}.change,
	},
	{
		Name: "norm-eps-outside-root", Fault: "eps is added to the standard deviation",
		Kills:  []spec.ID{"LNM-001", "LNM-003", "LNM-005"},
		Change: normParts{inverse: func(v, eps float64) float64 { return 1 / (math.Sqrt(v) + eps) }}.change,
	},
	{
		Name: "norm-eps-missing", Fault: "eps is left out",
		Kills:  []spec.ID{"LNM-001", "LNM-004", "LNM-005", "LNM-007", "LNM-011"},
		Change: normWith(func(matrix, float64) float64 { return 0 }),
	},
	{
		Name: "norm-eps-hard-coded", Fault: "eps is 1e-5 whatever the caller says",
		Kills:  []spec.ID{"LNM-001", "LNM-003", "LNM-005", "LNM-008"},
		Change: normWith(func(matrix, float64) float64 { return 1e-5 }),
	},
	{
		Name: "norm-eps-relative", Fault: "eps is multiplied by the largest square of the matrix, so that scale drops out",
		Kills: []spec.ID{"LNM-001", "LNM-011"},
		Change: normWith(func(x matrix, eps float64) float64 {
			var top float64
			for i := range x.Rows {
				for _, v := range x.Row(i) {
					top = max(top, v*v)
				}
			}
			return eps * top
		}),
	},
	{
		Name: "norm-inverse-inverted", Fault: "the differences are divided by the reciprocal of the standard deviation",
		Kills:  []spec.ID{"LNM-001", "LNM-003", "LNM-005", "LNM-008", "LNM-013"},
		Change: normParts{inverse: func(v, eps float64) float64 { return math.Sqrt(v + eps) }}.change,
	},
	{
		Name: "norm-rsqrt-without-newton", Fault: "the reciprocal root has the 12 bits of the hardware's estimate",
		Kills: []spec.ID{"LNM-001", "LNM-005", "LNM-008"},
		Change: normParts{inverse: func(v, eps float64) float64 {
			return math.Float64frombits(math.Float64bits(1/math.Sqrt(v+eps)) &^ (1<<40 - 1))
		}}.change,
	},
	{
		Name: "norm-mean-kept", Fault: "the mean is not subtracted: RMSNorm",
		Kills:  []spec.ID{"LNM-001", "LNM-002", "LNM-005"},
		Change: normParts{mean: func([]float64) float64 { return 0 }}.change,
	},
	{
		Name: "norm-mean-of-padded-row", Fault: "the mean is divided by the length padded to a multiple of eight",
		Kills: []spec.ID{"LNM-001", "LNM-002", "LNM-004", "LNM-005"},
		Change: normParts{mean: func(x []float64) float64 {
			mean, _ := reference.Moments(x)
			return mean * float64(len(x)) / float64((len(x)+7)/8*8)
		}}.change,
	},
	{
		Name: "norm-variance-of-padded-row", Fault: "the zeros that pad the row to a multiple of eight count in the variance",
		Kills: []spec.ID{"LNM-001", "LNM-002", "LNM-005"},
		Change: normParts{variance: func(x []float64, mean float64) float64 {
			pad := make([]float64, (len(x)+7)/8*8-len(x))
			return normMeanSquare(append(append([]float64(nil), x...), pad...), mean)
		}}.change,
	},
	{
		Name: "norm-tail-dropped", Fault: "the last channels, beyond a multiple of four, are left out of the statistics",
		Kills: []spec.ID{"LNM-001", "LNM-005", "LNM-006"},
		Change: normParts{mean: func(x []float64) float64 {
			mean, _ := reference.Moments(x[:max(1, len(x)-len(x)%4)])
			return mean
		}}.change,
	},
	{
		Name: "norm-mean-single", Fault: "the mean is rounded to float32",
		Kills: []spec.ID{"LNM-001", "LNM-002"},
		Change: normParts{mean: func(x []float64) float64 {
			mean, _ := reference.Moments(x)
			return float64(float32(mean))
		}}.change,
	},
	{
		Name: "norm-reciprocal-of-d-single", Fault: "the mean is the sum times 1/d rounded up, so that a constant row is not its own mean",
		Kills: []spec.ID{"LNM-001", "LNM-004"},
		Change: normParts{mean: func(x []float64) float64 {
			mean, _ := reference.Moments(x)
			return mean * (1 + 0x1p-40)
		}}.change,
	},
	{
		Name: "norm-shift-before-gain", Fault: "the shift is added before the gain is multiplied",
		Kills:  []spec.ID{"LNM-001", "LNM-004", "LNM-010"},
		Change: normParts{output: func(c, inverse, gain, shift float64) float64 { return gain * (c*inverse + shift) }}.change,
	},
	{
		Name: "norm-gain-plus-one", Fault: "the gain is taken as an offset from one",
		Kills:  []spec.ID{"LNM-001", "LNM-010"},
		Change: normParts{output: func(c, inverse, gain, shift float64) float64 { return (1+gain)*c*inverse + shift }}.change,
	},
	{
		Name: "norm-output-clipped", Fault: "normalized values are clipped to [−1, 1]",
		Kills: []spec.ID{"LNM-001", "LNM-005", "LNM-008", "LNM-013"},
		Change: normParts{output: func(c, inverse, gain, shift float64) float64 {
			return gain*min(max(c*inverse, -1), 1) + shift
		}}.change,
	},
	{
		Name: "norm-first-gain", Fault: "every channel gets the gain of the first",
		Kills: []spec.ID{"LNM-001", "LNM-006", "LNM-010"},
		Change: func(im *implementation) {
			im.LayerNorm = func(dst, src matrix, gain, shift []float64, eps float64) {
				same := make([]float64, len(gain))
				for k := range same {
					same[k] = gain[0]
				}
				reference.LayerNorm(dst, src, same, shift, eps)
			}
		},
	},
	{
		Name: "norm-matrix-mean", Fault: "the mean is taken over the whole matrix",
		Kills: []spec.ID{"LNM-001", "LNM-012"},
		Change: func(im *implementation) {
			im.LayerNorm = func(dst, src matrix, gain, shift []float64, eps float64) {
				var mean float64
				for i := range src.Rows {
					m, _ := reference.Moments(src.Row(i))
					mean += m / float64(src.Rows)
				}
				normParts{mean: func([]float64) float64 { return mean }}.into(dst, src, gain, shift, eps)
			}
		},
	},
	{
		Name: "norm-wrong-axis", Fault: "columns are normalized instead of rows",
		Kills: []spec.ID{"LNM-001", "LNM-012"},
		Change: func(im *implementation) {
			im.LayerNorm = func(dst, src matrix, gain, shift []float64, eps float64) {
				one, zero := make([]float64, src.Rows), make([]float64, src.Rows)
				for i := range one {
					one[i] = 1
				}
				t := reference.Transpose(src)
				reference.LayerNorm(t, t, one, zero, eps)
				for i := range src.Rows {
					for k := range src.Cols {
						dst.Set(i, k, gain[k]*t.At(k, i)+shift[k])
					}
				}
			}
		},
	},
	{
		Name: "norm-nan-as-zero", Fault: "NaN is replaced by zero on the way in",
		Kills: []spec.ID{"LNM-012"},
		Change: func(im *implementation) {
			im.LayerNorm = func(dst, src matrix, gain, shift []float64, eps float64) {
				clean := spec.Convert[float64](src)
				for k, x := range clean.Data {
					if math.IsNaN(x) {
						clean.Data[k] = 0
					}
				}
				reference.LayerNorm(dst, clean, gain, shift, eps)
			}
		},
	},
	{
		Name: "norm-floor-of-deviation", Fault: "a standard deviation below 1/16 is taken as 1/16",
		Kills:  []spec.ID{"LNM-001", "LNM-003"},
		Change: normParts{inverse: func(v, eps float64) float64 { return 1 / max(math.Sqrt(v+eps), 1.0/16) }}.change,
	},
	{
		Name: "norm-identity", Fault: "rows pass unchanged but for gain and shift",
		Kills: []spec.ID{"LNM-001", "LNM-002", "LNM-003", "LNM-005"},
		Change: normThen(func(dst, src matrix, gain, shift []float64, _ float64) {
			for i := range src.Rows {
				for k, x := range src.Row(i) {
					dst.Set(i, k, gain[k]*x+shift[k])
				}
			}
		}),
	},
	{
		Name: "norm-signs-only", Fault: "the normalized values are reduced to their signs",
		Kills:  []spec.ID{"LNM-001", "LNM-007", "LNM-011"},
		Change: normParts{output: func(c, _, gain, shift float64) float64 { return gain*math.Copysign(1, c) + shift }}.change,
	},
	{
		Name: "norm-shift-only", Fault: "the normalized values are lost: only the shift is stored",
		Kills: []spec.ID{"LNM-001", "LNM-005", "LNM-009", "LNM-011"},
		Change: normThen(func(dst, _ matrix, _, shift []float64, _ float64) {
			for i := range dst.Rows {
				copy(dst.Row(i), shift)
			}
		}),
	},
	{
		Name: "norm-first-row-everywhere", Fault: "every row gets the output of the first",
		Kills: []spec.ID{"LNM-001", "LNM-009", "LNM-012"},
		Change: normThen(func(dst, _ matrix, _, _ []float64, _ float64) {
			for i := range dst.Rows {
				copy(dst.Row(i), dst.Row(0))
			}
		}),
	},
	{
		Name: "norm-position-weighted", Fault: "later channels count a little more in the mean",
		Kills: []spec.ID{"LNM-001", "LNM-006", "LNM-005"},
		Change: normParts{mean: func(x []float64) float64 {
			var s, w float64
			for k, v := range x {
				s += v * (1 + float64(k)/1024)
				w += 1 + float64(k)/1024
			}
			return s / w
		}}.change,
	},
}
