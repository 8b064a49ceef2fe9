package mutant

import (
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// gradientSizeMutants are wrong where a size is beyond what a kernel treats in one
// go.
var gradientSizeMutants = []Mutant{
	{
		Name: "gradient-group-of-four", Fault: "the fourth query head of a group and those behind it add nothing to dK and dV",
		Kills:  []spec.ID{"GRD-002", "GRD-003", "GRD-007"},
		Change: gradientWith(gradientFault{group: func(h, _ int) float64 { return oneIf(h < 3) }}),
	},
	{
		Name: "gradient-queries-beyond-64", Fault: "queries beyond the 64th count for nothing",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-003", "GRD-007"},
		Change: gradientWith(gradientFault{rows: func(m int) int { return min(m, 64) }}),
	},
	{
		Name: "gradient-channels-beyond-31", Fault: "dQ and dK are zero beyond the 31st channel",
		Kills: []spec.ID{"GRD-001", "GRD-002", "GRD-007"},
		Change: afterGradients(func(call *gradientCall[float64]) {
			for _, g := range []spec.Tensor[float64]{call.dst.Query, call.dst.Key} {
				each(g, func(x *float64, _, _, _, c int) {
					if c > 31 {
						*x = 0
					}
				})
			}
		}),
	},
	{
		Name: "gradient-third-batch", Fault: "all of the batch but the first two have no gradients",
		Kills: []spec.ID{"GRD-003", "GRD-007"},
		Change: afterGradients(func(call *gradientCall[float64]) {
			for _, g := range []spec.Tensor[float64]{call.dst.Query, call.dst.Key, call.dst.Value} {
				each(g, func(x *float64, b, _, _, _ int) {
					if b >= 2 {
						*x = 0
					}
				})
			}
		}),
	},
	{
		Name: "gradient-keys-beyond-256", Fault: "keys beyond the 256th are left out",
		Kills:  []spec.ID{"GRD-003"},
		Change: gradientWith(gradientFault{keys: func(n int) int { return min(n, 256) }}),
	},
}

// gradientGrids plants a fault of options that need the operands' sizes.
func gradientGrids(f optionFault) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
			o := *opt
			f(&attentionCall[float64]{dOut, q, k, v, opt}, &o)
			reference.AttentionBackward(dst, dOut, q, k, v, &o)
		}
	}
}

// inSinkGradient plants a fault of options in the gradients of sinks alone.
func inSinkGradient(has func(o *spec.AttentionOptions) bool, drop func(o *spec.AttentionOptions)) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			reference.AttentionBackward(dst, dOut, q, k, v, opt)
			if dst.Sinks == nil || !has(opt) {
				return
			}
			o := *opt
			drop(&o)
			other := spec.NewAttentionGradients(q, k, v, &o)
			reference.AttentionBackward(other, dOut, q, k, v, &o)
			copy(dst.Sinks, other.Sinks)
		}
	}
}

// gradientTogetherMutants heed an option only where another is absent.
var gradientTogetherMutants = []Mutant{
	{
		Name: "gradient-mask-of-head-0", Fault: "every head uses the mask of the first",
		Kills:  []spec.ID{"GRD-007", "GRD-004"},
		Change: gradientGrids(remaskedAt(func(mask *spec.Mask, b, _, i, j int) bool { return mask.At(b, 0, i, j) })),
	},
	{
		Name: "gradient-mask-of-batch-0", Fault: "every batch uses the mask of the first",
		Kills:  []spec.ID{"GRD-007", "GRD-004"},
		Change: gradientGrids(remaskedAt(func(mask *spec.Mask, _, h, i, j int) bool { return mask.At(0, h, i, j) })),
	},
	{
		Name: "gradient-mask-short-allows", Fault: "keys behind the last of a mask are allowed",
		Kills: []spec.ID{"GRD-007", "GRD-004"},
		Change: gradientGrids(func(c *attentionCall[float64], o *spec.AttentionOptions) {
			if mask := o.Mask; mask != nil {
				o.Mask = fullGrid(c, func(b, h, i, j int) bool { return j >= mask.Keys || mask.At(b, h, i, j) })
			}
		}),
	},
	{
		Name: "gradient-keep-short-keeps", Fault: "keys behind the last of a keep mask are kept",
		Kills: []spec.ID{"GRD-009", "GRD-007"},
		Change: gradientGrids(rekeptAt(func(keep *spec.Mask, b, h, i, j int) bool {
			return j >= keep.Keys || keep.At(b, h, i, j)
		})),
	},
	{
		Name: "gradient-slopes-beside-window", Fault: "slopes are left out where there is a window",
		Kills:  []spec.ID{"GRD-007", "GRD-008"},
		Change: gradientGrids(droppedBeside(hasWindow, dropSlopes)),
	},
	{
		Name: "gradient-slopes-beside-softcap", Fault: "slopes are left out where logits are capped",
		Kills:  []spec.ID{"GRD-006", "GRD-008"},
		Change: gradientGrids(droppedBeside(hasSoftcap, dropSlopes)),
	},
	{
		Name: "gradient-softcap-beside-window", Fault: "logits are not capped where there is a window",
		Kills:  []spec.ID{"GRD-006", "GRD-007"},
		Change: gradientGrids(droppedBeside(hasWindow, dropSoftcap)),
	},
	{
		Name: "gradient-scale-absolute", Fault: "a negative scale counts as a positive one",
		Kills:  []spec.ID{"GRD-001", "GRD-002"},
		Change: gradientOptions(func(o *spec.AttentionOptions) { o.Scale = max(o.Scale, -o.Scale) }),
	},
	{
		Name: "gradient-sinks-without-window", Fault: "the gradient of a sink is that without the window",
		Kills:  []spec.ID{"GRD-005", "GRD-007"},
		Change: inSinkGradient(hasWindow, dropWindow),
	},
	{
		Name: "gradient-sinks-without-lengths", Fault: "the gradient of a sink is that without the key lengths",
		Kills:  []spec.ID{"GRD-005", "GRD-007"},
		Change: inSinkGradient(hasLengths, dropLengths),
	},
}
