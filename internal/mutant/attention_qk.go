package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// qkCall is a call of an attention with products, after the reference has done
// its work.
type qkCall struct {
	dst, qk, q, k, v spec.Tensor[float64]
	stage            spec.QKStage
	opt              *spec.AttentionOptions
}

// at returns the products at another stage, with other options.
func (c *qkCall) at(stage spec.QKStage, opt *spec.AttentionOptions) spec.Tensor[float64] {
	dst, qk := spec.NewTensor[float64](c.dst.Shape[0], c.dst.Shape[1], c.dst.Shape[2], c.dst.Shape[3]),
		spec.NewTensor[float64](c.qk.Shape[0], c.qk.Shape[1], c.qk.Shape[2], c.qk.Shape[3])
	reference.AttentionQK(dst, qk, c.q, c.k, c.v, stage, opt)
	return qk
}

// deaf reports whether query (b, h, i) may attend to no key.
func (c *qkCall) deaf(b, h, i int) bool {
	for j := range c.k.Shape[2] {
		if c.opt.Allowed(b, h, i, j) {
			return false
		}
	}
	return true
}

// product returns q·k.
func (c *qkCall) product(b, h, i, j int) float64 {
	var x float64
	for d := range c.q.Shape[3] {
		x += c.q.At(b, h, i, d) * c.k.At(b, spec.KeyHead(h, c.q.Shape[1], c.k.Shape[1]), j, d)
	}
	return x
}

// qkThen changes each product that is stored at the stage.
func qkThen(stage spec.QKStage, f func(c *qkCall, x float64, b, h, i, j int) float64) func(im *implementation) {
	return qkInstead(stage, func(c *qkCall) spec.Tensor[float64] {
		out := spec.NewTensor[float64](c.qk.Shape[0], c.qk.Shape[1], c.qk.Shape[2], c.qk.Shape[3])
		eachQuery(c.qk.Shape, func(b, h, i int) {
			for j := range c.qk.Shape[3] {
				out.Set(b, h, i, j, f(c, c.qk.At(b, h, i, j), b, h, i, j))
			}
		})
		return out
	})
}

// qkInstead stores other products at the stage.
func qkInstead(stage spec.QKStage, f func(c *qkCall) spec.Tensor[float64]) func(im *implementation) {
	return func(im *implementation) {
		inner := im.AttentionQK
		im.AttentionQK = func(dst, qk, q, k, v spec.Tensor[float64], s spec.QKStage, opt *spec.AttentionOptions) {
			inner(dst, qk, q, k, v, s, opt)
			if s != stage {
				return
			}
			x := f(&qkCall{dst, qk, q, k, v, s, opt})
			eachQuery(qk.Shape, func(b, h, i int) {
				for j := range qk.Shape[3] {
					qk.Set(b, h, i, j, x.At(b, h, i, j))
				}
			})
		}
	}
}

// eachQuery calls f for every batch, head and query of a shape.
func eachQuery(shape [4]int, f func(b, h, i int)) {
	for b := range shape[0] {
		for h := range shape[1] {
			for i := range shape[2] {
				f(b, h, i)
			}
		}
	}
}

// withoutRules returns the options without what hides keys.
func withoutRules(opt *spec.AttentionOptions) *spec.AttentionOptions {
	o := *opt
	o.Mask, o.Causal, o.Window, o.KeyLengths = nil, false, nil, nil
	return &o
}

var attentionQKMutants = []Mutant{
	{
		Name: "attention-qk-stages-exchanged", Fault: "the stages of capped products and of logits are exchanged",
		Model: "onnx/onnx#7913",
		Kills: []spec.ID{"ATT-087", "ATT-088"},
		Change: func(im *implementation) {
			inner := im.AttentionQK
			im.AttentionQK = func(dst, qk, q, k, v spec.Tensor[float64], s spec.QKStage, opt *spec.AttentionOptions) {
				if s == spec.QKCapped || s == spec.QKLogits {
					s = spec.QKCapped + spec.QKLogits - s
				}
				inner(dst, qk, q, k, v, s, opt)
			}
		},
	},
	{
		Name: "attention-qk-capped-with-bias", Fault: "capped products have the bias already",
		Kills:  []spec.ID{"ATT-087", "ATT-092"},
		Change: qkInstead(spec.QKCapped, func(c *qkCall) spec.Tensor[float64] { return c.at(spec.QKLogits, withoutRules(c.opt)) }),
	},
	{
		Name: "attention-qk-logits-without-bias", Fault: "logits are stored without the bias",
		Kills: []spec.ID{"ATT-088", "ATT-090", "ATT-092"},
		Change: qkThen(spec.QKLogits, func(c *qkCall, x float64, b, h, i, j int) float64 {
			if math.IsInf(x, -1) {
				return x
			}
			return x - c.opt.BiasAt(b, h, i, j)
		}),
	},
	{
		Name: "attention-qk-unscaled", Fault: "products are stored before they are scaled",
		Kills: []spec.ID{"ATT-086"},
		Change: qkThen(spec.QKScaled, func(c *qkCall, _ float64, b, h, i, j int) float64 {
			return c.product(b, h, i, j)
		}),
	},
	{
		Name: "attention-qk-scaled-masked", Fault: "the scaled products of keys that are not allowed are −Inf",
		Kills: []spec.ID{"ATT-086"},
		Change: qkThen(spec.QKScaled, func(c *qkCall, x float64, b, h, i, j int) float64 {
			if !c.opt.Allowed(b, h, i, j) {
				return math.Inf(-1)
			}
			return x
		}),
	},
	{
		Name: "attention-qk-scaled-capped", Fault: "scaled products are capped already",
		Kills:  []spec.ID{"ATT-086"},
		Change: qkInstead(spec.QKScaled, func(c *qkCall) spec.Tensor[float64] { return c.at(spec.QKCapped, c.opt) }),
	},
	{
		Name: "attention-qk-capped-uncapped", Fault: "capped products are not capped",
		Kills:  []spec.ID{"ATT-087"},
		Change: qkInstead(spec.QKCapped, func(c *qkCall) spec.Tensor[float64] { return c.at(spec.QKScaled, c.opt) }),
	},
	{
		Name: "attention-qk-logits-sentinel", Fault: "logits of keys that are not allowed are −10⁹",
		Kills:  []spec.ID{"ATT-088"},
		Change: qkThen(spec.QKLogits, func(_ *qkCall, x float64, _, _, _, _ int) float64 { return max(x, -1e9) }),
	},
	{
		Name: "attention-qk-logits-unmasked", Fault: "logits are stored before keys are masked",
		Kills:  []spec.ID{"ATT-088", "ATT-090", "ATT-091"},
		Change: qkInstead(spec.QKLogits, func(c *qkCall) spec.Tensor[float64] { return c.at(spec.QKLogits, withoutRules(c.opt)) }),
	},
	{
		Name: "attention-qk-weights-unguarded", Fault: "the weights of a query without an allowed key are NaN",
		Model: "onnx/onnx#8068",
		Kills: []spec.ID{"ATT-089"},
		Change: qkThen(spec.QKWeights, func(c *qkCall, x float64, b, h, i, _ int) float64 {
			if c.deaf(b, h, i) {
				return math.NaN()
			}
			return x
		}),
	},
	{
		Name: "attention-qk-weights-equal", Fault: "a query without an allowed key has equal weights",
		Kills: []spec.ID{"ATT-089", "ATT-093"},
		Change: qkThen(spec.QKWeights, func(c *qkCall, x float64, b, h, i, _ int) float64 {
			if c.deaf(b, h, i) {
				return 1 / float64(c.k.Shape[2])
			}
			return x
		}),
	},
	{
		Name: "attention-qk-weights-of-all-keys", Fault: "weights are those of all keys, allowed or not",
		Kills:  []spec.ID{"ATT-089", "ATT-090", "ATT-091", "ATT-093"},
		Change: qkInstead(spec.QKWeights, func(c *qkCall) spec.Tensor[float64] { return c.at(spec.QKWeights, withoutRules(c.opt)) }),
	},
	{
		Name: "attention-qk-weights-undivided", Fault: "weights are not divided by their sum",
		Kills: []spec.ID{"ATT-089", "ATT-090"},
		Change: qkThen(spec.QKWeights, func(c *qkCall, x float64, b, h, i, _ int) float64 {
			var top float64
			for j := range c.k.Shape[2] {
				top = max(top, c.qk.At(b, h, i, j))
			}
			if top == 0 {
				return x
			}
			return x / top
		}),
	},
	{
		Name: "attention-qk-weights-dropped", Fault: "weights are stored after some are dropped",
		Kills: []spec.ID{"ATT-089"},
		Change: qkThen(spec.QKWeights, func(c *qkCall, x float64, b, h, i, j int) float64 {
			return x * c.opt.KeepFactor(b, h, i, j)
		}),
	},
	{
		Name: "attention-qk-weights-without-sink", Fault: "weights are stored without the sink in the denominator",
		Kills: []spec.ID{"ATT-089"},
		Change: qkInstead(spec.QKWeights, func(c *qkCall) spec.Tensor[float64] {
			o := *c.opt
			o.Sinks = nil
			return c.at(spec.QKWeights, &o)
		}),
	},
	{
		Name: "attention-qk-output-by-stage", Fault: "the output beside products that are not weights is that without Softcap",
		Kills: []spec.ID{"ATT-086", "ATT-088"},
		Change: func(im *implementation) {
			inner := im.AttentionQK
			im.AttentionQK = func(dst, qk, q, k, v spec.Tensor[float64], s spec.QKStage, opt *spec.AttentionOptions) {
				inner(dst, qk, q, k, v, s, opt)
				if s != spec.QKWeights {
					o := *opt
					o.Softcap = 0
					reference.Attention(dst, q, k, v, &o)
				}
			}
		},
	},
}
