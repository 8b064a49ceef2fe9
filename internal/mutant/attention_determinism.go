package mutant

import (
	"math"
	"math/big"
	"runtime"
	"slices"
	"sync/atomic"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// blocksOf divides the keys of each query into blocks of so many: a correct
// attention whose rounding depends on what decides it.
func blocksOf(f func(p place) int) func(im *implementation) { return attentionWith(fault{blockOf: f}) }

// onlyIf returns a block size if ok, and otherwise that of one block for all.
func onlyIf(ok bool, block int) int {
	if ok {
		return block
	}
	return 0
}

// counted passes a number that f has of each call to a fault's block sizes: it is
// the same for all queries of the call.
func counted(f func() (number int, done func())) func(im *implementation) {
	return func(im *implementation) {
		aroundAttention(im, func(c *attentionCall[float64], _ func()) {
			number, done := f()
			defer done()
			inner := *im
			attentionWith(fault{blockOf: func(place) int { return number }})(&inner)
			inner.Attention.Attend(c.dst, c.q, c.k, c.v, c.opt)
		})
		im.Profile = spec.Profile{KeyBlock: 1}
	}
}

// perCall changes the block size with each call, as partial results that are
// merged in the order in which goroutines finish would.
func perCall() func(im *implementation) {
	var calls atomic.Int64
	return counted(func() (int, func()) { return 2 + int(calls.Add(1)%3), func() {} })
}

// sharing works with smaller blocks while another call has the large scratch
// memory.
func sharing() func(im *implementation) {
	var busy atomic.Int64
	return counted(func() (int, func()) {
		others := busy.Add(1) - 1
		runtime.Gosched() // let others begin
		return onlyIf(others > 0, 2), func() {
			runtime.Gosched()
			busy.Add(-1)
		}
	})
}

// remembering takes the block size from the call before.
func remembering() func(im *implementation) {
	var last atomic.Int64
	return func(im *implementation) {
		aroundAttention(im, func(c *attentionCall[float64], _ func()) {
			block := int(last.Swap(int64(2 + c.q.Shape[0]*c.q.Shape[2]%7)))
			inner := *im
			attentionWith(fault{block: block})(&inner)
			inner.Attention.Attend(c.dst, c.q, c.k, c.v, c.opt)
		})
		im.Profile = spec.Profile{KeyBlock: 1}
	}
}

// orderless adds in a way that does not depend on the order of the keys.
func orderless(sum func(terms []float64) float64) func(im *implementation) {
	return func(im *implementation) {
		aroundAttention(im, func(c *attentionCall[float64], _ func()) {
			eachQuery(c.q.Shape, func(b, h, i int) {
				x := reference.Logits(c.q, c.k, c.opt, b, h, i)
				top := slices.Max(append(x, math.Inf(-1)))
				weights, keep := make([]float64, len(x)), make([]float64, len(x))
				for j := range x {
					if c.opt.Allowed(b, h, i, j) {
						weights[j], keep[j] = math.Exp(x[j]-top), c.opt.KeepFactor(b, h, i, j)
					}
				}
				for ch := range c.v.Shape[3] {
					terms := make([]float64, len(x))
					for j := range x {
						if keep[j] != 0 {
							terms[j] = weights[j] * keep[j] * c.v.At(b, spec.KeyHead(h, c.q.Shape[1], c.k.Shape[1]), j, ch)
						}
					}
					c.dst.Set(b, h, i, ch, sum(terms)/sum(weights))
				}
			})
		})
	}
}

// fromMiddle returns x with its channels from the middle one on before the others.
func fromMiddle(x spec.Tensor[float64]) spec.Tensor[float64] {
	out := spec.NewTensor[float64](x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3])
	d := x.Shape[3]
	each(out, func(e *float64, b, h, i, c int) { *e = x.At(b, h, i, (c+d/2)%d) })
	return out
}

// sumSorted adds the terms from the least to the greatest.
func sumSorted(terms []float64) float64 {
	slices.Sort(terms)
	var s float64
	for _, x := range terms {
		s += x
	}
	return s
}

// sumExact adds the terms without rounding in between.
func sumExact(terms []float64) float64 {
	s := new(big.Float).SetPrec(2200)
	for _, x := range terms {
		s.Add(s, new(big.Float).SetFloat64(x))
	}
	f, _ := s.Float64()
	return f
}

var determinismMutants = []Mutant{
	{
		Name: "attention-blocks-from-threads", Fault: "keys are divided among GOMAXPROCS parts",
		Kills:  []spec.ID{"DET-001"},
		Change: blocksOf(func(p place) int { return (p.n + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0) }),
	},
	{
		Name: "attention-blocks-at-share-of-thread", Fault: "the first query of each goroutine's share divides its keys",
		Kills:  []spec.ID{"DET-001"},
		Change: blocksOf(func(p place) int { return onlyIf((p.i+p.h)%runtime.GOMAXPROCS(0) == 0, 3) }),
	},
	{
		Name: "attention-merged-as-finished", Fault: "partial results are merged in another order at each call",
		Kills:  []spec.ID{"DET-001", "DET-002", "DET-003", "DET-007", "DET-013", "ATT-016"},
		Change: perCall(),
	},
	{
		Name: "attention-scratch-shared", Fault: "a call during another works in smaller blocks",
		Kills:  []spec.ID{"DET-002"},
		Change: sharing(),
	},
	{
		Name: "attention-scratch-remembers", Fault: "the block size is that of the call before",
		Kills:  []spec.ID{"DET-002", "DET-003", "DET-007", "DET-009", "DET-010", "ATT-016"},
		Change: remembering(),
	},
	{
		Name: "attention-blocks-from-batch", Fault: "keys are divided as the size of the batch asks",
		Kills:  []spec.ID{"DET-003"},
		Change: blocksOf(func(p place) int { return 1 + p.batch }),
	},
	{
		Name: "attention-blocks-from-place-in-batch", Fault: "the first of a batch has its keys in one block, the others in several",
		Kills:  []spec.ID{"DET-003", "DET-004"},
		Change: blocksOf(func(p place) int { return onlyIf(p.b > 0, 3) }),
	},
	{
		Name: "attention-blocks-from-parity-of-batch", Fault: "every other element of a batch has its keys in blocks of 2",
		Kills:  []spec.ID{"DET-004"},
		Change: blocksOf(func(p place) int { return onlyIf(p.b%2 == 0, 2) }),
	},
	{
		Name: "attention-blocks-from-heads", Fault: "keys are divided when there are fewer heads than 2",
		Kills:  []spec.ID{"DET-005"},
		Change: blocksOf(func(p place) int { return onlyIf(p.heads < 2, 3) }),
	},
	{
		Name: "attention-blocks-from-place-of-head", Fault: "heads beyond the first have their keys in blocks of 2",
		Kills:  []spec.ID{"DET-005", "DET-006"},
		Change: blocksOf(func(p place) int { return onlyIf(p.h > 0, 2) }),
	},
	{
		Name: "attention-blocks-from-group", Fault: "grouped heads have their keys in blocks, others in one",
		Kills:  []spec.ID{"DET-005", "DET-006"},
		Change: blocksOf(func(p place) int { return onlyIf(p.heads > p.keyHeads, 3) }),
	},
	{
		Name: "attention-blocks-from-queries", Fault: "keys are divided as the number of queries asks",
		Kills:  []spec.ID{"DET-007", "DET-009", "DET-010"},
		Change: blocksOf(func(p place) int { return 2 + p.m%4 }),
	},
	{
		Name: "attention-blocks-of-single-query", Fault: "a single query has its keys divided, several have not",
		Kills:  []spec.ID{"DET-007", "DET-010"},
		Change: blocksOf(func(p place) int { return onlyIf(p.m == 1, 3) }),
	},
	{
		Name: "attention-blocks-from-place-of-query", Fault: "every other query has its keys in blocks",
		Kills:  []spec.ID{"DET-007", "DET-008"},
		Change: blocksOf(func(p place) int { return onlyIf(p.i%2 == 1, 3) }),
	},
	{
		Name: "attention-blocks-of-last-queries", Fault: "queries beyond a multiple of 4 have their keys in blocks of 2",
		Kills:  []spec.ID{"DET-008", "DET-009"},
		Change: blocksOf(func(p place) int { return onlyIf(p.i >= p.m-p.m%4, 2) }),
	},
	{
		Name: "attention-blocks-from-keys", Fault: "keys are divided in two halves",
		Kills:  []spec.ID{"DET-009", "DET-010", "DET-013", "DET-014"},
		Change: blocksOf(func(p place) int { return (p.n + 1) / 2 }),
	},
	{
		Name: "attention-blocks-of-three", Fault: "blocks begin at every third key, masked or not",
		Kills:  []spec.ID{"DET-014", "DET-017"},
		Change: blocksOf(func(place) int { return 3 }),
	},
	{
		Name: "attention-blocks-from-value-size", Fault: "keys are divided as the size of the values asks",
		Kills:  []spec.ID{"DET-011"},
		Change: blocksOf(func(p place) int { return 1 + p.dValue }),
	},
	{
		Name: "attention-blocks-of-wide-values", Fault: "values of four channels and more have another block size",
		Kills:  []spec.ID{"DET-011"},
		Change: blocksOf(func(p place) int { return onlyIf(p.dValue >= 4, 2) }),
	},
	{
		Name: "attention-blocks-of-causal", Fault: "the causal rule works in blocks, a mask does not",
		Kills:  []spec.ID{"DET-012"},
		Change: blocksOf(func(p place) int { return onlyIf(p.opt.Causal, 3) }),
	},
	{
		Name: "attention-blocks-of-mask", Fault: "a mask works in blocks, rules do not",
		Kills:  []spec.ID{"DET-012", "DET-013", "DET-033"},
		Change: blocksOf(func(p place) int { return onlyIf(p.opt.Mask != nil, 2) }),
	},
	{
		Name: "attention-blocks-beside-masked-query", Fault: "blocks are of 2 keys if some query of the head may see no key",
		Kills: []spec.ID{"DET-033"},
		Change: blocksOf(func(p place) int {
			for i := range p.m {
				seen := false
				for j := range p.n {
					seen = seen || p.opt.Allowed(p.b, p.h, i, j)
				}
				if !seen {
					return 2
				}
			}
			return 0
		}),
	},
	{
		Name: "attention-blocks-of-wide-heads", Fault: "heads of more than eight channels have their keys in blocks of 2",
		Kills:  []spec.ID{"DET-034"},
		Change: blocksOf(func(p place) int { return onlyIf(p.dHead > 8, 2) }),
	},
	{
		Name: "attention-products-from-the-middle", Fault: "products are added up from the middle channel on",
		Kills:  []spec.ID{"DET-034"},
		Change: attentionThen(func(c *attentionCall[float64]) { c.q, c.k = fromMiddle(c.q), fromMiddle(c.k) }),
	},
	{
		Name: "attention-terms-sorted", Fault: "terms are sorted before they are added: the order of keys is gone",
		Kills:  []spec.ID{"DET-015"},
		Change: orderless(sumSorted),
	},
	{
		Name: "attention-sums-exact", Fault: "sums are exact: the order of keys is gone",
		Kills:  []spec.ID{"DET-015"},
		Change: orderless(sumExact),
	},
}
