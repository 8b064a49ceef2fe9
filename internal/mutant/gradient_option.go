package mutant

import (
	"math"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// gradientOptions lets f change a copy of the options before the call.
func gradientOptions(f func(o *spec.AttentionOptions)) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
			o := *opt
			f(&o)
			sinks := dst.Sinks
			if o.Sinks == nil {
				dst.Sinks = nil
				clear(sinks)
			}
			reference.AttentionBackward(dst, dOut, q, k, v, &o)
		}
	}
}

// gradientOptionMutants get an option wrong.
var gradientOptionMutants = []Mutant{
	{
		Name: "gradient-cap-slope-missing", Fault: "the slope of the cap is left out",
		Kills:  []spec.ID{"GRD-006", "GRD-009"},
		Change: gradientWith(gradientFault{slope: func(_, _ float64) float64 { return 1 }}),
	},
	{
		Name: "gradient-cap-slope-of-capped", Fault: "the slope of the cap is taken at the capped logit",
		Kills: []spec.ID{"GRD-006", "GRD-009"},
		Change: gradientWith(gradientFault{slope: func(y, c float64) float64 {
			return 1 - math.Pow(math.Tanh(math.Tanh(y/c)), 2)
		}}),
	},
	{
		Name: "gradient-cap-slope-without-square", Fault: "the slope of the cap is 1 − |tanh|",
		Kills:  []spec.ID{"GRD-006"},
		Change: gradientWith(gradientFault{slope: func(y, c float64) float64 { return 1 - math.Abs(math.Tanh(y/c)) }}),
	},
	{
		Name: "gradient-cap-slope-in-bias", Fault: "the gradient of the bias carries the slope of the cap",
		Kills:  []spec.ID{"GRD-006", "GRD-010"},
		Change: gradientWith(gradientFault{biasSlope: true}),
	},
	{
		Name: "gradient-cap-ignored", Fault: "logits are not capped",
		Kills:  []spec.ID{"GRD-006", "GRD-039"},
		Change: gradientOptions(func(o *spec.AttentionOptions) { o.Softcap = 0 }),
	},
	{
		Name: "gradient-cap-small-ignored", Fault: "caps below 2 are ignored",
		Kills: []spec.ID{"GRD-006", "GRD-039"},
		Change: gradientOptions(func(o *spec.AttentionOptions) {
			if o.Softcap < 2 {
				o.Softcap = 0
			}
		}),
	},
	{
		Name: "gradient-bias-of-last", Fault: "the last of those that share an element of the bias overwrites its gradient",
		Kills:  []spec.ID{"GRD-004", "GRD-042"},
		Change: gradientWith(gradientFault{lastBias: true}),
	},
	{
		Name: "gradient-bias-of-first", Fault: "only the first of those that share an element of the bias counts",
		Kills:  []spec.ID{"GRD-004", "GRD-042"},
		Change: gradientWith(gradientFault{firstBias: true}),
	},
	{
		Name: "gradient-bias-scaled", Fault: "the gradient of the bias is multiplied by Scale",
		Kills:  []spec.ID{"GRD-004", "GRD-011", "GRD-015"},
		Change: gradientWith(gradientFault{bias: func(x, scale float64) float64 { return x * scale }}),
	},
	{
		Name: "gradient-sink-ignored", Fault: "the sink is left out",
		Kills:  []spec.ID{"GRD-005", "GRD-035", "GRD-038", "GRD-040"},
		Change: gradientOptions(func(o *spec.AttentionOptions) { o.Sinks = nil }),
	},
	{
		Name: "gradient-sink-small-ignored", Fault: "a sink below 4 is left out",
		Kills: []spec.ID{"GRD-005", "GRD-035", "GRD-038", "GRD-040"},
		Change: gradientOptions(func(o *spec.AttentionOptions) {
			sinks := slices.Clone(o.Sinks)
			for h := range sinks {
				if sinks[h] < 4 {
					sinks[h] = float32(math.Inf(-1))
				}
			}
			o.Sinks = sinks
		}),
	},
	{
		Name: "gradient-sink-out-of-row-sum", Fault: "D is divided by the share of the keys, without the sink's",
		Kills:  []spec.ID{"GRD-005", "GRD-011", "GRD-035", "GRD-038"},
		Change: gradientWith(gradientFault{mean: func(mean, part float64) float64 { return mean / part }}),
	},
	{
		Name: "gradient-sink-sign", Fault: "the gradient of a sink has the other sign",
		Kills:  []spec.ID{"GRD-005", "GRD-011"},
		Change: gradientWith(gradientFault{sink: func(x float64, _ int) float64 { return -x }}),
	},
	{
		Name: "gradient-sink-of-first-head", Fault: "the gradients of all sinks but the first are left out",
		Kills:  []spec.ID{"GRD-005", "GRD-011"},
		Change: gradientWith(gradientFault{sink: func(x float64, h int) float64 { return x * oneIf(h == 0) }}),
	},
	{
		Name: "gradient-slopes-ignored", Fault: "the slopes are left out",
		Kills:  []spec.ID{"GRD-008"},
		Change: gradientOptions(func(o *spec.AttentionOptions) { o.Slopes = nil }),
	},
	{
		Name: "gradient-slopes-of-first-head", Fault: "all heads use the slope of the first",
		Kills: []spec.ID{"GRD-008"},
		Change: gradientOptions(func(o *spec.AttentionOptions) {
			if o.Slopes != nil {
				first := make([]float32, len(o.Slopes))
				for h := range first {
					first[h] = o.Slopes[0]
				}
				o.Slopes = first
			}
		}),
	},
	{
		Name: "gradient-window-ignored", Fault: "the window is left out",
		Kills:  []spec.ID{"GRD-007"},
		Change: gradientOptions(func(o *spec.AttentionOptions) { o.Window = nil }),
	},
	{
		Name: "gradient-window-plus-one", Fault: "the second pass sees one key more to the left",
		Kills: []spec.ID{"GRD-007"},
		Change: gradientWith(gradientFault{options: func(o *spec.AttentionOptions) {
			if w := o.Window; w != nil && w.Left >= 0 {
				o.Window = &spec.Window{Left: w.Left + 1, Right: w.Right}
			}
		}}),
	},
	{
		Name: "gradient-lengths-ignored", Fault: "the key lengths are left out",
		Kills:  []spec.ID{"GRD-007"},
		Change: gradientOptions(func(o *spec.AttentionOptions) { o.KeyLengths = nil }),
	},
	{
		Name: "gradient-offsets-of-first-batch", Fault: "all batches use the offset of the first",
		Kills: []spec.ID{"GRD-007"},
		Change: gradientOptions(func(o *spec.AttentionOptions) {
			if o.Offsets != nil {
				o.Offset, o.Offsets = o.Offsets[0], nil
			}
		}),
	},
	{
		Name: "gradient-sequences-ignored", Fault: "packed sequences are taken for one",
		Kills: []spec.ID{"GRD-045"},
		Change: gradientOptions(func(o *spec.AttentionOptions) {
			if o.Sequences != nil {
				o.Sequences, o.Offsets, o.KeyLengths = nil, nil, nil
			}
		}),
	},
	{
		Name: "gradient-sequences-second-pass", Fault: "the second pass lets each query see the keys of all sequences",
		Kills: []spec.ID{"GRD-045"},
		Change: gradientWith(gradientFault{options: func(o *spec.AttentionOptions) {
			if o.Sequences != nil {
				o.Sequences, o.Offsets, o.KeyLengths = nil, nil, nil
			}
		}}),
	},
	{
		Name: "gradient-keep-missing-in-weights", Fault: "dropped weights count in dP",
		Kills:  []spec.ID{"GRD-009", "GRD-010"},
		Change: gradientWith(gradientFault{keepOut: [2]bool{true, false}}),
	},
	{
		Name: "gradient-keep-missing-in-values", Fault: "dropped weights count in dV",
		Kills:  []spec.ID{"GRD-009"},
		Change: gradientWith(gradientFault{keepOut: [2]bool{false, true}}),
	},
}
