package mutant

import (
	"runtime"
	"slices"
	"sync/atomic"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// pagedBlocks attends to the tokens of pages in blocks of so many.
func pagedBlocks(f func(c *pagedCall) int) func(im *implementation) {
	return func(im *implementation) {
		im.PagedAttention = func(dst, q, k, v spec.Tensor[float64], pages spec.PageTable, opt *spec.AttentionOptions) {
			spec.CheckPagedAttention(dst, q, k, v, pages, opt)
			inner := *im
			attentionWith(fault{block: f(&pagedCall{k, v, pages, opt})})(&inner)
			inner.Attention.Attend(dst, q, reference.Tokens(k, pages, opt), reference.Tokens(v, pages, opt), opt)
		}
	}
}

// cachedBlocks attends to past and new tokens in blocks of so many.
func cachedBlocks(f func(c *cachedCall) int) func(im *implementation) {
	return cachedThen(func(c *cachedCall) {
		var inner implementation
		attentionWith(fault{block: f(c)})(&inner)
		inner.Attention.Attend(c.dst, c.q, c.presentK, c.presentV, c.opt.AfterPast(c.past()))
	})
}

// gradientFrom adds up what queries owe from the given query on: a correct
// backward pass, whose rounding depends on what decides it.
func gradientFrom(first func(c *faultyGradients, b, h int) int) func(im *implementation) {
	return gradientWith(gradientFault{first: first})
}

// gradientCounted begins at the query of a number that f has of each call.
func gradientCounted(f func() (number int, done func())) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			number, done := f()
			defer done()
			var inner implementation
			gradientFrom(func(*faultyGradients, int, int) int { return number })(&inner)
			inner.AttentionBackward(dst, dOut, q, k, v, opt)
		}
	}
}

// gradientOrderless adds up what single queries owe to keys and values in a way
// that does not depend on their order.
func gradientOrderless(sum func(terms []float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			reference.AttentionBackward(dst, dOut, q, k, v, opt)
			terms := map[*float64][]float64{}
			eachQuery(q.Shape, func(b, h, i int) {
				own := spec.NewTensor[float64](dOut.Shape[0], dOut.Shape[1], dOut.Shape[2], dOut.Shape[3])
				for c := range dOut.Shape[3] {
					own.Set(b, h, i, c, dOut.At(b, h, i, c))
				}
				g := spec.NewAttentionGradients(q, k, v, opt)
				reference.AttentionBackward(g, own, q, k, v, opt)
				for _, to := range [2][2]spec.Tensor[float64]{{dst.Key, g.Key}, {dst.Value, g.Value}} {
					each(to[0], func(x *float64, b, g, j, c int) { terms[x] = append(terms[x], to[1].At(b, g, j, c)) })
				}
			})
			for x, t := range terms {
				*x = sum(t)
			}
		}
	}
}

// linearWith stores X·W + bias with a sum of its own for each element.
func linearWith(sum func(terms []float64) float64) spec.Linear[float64] {
	return func(dst, x, w matrix, bias []float64) {
		terms := make([]float64, x.Cols)
		for i := range dst.Rows {
			for l := range dst.Cols {
				for k := range terms {
					terms[k] = x.At(i, k) * w.At(k, l)
				}
				y := sum(terms)
				if bias != nil {
					y += bias[l]
				}
				dst.Set(i, l, y)
			}
		}
	}
}

// sumInParts adds up so many parts and then these.
func sumInParts(terms []float64, parts int) (sum float64) {
	size := (len(terms) + parts - 1) / parts
	for part := range slices.Chunk(terms, max(1, size)) {
		var s float64
		for _, x := range part {
			s += x
		}
		sum += s
	}
	return sum
}

// multiHeadWith lets the heads attend with a fault and joins them by a linear
// layer of its own; a nil one is the reference's.
func multiHeadWith(f fault, join spec.Linear[float64]) func(im *implementation) {
	return func(im *implementation) {
		var inner implementation
		attentionWith(f)(&inner)
		im.MultiHead = func(dst, x, memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) {
			spec.CheckMultiHead(dst, x, memory, w, opt)
			project := func(x matrix, p spec.Projection[float64], heads int, turned bool, position int) spec.Tensor[float64] {
				out := spec.NewMatrix[float64](x.Rows, p.W.Cols)
				reference.Linear(out, x, p.W, p.Bias)
				split := reference.SplitHeads(out, heads)
				if w.Rotary != nil && turned {
					r := *w.Rotary
					r.Offset += position
					for h := range heads {
						head := out
						head.Cols = out.Cols / heads
						head.Data = out.Data[h*head.Cols:]
						reference.Rope(head, head, r)
					}
				}
				return split
			}
			joined := spec.NewMatrix[float64](x.Rows, w.Output.W.Rows)
			inner.Attention.Attend(reference.SplitHeads(joined, w.Heads), project(x, w.Query, w.Heads, true, opt.OffsetOf(0)),
				project(memory, w.Key, w.KeyHeads, true, 0), project(memory, w.Value, w.KeyHeads, false, 0), opt)
			if join == nil {
				join = reference.Linear
			}
			join(dst, joined, w.Output.W, w.Output.Bias)
		}
	}
}

// turnHidden begins the sums over the hidden units of a block's feed-forward branch
// at another unit: the same function, rounded otherwise.
func turnHidden(c *blockCall, by int) {
	turn := func(m matrix, columns bool) matrix {
		if m.IsZero() {
			return m
		}
		out := spec.NewMatrix[float64](m.Rows, m.Cols)
		for i := range m.Rows {
			for k := range m.Cols {
				if columns {
					out.Set(i, k, m.At(i, (k+by)%m.Cols))
				} else {
					out.Set(i, k, m.At((i+by)%m.Rows, k))
				}
			}
		}
		return out
	}
	f := &c.w.Forward
	f.Gate, f.Up.W, f.Down.W = turn(f.Gate, true), turn(f.Up.W, true), turn(f.Down.W, false)
	if f.Up.Bias != nil {
		f.Up.Bias = turn(spec.MatrixOf(f.Up.Bias), true).Row(0)
	}
}

// turnValues is the same for the sums over the channels of values: those of
// the output projection run from another row on.
func turnValues(c *blockCall, by int) {
	w := &c.w.Self
	d := w.Value.W.Cols / w.KeyHeads
	from := func(k int) int { return k/d*d + (k+by)%d }
	columns, rows := spec.Convert[float64](w.Value.W), spec.Convert[float64](w.Output.W)
	for i := range columns.Rows {
		for k := range columns.Cols {
			columns.Set(i, k, w.Value.W.At(i, from(k)))
		}
	}
	for k := range rows.Rows {
		copy(rows.Row(k), w.Output.W.Row(from(k)))
	}
	if bias := w.Value.Bias; bias != nil {
		w.Value.Bias = make([]float64, len(bias))
		for k := range bias {
			w.Value.Bias[k] = bias[from(k)]
		}
	}
	w.Value.W, w.Output.W = columns, rows
}

var determinismFormMutants = []Mutant{
	{
		Name: "packed-blocks-of-packs", Fault: "packed sequences have their keys in blocks, others in one",
		Kills:  []spec.ID{"DET-017"},
		Change: blocksOf(func(p place) int { return onlyIf(p.opt.Sequences != nil, 2) }),
	},
	{
		Name: "packed-blocks-from-tokens", Fault: "keys are divided as the number of all tokens asks",
		Kills:  []spec.ID{"DET-017"},
		Change: blocksOf(func(p place) int { return 2 + p.n%3 }),
	},
	{
		Name: "paged-blocks-from-first-page", Fault: "the number of the first page says how keys are divided",
		Kills:  []spec.ID{"DET-018", "DET-020"},
		Change: pagedBlocks(func(c *pagedCall) int { return 2 + c.pages.Pages[0][0]%3 }),
	},
	{
		Name: "paged-blocks-out-of-order", Fault: "pages that rise are read in one go, others in blocks",
		Kills:  []spec.ID{"DET-018", "DET-020"},
		Change: pagedBlocks(func(c *pagedCall) int { return onlyIf(!slices.IsSorted(c.pages.Pages[0]), 3) }),
	},
	{
		Name: "paged-blocks-of-pages", Fault: "each page is a block",
		Kills:  []spec.ID{"DET-019", "DET-020"},
		Change: pagedBlocks(func(c *pagedCall) int { return c.k.Shape[2] }),
	},
	{
		Name: "paged-blocks-of-small-pages", Fault: "pages of fewer than 8 slots are read in blocks of 2 tokens",
		Kills:  []spec.ID{"DET-019", "DET-020"},
		Change: pagedBlocks(func(c *pagedCall) int { return onlyIf(c.k.Shape[2] < 8, 2) }),
	},
	{
		Name: "cached-blocks-of-past", Fault: "keys are divided where the past ends",
		Kills:  []spec.ID{"DET-021"},
		Change: cachedBlocks(func(c *cachedCall) int { return c.past() }),
	},
	{
		Name: "cached-blocks-of-two", Fault: "with a past, keys are visited two by two",
		Kills:  []spec.ID{"DET-021"},
		Change: cachedBlocks(func(c *cachedCall) int { return onlyIf(c.past() > 0, 2) }),
	},
	{
		Name: "gradient-order-from-threads", Fault: "sums over queries begin at the query of GOMAXPROCS",
		Kills:  []spec.ID{"DET-022"},
		Change: gradientFrom(func(*faultyGradients, int, int) int { return runtime.GOMAXPROCS(0) }),
	},
	{
		Name: "gradient-order-of-many-threads", Fault: "with more than two processors sums over queries begin in the middle",
		Kills: []spec.ID{"DET-022"},
		Change: gradientFrom(func(c *faultyGradients, _, _ int) int {
			return onlyIf(runtime.GOMAXPROCS(0) > 2, c.q.Shape[2]/2)
		}),
	},
	{
		Name: "gradient-merged-as-finished", Fault: "queries are added in another order at each call",
		Model:  "atomic additions to dK and dV on a GPU",
		Kills:  []spec.ID{"DET-022", "DET-023", "DET-024", "DET-025"},
		Change: gradientFinished(),
	},
	{
		Name: "gradient-scratch-shared", Fault: "a call during another adds in another order",
		Kills:  []spec.ID{"DET-023"},
		Change: gradientSharing(),
	},
	{
		Name: "gradient-order-from-batch", Fault: "the size of the batch says where sums over queries begin",
		Kills:  []spec.ID{"DET-024"},
		Change: gradientFrom(func(c *faultyGradients, _, _ int) int { return c.q.Shape[0] }),
	},
	{
		Name: "gradient-order-from-place-in-batch", Fault: "the place in the batch says where sums over queries begin",
		Kills:  []spec.ID{"DET-024"},
		Change: gradientFrom(func(_ *faultyGradients, b, _ int) int { return b }),
	},
	{
		Name: "gradient-order-from-key-heads", Fault: "the number of heads of keys says where sums over queries begin",
		Kills:  []spec.ID{"DET-025"},
		Change: gradientFrom(func(c *faultyGradients, _, _ int) int { return c.k.Shape[1] - 1 }),
	},
	{
		Name: "gradient-order-from-place-of-head", Fault: "the place of the query head says where sums over queries begin",
		Kills:  []spec.ID{"DET-025"},
		Change: gradientFrom(func(_ *faultyGradients, _, h int) int { return h }),
	},
	{
		Name: "gradient-terms-sorted", Fault: "terms are sorted before they are added: the order of queries is gone",
		Kills:  []spec.ID{"DET-026"},
		Change: gradientOrderless(sumSorted),
	},
	{
		Name: "gradient-sums-exact", Fault: "sums over queries are exact: their order is gone",
		Kills:  []spec.ID{"DET-026"},
		Change: gradientOrderless(sumExact),
	},
	{
		Name: "linear-sums-from-threads", Fault: "each of GOMAXPROCS threads adds up its part of the channels",
		Kills: []spec.ID{"DET-027"},
		Change: func(im *implementation) {
			im.Linear = linearWith(func(terms []float64) float64 { return sumInParts(terms, runtime.GOMAXPROCS(0)) })
		},
	},
	{
		Name: "linear-sums-of-many-threads", Fault: "with more than two processors channels are added up by sixteens",
		Kills: []spec.ID{"DET-027"},
		Change: func(im *implementation) {
			im.Linear = linearWith(func(terms []float64) float64 {
				return sumInParts(terms, max(1, onlyIf(runtime.GOMAXPROCS(0) > 2, len(terms)/16)))
			})
		},
	},
	{
		Name: "multihead-blocks-from-threads", Fault: "keys are divided among GOMAXPROCS parts",
		Kills: []spec.ID{"DET-028"},
		Change: multiHeadWith(fault{blockOf: func(p place) int {
			return (p.n + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
		}}, nil),
	},
	{
		Name: "multihead-heads-joined-by-threads", Fault: "each of GOMAXPROCS threads adds up its part of the joined heads",
		Kills: []spec.ID{"DET-028"},
		Change: multiHeadWith(fault{}, linearWith(func(terms []float64) float64 {
			return sumInParts(terms, runtime.GOMAXPROCS(0))
		})),
	},
	{
		Name: "block-hidden-units-from-threads", Fault: "sums over hidden units begin at the unit of GOMAXPROCS",
		Kills:  []spec.ID{"DET-029"},
		Change: blockThen(func(c *blockCall) { turnHidden(c, runtime.GOMAXPROCS(0)) }),
	},
	{
		Name: "block-values-from-threads", Fault: "sums over a head's values begin at the channel of GOMAXPROCS",
		Kills:  []spec.ID{"DET-029"},
		Change: blockThen(func(c *blockCall) { turnValues(c, runtime.GOMAXPROCS(0)) }),
	},
	{
		Name: "multihead-blocks-from-memory", Fault: "the memory is divided in two halves",
		Kills:  []spec.ID{"DET-030"},
		Change: multiHeadWith(fault{blockOf: func(p place) int { return (p.n + 1) / 2 }}, nil),
	},
	{
		Name: "multihead-blocks-of-long-memory", Fault: "a memory of more than 5 rows is divided",
		Kills:  []spec.ID{"DET-030"},
		Change: multiHeadWith(fault{blockOf: func(p place) int { return onlyIf(p.n > 5, 2) }}, nil),
	},
	{
		Name: "multihead-terms-sorted", Fault: "joined heads are sorted before they are added: their order is gone",
		Kills:  []spec.ID{"DET-031"},
		Change: multiHeadWith(fault{}, linearWith(sumSorted)),
	},
	{
		Name: "multihead-sums-exact", Fault: "joined heads are added exactly: their order is gone",
		Kills:  []spec.ID{"DET-031"},
		Change: multiHeadWith(fault{}, linearWith(sumExact)),
	},
	{
		Name: "block-cached-hidden-units-turned", Fault: "behind a cache, sums over hidden units begin at the second",
		Kills:  []spec.ID{"DET-032"},
		Change: behindCache(func(c *blockCall) { turnHidden(c, 1) }),
	},
	{
		Name: "block-single-token-values-turned", Fault: "for a single token, sums over a head's values begin at the second",
		Kills: []spec.ID{"DET-032"},
		Change: blockThen(func(c *blockCall) {
			if c.x.Rows == 1 {
				turnValues(c, 1)
			}
		}),
	},
}

// gradientFinished begins the sums of each call at another query.
func gradientFinished() func(im *implementation) {
	var calls atomic.Int64
	return gradientCounted(func() (int, func()) { return int(calls.Add(1)), func() {} })
}

// gradientSharing begins the sums at the second query while another call is at
// work.
func gradientSharing() func(im *implementation) {
	var busy atomic.Int64
	return gradientCounted(func() (int, func()) {
		others := busy.Add(1) - 1
		runtime.Gosched() // let others begin
		return onlyIf(others > 0, 1), func() {
			runtime.Gosched()
			busy.Add(-1)
		}
	})
}
