package props

import (
	"fmt"
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

func attentionPagedProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-094", Run: pagedInOrder[T]},
		{Claim: "ATT-095", Run: pagedPoison[T]},
		{Claim: "ATT-096", Run: pagedMoved[T]},
		{Claim: "ATT-097", Run: pagedCopied[T]},
		{Claim: "ATT-098", Run: pagedValue[T]},
		{Claim: "ATT-099", Run: pagedInMemory[T]},
	}
}

// pagedScene is a drawn attention over pages: its keys and values are the tokens in
// order, as the table takes them from the pages k and v.
type pagedScene[T spec.Float] struct {
	attentionScene[T]
	pagesK, pagesV tensor
	table          spec.PageTable
}

// pagedSizes limits what drawPagedOf draws.
type pagedSizes struct {
	leastPages          int
	leastSlots, slots   int // of a page
	leastTokens, tokens int
	queries, channels   int // at most
}

// drawPaged draws at least the given number of pages, of at most as many slots as
// given, a table, and the queries and options of an attention; in two cases of eight
// tokens by the hundred of few channels, in one of them on pages of up to 64 slots.
func drawPaged[T spec.Float](t *Trial, im *spec.Implementation[T], leastPages, mostSlots int) pagedScene[T] {
	l := pagedSizes{leastPages, 1, mostSlots, 1, 49, 17, usual.channels}
	switch t.Int("large", 0, 7) {
	case 6:
		l.leastTokens, l.tokens, l.queries, l.channels = 65, 320, 9, 2
	case 7:
		l.leastTokens, l.tokens, l.queries, l.channels = 65, 320, 9, 2
		l.leastSlots, l.slots = 18, 64
	}
	s := drawPagedOf(t, im, l)
	t.Sometimes("more than 64 tokens", s.table.Tokens > 64)
	t.Sometimes("pages of more than 17 slots", s.pagesK.Shape[2] > 17)
	return s
}

// drawPagedOf draws what drawPaged does within the given sizes.
func drawPagedOf[T spec.Float](t *Trial, im *spec.Implementation[T], l pagedSizes) pagedScene[T] {
	batch, keyHeads := t.Int("batch", 1, 2), t.Int("keyHeads", 1, 2)
	heads, m, n := keyHeads*t.Int("group", 1, 3), t.Size("m", 1, l.queries), t.Size("n", l.leastTokens, l.tokens)
	d, dv := t.Size("dHead", 1, l.channels), t.Size("dValue", 1, l.channels)
	pages, slots := t.Int("pages", l.leastPages, 6), t.Int("slots", l.leastSlots, l.slots)
	s := pagedScene[T]{table: spec.PageTable{Tokens: n}}
	s.layout = drawLayout(t)
	s.q = tensorOf(t.Matrix("Q", batch*heads*m, d, keyKinds, -2, 2), batch, heads, m)
	s.pagesK = tensorOf(t.Matrix("K", pages*keyHeads*slots, d, keyKinds, -2, 2), pages, keyHeads, slots)
	s.pagesV = tensorOf(t.Matrix("V", pages*keyHeads*slots, dv, valueKinds, -2, 2), pages, keyHeads, slots)
	entries := t.Matrix("table", batch, (n-1)/slots+1, []gen.Kind{gen.Normal, gen.Iota, gen.Ints, gen.Zero}, 0, 2)
	for b := range batch {
		var row []int
		for _, x := range entries.Row(b) {
			row = append(row, int(math.Abs(4*x))%pages)
		}
		s.table.Pages = append(s.table.Pages, row)
	}
	s.opt.Scale = spec.DefaultScale(d)
	if t.Bool("masked") {
		s.opt.Mask = drawMask(t, m, n)
	}
	if t.Bool("causal") {
		s.opt.Causal, s.opt.Offset = true, t.Int("offset", -2, 40)
	}
	if im.AttentionAbilities.KeyLengths && t.Bool("with lengths") {
		for b := range batch {
			s.opt.KeyLengths = append(s.opt.KeyLengths, n-t.Size(fmt.Sprint("keys beyond length of batch ", b), 0, n))
		}
	}
	return s.ordered()
}

// ordered sets keys and values to what the table takes from the pages, and to 0
// where it need name none.
func (s pagedScene[T]) ordered() pagedScene[T] {
	of := func(pages tensor) tensor {
		return tensorLike([4]int{s.q.Shape[0], pages.Shape[1], s.table.Tokens, pages.Shape[3]}, func(b, g, j, c int) float64 {
			if j >= s.tokens(b) {
				return 0
			}
			return pages.At(s.table.Pages[b][j/pages.Shape[2]], g, j%pages.Shape[2], c)
		})
	}
	s.k, s.v = of(s.pagesK), of(s.pagesV)
	return s
}

// tokens returns for how many tokens of batch b the table has pages.
func (s pagedScene[T]) tokens(b int) int { return s.table.TokensOf(b, &s.opt) }

// run calls the implementation with the pages.
func (s pagedScene[T]) run(t *Trial, im *spec.Implementation[T]) tensor {
	s = s.hide(t)
	out := outputTensor[T](t, "output", s.shapeOut(), s.layout)
	opt, table := s.lend(t), spec.PageTable{Tokens: s.table.Tokens}
	for _, row := range s.table.Pages {
		table.Pages = append(table.Pages, lendSlice(t, "page table", row, math.MinInt32))
	}
	im.PagedAttention(out, inputTensor[T](t, "Q", s.q, s.layout), inputTensor[T](t, "K", s.pagesK, s.layout),
		inputTensor[T](t, "V", s.pagesV, s.layout), table, &opt)
	return wideTensor(out)
}

// hide returns s as it is handed over: where the case draws so, with poison in
// slots that no query may see.
func (s pagedScene[T]) hide(t *Trial) pagedScene[T] {
	if !s.bare && t.unusual() {
		if poison, poisoned := drawHidden(t); poisoned {
			s, _ = s.spoilt(poison)
			s.opt.Bias = s.hiddenBias(float32(poison))
		}
	}
	return s
}

// spoilt returns s with poison in the slots that no query may see, and whether
// there are any.
func (s pagedScene[T]) spoilt(poison float64) (out pagedScene[T], hidden bool) {
	var named [][][]bool
	for g := range s.pagesK.Shape[1] {
		named = append(named, s.named(g))
	}
	spoil := func(x tensor) tensor {
		return tensorLike(x.Shape, func(page, g, slot, c int) float64 {
			if !named[g][page][slot] {
				hidden = true
				return poison
			}
			return x.At(page, g, slot, c)
		})
	}
	out = s
	out.pagesK, out.pagesV = spoil(s.pagesK), spoil(s.pagesV)
	return out, hidden
}

// named returns, for each slot of each page, whether some query of a head that
// uses head g may see a token in it.
func (s pagedScene[T]) named(g int) [][]bool {
	out := make([][]bool, s.pagesK.Shape[0])
	for page := range out {
		out[page] = make([]bool, s.pagesK.Shape[2])
	}
	for b := range s.q.Shape[0] {
		for j := range s.tokens(b) {
			if s.seen(b, g, j) {
				page, slot := s.table.Place(b, j, s.pagesK.Shape[2])
				out[page][slot] = true
			}
		}
	}
	return out
}

// sometimesPaged demands the classes of case that matter to pages.
func (s pagedScene[T]) sometimesPaged(t *Trial) {
	slots := s.pagesK.Shape[2]
	for b, row := range s.table.Pages {
		t.Sometimes("a page that serves twice in a batch", len(slices.Compact(slices.Sorted(slices.Values(row)))) < len(row))
		t.Sometimes("a page of two batches", b > 0 && slices.Contains(row, s.table.Pages[0][0]))
		t.Sometimes("pages out of order", !slices.IsSorted(row))
		t.Sometimes("a last page that is not full", s.tokens(b)%slots != 0)
	}
}

func pagedInOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPaged(t, im, 1, 17)
	s.agree(t, im, s.run(t, im), s.attentionScene.run(t, im), s.bound(t, im))
	s.sometimesPaged(t)
}

func pagedPoison[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPaged(t, im, 1, 17)
	s.bare = true
	spoilt, hidden := s.spoilt(drawPoison(t))
	spoilt.table.Pages = nil
	for b, row := range s.table.Pages {
		row = slices.Clone(row)
		for block := range row {
			if block*s.pagesK.Shape[2] >= s.tokens(b) {
				row[block] = -1
			}
		}
		spoilt.table.Pages = append(spoilt.table.Pages, append(row, math.MaxInt))
	}
	want := s.run(t, im)
	sameTensorBits(t, "output", spoilt.run(t, im), want)
	t.Informative(hidden && someNonzero(want))
}

func pagedMoved[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPaged(t, im, 2, 17)
	from := permutation(t, "order", s.pagesK.Shape[0])
	s.agree(t, im, s.moved(from).run(t, im), s.run(t, im), s.bound(t, im))
	t.Informative(!slices.IsSorted(from))
}

// moved returns s with the pages at the given places, in that order.
func (s pagedScene[T]) moved(from []int) pagedScene[T] {
	out := s
	out.pagesK, out.pagesV, out.table.Pages = gather(s.pagesK, 0, from), gather(s.pagesV, 0, from), nil
	for _, row := range s.table.Pages {
		var entries []int
		for _, page := range row {
			entries = append(entries, slices.Index(from, page))
		}
		out.table.Pages = append(out.table.Pages, entries)
	}
	return out
}

func pagedCopied[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPaged(t, im, 1, 5)
	apart, shared := s.apart()
	s.agree(t, im, s.run(t, im), apart.run(t, im), s.bound(t, im))
	t.Informative(shared)
}

// apart returns s with a page of its own for each entry of the table, and whether
// some page served several.
func (s pagedScene[T]) apart() (out pagedScene[T], shared bool) {
	out = s
	out.table.Pages = nil
	var from []int // the page of each copy
	for _, row := range s.table.Pages {
		var entries []int
		for _, page := range row {
			shared = shared || slices.Contains(from, page)
			entries = append(entries, len(from))
			from = append(from, page)
		}
		out.table.Pages = append(out.table.Pages, entries)
	}
	out.pagesK, out.pagesV = gather(s.pagesK, 0, from), gather(s.pagesV, 0, from)
	return out, shared
}

func pagedValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPaged(t, im, 1, 17)
	s.drawOptions(t, im.AttentionAbilities)
	s = s.ordered()
	shape := s.shapeOut()
	want, bound := spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3]), s.bound(t, im)
	t.Oracle.PagedAttention(want, s.q, s.pagesK, s.pagesV, s.table, &s.opt)
	nearTensor(t, "output", s.run(t, im), want, bound)
	t.Informative(s.telling(want, bound))
	s.sometimesPaged(t)
}

// pagedInMemory compares with the attention over both pages as they lie.
func pagedInMemory[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	dv := t.Int("dValue", 1, 4)
	s := pagedScene[T]{table: spec.PageTable{Tokens: 2, Pages: [][]int{{t.Int("first page", 0, 1), t.Int("second page", 0, 1)}}}}
	s.layout, s.opt.Scale = drawLayout(t), 1
	s.q = tensorOf(t.Matrix("Q", 1, 1, exactKinds, 0, 0), 1, 1, 1)
	s.pagesK = tensorOf(t.Matrix("K", 2, 1, exactKinds, 0, 0), 2, 1, 1)
	s.pagesV = tensorOf(t.Matrix("V", 2, dv, exactKinds, 0, 0), 2, 1, 1)
	s = s.ordered()
	memory := s.attentionScene
	memory.k, memory.v = tensorOf(matrixOf(s.pagesK), 1, 1, 2), tensorOf(matrixOf(s.pagesV), 1, 1, 2)
	s.agree(t, im, s.run(t, im), memory.run(t, im), memory.bound(t, im))
}

// matrixOf returns the tokens of x, a row each, in the order of batch, head and
// token.
func matrixOf(x tensor) matrix {
	out := spec.NewMatrix[float64](x.Shape[0]*x.Shape[1]*x.Shape[2], x.Shape[3])
	eachElement(x.Shape, func(b, h, i, c int) { out.Set((b*x.Shape[1]+h)*x.Shape[2]+i, c, x.At(b, h, i, c)) })
	return out
}
