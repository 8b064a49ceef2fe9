package mutant

import (
	"math"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// optionFault changes a copy of the options before a call with the operands of c.
type optionFault = func(c *attentionCall[float64], o *spec.AttentionOptions)

// inAllForms plants a fault of options in all forward forms of the attention.
func inAllForms(f optionFault) func(im *implementation) {
	return func(im *implementation) {
		changed := func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) *spec.AttentionOptions {
			c, o := &attentionCall[float64]{dst, q, k, v, opt}, *opt
			f(c, &o)
			return &o
		}
		plain, both, paged, cached := im.Attention, im.AttentionLSE, im.PagedAttention, im.CachedAttention
		im.Attention = spec.AttentionFunc[float64](func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			plain.Attend(dst, q, k, v, changed(dst, q, k, v, opt))
		})
		im.AttentionLSE = func(dst, lse, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			both(dst, lse, q, k, v, changed(dst, q, k, v, opt))
		}
		im.PagedAttention = func(dst, q, k, v spec.Tensor[float64], pages spec.PageTable, opt *spec.AttentionOptions) {
			keys := spec.Tensor[float64]{Shape: [4]int{q.Shape[0], k.Shape[1], pages.Tokens, k.Shape[3]}}
			paged(dst, q, k, v, pages, changed(dst, q, keys, v, opt))
		}
		im.CachedAttention = func(dst, presentK, presentV, q, k, v, pastK, pastV spec.Tensor[float64], opt *spec.AttentionOptions) {
			cached(dst, presentK, presentV, q, k, v, pastK, pastV, changed(dst, q, presentK, presentV, opt))
		}
	}
}

// inLSE plants a fault of options in the log-sum-exps alone.
func inLSE(f optionFault) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionLSE = func(dst, lse, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			reference.Attention(dst, q, k, v, opt)
			o := *opt
			f(&attentionCall[float64]{dst, q, k, v, opt}, &o)
			other := spec.NewTensor[float64](dst.Shape[0], dst.Shape[1], dst.Shape[2], dst.Shape[3])
			reference.AttentionLSE(other, lse, q, k, v, &o)
		}
	}
}

// remaskedAt replaces a mask by another with all axes.
func remaskedAt(f func(mask *spec.Mask, b, h, i, j int) bool) optionFault {
	return func(c *attentionCall[float64], o *spec.AttentionOptions) {
		if mask := o.Mask; mask != nil {
			o.Mask = fullGrid(c, func(b, h, i, j int) bool { return j < mask.Keys && f(mask, b, h, i, j) })
		}
	}
}

// rekeptAt replaces a keep mask by another with all axes.
func rekeptAt(f func(keep *spec.Mask, b, h, i, j int) bool) optionFault {
	return func(c *attentionCall[float64], o *spec.AttentionOptions) {
		if keep := o.Keep; keep != nil {
			o.Keep = fullGrid(c, func(b, h, i, j int) bool { return f(keep, b, h, i, j) })
		}
	}
}

// droppedBeside leaves out one option in calls that have another.
func droppedBeside(has func(o *spec.AttentionOptions) bool, drop func(o *spec.AttentionOptions)) optionFault {
	return func(_ *attentionCall[float64], o *spec.AttentionOptions) {
		if has(o) {
			drop(o)
		}
	}
}

func hasWindow(o *spec.AttentionOptions) bool    { return o.Window != nil }
func hasLengths(o *spec.AttentionOptions) bool   { return o.KeyLengths != nil }
func hasOffsets(o *spec.AttentionOptions) bool   { return o.Offsets != nil }
func hasSlopes(o *spec.AttentionOptions) bool    { return o.Slopes != nil }
func hasSinks(o *spec.AttentionOptions) bool     { return o.Sinks != nil }
func hasSoftcap(o *spec.AttentionOptions) bool   { return o.Softcap != 0 }
func hasSequences(o *spec.AttentionOptions) bool { return o.Sequences != nil }

func dropWindow(o *spec.AttentionOptions)  { o.Window = nil }
func dropLengths(o *spec.AttentionOptions) { o.KeyLengths = nil }
func dropSlopes(o *spec.AttentionOptions)  { o.Slopes = nil }
func dropSinks(o *spec.AttentionOptions)   { o.Sinks = nil }
func dropKeep(o *spec.AttentionOptions)    { o.Keep = nil }
func dropSoftcap(o *spec.AttentionOptions) { o.Softcap = 0 }
func dropOffsets(o *spec.AttentionOptions) { o.Offsets = nil }

// unpack takes packed sequences for one.
func unpack(o *spec.AttentionOptions) { o.Sequences, o.KeyLengths, o.Offsets = nil, nil, nil }

// attentionTogetherMutants heed an option only where another is absent.
var attentionTogetherMutants = []Mutant{
	{
		Name: "attention-sinks-beside-lengths", Fault: "sinks are left out where there are key lengths",
		Kills:  []spec.ID{"ATT-065", "ATT-068", "ATT-047", "ATT-098", "ATT-103"},
		Change: inAllForms(droppedBeside(hasLengths, dropSinks)),
	},
	{
		Name: "attention-sinks-of-fewer-keys", Fault: "sinks are left out of sequences whose length is not that of all keys",
		Kills: []spec.ID{"ATT-083"},
		Change: inAllForms(droppedBeside(func(o *spec.AttentionOptions) bool {
			return o.Sequences != nil && o.KeyLengths != nil && slices.ContainsFunc(spanOf(len(o.KeyLengths)), func(n int) bool {
				return o.KeyLengths[n] < o.Sequences.Keys[n+1]-o.Sequences.Keys[n]
			})
		}, dropSinks)),
	},
	{
		Name: "attention-sinks-beside-offsets", Fault: "sinks are left out where each batch has its offset",
		Kills:  []spec.ID{"ATT-065", "ATT-068", "ATT-047"},
		Change: inAllForms(droppedBeside(hasOffsets, dropSinks)),
	},
	{
		Name: "attention-sinks-beside-slopes", Fault: "sinks are left out where there are slopes",
		Kills:  []spec.ID{"ATT-065", "ATT-068", "ATT-070"},
		Change: inAllForms(droppedBeside(hasSlopes, dropSinks)),
	},
	{
		Name: "attention-sinks-beside-window", Fault: "sinks are left out where there is a window",
		Kills:  []spec.ID{"ATT-065", "ATT-068"},
		Change: inAllForms(droppedBeside(hasWindow, dropSinks)),
	},
	{
		Name: "attention-slopes-beside-window", Fault: "slopes are left out where there is a window",
		Kills:  []spec.ID{"ATT-065", "ATT-070"},
		Change: inAllForms(droppedBeside(hasWindow, dropSlopes)),
	},
	{
		Name: "attention-keep-beside-window", Fault: "all weights are kept where there is a window",
		Kills:  []spec.ID{"ATT-065", "ATT-074"},
		Change: inAllForms(droppedBeside(hasWindow, dropKeep)),
	},
	{
		Name: "attention-keep-beside-slopes", Fault: "all weights are kept where there are slopes",
		Kills:  []spec.ID{"ATT-065", "ATT-074", "ATT-070"},
		Change: inAllForms(droppedBeside(hasSlopes, dropKeep)),
	},
	{
		Name: "attention-softcap-beside-sinks", Fault: "logits are not capped where there are sinks",
		Kills:  []spec.ID{"ATT-065", "ATT-055"},
		Change: inAllForms(droppedBeside(hasSinks, dropSoftcap)),
	},
	{
		Name: "attention-keep-of-head-0", Fault: "every head keeps what the first keeps, in all forms of the attention",
		Kills:  []spec.ID{"ATT-065", "ATT-074", "ATT-103"},
		Change: inAllForms(rekeptAt(func(keep *spec.Mask, b, _, i, j int) bool { return j < keep.Keys && keep.At(b, 0, i, j) })),
	},
	{
		Name: "attention-keep-short-keeps", Fault: "keys behind the last of a keep mask are kept",
		Kills: []spec.ID{"ATT-065", "ATT-074"},
		Change: inAllForms(rekeptAt(func(keep *spec.Mask, b, h, i, j int) bool {
			return j >= keep.Keys || keep.At(b, h, i, j)
		})),
	},
	{
		Name: "attention-offsets-beside-sequences", Fault: "packed sequences have no offsets of their own",
		Kills:  []spec.ID{"ATT-083"},
		Change: inAllForms(droppedBeside(hasSequences, dropOffsets)),
	},
	{
		Name: "attention-scale-absolute", Fault: "a negative scale counts as a positive one",
		Kills:  []spec.ID{"ATT-001", "ATT-047", "ATT-065"},
		Change: inAllForms(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.Scale = math.Abs(o.Scale) }),
	},
	{
		Name: "attention-paged-sequences", Fault: "packed sequences over pages see one another",
		Kills:  []spec.ID{"ATT-098"},
		Change: inAllForms(droppedBeside(hasSequences, unpack)),
	},
	{
		Name: "attention-paged-offsets", Fault: "the offsets of the batches are left out in all forms of the attention",
		Kills:  []spec.ID{"ATT-098", "ATT-103", "ATT-047"},
		Change: inAllForms(droppedBeside(hasOffsets, dropOffsets)),
	},
	{
		Name: "attention-cached-lengths", Fault: "key lengths are left out in all forms of the attention",
		Kills:  []spec.ID{"ATT-103", "ATT-047"},
		Change: inAllForms(droppedBeside(hasLengths, dropLengths)),
	},
	{
		Name: "lse-without-window", Fault: "the log-sum-exp is that of the keys inside and outside the window",
		Kills:  []spec.ID{"ATT-047", "ATT-065"},
		Change: inLSE(droppedBeside(hasWindow, dropWindow)),
	},
	{
		Name: "lse-without-lengths", Fault: "the log-sum-exp counts keys behind the length",
		Kills:  []spec.ID{"ATT-047", "ATT-065"},
		Change: inLSE(droppedBeside(hasLengths, dropLengths)),
	},
	{
		Name: "lse-without-offsets", Fault: "the log-sum-exp goes by the offset that all batches share",
		Kills:  []spec.ID{"ATT-047", "ATT-065"},
		Change: inLSE(droppedBeside(hasOffsets, dropOffsets)),
	},
	{
		Name: "lse-of-all-sequences", Fault: "the log-sum-exp is that of the keys of all packed sequences",
		Kills:  []spec.ID{"ATT-047", "ATT-083"},
		Change: inLSE(droppedBeside(hasSequences, unpack)),
	},
	{
		Name: "lse-of-kept", Fault: "the log-sum-exp is that of the keys whose weights are kept",
		Kills: []spec.ID{"ATT-047", "ATT-074"},
		Change: inLSE(func(c *attentionCall[float64], o *spec.AttentionOptions) {
			if o.Keep != nil {
				o.Mask = fullGrid(c, func(b, h, i, j int) bool { return c.opt.Allowed(b, h, i, j) && c.opt.KeepFactor(b, h, i, j) != 0 })
			}
		}),
	},
	{
		Name: "lse-uncapped-beside-sinks", Fault: "the log-sum-exp is that of logits without their cap where there are sinks",
		Kills:  []spec.ID{"ATT-047", "ATT-055"},
		Change: inLSE(droppedBeside(func(o *spec.AttentionOptions) bool { return hasSinks(o) && hasSoftcap(o) }, dropSoftcap)),
	},
}

// spanOf returns 0 to n−1.
func spanOf(n int) []int {
	var out []int
	for k := range n {
		out = append(out, k)
	}
	return out
}
