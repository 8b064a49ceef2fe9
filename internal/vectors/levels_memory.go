package vectors

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// broadcastCases have masks, biases and kept weights whose axes are shared or
// missing, and rows shorter than the keys.
func broadcastCases() []testCase {
	s := size{batch: 2, heads: 4, keyHeads: 2, m: 3, n: 7, d: 8, dv: 8}
	third := func(k int) bool { return k%3 != 1 }
	fifth := func(k int) bool { return k%5 != 2 }
	return []testCase{
		draw("a mask of keys", s, fills{}, "Broadcast").maskOf(third, 7),
		draw("a mask of heads, queries and keys", s, fills{}, "Broadcast").maskOf(third, 4, 3, 7),
		draw("a mask of batches, heads, queries and keys", s, fills{}, "Broadcast").maskOf(third, 2, 4, 3, 7),
		draw("a mask of batches and keys, shared by heads and queries", s, fills{}, "Broadcast").maskOf(third, 2, 1, 1, 7),
		draw("a mask of heads and keys, shared by the queries", s, fills{}, "Broadcast").maskOf(fifth, 4, 1, 7),
		draw("a mask of batches, queries and keys, shared by the heads, causal", s, fills{}, "Broadcast", "Causal").maskOf(fifth, 2, 1, 3, 7).causal(3),
		draw("a mask of the first 5 of 7 keys", s, fills{}, "Broadcast", "ShortMask").maskOf(fifth, 3, 5),
		draw("a mask of the first key alone", s, fills{}, "Broadcast", "ShortMask").maskOf(func(int) bool { return true }, 1),
		draw("a mask of no key", s, fills{}, "Broadcast", "ShortMask", "NoAllowedKey").maskOf(third, 4, 1, 0),
		draw("a bias of batches and keys, shared by heads and queries", s, fills{}, "Broadcast", "Bias").bias(0, 2, 1, 1, 7),
		draw("a bias of batches, queries and the first 6 of 7 keys", s, fills{}, "Broadcast", "Bias", "ShortBias").bias(0, 2, 1, 3, 6),
		draw("a bias of keys, every third hidden", s, fills{}, "Broadcast", "Bias", "BiasHides").bias(3, 7),
		draw("a short mask and a shorter bias", s, fills{}, "Broadcast", "ShortMask", "ShortBias").maskOf(fifth, 2, 4, 1, 6).bias(0, 4, 1, 5),
		draw("weights kept by key", s, fills{}, "Broadcast", "Keep").keepOf(1.5, third, 7),
		draw("weights kept by batch, head, query and key", s, fills{}, "Broadcast", "Keep").keepOf(1.5, third, 2, 4, 3, 7),
		draw("weights kept by head and key, shared by the queries", s, fills{}, "Broadcast", "Keep").keepOf(1.25, fifth, 4, 1, 7),
		draw("kept weights of the first 5 of 7 keys", s, fills{}, "Broadcast", "Keep", "ShortKeep").keepOf(1.25, third, 3, 5),
	}
}

// paged moves the keys and values of c, as far as its key lengths count them, into
// pages of the given number of slots, as the table says. A page that is named for
// several places has the tokens of the last; slots without a token hold NaN.
func (c testCase) paged(slots int, table ...[]int) testCase {
	pages, at := 1, &spec.PageTable{Tokens: c.k.Shape[2], Pages: table}
	for _, row := range table {
		for _, page := range row {
			pages = max(pages, page+2) // and one that nobody names
		}
	}
	into := func(x tensor) tensor {
		out := spec.NewTensor[float64](pages, x.Shape[1], slots, x.Shape[3])
		for e := range out.Data {
			out.Data[e] = math.NaN()
		}
		for b, row := range table {
			for j := range at.TokensOf(b, &c.opt) {
				for g := range x.Shape[1] {
					for e := range x.Shape[3] {
						out.Set(row[j/slots], g, j%slots, e, x.At(b, g, j, e))
					}
				}
			}
		}
		return out
	}
	c.k, c.v, c.pages = into(c.k), into(c.v), at
	return c
}

func pagedCases() []testCase {
	s := size{m: 3, n: 9, d: 8, dv: 8}
	two := size{batch: 2, heads: 4, keyHeads: 2, m: 3, n: 9, d: 8, dv: 8}
	lengths := func(n ...int) func(o *spec.AttentionOptions) {
		return func(o *spec.AttentionOptions) { o.KeyLengths = n }
	}
	offsets := func(n ...int) func(o *spec.AttentionOptions) {
		return func(o *spec.AttentionOptions) { o.Offsets = n }
	}
	return []testCase{
		draw("3 pages of 4 slots, as they lie, the last not full", s, fills{}, "Pages").paged(4, []int{0, 1, 2}),
		draw("3 pages of 4 slots, in another order", s, fills{}, "Pages", "PageOrder").paged(4, []int{2, 0, 3}),
		draw("9 pages of 1 slot", s, fills{}, "Pages", "PageOrder").paged(1, []int{4, 2, 8, 0, 6, 1, 7, 3, 5}),
		draw("one page of 16 slots for 9 tokens", s, fills{}, "Pages").paged(16, []int{1}),
		draw("two batches of 2 heads of keys", two, fills{}, "Pages", "PageOrder", "Batch").paged(4, []int{5, 0, 3}, []int{1, 4, 2}),
		draw("two batches that share their first page", two, fills{}, "Pages", "SharedPage").paged(4, []int{2, 0, 3}, []int{2, 4, 1}),
		draw("a page that is named twice", s, fills{}, "Pages", "SharedPage").paged(4, []int{1, 1, 0}),
		draw("key lengths, no pages behind them", two, fills{}, "Pages", "KeyLengths", "PagesBehind").options(lengths(9, 3)).paged(4, []int{1, 3, 0}, []int{2, -1, -1}),
		draw("a batch of no keys and of no pages", two, fills{}, "Pages", "KeyLengths", "NoAllowedKey").options(lengths(0, 5)).paged(4, []int{-1, -1, -1}, []int{2, 0, -1}),
		draw("no tokens and no pages", size{m: 3, d: 4, dv: 4}, fills{}, "Pages", "Empty", "NoAllowedKey").paged(4, []int{}),
		draw("pages, causal, offsets of two batches", two, fills{}, "Pages", "Causal", "Offsets").causal(0).options(lengths(9, 6)).options(offsets(6, 3)).
			paged(4, []int{4, 1, 2}, []int{0, 3, -1}),
		draw("one new token behind 128 past ones in pages of 16", size{heads: 8, keyHeads: 2, m: 1, n: 129, d: 8, dv: 8}, fills{}, "Pages", "PageOrder", "Cache", "ManyKeys").
			causal(128).paged(16, []int{8, 3, 5, 0, 7, 1, 6, 2, 4}),
		draw("pages and packed sequences", size{m: 5, n: 9, d: 8, dv: 8}, fills{}, "Pages", "Packed", "Causal").causal(2).
			options(func(o *spec.AttentionOptions) {
				o.Sequences = &spec.Sequences{Queries: []int{0, 2, 5}, Keys: []int{0, 4, 9}}
			}).paged(4, []int{2, 0, 1}),
		draw("pages with all options", two, fills{}, "Pages", "AllTogether").causal(6).options(windowed(6, 0)).bias(13, 4, 3, 9).options(func(o *spec.AttentionOptions) {
			o.Softcap, o.Sinks, o.Slopes = 3, []float32{0, 1, -1, 2}, spec.AlibiSlopes(4)
		}).mask(func(i, j int) bool { return (i+2*j)%5 != 0 }).keep(1.25, func(i, j int) bool { return (i+j)%4 != 0 }).paged(4, []int{5, 0, 3}, []int{1, 4, 2}),
	}
}

// behindPast puts the first tokens of the keys and values of c into a past.
func (c testCase) behindPast(tokens int) testCase {
	split := func(x tensor) (past, fresh tensor) {
		past, fresh = zeros([4]int{x.Shape[0], x.Shape[1], tokens, x.Shape[3]}), zeros([4]int{x.Shape[0], x.Shape[1], x.Shape[2] - tokens, x.Shape[3]})
		for row := range x.Shape[0] * x.Shape[1] {
			at := x.Data[row*x.Stride[1]:][:x.Stride[1]]
			copy(past.Data[row*past.Stride[1]:], at[:past.Stride[1]])
			copy(fresh.Data[row*fresh.Stride[1]:], at[past.Stride[1]:])
		}
		return past, fresh
	}
	var past [2]tensor
	past[0], c.k = split(c.k)
	past[1], c.v = split(c.v)
	c.past = &past
	return c
}

func presentCases() []testCase {
	s := size{heads: 4, keyHeads: 2, m: 3, n: 9, d: 8, dv: 6}
	two := size{batch: 2, heads: 4, keyHeads: 2, m: 3, n: 9, d: 8, dv: 8}
	hidden := draw("past tokens that nobody sees: NaN and −0", two, fills{}, "Present", "HiddenNaN").options(windowed(4, 0)).behindPast(6)
	for b := range 2 {
		for e := range 8 {
			hidden.past[0].Set(b, 1, 0, e, math.NaN())
			hidden.past[1].Set(b, 0, 1, e, math.Copysign(0, -1))
			hidden.past[1].Set(b, 1, 0, e, math.NaN())
		}
	}
	return []testCase{
		draw("3 new tokens behind 6 past ones", s, fills{}, "Present").behindPast(6),
		draw("3 new tokens behind 6 past ones, causal", s, fills{}, "Present", "PresentOffset", "Causal").causal(0).behindPast(6),
		draw("no past", s, fills{}, "Present", "Causal").causal(0).behindPast(0),
		draw("past tokens alone", s, fills{}, "Present", "PresentOffset", "Causal").causal(-3).behindPast(9),
		draw("one new token behind 128 past ones, 8 heads", size{heads: 8, keyHeads: 2, m: 1, n: 129, d: 8, dv: 8}, fills{}, "Present", "ManyKeys").causal(0).behindPast(128),
		draw("offsets of two batches from the first new token, causal", two, fills{}, "Present", "PresentOffset", "Offsets", "Causal").causal(0).
			options(func(o *spec.AttentionOptions) { o.Offsets = []int{0, -4} }).behindPast(6),
		draw("key lengths of the present, causal", two, fills{}, "Present", "PresentOffset", "KeyLengths", "Causal").causal(1).
			options(func(o *spec.AttentionOptions) { o.KeyLengths = []int{9, 4} }).behindPast(6),
		hidden,
		draw("a past, with slopes, a mask and a bias of all keys", s, fills{}, "Present", "PresentOffset", "AllTogether").causal(0).bias(0, 4, 3, 9).
			options(func(o *spec.AttentionOptions) { o.Slopes = spec.AlibiSlopes(4) }).mask(func(i, j int) bool { return (i+2*j)%5 != 0 }).behindPast(6),
		draw("a past of subnormal values", s, fills{2: gen.Fill{Exponent: -130}}, "Present", "Subnormal").behindPast(5),
	}
}
