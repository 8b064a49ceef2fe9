package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// logSoftmaxParts makes a mutant of the log-softmax from its parts: what is
// subtracted first, the sum, its logarithm.
type logSoftmaxParts struct {
	shift func(x []float64) float64
	sum   func(e []float64) float64
	log   func(s float64) float64
}

func (p logSoftmaxParts) change(im *implementation) {
	im.LogSoftmax = func(dst, x []float64) {
		shift, total, log := softmaxLargest, softmaxTotal, math.Log
		if p.shift != nil {
			shift = p.shift
		}
		if p.sum != nil {
			total = p.sum
		}
		if p.log != nil {
			log = p.log
		}
		m := shift(x)
		if math.IsInf(m, -1) {
			copy(dst, x)
			return
		}
		e := make([]float64, len(x))
		for j, v := range x {
			e[j] = math.Exp(v - m)
		}
		s := log(total(e))
		for j, v := range x {
			dst[j] = (v - m) - s
		}
	}
}

// logSoftmaxThen changes the log-weights after they are right.
func logSoftmaxThen(f func(dst, x []float64)) func(im *implementation) {
	return func(im *implementation) {
		im.LogSoftmax = func(dst, x []float64) {
			reference.LogSoftmax(dst, x)
			f(dst, x)
		}
	}
}

// logSoftmaxOf changes the logits of softmax and log-softmax alike.
func logSoftmaxOf(f func(x []float64)) func(im *implementation) {
	return func(im *implementation) {
		softmaxOfLogits(f)(im)
		im.LogSoftmax = func(dst, x []float64) {
			changed := append([]float64(nil), x...)
			f(changed)
			reference.LogSoftmax(dst, changed)
		}
	}
}

// divideByLargest divides logits by the largest of their magnitudes.
func divideByLargest(x []float64) {
	var top float64
	for _, v := range x {
		top = max(top, math.Abs(v))
	}
	for j := range x {
		if top > 0 && !math.IsInf(top, 1) {
			x[j] /= top
		}
	}
}

var logSoftmaxMutants = []Mutant{
	{
		Name: "log-softmax-of-softmax", Fault: "the logarithm is taken of the rounded weight, which underflows",
		Kills: []spec.ID{"SMX-012", "SMX-013"},
		Change: logSoftmaxThen(func(dst, x []float64) {
			reference.Softmax(dst, x)
			for j, p := range dst {
				dst[j] = math.Log(p)
			}
		}),
	},
	{
		Name: "log-softmax-floor", Fault: "weights below e^−88 are raised to it, in the softmax and its logarithm",
		Kills: []spec.ID{"SMX-012", "SMX-013"},
		Change: func(im *implementation) {
			softmaxThen(func(dst, _ []float64) {
				for j := range dst {
					dst[j] = max(dst[j], math.Exp(-88))
				}
			})(im)
			logSoftmaxThen(func(dst, _ []float64) {
				for j := range dst {
					dst[j] = max(dst[j], -88)
				}
			})(im)
		},
	},
	{
		Name: "log-softmax-normalized-logits", Fault: "logits are divided by the largest of their magnitudes",
		Kills:  []spec.ID{"SMX-010", "SMX-012", "SMX-013", "SMX-014"},
		Change: logSoftmaxOf(divideByLargest),
	},
	{
		Name: "log-softmax-unshifted", Fault: "nothing is subtracted before the exponentials, which overflow",
		Kills:  []spec.ID{"SMX-010", "SMX-012", "SMX-014"},
		Change: logSoftmaxParts{shift: func([]float64) float64 { return 0 }}.change,
	},
	{
		Name: "log-softmax-shift-by-mean", Fault: "the mean is subtracted instead of the largest logit",
		Kills: []spec.ID{"SMX-012"},
		Change: logSoftmaxParts{shift: func(x []float64) float64 {
			return softmaxTotal(x) / float64(len(x))
		}}.change,
	},
	{
		Name: "log-softmax-sum-first", Fault: "the largest logit is added to the logarithm before it is subtracted, so that a common shift costs digits",
		Kills: []spec.ID{"SMX-014"},
		Change: logSoftmaxThen(func(dst, x []float64) {
			m := softmaxLargest(x)
			var s float64
			for _, v := range x {
				s += math.Exp(v - m)
			}
			for j, v := range x {
				dst[j] = v - (m + math.Log(s))
			}
		}),
	},
	{
		Name: "log-softmax-base-two", Fault: "the logarithm has base 2",
		Kills:  []spec.ID{"SMX-010", "SMX-011"},
		Change: logSoftmaxParts{log: math.Log2}.change,
	},
	{
		Name: "log-softmax-padded-tail", Fault: "the lanes that pad the row to a multiple of eight count in the sum",
		Model: "tokamax#316",
		Kills: []spec.ID{"SMX-010", "SMX-011"},
		Change: logSoftmaxParts{sum: func(e []float64) float64 {
			return softmaxTotal(e) + float64((8-len(e)%8)%8)
		}}.change,
	},
	{
		Name: "log-softmax-tail-dropped", Fault: "what is beyond the last full vector of four is missing in the sum",
		Kills: []spec.ID{"SMX-010", "SMX-011", "SMX-017"},
		Change: logSoftmaxParts{sum: func(e []float64) float64 {
			if len(e) < 4 {
				return softmaxTotal(e)
			}
			return softmaxTotal(e[:len(e)-len(e)%4])
		}}.change,
	},
	{
		Name: "log-softmax-position-bias", Fault: "later logits are raised a little",
		Kills: []spec.ID{"SMX-010", "SMX-017"},
		Change: logSoftmaxThen(func(dst, _ []float64) {
			for j := range dst {
				dst[j] += float64(j) * 0x1p-20
			}
		}),
	},
	{
		Name: "log-softmax-uniform", Fault: "all log-weights are −log n",
		Kills: []spec.ID{"SMX-010", "SMX-015", "SMX-016"},
		Change: logSoftmaxThen(func(dst, _ []float64) {
			for j := range dst {
				dst[j] = -math.Log(float64(len(dst)))
			}
		}),
	},
	{
		Name: "log-softmax-first-takes-all", Fault: "the first logit gets all weight",
		Kills: []spec.ID{"SMX-010", "SMX-015", "SMX-017"},
		Change: logSoftmaxThen(func(dst, _ []float64) {
			for j := range dst {
				dst[j] = math.Inf(-1)
			}
			dst[0] = 0
		}),
	},
	{
		Name: "log-softmax-sentinel", Fault: "−Inf is replaced by a finite number",
		Model: "onnxruntime#28958",
		Kills: []spec.ID{"SMX-010", "SMX-016"},
		Change: logSoftmaxOf(func(x []float64) {
			for j, v := range x {
				if math.IsInf(v, -1) {
					x[j] = -1e4
				}
			}
		}),
	},
	{
		Name: "log-softmax-mask-one-too-far", Fault: "the logit behind one of −Inf becomes −Inf, too",
		Kills: []spec.ID{"SMX-016"},
		Change: logSoftmaxThen(func(dst, x []float64) {
			for j := range dst {
				if j > 0 && math.IsInf(x[j-1], -1) {
					dst[j] = math.Inf(-1)
				}
			}
		}),
	},
	{
		Name: "log-softmax-all-masked-nan", Fault: "a row of nothing but −Inf becomes NaN",
		Model: "pytorch#103963",
		Kills: []spec.ID{"SMX-016"},
		Change: logSoftmaxThen(func(dst, x []float64) {
			for j := range dst {
				if math.IsInf(softmaxLargest(x), -1) {
					dst[j] = math.NaN()
				}
			}
		}),
	},
	{
		Name: "log-softmax-nan-skipped", Fault: "NaN is taken for −Inf",
		Kills: []spec.ID{"SMX-018"},
		Change: logSoftmaxOf(func(x []float64) {
			for j, v := range x {
				if math.IsNaN(v) {
					x[j] = math.Inf(-1)
				}
			}
		}),
	},
	{
		Name: "log-softmax-infinity-wins", Fault: "+Inf takes all weight instead of spoiling the row",
		Kills: []spec.ID{"SMX-018"},
		Change: logSoftmaxThen(func(dst, x []float64) {
			for j, v := range x {
				if math.IsInf(v, 1) {
					for k := range dst {
						dst[k] = math.Inf(-1)
					}
					dst[j] = 0
				}
			}
		}),
	},
}
