package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// lseThen changes the log-sum-exps that the reference stores.
func lseThen(f func(lse, n float64, q, k spec.Tensor[float64], opt *spec.AttentionOptions, b, h, i int) float64) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionLSE = func(dst, lse, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			reference.AttentionLSE(dst, lse, q, k, v, opt)
			for b := range q.Shape[0] {
				for h := range q.Shape[1] {
					for i := range q.Shape[2] {
						var n float64
						for j := range k.Shape[2] {
							if opt.Allowed(b, h, i, j) {
								n++
							}
						}
						lse.Set(b, h, i, 0, f(lse.At(b, h, i, 0), n, q, k, opt, b, h, i))
					}
				}
			}
		}
	}
}

// mergeFault says how a faulty merge weighs its parts and what lse it stores.
type mergeFault struct {
	weights func(x, y float64) (e, f float64)
	lse     func(x, y float64) float64
	strict  bool // the weights meet the outputs of empty parts too
}

func mergeWith(m mergeFault) func(im *implementation) {
	if m.weights == nil {
		m.weights = func(x, y float64) (e, f float64) {
			top := math.Max(x, y)
			return math.Exp(x - top), math.Exp(y - top)
		}
	}
	if m.lse == nil {
		m.lse = func(x, y float64) float64 {
			top := math.Max(x, y)
			return top + math.Log(math.Exp(x-top)+math.Exp(y-top))
		}
	}
	return func(im *implementation) {
		im.MergeAttention = func(dst, lse, o1, l1, o2, l2 spec.Tensor[float64]) {
			reference.MergeAttention(dst, lse, o1, l1, o2, l2)
			for b := range dst.Shape[0] {
				for h := range dst.Shape[1] {
					for i := range dst.Shape[2] {
						x, y := l1.At(b, h, i, 0), l2.At(b, h, i, 0)
						if !m.strict && (math.IsInf(x, -1) || math.IsInf(y, -1)) {
							continue
						}
						e, f := m.weights(x, y)
						for c := range dst.Shape[3] {
							dst.Set(b, h, i, c, (e*o1.At(b, h, i, c)+f*o2.At(b, h, i, c))/(e+f))
						}
						lse.Set(b, h, i, 0, m.lse(x, y))
					}
				}
			}
		}
	}
}

var attentionMergeMutants = []Mutant{
	{
		Name: "lse-base-2", Fault: "log-sum-exps are in base 2",
		Model: "pytorch/pytorch#181645",
		Kills: []spec.ID{"ATT-047", "ATT-048", "ATT-049", "ATT-090"},
		Change: lseThen(func(lse, _ float64, _, _ spec.Tensor[float64], _ *spec.AttentionOptions, _, _, _ int) float64 {
			return lse * math.Log2E
		}),
	},
	{
		Name: "lse-plus-infinity-of-none", Fault: "the log-sum-exp of no key is +Inf",
		Model: "Dao-AILab/flash-attention#978",
		Kills: []spec.ID{"ATT-047", "ATT-049"},
		Change: lseThen(func(lse, _ float64, _, _ spec.Tensor[float64], _ *spec.AttentionOptions, _, _, _ int) float64 {
			if math.IsInf(lse, -1) {
				return math.Inf(1)
			}
			return lse
		}),
	},
	{
		Name: "lse-without-maximum", Fault: "the logarithm of the denominator is stored without the maximum",
		Kills: []spec.ID{"ATT-047", "ATT-049", "ATT-090"},
		Change: lseThen(func(lse, n float64, q, k spec.Tensor[float64], opt *spec.AttentionOptions, b, h, i int) float64 {
			top := math.Inf(-1)
			for _, x := range reference.Logits(q, k, opt, b, h, i) {
				top = math.Max(top, x)
			}
			if n == 0 {
				return lse
			}
			return lse - top
		}),
	},
	{
		Name: "lse-of-mean", Fault: "the logarithm of the mean of the exponentials is stored",
		Kills: []spec.ID{"ATT-047", "ATT-048", "ATT-049", "ATT-090"},
		Change: lseThen(func(lse, n float64, _, _ spec.Tensor[float64], _ *spec.AttentionOptions, _, _, _ int) float64 {
			return lse - math.Log(max(1, n))
		}),
	},
	{
		Name: "lse-is-maximum", Fault: "the largest logit is stored for the log-sum-exp",
		Kills: []spec.ID{"ATT-047", "ATT-048", "ATT-049"},
		Change: lseThen(func(lse, n float64, q, k spec.Tensor[float64], opt *spec.AttentionOptions, b, h, i int) float64 {
			if n == 0 {
				return lse
			}
			top := math.Inf(-1)
			for _, x := range reference.Logits(q, k, opt, b, h, i) {
				top = math.Max(top, x)
			}
			return top
		}),
	},
	{
		Name: "merge-mean", Fault: "a merge takes the mean of the outputs",
		Kills:  []spec.ID{"ATT-049", "ATT-050", "ATT-051", "ATT-052"},
		Change: mergeWith(mergeFault{weights: func(_, _ float64) (e, f float64) { return 1, 1 }, strict: true}),
	},
	{
		Name: "merge-unshifted", Fault: "a merge takes exponentials without subtracting the larger",
		Model:  "vllm-project/vllm#47079",
		Kills:  []spec.ID{"ATT-050"},
		Change: mergeWith(mergeFault{weights: func(x, y float64) (e, f float64) { return math.Exp(x), math.Exp(y) }}),
	},
	{
		Name: "merge-base-2", Fault: "a merge weighs by powers of 2",
		Model:  "pytorch/pytorch#181645",
		Kills:  []spec.ID{"ATT-049", "ATT-050"},
		Change: mergeWith(mergeFault{weights: func(x, y float64) (e, f float64) { return math.Exp2(x - max(x, y)), math.Exp2(y - max(x, y)) }}),
	},
	{
		Name: "merge-empty-nan", Fault: "an empty part's output is multiplied by its weight 0, and two empty parts give NaN",
		Model:  "flashinfer-ai/flashinfer#4051",
		Kills:  []spec.ID{"ATT-049", "ATT-050", "ATT-051"},
		Change: mergeWith(mergeFault{strict: true}),
	},
	{
		Name: "merge-lse-maximum", Fault: "a merge stores the larger of both log-sum-exps",
		Kills:  []spec.ID{"ATT-049", "ATT-050", "ATT-052"},
		Change: mergeWith(mergeFault{lse: math.Max}),
	},
	{
		Name: "merge-larger", Fault: "a merge keeps the part with the larger log-sum-exp",
		Kills: []spec.ID{"ATT-049", "ATT-050", "ATT-054"},
		Change: mergeWith(mergeFault{lse: math.Max, weights: func(x, y float64) (e, f float64) {
			if x >= y {
				return 1, 0
			}
			return 0, 1
		}}),
	},
	{
		Name: "merge-first", Fault: "a merge keeps the first part",
		Kills: []spec.ID{"ATT-049", "ATT-050", "ATT-052", "ATT-054"},
		Change: mergeWith(mergeFault{weights: func(_, _ float64) (e, f float64) { return 1, 0 },
			lse: func(x, _ float64) float64 { return x }}),
	},
}
