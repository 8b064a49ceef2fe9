package mutant

import (
	"math"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// pagedCall is a call of an attention over pages.
type pagedCall struct {
	k, v  spec.Tensor[float64]
	pages spec.PageTable
	opt   *spec.AttentionOptions
}

// placing takes each token from where place says, and 0 where that is no slot.
func placing(place func(c *pagedCall, b, j, slots int) (page, slot int)) func(im *implementation) {
	return func(im *implementation) {
		im.PagedAttention = func(dst, q, k, v spec.Tensor[float64], pages spec.PageTable, opt *spec.AttentionOptions) {
			spec.CheckPagedAttention(dst, q, k, v, pages, opt)
			c := &pagedCall{k, v, pages, opt}
			gathered := func(t spec.Tensor[float64]) spec.Tensor[float64] {
				out := spec.NewTensor[float64](q.Shape[0], t.Shape[1], pages.Tokens, t.Shape[3])
				for b := range q.Shape[0] {
					for j := range pages.TokensOf(b, opt) {
						page, slot := place(c, b, j, t.Shape[2])
						if page < 0 || page >= t.Shape[0] || slot < 0 || slot >= t.Shape[2] {
							continue
						}
						for g := range t.Shape[1] {
							for d := range t.Shape[3] {
								out.Set(b, g, j, d, t.At(page, g, slot, d))
							}
						}
					}
				}
				return out
			}
			reference.Attention(dst, q, gathered(k), gathered(v), opt)
		}
	}
}

// tabled changes the table, of which it gets a copy, or the options.
func tabled(f func(c *pagedCall)) func(im *implementation) {
	return func(im *implementation) {
		inner := im.PagedAttention
		im.PagedAttention = func(dst, q, k, v spec.Tensor[float64], pages spec.PageTable, opt *spec.AttentionOptions) {
			o := *opt
			c := &pagedCall{k, v, spec.PageTable{Tokens: pages.Tokens}, &o}
			for _, row := range pages.Pages {
				c.pages.Pages = append(c.pages.Pages, slices.Clone(row))
			}
			f(c)
			inner(dst, q, c.k, c.v, c.pages, c.opt)
		}
	}
}

// cachedCall is a call of an attention over past and new tokens.
type cachedCall struct {
	dst, presentK, presentV, q, k, v, pastK, pastV spec.Tensor[float64]
	opt                                            *spec.AttentionOptions
}

func (c *cachedCall) past() int { return c.pastK.Shape[2] }

// cachedThen lets f change what the reference has stored.
func cachedThen(f func(c *cachedCall)) func(im *implementation) {
	return func(im *implementation) {
		im.CachedAttention = func(dst, presentK, presentV, q, k, v, pastK, pastV spec.Tensor[float64], opt *spec.AttentionOptions) {
			reference.CachedAttention(dst, presentK, presentV, q, k, v, pastK, pastV, opt)
			f(&cachedCall{dst, presentK, presentV, q, k, v, pastK, pastV, opt})
		}
	}
}

// attend stores the output again, over the given keys and values.
func (c *cachedCall) attend(k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
	reference.Attention(c.dst, c.q, k, v, opt)
}

// taken returns the tokens of t at the given places, 0 for places below 0.
func taken(t spec.Tensor[float64], places []int) spec.Tensor[float64] {
	out := spec.NewTensor[float64](t.Shape[0], t.Shape[1], len(places), t.Shape[3])
	for b := range t.Shape[0] {
		for h := range t.Shape[1] {
			for j, from := range places {
				for c := range t.Shape[3] {
					if from >= 0 {
						out.Set(b, h, j, c, t.At(b, h, from, c))
					}
				}
			}
		}
	}
	return out
}

// rearranged stores present and output with the tokens at other places.
func rearranged(place func(c *cachedCall, j int) int) func(im *implementation) {
	return cachedThen(func(c *cachedCall) {
		var places []int
		for j := range c.presentK.Shape[2] {
			places = append(places, place(c, j))
		}
		k, v := taken(c.presentK, places), taken(c.presentV, places)
		overwrite(c.presentK, k)
		overwrite(c.presentV, v)
		c.attend(k, v, c.opt.AfterPast(c.past()))
	})
}

// overwrite copies src into dst.
func overwrite(dst, src spec.Tensor[float64]) {
	for b := range dst.Shape[0] {
		for h := range dst.Shape[1] {
			for j := range dst.Shape[2] {
				for c := range dst.Shape[3] {
					dst.Set(b, h, j, c, src.At(b, h, j, c))
				}
			}
		}
	}
}

var attentionCacheMutants = []Mutant{
	{
		Name: "attention-paged-table-ignored", Fault: "pages are taken in the order of memory",
		Kills: []spec.ID{"ATT-094", "ATT-096", "ATT-097", "ATT-098", "ATT-099"},
		Change: placing(func(c *pagedCall, b, j, slots int) (page, slot int) {
			blocks := (c.pages.Tokens-1)/slots + 1
			return (b*blocks + j/slots) % c.k.Shape[0], j % slots
		}),
	},
	{
		Name: "attention-paged-table-of-first-batch", Fault: "all of the batch use the table of the first",
		Kills: []spec.ID{"ATT-094", "ATT-098"},
		Change: placing(func(c *pagedCall, b, j, slots int) (page, slot int) {
			if j/slots < len(c.pages.Pages[0]) {
				return c.pages.Pages[0][j/slots], j % slots
			}
			return -1, 0
		}),
	},
	{
		Name: "attention-paged-shared-page-once", Fault: "a page that has served a batch already gives way to the first that has not",
		Kills: []spec.ID{"ATT-094", "ATT-097", "ATT-098", "ATT-099"},
		Change: placing(func(c *pagedCall, b, j, slots int) (page, slot int) {
			page, slot = c.pages.Place(b, j, slots)
			before := c.pages.Pages[b][:j/slots]
			if slices.Contains(before, page) {
				for page = 0; slices.Contains(before, page); page++ {
				}
			}
			return page, slot
		}),
	},
	{
		Name: "attention-paged-sixteen-slots", Fault: "pages count as 16 slots long",
		Kills: []spec.ID{"ATT-094", "ATT-098"},
		Change: placing(func(c *pagedCall, b, j, _ int) (page, slot int) {
			return c.pages.Pages[b][min(j/16, len(c.pages.Pages[b])-1)], j % 16
		}),
	},
	{
		Name: "attention-paged-slots-wrap", Fault: "the slots of a page wrap at 32",
		Kills: []spec.ID{"ATT-094", "ATT-098"},
		Change: placing(func(c *pagedCall, b, j, slots int) (page, slot int) {
			page, slot = c.pages.Place(b, j, slots)
			return page, slot % 32
		}),
	},
	{
		Name: "attention-paged-next-slot", Fault: "the slots of a page are off by one",
		Kills: []spec.ID{"ATT-094", "ATT-098"},
		Change: placing(func(c *pagedCall, b, j, slots int) (page, slot int) {
			page, slot = c.pages.Place(b, j, slots)
			return page, (slot + 1) % slots
		}),
	},
	{
		Name: "attention-paged-last-page-full", Fault: "all slots of the last page count",
		Kills: []spec.ID{"ATT-094", "ATT-095", "ATT-098"},
		Change: tabled(func(c *pagedCall) {
			c.opt.KeyLengths = slices.Clone(c.opt.KeyLengths)
			for b, n := range c.opt.KeyLengths {
				slots := c.k.Shape[2]
				c.opt.KeyLengths[b] = min(c.pages.Tokens, (n+slots-1)/slots*slots)
			}
		}),
	},
	{
		Name: "attention-paged-reads-unused-slots", Fault: "the slots behind the last token are read and multiplied by 0",
		Kills: []spec.ID{"ATT-095"},
		Change: func(im *implementation) {
			inner := im.PagedAttention
			im.PagedAttention = func(dst, q, k, v spec.Tensor[float64], pages spec.PageTable, opt *spec.AttentionOptions) {
				inner(dst, q, k, v, pages, opt)
				for b := range q.Shape[0] {
					if n := pages.TokensOf(b, opt); n > 0 && n%k.Shape[2] != 0 {
						page, slot := pages.Place(b, n-1, k.Shape[2])
						eachQuery(q.Shape, func(at, h, i int) {
							for c := range v.Shape[3] {
								if at == b {
									dst.Set(b, h, i, c, dst.At(b, h, i, c)+0*v.At(page, spec.KeyHead(h, q.Shape[1], v.Shape[1]), slot+1, c))
								}
							}
						})
					}
				}
			}
		},
	},
	{
		Name: "attention-paged-first-pages-in-place", Fault: "the first two pages of memory are taken for one another",
		Kills: []spec.ID{"ATT-094", "ATT-096", "ATT-098"},
		Change: placing(func(c *pagedCall, b, j, slots int) (page, slot int) {
			page, slot = c.pages.Place(b, j, slots)
			if page < 2 && c.k.Shape[0] > 1 {
				page = 1 - page
			}
			return page, slot
		}),
	},
	{
		Name: "attention-cache-new-before-past", Fault: "new tokens are put before the past",
		Model: "microsoft/onnxruntime-genai#2354",
		Kills: []spec.ID{"ATT-100", "ATT-101", "ATT-102", "ATT-103", "ATT-104"},
		Change: rearranged(func(c *cachedCall, j int) int {
			return (j + c.past()) % c.presentK.Shape[2]
		}),
	},
	{
		Name: "attention-cache-output-of-new-first", Fault: "the output, not the present, takes new tokens before the past",
		Kills: []spec.ID{"ATT-101", "ATT-102", "ATT-103", "ATT-104"},
		Change: cachedThen(func(c *cachedCall) {
			n := c.presentK.Shape[2]
			var places []int
			for j := range n {
				places = append(places, (j+c.past())%n)
			}
			c.attend(taken(c.presentK, places), taken(c.presentV, places), c.opt.AfterPast(c.past()))
		}),
	},
	{
		Name: "attention-cache-hole", Fault: "a place between past and new tokens is left out",
		Kills: []spec.ID{"ATT-100", "ATT-101", "ATT-102", "ATT-103"},
		Change: rearranged(func(c *cachedCall, j int) int {
			switch {
			case j < c.past():
				return j
			case j == c.past():
				return -1
			}
			return j - 1
		}),
	},
	{
		Name: "attention-cache-past-values-dropped", Fault: "past values count as 0 in the output",
		Kills: []spec.ID{"ATT-101", "ATT-102", "ATT-103"},
		Change: cachedThen(func(c *cachedCall) {
			var places []int
			for j := range c.presentV.Shape[2] {
				if j < c.past() {
					j = -1
				}
				places = append(places, j)
			}
			c.attend(c.presentK, taken(c.presentV, places), c.opt.AfterPast(c.past()))
		}),
	},
	{
		Name: "attention-cache-past-unseen", Fault: "queries see new tokens alone",
		Kills: []spec.ID{"ATT-101", "ATT-102", "ATT-103"},
		Change: cachedThen(func(c *cachedCall) {
			o := *c.opt.AfterPast(c.past())
			mask := fullGrid(&attentionCall[float64]{q: c.q, k: c.presentK}, func(b, h, i, j int) bool {
				return j >= c.past() && (c.opt.Mask == nil || j < c.opt.Mask.Keys && c.opt.Mask.At(b, h, i, j))
			})
			o.Mask = mask
			c.attend(c.presentK, c.presentV, &o)
		}),
	},
	{
		Name: "attention-cache-offset-ignored", Fault: "positions count from the first past token",
		Model:  "onnx/onnx#7297",
		Kills:  []spec.ID{"ATT-101", "ATT-102", "ATT-103"},
		Change: cachedThen(func(c *cachedCall) { c.attend(c.presentK, c.presentV, c.opt) }),
	},
	{
		Name: "attention-cache-offset-twice", Fault: "past tokens count twice in positions",
		Kills:  []spec.ID{"ATT-101", "ATT-103"},
		Change: cachedThen(func(c *cachedCall) { c.attend(c.presentK, c.presentV, c.opt.AfterPast(2*c.past())) }),
	},
	{
		Name: "attention-cache-present-rounded", Fault: "present values are rounded to 16 bits",
		Kills: []spec.ID{"ATT-100", "ATT-103"},
		Change: cachedThen(func(c *cachedCall) {
			for k, x := range c.presentV.Data {
				if !math.IsNaN(x) {
					c.presentV.Data[k] = shorten(x, 16)
				}
			}
		}),
	},
	{
		Name: "attention-cache-present-of-first-batch", Fault: "all of the batch get the past keys of the first",
		Kills: []spec.ID{"ATT-100", "ATT-103"},
		Change: cachedThen(func(c *cachedCall) {
			eachQuery(c.pastK.Shape, func(b, h, j int) {
				for d := range c.pastK.Shape[3] {
					c.presentK.Set(b, h, j, d, c.pastK.At(0, h, j, d))
				}
			})
		}),
	},
	{
		Name: "attention-cache-unseen-values-times-0", Fault: "past values that a query may not see are multiplied by 0",
		Model:  "Dao-AILab/flash-attention#1745",
		Kills:  []spec.ID{"ATT-101", "ATT-103"},
		Change: cachedThen(func(c *cachedCall) { c.addUnseenPast(c.pastV) }),
	},
	{
		Name: "attention-cache-unseen-keys-times-0", Fault: "past keys that a query may not see are multiplied by 0",
		Kills:  []spec.ID{"ATT-101", "ATT-103"},
		Change: cachedThen(func(c *cachedCall) { c.addUnseenPast(c.pastK) }),
	},
}

// addUnseenPast adds the past tokens of t that a query may not see, times 0, to its
// output.
func (c *cachedCall) addUnseenPast(t spec.Tensor[float64]) {
	opt := c.opt.AfterPast(c.past())
	eachQuery(c.q.Shape, func(b, h, i int) {
		g := spec.KeyHead(h, c.q.Shape[1], t.Shape[1])
		for j := range c.past() {
			if !opt.Allowed(b, h, i, j) {
				c.dst.Set(b, h, i, 0, c.dst.At(b, h, i, 0)+0*t.At(b, g, j, 0))
			}
		}
	})
}
