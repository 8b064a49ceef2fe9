package mutant

import (
	"math"

	"example.com/attest/spec"
)

var attentionBiasMutants = []Mutant{
	{
		Name: "attention-bias-ignored", Fault: "the bias is left out",
		Kills:  []spec.ID{"ATT-038", "ATT-040", "ATT-042", "ATT-045", "ATT-046", "ATT-059", "ATT-060", "ATT-107"},
		Change: withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.Bias = nil }),
	},
	{
		Name: "attention-bias-scaled", Fault: "the bias is multiplied by the scale",
		Model:  "tenstorrent/tt-metal#42891",
		Kills:  []spec.ID{"ATT-038", "ATT-042"},
		Change: rebiased(func(c *attentionCall[float64], b, h, i, j int) float64 { return c.opt.BiasAt(b, h, i, j) * c.opt.Scale }),
	},
	{
		Name: "attention-bias-subtracted", Fault: "the bias is subtracted",
		Kills:  []spec.ID{"ATT-038", "ATT-040", "ATT-042", "ATT-043"},
		Change: biased(func(x float64) float64 { return -x }),
	},
	{
		Name: "attention-bias-absolute", Fault: "the bias loses its sign",
		Kills:  []spec.ID{"ATT-038", "ATT-041", "ATT-042", "ATT-043"},
		Change: biased(math.Abs),
	},
	{
		Name: "attention-bias-bfloat16", Fault: "the bias is rounded to bfloat16",
		Kills:  []spec.ID{"ATT-038", "ATT-041", "ATT-042"},
		Change: biased(func(x float64) float64 { return shorten(x, 8) }),
	},
	{
		Name: "attention-bias-clipped", Fault: "the bias is kept within ±50",
		Kills:  []spec.ID{"ATT-038", "ATT-041", "ATT-107"},
		Change: biased(func(x float64) float64 { return max(-50, min(x, 50)) }),
	},
	{
		Name: "attention-bias-sentinel", Fault: "a bias of −Inf counts as −10⁹",
		Model:  "microsoft/onnxruntime#8549",
		Kills:  []spec.ID{"ATT-038", "ATT-040"},
		Change: biased(func(x float64) float64 { return max(-1e9, x) }),
	},
	{
		Name: "attention-bias-mean", Fault: "every key gets the mean bias of its query",
		Kills: []spec.ID{"ATT-038", "ATT-045"},
		Change: rebiased(func(c *attentionCall[float64], b, h, i, _ int) float64 {
			var sum float64
			for _, x := range c.opt.Bias.Row(b, h, i) {
				sum += float64(x) / float64(c.opt.Bias.Keys)
			}
			return sum
		}),
	},
	{
		Name: "attention-bias-negative-masks", Fault: "a negative bias counts as −Inf",
		Kills: []spec.ID{"ATT-038", "ATT-046"},
		Change: biased(func(x float64) float64 {
			if x < 0 {
				return math.Inf(-1)
			}
			return x
		}),
	},
	{
		Name: "attention-bias-boolean", Fault: "the bias is read as a mask in which 0 means allowed",
		Kills: []spec.ID{"ATT-038", "ATT-042", "ATT-043", "ATT-046"},
		Change: biased(func(x float64) float64 {
			if x != 0 {
				return math.Inf(-1)
			}
			return 0
		}),
	},
	{
		Name: "attention-bias-first-head", Fault: "all heads use the bias of the first",
		Model:  "pytorch/pytorch#139462",
		Kills:  []spec.ID{"ATT-038"},
		Change: rebiased(func(c *attentionCall[float64], b, _, i, j int) float64 { return c.opt.BiasAt(b, 0, i, j) }),
	},
	{
		Name: "attention-bias-first-batch", Fault: "all of the batch use the bias of the first",
		Kills:  []spec.ID{"ATT-038"},
		Change: rebiased(func(c *attentionCall[float64], _, h, i, j int) float64 { return c.opt.BiasAt(0, h, i, j) }),
	},
	{
		Name: "attention-bias-short-padded-by-zero", Fault: "keys behind the last of a bias get 0",
		Model: "onnx/onnx#7164",
		Kills: []spec.ID{"ATT-039"},
		Change: rebiased(func(c *attentionCall[float64], b, h, i, j int) float64 {
			if j >= c.opt.Bias.Keys {
				return 0
			}
			return c.opt.BiasAt(b, h, i, j)
		}),
	},
	{
		Name: "attention-mask-short-padded-by-allowed", Fault: "keys behind the last of a mask are allowed",
		Model:  "onnx/onnx#7164",
		Kills:  []spec.ID{"ATT-039", "ATT-044"},
		Change: remasked(func(mask *spec.Mask, b, h, i, j int) bool { return j >= mask.Keys || mask.At(b, h, i, j) }),
	},
	{
		Name: "attention-mask-short-repeated", Fault: "keys behind the last of a mask begin it anew",
		Kills:  []spec.ID{"ATT-039", "ATT-044"},
		Change: remasked(func(mask *spec.Mask, b, h, i, j int) bool { return mask.At(b, h, i, j%mask.Keys) }),
	},
	{
		Name: "attention-mask-heads-as-batch", Fault: "a mask of three axes is taken for one of batch, query, key",
		Model: "onnx/onnx#8108",
		Kills: []spec.ID{"ATT-039"},
		Change: remasked(func(mask *spec.Mask, b, h, i, j int) bool {
			if mask.BatchStride == 0 {
				h = b
			}
			return j < mask.Keys && mask.At(b, h, i, j)
		}),
	},
}
