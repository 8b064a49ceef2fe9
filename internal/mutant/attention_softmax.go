package mutant

import (
	"math"

	"example.com/attest/spec"
)

var attentionSoftmaxMutants = []Mutant{
	{
		Name: "attention-scale-twice", Fault: "the scale is applied twice",
		Model:  "tenstorrent/tt-metal#33304",
		Kills:  []spec.ID{"ATT-001", "ATT-009", "ATT-029"},
		Change: attentionWith(fault{scale: func(s float64, _, _ int) float64 { return s * s }}),
	},
	{
		Name: "attention-scale-missing", Fault: "the scale is left out",
		Kills:  []spec.ID{"ATT-001", "ATT-009", "ATT-013", "ATT-029", "ATT-030", "ATT-034"},
		Change: attentionWith(fault{scale: func(float64, int, int) float64 { return 1 }}),
	},
	{
		Name: "attention-scale-of-size", Fault: "the scale is 1/dHead",
		Kills:  []spec.ID{"ATT-001", "ATT-009", "ATT-011", "ATT-023", "ATT-024", "ATT-030"},
		Change: attentionWith(fault{scale: func(_ float64, d, _ int) float64 { return 1 / float64(max(1, d)) }}),
	},
	{
		Name: "attention-scale-of-value-size", Fault: "the scale is 1/√dValue",
		Kills:  []spec.ID{"ATT-001", "ATT-009", "ATT-011", "ATT-023", "ATT-030", "ATT-034", "ATT-105"},
		Change: attentionWith(fault{scale: func(_ float64, _, dv int) float64 { return spec.DefaultScale(max(1, dv)) }}),
	},
	{
		Name: "attention-scale-default", Fault: "the scale is 1/√dHead whatever is asked for",
		Kills:  []spec.ID{"ATT-001", "ATT-009", "ATT-011", "ATT-013", "ATT-024", "ATT-030", "ATT-108"},
		Change: attentionWith(fault{scale: func(_ float64, d, _ int) float64 { return spec.DefaultScale(max(1, d)) }}),
	},
	{
		Name: "attention-scale-floor", Fault: "the scale is at least 2⁻³",
		Kills:  []spec.ID{"ATT-001", "ATT-009", "ATT-108"},
		Change: attentionWith(fault{scale: func(s float64, _, _ int) float64 { return max(s, 0.125) }}),
	},
	{
		Name: "attention-no-maximum", Fault: "exponentials are taken without subtracting the maximum",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-012", "ATT-014", "ATT-015", "ATT-026", "ATT-041"},
		Change: attentionWith(fault{noMax: true}),
	},
	{
		Name: "attention-first-maximum", Fault: "later blocks keep the maximum of the first",
		Model:  "Dao-AILab/flash-attention#2082",
		Kills:  []spec.ID{"ATT-002", "ATT-003", "ATT-004", "ATT-012", "ATT-025", "ATT-114"},
		Change: attentionWith(fault{block: 4, firstMax: true}),
	},
	{
		Name: "attention-sum-not-rescaled", Fault: "a new maximum leaves the weighted sum as it was",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-004", "ATT-005", "ATT-012", "ATT-114"},
		Change: attentionWith(fault{block: 4, noRescaleSum: true}),
	},
	{
		Name: "attention-denominator-not-rescaled", Fault: "a new maximum leaves the denominator as it was",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-004", "ATT-005", "ATT-012", "ATT-013"},
		Change: attentionWith(fault{block: 4, noRescaleDen: true}),
	},
	{
		Name: "attention-rescale-inverse", Fault: "sums are rescaled by exp(new − old)",
		Model:  "Dao-AILab/flash-attention#991",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-004", "ATT-005", "ATT-011", "ATT-012", "ATT-114"},
		Change: attentionWith(fault{block: 4, inverse: true}),
	},
	{
		Name: "attention-maximum-from-zero", Fault: "the running maximum begins at 0",
		Model:  "flashinfer-ai/flashinfer#4267",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-003", "ATT-014", "ATT-015", "ATT-025"},
		Change: attentionWith(fault{started: true, block: 4}),
	},
	{
		Name: "attention-tail-in-denominator", Fault: "the last block counts as full in the denominator",
		Model:  "openxla/tokamax#316",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-023", "ATT-027", "ATT-036", "ATT-037", "ATT-110"},
		Change: attentionWith(fault{block: 4, tail: true}),
	},
	{
		Name: "attention-denominator-plus-one", Fault: "1 is added to the denominator",
		Kills:  []spec.ID{"ATT-001", "ATT-012", "ATT-015", "ATT-034", "ATT-036", "ATT-037", "ATT-110"},
		Change: attentionWith(fault{denominator: func(z float64) float64 { return z + 1 }}),
	},
	{
		Name: "attention-denominator-epsilon", Fault: "10⁻⁶ is added to the denominator",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-012", "ATT-014", "ATT-015", "ATT-037"},
		Change: attentionWith(fault{denominator: func(z float64) float64 { return z + 1e-6 }}),
	},
	{
		Name: "attention-exp-coarse", Fault: "the exponential is off by up to 10⁻³",
		Kills:  []spec.ID{"ATT-001", "ATT-029"},
		Change: attentionWith(fault{exp: func(x float64) float64 { return math.Exp(x) * (1 + 1e-3*math.Sin(100*x)) }}),
	},
	{
		Name: "attention-exp-base-2", Fault: "the exponential is 2ˣ",
		Kills:  []spec.ID{"ATT-001", "ATT-011", "ATT-013", "ATT-029"},
		Change: attentionWith(fault{exp: math.Exp2}),
	},
	{
		Name: "attention-exp-clipped", Fault: "logits more than 8 below the maximum count as 8 below",
		Kills:  []spec.ID{"ATT-001", "ATT-004", "ATT-011", "ATT-012", "ATT-013", "ATT-029", "ATT-109"},
		Change: attentionWith(fault{exp: func(x float64) float64 { return math.Exp(max(x, -8)) }}),
	},
	{
		Name: "attention-exp-of-nan-zero", Fault: "the exponential of NaN is 0",
		Kills: []spec.ID{"ATT-017"},
		Change: attentionWith(fault{exp: func(x float64) float64 {
			if x != x {
				return 0
			}
			return math.Exp(x)
		}}),
	},
	{
		Name: "attention-logits-saturate", Fault: "logits stop at ±10³⁰⁰",
		Kills:  []spec.ID{"ATT-030"},
		Change: attentionWith(fault{logit: func(x float64) float64 { return max(-1e300, min(x, 1e300)) }}),
	},
	{
		Name: "attention-logits-clipped", Fault: "logits stop at ±30",
		Kills:  []spec.ID{"ATT-001", "ATT-004", "ATT-011", "ATT-013", "ATT-023", "ATT-030", "ATT-109"},
		Change: attentionWith(fault{logit: func(x float64) float64 { return max(-30, min(x, 30)) }}),
	},
	{
		Name: "attention-logits-bfloat16", Fault: "logits are rounded to bfloat16",
		Kills:  []spec.ID{"ATT-001", "ATT-023", "ATT-029"},
		Change: attentionWith(fault{logit: func(x float64) float64 { return shorten(x, 8) }}),
	},
	{
		Name: "attention-weights-bfloat16", Fault: "weights are rounded to bfloat16 after the denominator is formed",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-003", "ATT-012", "ATT-029"},
		Change: attentionWith(fault{weight: func(x float64) float64 { return shorten(x, 8) }}),
	},
	{
		Name: "attention-weights-binary16", Fault: "weights are rounded to 11 bits after the denominator is formed",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-003", "ATT-012", "ATT-029"},
		Change: attentionWith(fault{weight: func(x float64) float64 { return shorten(x, 11) }}),
	},
	{
		Name: "attention-result-binary16", Fault: "the output is rounded to 11 bits",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-011", "ATT-012", "ATT-014", "ATT-037"},
		Change: attentionWith(fault{result: func(x float64) float64 { return shorten(x, 11) }}),
	},
	{
		Name: "attention-result-fixed-point", Fault: "the output is rounded to multiples of 2⁻⁸",
		Kills:  []spec.ID{"ATT-001", "ATT-002", "ATT-010", "ATT-011", "ATT-014", "ATT-037"},
		Change: attentionWith(fault{result: func(x float64) float64 { return math.Round(x*256) / 256 }}),
	},
	{
		Name: "attention-result-saturates", Fault: "the output stops at ±2",
		Kills:  []spec.ID{"ATT-001", "ATT-010", "ATT-012", "ATT-014", "ATT-015", "ATT-037"},
		Change: attentionWith(fault{result: func(x float64) float64 { return max(-2, min(x, 2)) }}),
	},
	{
		Name: "attention-result-shifted", Fault: "2⁻³⁰ is added to the output",
		Kills:  []spec.ID{"ATT-001", "ATT-006", "ATT-008", "ATT-010", "ATT-015", "ATT-037"},
		Change: attentionWith(fault{result: func(x float64) float64 { return x + 0x1p-30 }}),
	},
	{
		Name: "attention-values-absolute", Fault: "values lose their sign",
		Kills:  []spec.ID{"ATT-001", "ATT-010", "ATT-012", "ATT-014", "ATT-015", "ATT-037"},
		Change: attentionWith(fault{value: math.Abs}),
	},
	{
		Name: "attention-nan-to-zero", Fault: "NaN in the output is replaced by 0",
		Kills: []spec.ID{"ATT-017"},
		Change: attentionWith(fault{result: func(x float64) float64 {
			if x != x {
				return 0
			}
			return x
		}}),
	},
	{
		Name: "attention-nan-spreads", Fault: "a NaN in one channel is written to all",
		Kills:  []spec.ID{"ATT-017"},
		Change: attentionWith(fault{spread: true}),
	},
	{
		Name: "attention-zero-weights-skipped", Fault: "weights that underflow are skipped, so a NaN value behind one is lost",
		Kills:    []spec.ID{"ATT-017"},
		Change32: attentionWith32(fault{skipZero: true}),
	},
	{
		Name: "attention-last-key-dropped", Fault: "the last key is left out",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-027", "ATT-034", "ATT-036", "ATT-037", "ATT-108"},
		Change: attentionWith(fault{keys: func(n int) int { return n - 1 }}),
	},
	{
		Name: "attention-first-key-dropped", Fault: "the first key is left out",
		Kills:  []spec.ID{"ATT-001", "ATT-004", "ATT-015", "ATT-034", "ATT-036", "ATT-037"},
		Change: attentionWith(fault{firstKey: 1}),
	},
	{
		Name: "attention-tail-keys-dropped", Fault: "keys beyond the last full block of 4 are left out",
		Model:  "pytorch/pytorch#159247",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-027", "ATT-034", "ATT-035", "ATT-036"},
		Change: attentionWith(fault{keys: func(n int) int { return n - n%4 }}),
	},
	{
		Name: "attention-tail-queries-unwritten", Fault: "queries beyond a multiple of 4 are not written",
		Kills:  []spec.ID{"ATT-079", "ATT-001", "ATT-026", "ATT-031", "ATT-033", "ATT-034", "ATT-035"},
		Change: attentionWith(fault{rows: func(n int) int { return n - n%4 }}),
	},
	{
		Name: "attention-head-size-tail-dropped", Fault: "logits leave out the channels beyond a multiple of 4",
		Model:  "triton-lang/triton#621",
		Kills:  []spec.ID{"ATT-001", "ATT-011", "ATT-017", "ATT-024", "ATT-030", "ATT-106"},
		Change: attentionWith(fault{dHead: func(n int) int { return n - n%4 }}),
	},
	{
		Name: "attention-last-channel-dropped", Fault: "logits leave out the last channel",
		Kills:  []spec.ID{"ATT-001", "ATT-011", "ATT-013", "ATT-017", "ATT-024", "ATT-030", "ATT-106"},
		Change: attentionWith(fault{dHead: func(n int) int { return max(0, n-1) }}),
	},
	{
		Name: "attention-value-tail-unwritten", Fault: "channels beyond a multiple of 4 are not written",
		Kills:  []spec.ID{"ATT-001", "ATT-026", "ATT-031", "ATT-033", "ATT-034", "ATT-035", "ATT-105"},
		Change: attentionWith(fault{dValue: func(n int) int { return n - n%4 }}),
	},
	{
		Name: "attention-heads-tiled", Fault: "query head h uses key head h mod Hkv",
		Model:  "onnx/onnx#7274",
		Kills:  []spec.ID{"ATT-001", "ATT-004", "ATT-018", "ATT-019", "ATT-036", "ATT-037"},
		Change: attentionWith(fault{keyHead: func(h, _, keyHeads int) int { return h % keyHeads }}),
	},
	{
		Name: "attention-first-key-head", Fault: "every query head uses the first key head",
		Kills:  []spec.ID{"ATT-001", "ATT-004", "ATT-018", "ATT-036", "ATT-037"},
		Change: attentionWith(fault{keyHead: func(int, int, int) int { return 0 }}),
	},
	{
		Name: "attention-first-query-head", Fault: "every head uses the queries of the first",
		Kills:  []spec.ID{"ATT-001", "ATT-004", "ATT-011", "ATT-013", "ATT-017", "ATT-018"},
		Change: attentionWith(fault{queryHead: func(int) int { return 0 }}),
	},
	{
		Name: "attention-first-batch", Fault: "keys and values of the first of the batch serve all",
		Model:  "vllm-project/flash-attention#176",
		Kills:  []spec.ID{"ATT-001", "ATT-014", "ATT-017", "ATT-020", "ATT-037"},
		Change: attentionWith(fault{batch: func(int) int { return 0 }}),
	},
	{
		Name: "attention-value-of-previous-key", Fault: "the value belongs to the key before",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-007", "ATT-015", "ATT-034", "ATT-037"},
		Change: attentionWith(fault{valueRow: func(j int) int { return max(0, j-1) }}),
	},
	{
		Name: "attention-equal-weights", Fault: "the output is the mean of the allowed values",
		Model:  "KernelBench#165",
		Kills:  []spec.ID{"ATT-073", "ATT-053", "ATT-001", "ATT-011", "ATT-017", "ATT-029", "ATT-030", "ATT-034"},
		Change: attentionWith(fault{mean: true}),
	},
	{
		Name: "attention-zero", Fault: "the output is zero",
		Model:  "KernelBench#165",
		Kills:  []spec.ID{"ATT-079", "ATT-077", "ATT-053", "ATT-001", "ATT-015", "ATT-034", "ATT-035", "ATT-036", "ATT-037"},
		Change: attentionWith(fault{result: func(float64) float64 { return 0 }}),
	},
	{
		Name: "attention-causal-every-other-query", Fault: "the causal rule is applied to every other query alone",
		Kills:  []spec.ID{"ATT-001", "ATT-006", "ATT-007", "ATT-021", "ATT-027"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, _, _, i, j int) bool { return allowedBy(o, i, j, true, i%2 == 0) }}),
	},
}
