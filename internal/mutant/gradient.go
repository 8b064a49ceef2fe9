package mutant

import (
	"math"
	"slices"

	"example.com/attest/spec"
)

var gradientMutants = slices.Concat(
	gradientTermMutants,
	gradientSumMutants,
	gradientOptionMutants,
	gradientMemoryMutants,
	gradientNaNMutants,
	gradientKernelMutants,
	gradientSizeMutants,
	gradientTogetherMutants,
)

// gradientTermMutants get the terms of the sums wrong.
var gradientTermMutants = []Mutant{
	{
		Name: "gradient-query-scale-missing", Fault: "dQ is not multiplied by Scale",
		Model:  "aws-neuron/nki-samples#81",
		Kills:  []spec.ID{"GRD-001", "GRD-013", "GRD-015", "GRD-032"},
		Change: gradientWith(gradientFault{scale: scaleOf(0, func(float64) float64 { return 1 })}),
	},
	{
		Name: "gradient-key-scale-missing", Fault: "dK is not multiplied by Scale",
		Model:  "aws-neuron/nki-samples#81",
		Kills:  []spec.ID{"GRD-002", "GRD-013", "GRD-015", "GRD-032"},
		Change: gradientWith(gradientFault{scale: scaleOf(1, func(float64) float64 { return 1 })}),
	},
	{
		Name: "gradient-scale-twice", Fault: "dQ and dK are multiplied by Scale twice",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-015", "GRD-032"},
		Change: gradientWith(gradientFault{scale: func(_ int, s float64) float64 { return s * s }}),
	},
	{
		Name: "gradient-query-sign", Fault: "dQ has the other sign",
		Kills:  []spec.ID{"GRD-001", "GRD-013", "GRD-015"},
		Change: gradientWith(gradientFault{scale: scaleOf(0, func(s float64) float64 { return -s })}),
	},
	{
		Name: "gradient-row-sum-missing", Fault: "D is left out: dX = a·dP",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-004", "GRD-010", "GRD-011", "GRD-015", "GRD-028", "GRD-030"},
		Change: gradientWith(gradientFault{mean: func(_, _ float64) float64 { return 0 }}),
	},
	{
		Name: "gradient-row-sum-of-row-before", Fault: "D is that of the query before",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-010", "GRD-011", "GRD-024", "GRD-025", "GRD-026", "GRD-028", "GRD-030"},
		Change: gradientWith(gradientFault{stale: func(b, h, i int) bool { return b+h+i > 0 }}),
	},
	{
		Name: "gradient-row-sum-of-first-batch", Fault: "the first query of a batch takes D of the batch before",
		Kills:  []spec.ID{"GRD-025"},
		Change: gradientWith(gradientFault{stale: func(b, h, i int) bool { return b > 0 && h+i == 0 }}),
	},
	{
		Name: "gradient-row-sum-shared-evenly", Fault: "each key loses D/n instead of a·D",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-015"},
		Change: gradientWith(gradientFault{dX: func(a, dP, mean float64, n int) float64 { return a*dP - mean/float64(n) }}),
	},
	{
		Name: "gradient-weights-squared", Fault: "dX = a²(dP − D)",
		Kills:  []spec.ID{"GRD-001", "GRD-004", "GRD-010", "GRD-031"},
		Change: gradientWith(gradientFault{dX: func(a, dP, mean float64, _ int) float64 { return a * a * (dP - mean) }}),
	},
	{
		Name: "gradient-weights-undivided", Fault: "dV takes exponentials that were not divided by their sum",
		Kills:  []spec.ID{"GRD-003", "GRD-012", "GRD-014", "GRD-031"},
		Change: gradientWith(gradientFault{undivided: true}),
	},
	{
		Name: "gradient-weights-overwritten", Fault: "dV takes dX, which was stored where the weights were",
		Kills:  []spec.ID{"GRD-003", "GRD-012", "GRD-014", "GRD-029"},
		Change: gradientWith(gradientFault{value: func(_, dX float64) float64 { return dX }}),
	},
	{
		Name: "gradient-value-decay", Fault: "2⁻¹⁰ of the values is added to dV",
		Kills:  []spec.ID{"GRD-003", "GRD-014", "GRD-016", "GRD-027", "GRD-029"},
		Change: gradientWith(gradientFault{decay: 0x1p-10}),
	},
	{
		Name: "gradient-no-maximum", Fault: "weights are formed again without subtracting the maximum, in float32",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-003"},
		Change: gradientWith(gradientFault{noMax: true}),
	},
	{
		Name: "gradient-value-of-key-before", Fault: "dP takes the value of the key before",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-015", "GRD-023"},
		Change: gradientWith(gradientFault{valueRow: func(j int) int { return max(0, j-1) }}),
	},
	{
		Name: "gradient-output-gradient-clipped", Fault: "dOut is clipped to [−1, 1]",
		Kills:  []spec.ID{"GRD-001", "GRD-003", "GRD-014", "GRD-021", "GRD-022"},
		Change: gradientWith(gradientFault{dOut: func(x float64) float64 { return max(-1, min(x, 1)) }}),
	},
	{
		Name: "gradient-output-gradient-shifted", Fault: "2⁻⁸ is added to dOut",
		Kills:  []spec.ID{"GRD-001", "GRD-003", "GRD-021", "GRD-022", "GRD-027"},
		Change: gradientWith(gradientFault{dOut: func(x float64) float64 { return x + 0x1p-8 }}),
	},
	{
		Name: "gradient-nan-taken-for-zero", Fault: "a NaN in dOut counts as 0",
		Kills: []spec.ID{"GRD-019"},
		Change: gradientWith(gradientFault{dOut: func(x float64) float64 {
			if math.IsNaN(x) {
				return 0
			}
			return x
		}}),
	},
}

// scaleOf changes the scale of dQ, 0, or dK, 1.
func scaleOf(which int, f func(s float64) float64) func(which int, s float64) float64 {
	return func(w int, s float64) float64 {
		if w == which {
			return f(s)
		}
		return s
	}
}

// gradientSumMutants leave terms out of the sums, or let others in.
var gradientSumMutants = []Mutant{
	{
		Name: "gradient-group-last", Fault: "dK and dV are those of the last query head of the group",
		Kills:  []spec.ID{"GRD-002", "GRD-003", "GRD-012", "GRD-013", "GRD-014", "GRD-020"},
		Change: gradientWith(gradientFault{group: func(h, group int) float64 { return oneIf(h == group-1) }}),
	},
	{
		Name: "gradient-group-first", Fault: "dK and dV are those of the first query head of the group",
		Kills:  []spec.ID{"GRD-002", "GRD-003", "GRD-013", "GRD-020", "GRD-036", "GRD-037"},
		Change: gradientWith(gradientFault{group: func(h, _ int) float64 { return oneIf(h == 0) }}),
	},
	{
		Name: "gradient-group-mean", Fault: "dK and dV are divided by the size of the group",
		Kills:  []spec.ID{"GRD-002", "GRD-003", "GRD-012", "GRD-014", "GRD-020", "GRD-037"},
		Change: gradientWith(gradientFault{group: func(_, group int) float64 { return 1 / float64(group) }}),
	},
	{
		Name: "gradient-query-of-first-head", Fault: "dK takes the queries of the first head of the group",
		Kills:  []spec.ID{"GRD-002", "GRD-013", "GRD-020", "GRD-036"},
		Change: gradientWith(gradientFault{queryHead: func(h, group int) int { return h - h%group }}),
	},
	{
		Name: "gradient-heads-tiled", Fault: "query head h uses key head h mod the number of key heads",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-020", "GRD-024"},
		Change: gradientWith(gradientFault{keyHead: func(h, _, keyHeads int) int { return h % keyHeads }}),
	},
	{
		Name: "gradient-first-batch", Fault: "keys and values are those of the first batch",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-025"},
		Change: gradientWith(gradientFault{batch: func(int) int { return 0 }}),
	},
	{
		Name: "gradient-tail-keys-dropped", Fault: "keys beyond a multiple of 4 are left out",
		Model:  "pytorch/pytorch#159247",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-003", "GRD-012", "GRD-014", "GRD-015", "GRD-023", "GRD-031", "GRD-043"},
		Change: gradientWith(gradientFault{keys: func(n int) int { return n - n%4 }}),
	},
	{
		Name: "gradient-distinct-keys", Fault: "a key equal to the first is not counted again",
		Kills:  []spec.ID{"GRD-001", "GRD-003", "GRD-031"},
		Change: gradientWith(gradientFault{distinct: true}),
	},
	{
		Name: "gradient-tail-queries-dropped", Fault: "queries beyond a multiple of 4 are left out",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-003", "GRD-012", "GRD-014", "GRD-026"},
		Change: gradientWith(gradientFault{rows: func(m int) int { return m - m%4 }}),
	},
	{
		Name: "gradient-blocks-overwritten", Fault: "each block of 32 queries overwrites dK and dV",
		Kills:  []spec.ID{"GRD-026"},
		Change: gradientWith(gradientFault{fresh: func(i int) bool { return i > 0 && i%32 == 0 }}),
	},
	{
		Name: "gradient-mask-missing", Fault: "the second pass gives masked keys the weight of their logit",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-003", "GRD-012", "GRD-016", "GRD-018", "GRD-043"},
		Change: gradientWith(gradientFault{leak: true}),
	},
	{
		Name: "gradient-causal-missing", Fault: "the second pass has no causal rule",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-003", "GRD-041"},
		Change: gradientWith(gradientFault{options: func(o *spec.AttentionOptions) { o.Causal = false }}),
	},
	{
		Name: "gradient-offset-missing", Fault: "the causal rule of the second pass starts at key 0",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-041"},
		Change: gradientWith(gradientFault{options: func(o *spec.AttentionOptions) { o.Offset = 0 }}),
	},
	{
		Name: "gradient-mask-finite", Fault: "a masked key weighs exp(−20)",
		Kills:  []spec.ID{"GRD-016", "GRD-018", "GRD-043"},
		Change: gradientWith(gradientFault{sentinel: -20}),
	},
	{
		Name: "gradient-masked-read", Fault: "masked pairs count with the weight 0",
		Model:  "Dao-AILab/flash-attention#1745",
		Kills:  []spec.ID{"GRD-018", "GRD-019"},
		Change: gradientWith(gradientFault{readAll: true}),
	},
	{
		Name: "gradient-deaf-nan", Fault: "a query without an allowed key gets NaN",
		Kills: []spec.ID{"GRD-001", "GRD-017"},
		Change: gradientWith(gradientFault{deaf: func(dst spec.AttentionGradients[float64], _ spec.Tensor[float64], b, h, i, _ int) {
			for c := range dst.Query.Shape[3] {
				dst.Query.Set(b, h, i, c, math.NaN())
			}
		}}),
	},
	{
		Name: "gradient-deaf-mean", Fault: "dOut of a query without an allowed key is shared among all values",
		Kills: []spec.ID{"GRD-003", "GRD-017"},
		Change: gradientWith(gradientFault{deaf: func(dst spec.AttentionGradients[float64], dOut spec.Tensor[float64], b, h, i, g int) {
			n := dst.Value.Shape[2]
			for j := range n {
				for c := range dOut.Shape[3] {
					dst.Value.Set(b, g, j, c, dst.Value.At(b, g, j, c)+dOut.At(b, h, i, c)/float64(n))
				}
			}
		}}),
	},
}

func oneIf(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}
