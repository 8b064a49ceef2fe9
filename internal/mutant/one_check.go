package mutant

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// oneCheckMutants pass all checks of a property but one: a value that is wrong and
// still within its bound, a wrong second result beside a right first one, or a
// fault that the checks before do not come to.
var oneCheckMutants = slices.Concat(oneCheckAttention, oneCheckLayers, oneCheckEnergies)

var oneCheckAttention = []Mutant{
	{
		Name: "attention-masked-weight-of-minus-60", Fault: "a masked key's logit is −60: its weight is not 0, though below every bound",
		Kills:  []spec.ID{"ATT-002", "ATT-056"},
		Change: attentionWith(fault{sentinel: -60}),
	},
	{
		Name: "attention-rows-without-keys-tiny", Fault: "outputs without an allowed key are 2⁻⁹⁰",
		Kills: []spec.ID{"ATT-062", "ATT-006", "ATT-008"},
		Change: func(im *implementation) {
			aroundAttention(im, func(c *attentionCall[float64], work func()) {
				work()
				each(c.dst, func(x *float64, b, h, i, _ int) {
					for j := range c.k.Shape[2] {
						if c.opt.Allowed(b, h, i, j) {
							return
						}
					}
					*x = 0x1p-90
				})
			})
		},
	},
	{
		Name: "attention-causal-in-packs-alone", Fault: "the causal rule counts only where sequences are packed",
		Kills: []spec.ID{"ATT-082", "ATT-001", "ATT-008"},
		Change: withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) {
			o.Causal = o.Causal && o.Sequences != nil
		}),
	},
	{
		Name: "attention-refuses-company", Fault: "a call that meets another one panics",
		Kills: []spec.ID{"DET-002"},
		Change: func(im *implementation) {
			refuse := refusing()
			aroundAttention(im, func(_ *attentionCall[float64], work func()) { refuse(work) })
		},
	},
	{
		Name: "attention-softcap-doubled-without-lse", Fault: "there are no log-sum-exps, and the cap is 2c",
		Kills: []spec.ID{"ATT-055"},
		Change: func(im *implementation) {
			im.AttentionLSE = nil
			withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.Softcap *= 2 })(im)
		},
	},
	{
		Name: "gradient-refuses-company", Fault: "a backward pass that meets another one panics",
		Kills: []spec.ID{"DET-023"},
		Change: func(im *implementation) {
			refuse := refusing()
			aroundGradients(im, func(_ *gradientCall[float64], work func()) { refuse(work) })
		},
	},
	{
		Name: "attention-lse-of-several-batches", Fault: "the log-sum-exps, not the outputs, are rounded once more if there are several batches",
		Kills: []spec.ID{"DET-003"},
		Change: lseThen(func(lse, _ float64, q, _ spec.Tensor[float64], _ *spec.AttentionOptions, _, _, _ int) float64 {
			if q.Shape[0] > 1 {
				return lse * (1 + 0x1p-50)
			}
			return lse
		}),
	},
	{
		Name: "merge-lse-of-nothing", Fault: "the log-sum-exp of two parts without keys is the least number instead of −Inf",
		Kills: []spec.ID{"ATT-051"},
		Change: func(im *implementation) {
			im.MergeAttention = func(dst, lse, o1, l1, o2, l2 spec.Tensor[float64]) {
				reference.MergeAttention(dst, lse, o1, l1, o2, l2)
				each(lse, func(x *float64, _, _, _, _ int) { *x = max(*x, -math.MaxFloat64) })
			}
		},
	},
	{
		Name: "qk-output-of-zeros-times-values", Fault: "beside products, 0 times the value of hidden keys is added to the output",
		Kills: []spec.ID{"ATT-091"},
		Change: qkThenOutput(func(c *qkCall) {
			each(c.dst, func(x *float64, b, h, _, ch int) {
				for j := range c.v.Shape[2] {
					*x += 0 * c.v.At(b, spec.KeyHead(h, c.q.Shape[1], c.k.Shape[1]), j, ch)
				}
			})
		}),
	},
	{
		Name: "gradient-decay-of-keys", Fault: "2⁻⁶ of the keys is added to their gradient",
		Kills: []spec.ID{"GRD-028", "GRD-002"},
		Change: afterGradients(func(c *gradientCall[float64]) {
			each(c.dst.Key, func(x *float64, b, g, j, ch int) { *x += c.k.At(b, g, j, ch) / 64 })
		}),
	},
	{
		Name: "gradient-ends-before-quiet-rows", Fault: "where the last gradients of outputs are zero, those of the query before count as zero too",
		Kills: []spec.ID{"GRD-027"},
		Change: func(im *implementation) {
			aroundGradients(im, func(c *gradientCall[float64], work func()) {
				c.dOut = copied(c.dOut)
				last := -1
				each(c.dOut, func(x *float64, _, _, i, _ int) {
					if *x != 0 {
						last = max(last, i)
					}
				})
				each(c.dOut, func(x *float64, _, _, i, _ int) {
					if i == last && last < c.dOut.Shape[2]-1 {
						*x = 0
					}
				})
				work()
			})
		},
	},
}

// qkThenOutput lets f change what an attention with products stores.
func qkThenOutput(f func(c *qkCall)) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionQK = func(dst, qk, q, k, v spec.Tensor[float64], stage spec.QKStage, opt *spec.AttentionOptions) {
			reference.AttentionQK(dst, qk, q, k, v, stage, opt)
			f(&qkCall{dst, qk, q, k, v, stage, opt})
		}
	}
}

// refusing returns what does some work, and panics if another call is at it.
func refusing() func(work func()) {
	var busy atomic.Int64
	return func(work func()) {
		defer busy.Add(-1)
		if busy.Add(1) > 1 {
			panic("busy")
		}
		runtime.Gosched() // let others begin
		work()
	}
}
