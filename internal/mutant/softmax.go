package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// softmaxParts makes a mutant of the softmax from its parts: what is subtracted
// from the logits, the exponential, and what the weights are divided by.
type softmaxParts struct {
	shift func(x []float64) float64
	exp   func(j int, t float64) float64
	sum   func(e []float64) float64
}

func (s softmaxParts) change(im *implementation) {
	im.Softmax = func(dst, x []float64) {
		m := s.shift
		if m == nil {
			m = softmaxLargest
		}
		shift := m(x)
		if math.IsInf(shift, -1) {
			clear(dst)
			return
		}
		e := make([]float64, len(x))
		for j, v := range x {
			if e[j] = math.Exp(v - shift); s.exp != nil {
				e[j] = s.exp(j, v-shift)
			}
		}
		total := softmaxTotal
		if s.sum != nil {
			total = s.sum
		}
		d := total(e)
		for j := range dst {
			dst[j] = e[j] / d
		}
	}
}

func softmaxLargest(x []float64) float64 {
	m := math.Inf(-1)
	for _, v := range x {
		m = math.Max(m, v)
	}
	return m
}

func softmaxTotal(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}

// softmaxOfLogits changes the logits before the softmax sees them.
func softmaxOfLogits(f func(x []float64)) func(im *implementation) {
	return func(im *implementation) {
		im.Softmax = func(dst, x []float64) {
			changed := append([]float64(nil), x...)
			f(changed)
			reference.Softmax(dst, changed)
		}
	}
}

// softmaxThen changes the weights after the softmax.
func softmaxThen(f func(dst, x []float64)) func(im *implementation) {
	return func(im *implementation) {
		im.Softmax = func(dst, x []float64) {
			reference.Softmax(dst, x)
			f(dst, x)
		}
	}
}

var softmaxMutants = []Mutant{
	{
		Name: "softmax-no-shift", Fault: "logits are exponentiated as they are",
		Kills:  []spec.ID{"SMX-003", "SMX-007"},
		Change: softmaxParts{shift: func([]float64) float64 { return 0 }}.change,
	},
	{
		Name: "softmax-shift-by-mean", Fault: "the mean of the logits is subtracted instead of the largest",
		Kills:  []spec.ID{"SMX-001", "SMX-006", "SMX-007"},
		Change: softmaxParts{shift: func(x []float64) float64 { return softmaxTotal(x) / float64(len(x)) }}.change,
	},
	{
		Name: "softmax-shift-by-first-block", Fault: "the largest of the first four logits is subtracted",
		Model:  "flash-attention#2082: later blocks keep the first maximum",
		Kills:  []spec.ID{"SMX-007"},
		Change: softmaxParts{shift: func(x []float64) float64 { return softmaxLargest(x[:min(4, len(x))]) }}.change,
	},
	{
		Name: "softmax-maximum-from-zero", Fault: "the maximum starts at 0, so that low logits all underflow",
		Model:  "flashinfer#4267",
		Kills:  []spec.ID{"SMX-003", "SMX-007"},
		Change: softmaxParts{shift: func(x []float64) float64 { return max(0, softmaxLargest(x)) }}.change,
	},
	{
		Name: "softmax-base-2", Fault: "powers of two instead of e",
		Kills:  []spec.ID{"SMX-001"},
		Change: softmaxParts{exp: func(_ int, t float64) float64 { return math.Exp2(t) }}.change,
	},
	{
		Name: "softmax-exp-single", Fault: "the exponential is rounded to float32 on the way",
		Kills:  []spec.ID{"SMX-001"},
		Change: softmaxParts{exp: func(_ int, t float64) float64 { return float64(float32(math.Exp(t))) }}.change,
	},
	{
		Name: "softmax-padded-length", Fault: "what pads the row to a multiple of eight counts in the sum",
		Model: "tokamax#316",
		Kills: []spec.ID{"SMX-001", "SMX-002"},
		Change: softmaxParts{sum: func(e []float64) float64 {
			return softmaxTotal(e) + float64((8-len(e)%8)%8)
		}}.change,
	},
	{
		Name: "softmax-tail-dropped", Fault: "what is beyond the last full vector of four is missing in the sum",
		Kills: []spec.ID{"SMX-001", "SMX-002"},
		Change: softmaxParts{sum: func(e []float64) float64 {
			if len(e) < 4 {
				return softmaxTotal(e)
			}
			return softmaxTotal(e[:len(e)-len(e)%4])
		}}.change,
	},
	{
		Name: "softmax-sum-by-maximum", Fault: "the weights are divided by the largest exponential instead of their sum",
		Kills:  []spec.ID{"SMX-001", "SMX-002"},
		Change: softmaxParts{sum: softmaxLargest}.change,
	},
	{
		Name: "softmax-position-bias", Fault: "later logits weigh more",
		Kills:  []spec.ID{"SMX-001", "SMX-005", "SMX-008"},
		Change: softmaxParts{exp: func(j int, t float64) float64 { return math.Exp(t) * (1 + float64(j)*0x1p-20) }}.change,
	},
	{
		Name: "softmax-of-negated", Fault: "the order is upside down",
		Kills: []spec.ID{"SMX-005", "SMX-001"},
		Change: softmaxOfLogits(func(x []float64) {
			for j := range x {
				if !math.IsInf(x[j], -1) {
					x[j] = -x[j]
				}
			}
		}),
	},
	{
		Name: "softmax-normalized-logits", Fault: "logits are divided by the largest of their magnitudes",
		Kills: []spec.ID{"SMX-001", "SMX-003"},
		Change: softmaxOfLogits(func(x []float64) {
			var top float64
			for _, v := range x {
				if !math.IsInf(v, -1) {
					top = max(top, math.Abs(v))
				}
			}
			for j := range x {
				if top > 0 {
					x[j] /= top
				}
			}
		}),
	},
	{
		Name: "softmax-clipped-logits", Fault: "logits are clipped to [−64, 64] against overflow",
		Kills: []spec.ID{"SMX-003", "SMX-007"},
		Change: softmaxOfLogits(func(x []float64) {
			for j, v := range x {
				if !math.IsInf(v, -1) && !math.IsNaN(v) {
					x[j] = min(max(v, -64), 64)
				}
			}
		}),
	},
	{
		Name: "softmax-sentinel", Fault: "−Inf is replaced by a finite number",
		Model: "onnxruntime#28958",
		Kills: []spec.ID{"SMX-006"},
		Change: softmaxOfLogits(func(x []float64) {
			for j, v := range x {
				if math.IsInf(v, -1) {
					x[j] = -1e4
				}
			}
		}),
	},
	{
		Name: "softmax-sentinel-small", Fault: "−Inf is replaced by a number that still weighs something",
		Kills: []spec.ID{"SMX-001", "SMX-006"},
		Change: softmaxOfLogits(func(x []float64) {
			for j, v := range x {
				if math.IsInf(v, -1) {
					x[j] = -16
				}
			}
		}),
	},
	{
		Name: "softmax-mask-one-too-far", Fault: "the logit behind one of −Inf gets no weight either",
		Kills: []spec.ID{"SMX-006"},
		Change: softmaxThen(func(dst, x []float64) {
			for j := range dst {
				if j > 0 && math.IsInf(x[j-1], -1) {
					dst[j] = 0
				}
			}
		}),
	},
	{
		Name: "softmax-all-masked-uniform", Fault: "a row of nothing but −Inf gets equal weights",
		Model: "onnxruntime#28958",
		Kills: []spec.ID{"SMX-006"},
		Change: softmaxThen(func(dst, x []float64) {
			if math.IsInf(softmaxLargest(x), -1) {
				for j := range dst {
					dst[j] = 1 / float64(len(dst))
				}
			}
		}),
	},
	{
		Name: "softmax-all-masked-nan", Fault: "a row of nothing but −Inf becomes NaN",
		Model: "pytorch#103963",
		Kills: []spec.ID{"SMX-006"},
		Change: softmaxThen(func(dst, x []float64) {
			if math.IsInf(softmaxLargest(x), -1) {
				for j := range dst {
					dst[j] = math.NaN()
				}
			}
		}),
	},
	{
		Name: "softmax-nan-skipped", Fault: "NaN is taken for −Inf",
		Kills: []spec.ID{"SMX-009"},
		Change: softmaxOfLogits(func(x []float64) {
			for j, v := range x {
				if math.IsNaN(v) {
					x[j] = math.Inf(-1)
				}
			}
		}),
	},
	{
		Name: "softmax-nan-in-place", Fault: "NaN stays where it is: the other weights are formed without it",
		Kills: []spec.ID{"SMX-009"},
		Change: softmaxParts{sum: func(e []float64) float64 {
			var s float64
			for _, v := range e {
				if !math.IsNaN(v) {
					s += v
				}
			}
			return s
		}, shift: func(x []float64) float64 {
			m := -math.MaxFloat64
			for _, v := range x {
				if v > m {
					m = v
				}
			}
			return m
		}}.change,
	},
	{
		Name: "softmax-infinity-wins", Fault: "+Inf takes all weight instead of spoiling the row",
		Kills: []spec.ID{"SMX-009"},
		Change: softmaxThen(func(dst, x []float64) {
			for j, v := range x {
				if math.IsInf(v, 1) {
					clear(dst)
					dst[j] = 1
				}
			}
		}),
	},
	{
		Name: "softmax-uniform", Fault: "all weights are equal whatever the logits",
		Kills: []spec.ID{"SMX-001", "SMX-004"},
		Change: softmaxThen(func(dst, _ []float64) {
			for j := range dst {
				dst[j] = 1 / float64(len(dst))
			}
		}),
	},
	{
		Name: "softmax-first-takes-all", Fault: "the first logit gets all weight",
		Kills: []spec.ID{"SMX-001", "SMX-004", "SMX-008"},
		Change: softmaxThen(func(dst, _ []float64) {
			clear(dst)
			dst[0] = 1
		}),
	},
	{
		Name: "softmax-online-not-rescaled", Fault: "what was summed under an earlier maximum is not rescaled",
		Kills: []spec.ID{"SMX-001", "SMX-002", "SMX-008"},
		Change: func(im *implementation) {
			im.Softmax = func(dst, x []float64) {
				m, sum := math.Inf(-1), 0.0
				for _, v := range x {
					if m = math.Max(m, v); !math.IsInf(m, -1) {
						sum += math.Exp(v - m)
					}
				}
				for j, v := range x {
					if dst[j] = 0; !math.IsInf(v, -1) {
						dst[j] = math.Exp(v-m) / sum
					}
				}
			}
		},
	},
}
