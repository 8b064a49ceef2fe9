package mutant

import (
	"math"

	"example.com/attest/spec"
)

var attentionMemoryMutants = []Mutant{
	{
		Name: "attention-heads-not-transposed", Fault: "heads within tokens are read as heads apart",
		Model: "onnx/onnx#7142",
		Kills: []spec.ID{"ATT-078"},
		Change: attentionThen(func(c *attentionCall[float64]) {
			c.dst, c.q, c.k, c.v = headsApart(c.dst), headsApart(c.q), headsApart(c.k), headsApart(c.v)
		}),
	},
	{
		Name: "attention-distinct-keys", Fault: "a key equal to the first is not counted again",
		Kills:  []spec.ID{"ATT-001", "ATT-007", "ATT-015", "ATT-035", "ATT-037"},
		Change: attentionThen(skipEqualKeys),
	},
	{
		Name: "attention-race", Fault: "every third call is off in one element",
		Model:  "ggml-org/llama.cpp#13438",
		Kills:  []spec.ID{"ATT-016", "ATT-001"},
		Change: racing[float64],
	},
	{
		Name: "attention-stale", Fault: "a call that follows another of the same shape returns the other's output for its first element",
		Kills:  []spec.ID{"ATT-016", "ATT-001"},
		Change: staleOutput[float64],
	},
	{
		Name: "attention-writes-inputs", Fault: "queries are scaled in place",
		Model:  "KernelBench PR#82",
		Kills:  []spec.ID{"ATT-026", "ATT-001", "ATT-007"},
		Change: scalesInPlace[float64],
	},
	{
		Name: "attention-strides-ignored", Fault: "queries are read as if they had no gaps",
		Model:  "pytorch/pytorch#181133",
		Kills:  []spec.ID{"ATT-078", "ATT-001", "ATT-018", "ATT-021", "ATT-022", "ATT-024", "ATT-026"},
		Change: attentionThen(packedQueries),
	},
	{
		Name: "attention-token-stride-of-keys", Fault: "values are read with the strides of the keys",
		Kills:  []spec.ID{"ATT-001", "ATT-018", "ATT-019", "ATT-022", "ATT-024", "ATT-026"},
		Change: attentionThen(strideOfKeys),
	},
	{
		Name: "attention-writes-gap", Fault: "one element behind each row of the output is written",
		Kills:  []spec.ID{"ATT-026", "ATT-001", "ATT-022"},
		Change: writesGap[float64],
	},
	{
		Name: "attention32-reads-past-end", Fault: "one element behind the keys is read",
		Model:    "lucebox#128",
		Kills:    []spec.ID{"ATT-026"},
		Change32: readsPastEnd,
	},
	{
		Name: "attention32-writes-past-end", Fault: "one element behind the output is written",
		Model:    "FlagGems#5235",
		Kills:    []spec.ID{"ATT-026", "ATT-001"},
		Change32: writesPastEnd,
	},
	{
		Name: "attention32-reads-before", Fault: "one element before the values is read",
		Kills:    []spec.ID{"ATT-026"},
		Change32: readsBefore,
	},
	{
		Name: "attention32-writes-inputs", Fault: "queries are scaled in place",
		Model:    "KernelBench PR#82",
		Kills:    []spec.ID{"ATT-026", "ATT-001"},
		Change32: scalesInPlace[float32],
	},
	{
		Name: "attention32-plausible-slack", Fault: "what lies behind a row of the queries is added to its outputs where it is a number of usual size",
		Kills: []spec.ID{"ATT-026"},
		Change32: func(im *spec.Implementation[float32]) {
			aroundAttention(im, func(c *attentionCall[float32], work func()) {
				work()
				addSlack(c.dst, c.q)
			})
		},
	},
	{
		Name: "attention32-race", Fault: "every third call is off in one element",
		Model:    "ggml-org/llama.cpp#13438",
		Kills:    []spec.ID{"ATT-016"},
		Change32: racing[float32],
	},
	{
		Name: "attention32-stale", Fault: "the first element is that of the call before",
		Kills:    []spec.ID{"ATT-016"},
		Change32: staleOutput[float32],
	},
	{
		Name: "attention32-tail-keys-dropped", Fault: "keys beyond the last full block of 32 are left out if there is one",
		Model: "pytorch/pytorch#159247",
		Kills: []spec.ID{"ATT-001", "ATT-004", "ATT-005", "ATT-014", "ATT-015", "ATT-027"},
		Change32: attentionWith32(fault{block: 32, keys: func(n int) int {
			if n < 32 {
				return n
			}
			return n - n%32
		}}),
	},
	{
		Name: "attention32-sum-not-rescaled", Fault: "a new maximum leaves the weighted sum as it was",
		Kills:    []spec.ID{"ATT-001", "ATT-002", "ATT-004", "ATT-005", "ATT-012", "ATT-013"},
		Change32: attentionWith32(fault{block: 32, noRescaleSum: true}),
	},
	{
		Name: "attention32-denominator-not-rescaled", Fault: "a new maximum leaves the denominator as it was",
		Kills:    []spec.ID{"ATT-001", "ATT-002", "ATT-004", "ATT-005", "ATT-012", "ATT-013"},
		Change32: attentionWith32(fault{block: 32, noRescaleDen: true}),
	},
	{
		Name: "attention32-first-maximum", Fault: "later blocks keep the maximum of the first",
		Model:    "Dao-AILab/flash-attention#2082",
		Kills:    []spec.ID{"ATT-025"},
		Change32: attentionWith32(fault{block: 32, firstMax: true}),
	},
	{
		Name: "attention32-no-maximum", Fault: "exponentials are taken without subtracting the maximum",
		Kills:    []spec.ID{"ATT-001", "ATT-012", "ATT-014", "ATT-015", "ATT-023", "ATT-026"},
		Change32: attentionWith32(fault{noMax: true}),
	},
	{
		Name: "attention32-key-index-wraps", Fault: "the index of keys and values wraps at 128",
		Model:    "ml-explore/mlx#3360",
		Kills:    []spec.ID{"ATT-013", "ATT-014", "ATT-015"},
		Change32: attentionWith32(fault{keyIndex: func(j int) int { return j % 128 }, valueRow: func(j int) int { return j % 128 }}),
	},
	{
		Name: "attention32-weights-binary16", Fault: "weights are rounded to 11 bits after the denominator is formed",
		Kills:    []spec.ID{"ATT-001", "ATT-002", "ATT-003", "ATT-012", "ATT-029"},
		Change32: attentionWith32(fault{weight: func(x float64) float64 { return shorten(x, 11) }}),
	},
	{
		Name: "attention32-logits-bfloat16", Fault: "logits are rounded to bfloat16",
		Kills:    []spec.ID{"ATT-001", "ATT-023", "ATT-029"},
		Change32: attentionWith32(fault{logit: func(x float64) float64 { return shorten(x, 8) }}),
	},
	{
		Name: "attention32-exp-coarse", Fault: "the exponential is off by up to 2⁻¹⁶",
		Kills:    []spec.ID{"ATT-001", "ATT-029"},
		Change32: attentionWith32(fault{exp: func(x float64) float64 { return math.Exp(x) * (1 + 0x1p-16*math.Sin(100*x)) }}),
	},
	{
		Name: "attention32-reads-masked-values", Fault: "values of masked keys are multiplied by 0",
		Model:    "Dao-AILab/flash-attention#1745",
		Kills:    []spec.ID{"ATT-007", "ATT-017"},
		Change32: attentionWith32(fault{readMaskedV: true}),
	},
}

// addSlack adds to the rows of dst the element behind each row of src, of as many
// rows, but the last, if it is neither tiny nor huge.
func addSlack(dst, src spec.Tensor[float32]) {
	eachQuery(src.Shape, func(b, h, i int) {
		if i+1 == src.Shape[2] || src.Stride[2] <= src.Shape[3]*src.Stride[3] || dst.Shape[3] == 0 {
			return
		}
		if x := src.Data[src.Index(b, h, i, 0)+src.Shape[3]*src.Stride[3]]; math.Abs(float64(x)) > 0x1p-20 && math.Abs(float64(x)) < 0x1p20 {
			dst.Set(b, h, i, 0, dst.At(b, h, i, 0)+x)
		}
	})
}
