package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// rmsParts makes a mutant of RMSNorm from its parts; a nil part is the right
// one.
type rmsParts struct {
	mean    func(x []float64) float64 // of the squares
	inverse func(mean, eps float64) float64
	output  func(x, inverse, gain float64) float64
}

func (p rmsParts) change(im *implementation) { im.RMSNorm = p.into }

func (p rmsParts) into(dst, src matrix, gain []float64, eps float64) {
	for i := range src.Rows {
		mean := reference.MeanSquare(src.Row(i))
		if p.mean != nil {
			mean = p.mean(src.Row(i))
		}
		inverse := 1 / math.Sqrt(mean+eps)
		if p.inverse != nil {
			inverse = p.inverse(mean, eps)
		}
		for k, x := range src.Row(i) {
			y := gain[k] * (x * inverse)
			if p.output != nil {
				y = p.output(x, inverse, gain[k])
			}
			dst.Set(i, k, y)
		}
	}
}

// rmsOn makes a mutant from f, which calls the sound RMSNorm as it likes.
func rmsOn(f func(dst, src matrix, gain []float64, eps float64)) func(im *implementation) {
	return func(im *implementation) { im.RMSNorm = f }
}

// padded returns the length of x padded to a multiple of eight.
func padded(x []float64) float64 { return float64((len(x) + 7) / 8 * 8) }

var rmsMutants = []Mutant{
	{
		Name: "rms-mean-subtracted", Fault: "the mean is subtracted: LayerNorm",
		Kills: []spec.ID{"RMS-001", "RMS-005", "RMS-013"},
		Change: rmsOn(func(dst, src matrix, gain []float64, eps float64) {
			reference.LayerNorm(dst, src, gain, make([]float64, len(gain)), eps)
		}),
	},
	{
		Name: "rms-layer-norm-keeps-mean", Fault: "LayerNorm subtracts no mean: RMSNorm and a shift",
		Kills:  []spec.ID{"LNM-001", "RMS-013"},
		Change: normParts{mean: func([]float64) float64 { return 0 }}.change,
	},
	{
		Name: "rms-layer-norm-sample-variance", Fault: "LayerNorm divides the variance by d−1",
		Kills: []spec.ID{"LNM-001", "RMS-012"},
		Change: normParts{variance: func(x []float64, mean float64) float64 {
			return normMeanSquare(x, mean) * float64(len(x)) / max(1, float64(len(x)-1))
		}}.change,
	},
	{
		Name: "rms-deviation", Fault: "rows are divided by their standard deviation without being centred",
		Kills: []spec.ID{"RMS-001", "RMS-007", "RMS-008"},
		Change: rmsParts{mean: func(x []float64) float64 {
			_, variance := reference.Moments(x)
			return variance
		}}.change,
	},
	{
		Name: "rms-sample-mean", Fault: "the sum of squares is divided by d−1",
		Kills: []spec.ID{"RMS-001", "RMS-007", "RMS-008", "RMS-012"},
		Change: rmsParts{mean: func(x []float64) float64 {
			return reference.MeanSquare(x) * float64(len(x)) / max(1, float64(len(x)-1))
		}}.change,
	},
	{
		Name: "rms-euclidean-norm", Fault: "the sum of squares is not divided by d",
		Kills:  []spec.ID{"RMS-001", "RMS-007", "RMS-008", "RMS-012"},
		Change: rmsParts{mean: func(x []float64) float64 { return reference.MeanSquare(x) * float64(len(x)) }}.change,
	},
	{
		Name: "rms-padded-length", Fault: "the sum of squares is divided by the length padded to a multiple of eight",
		Kills: []spec.ID{"RMS-001", "RMS-007", "RMS-008", "RMS-012"},
		Change: rmsParts{mean: func(x []float64) float64 {
			return reference.MeanSquare(x) * float64(len(x)) / padded(x)
		}}.change,
	},
	{
		Name: "rms-tail-dropped", Fault: "channels beyond the last multiple of four are left out of the mean",
		Kills: []spec.ID{"RMS-001", "RMS-007", "RMS-010"},
		Change: rmsParts{mean: func(x []float64) float64 {
			return reference.MeanSquare(x[:max(1, len(x)-len(x)%4)])
		}}.change,
	},
	{
		Name: "rms-position-weighted", Fault: "later channels count a little more in the mean",
		Kills: []spec.ID{"RMS-001", "RMS-010"},
		Change: rmsParts{mean: func(x []float64) float64 {
			var s, w float64
			for k, v := range x {
				s += v * v * (1 + float64(k)/1024)
				w += 1 + float64(k)/1024
			}
			return s / w
		}}.change,
	},
	{
		Name: "rms-squares-single", Fault: "squares are added in float32",
		Kills: []spec.ID{"RMS-001", "RMS-007"},
		Change: rmsParts{mean: func(x []float64) float64 {
			var s float32
			for _, v := range x {
				s += float32(v * v)
			}
			return float64(s) / float64(len(x))
		}}.change,
	},
	{
		Name: "rms-eps-outside-root", Fault: "eps is added to the root mean square",
		Kills:  []spec.ID{"RMS-001", "RMS-002", "RMS-007"},
		Change: rmsParts{inverse: func(m, eps float64) float64 { return 1 / (math.Sqrt(m) + eps) }}.change,
	},
	{
		Name: "rms-eps-missing", Fault: "eps is left out",
		Kills:  []spec.ID{"RMS-001", "RMS-003", "RMS-006", "RMS-007", "RMS-009"},
		Change: rmsParts{inverse: func(m, _ float64) float64 { return 1 / math.Sqrt(m) }}.change,
	},
	{
		Name: "rms-eps-hard-coded", Fault: "eps is 1e-5 whatever the caller says",
		Kills:  []spec.ID{"RMS-001", "RMS-002", "RMS-007", "RMS-008"},
		Change: rmsParts{inverse: func(m, _ float64) float64 { return 1 / math.Sqrt(m+1e-5) }}.change,
	},
	{
		Name: "rms-eps-relative", Fault: "eps is multiplied by the mean square, so that scale drops out",
		Kills:  []spec.ID{"RMS-001", "RMS-003"},
		Change: rmsParts{inverse: func(m, eps float64) float64 { return 1 / math.Sqrt(m+eps*m) }}.change,
	},
	{
		Name: "rms-inverse-inverted", Fault: "rows are multiplied by the root",
		Kills:  []spec.ID{"RMS-001", "RMS-002", "RMS-007", "RMS-008", "RMS-014"},
		Change: rmsParts{inverse: func(m, eps float64) float64 { return math.Sqrt(m + eps) }}.change,
	},
	{
		Name: "rms-rsqrt-without-newton", Fault: "the reciprocal root has the 12 bits of the hardware's estimate",
		Kills: []spec.ID{"RMS-001", "RMS-007", "RMS-008"},
		Change: rmsParts{inverse: func(m, eps float64) float64 {
			return math.Float64frombits(math.Float64bits(1/math.Sqrt(m+eps)) &^ (1<<40 - 1))
		}}.change,
	},
	{
		Name: "rms-floor-of-root", Fault: "a root below 1/16 is taken as 1/16",
		Kills:  []spec.ID{"RMS-001", "RMS-002"},
		Change: rmsParts{inverse: func(m, eps float64) float64 { return 1 / max(math.Sqrt(m+eps), 1.0/16) }}.change,
	},
	{
		Name: "rms-gain-plus-one", Fault: "the gain is taken as an offset from one",
		Model:  "checkpoints whose stored gain is g − 1, loaded into plain RMSNorm, and the other way round",
		Kills:  []spec.ID{"RMS-001", "RMS-007", "RMS-012"},
		Change: rmsParts{output: func(x, inverse, gain float64) float64 { return (1 + gain) * x * inverse }}.change,
	},
	{
		Name: "rms-rounded-down", Fault: "outputs are rounded towards −∞",
		Kills: []spec.ID{"RMS-004"},
		Change: rmsParts{output: func(x, inverse, gain float64) float64 {
			return math.Nextafter(gain*x*inverse, math.Inf(-1))
		}}.change,
	},
	{
		Name: "rms-magnitudes", Fault: "signs are lost",
		Kills:  []spec.ID{"RMS-001", "RMS-004"},
		Change: rmsParts{output: func(x, inverse, gain float64) float64 { return gain * math.Abs(x) * inverse }}.change,
	},
	{
		Name: "rms-output-clipped", Fault: "normalized values are clipped to [−1, 1]",
		Kills:  []spec.ID{"RMS-001", "RMS-007", "RMS-008", "RMS-014"},
		Change: rmsParts{output: func(x, inverse, gain float64) float64 { return gain * min(max(x*inverse, -1), 1) }}.change,
	},
	{
		Name: "rms-signs-only", Fault: "the normalized values are reduced to their signs",
		Kills:  []spec.ID{"RMS-001", "RMS-003", "RMS-006", "RMS-009"},
		Change: rmsParts{output: func(x, _, gain float64) float64 { return gain * math.Copysign(1, x) }}.change,
	},
	{
		Name: "rms-gain-only", Fault: "the normalized values are lost: only the gain is stored",
		Kills:  []spec.ID{"RMS-001", "RMS-003", "RMS-005", "RMS-006", "RMS-009"},
		Change: rmsParts{output: func(_, _, gain float64) float64 { return gain }}.change,
	},
	{
		Name: "rms-identity", Fault: "rows pass unchanged but for the gain",
		Kills:  []spec.ID{"RMS-001", "RMS-002", "RMS-007", "RMS-008"},
		Change: rmsParts{output: func(x, _, gain float64) float64 { return gain * x }}.change,
	},
	{
		Name: "rms-first-gain", Fault: "every channel gets the gain of the first",
		Kills: []spec.ID{"RMS-001", "RMS-010"},
		Change: rmsOn(func(dst, src matrix, gain []float64, eps float64) {
			same := make([]float64, len(gain))
			for k := range same {
				same[k] = gain[0]
			}
			reference.RMSNorm(dst, src, same, eps)
		}),
	},
	{
		Name: "rms-matrix-mean", Fault: "the mean is taken over the whole matrix",
		Kills: []spec.ID{"RMS-001", "RMS-011"},
		Change: rmsOn(func(dst, src matrix, gain []float64, eps float64) {
			whole := reference.MeanSquare(spec.Convert[float64](src).Data)
			rmsParts{mean: func([]float64) float64 { return whole }}.into(dst, src, gain, eps)
		}),
	},
	{
		Name: "rms-first-row-everywhere", Fault: "every row gets the output of the first",
		Kills: []spec.ID{"RMS-001", "RMS-011"},
		Change: rmsOn(func(dst, src matrix, gain []float64, eps float64) {
			reference.RMSNorm(dst, src, gain, eps)
			for i := range dst.Rows {
				copy(dst.Row(i), dst.Row(0))
			}
		}),
	},
	{
		Name: "rms-nan-as-zero", Fault: "NaN is replaced by zero on the way in",
		Kills: []spec.ID{"RMS-011"},
		Change: rmsOn(func(dst, src matrix, gain []float64, eps float64) {
			reference.RMSNorm(dst, withoutNaN(src), gain, eps)
		}),
	},
}

// withoutNaN returns m with 0 for NaN.
func withoutNaN(m matrix) matrix {
	clean := spec.Convert[float64](m)
	for k, x := range clean.Data {
		if math.IsNaN(x) {
			clean.Data[k] = 0
		}
	}
	return clean
}
