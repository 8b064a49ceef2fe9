package spec

// PageTable says where the tokens of a cache are that lies in pages of equally
// many slots: token j of batch b is in slot j mod slots of page
// Pages[b][j/slots], rounded down. Pages may be in any order, and one may serve
// several blocks of tokens, of one batch or of several.
type PageTable struct {
	Tokens int // of each batch: the n of an attention
	// Pages has, for each batch, a page for each block of tokens that holds one of
	// the first KeyLengths[b] or, without key lengths, of all. Entries behind these
	// are not looked at, nor are slots behind the last token.
	Pages [][]int
}

// PagedAttention is Attention over keys and values in pages: k is
// pages×headsKV×slots×dHead and v pages×headsKV×slots×dValue; dst and q are those
// of an attention with pages.Tokens keys, and so are the options. Operands that do
// not fit panic as CheckPagedAttention says.
type PagedAttention[T Float] func(dst, q, k, v Tensor[T], pages PageTable, opt *AttentionOptions)

// Place returns page and slot of token j of batch b in pages of the given number
// of slots.
func (p *PageTable) Place(b, j, slots int) (page, slot int) { return p.Pages[b][j/slots], j % slots }

// TokensOf returns how many tokens of batch b the table must have pages for.
func (p *PageTable) TokensOf(b int, opt *AttentionOptions) int {
	if opt.KeyLengths != nil && opt.Sequences == nil {
		return opt.KeyLengths[b]
	}
	return p.Tokens
}

// CheckPagedAttention panics with a constant text when the operands of an
// attention over pages do not fit one another or their views do not fit their
// data, or an entry of the table that is looked at is no page. dst must be
// distinct in its elements and apart from the inputs.
func CheckPagedAttention[T Float](dst, q, k, v Tensor[T], pages PageTable, opt *AttentionOptions) {
	q.Check("query")
	k.Check("key")
	v.Check("value")
	switch {
	case opt == nil:
		panic("attest: attention without options")
	case k.Shape[0] != v.Shape[0] || k.Shape[2] != v.Shape[2]:
		panic("attest: key and value differ in their pages")
	case pages.Tokens < 0:
		panic("attest: the page table has a negative number of tokens")
	}
	opt.checkLengths(q.Shape[0], q.Shape[2], pages.Tokens)
	pages.check(q.Shape[0], k.Shape[0], k.Shape[2], opt)
	checkOperands("dst", dst, q, tokensOf(k, pages, q.Shape[0]), tokensOf(v, pages, q.Shape[0]), opt)
	if !dst.distinct() {
		panic("attest: dst overlaps itself")
	}
	if overlap(dst, q) || overlap(dst, k) || overlap(dst, v) || holds(opt, q.Shape[0], q.Shape[1], q.Shape[2], dst.memory()) {
		panic("attest: dst shares memory with an input")
	}
}

func (p *PageTable) check(batch, pages, slots int, opt *AttentionOptions) {
	if len(p.Pages) != batch {
		panic("attest: not one row of pages for each batch")
	}
	for b, row := range p.Pages {
		tokens := p.TokensOf(b, opt)
		if tokens == 0 {
			continue
		}
		if slots == 0 {
			panic("attest: pages without slots")
		}
		blocks := (tokens-1)/slots + 1
		if len(row) < blocks {
			panic("attest: the page table is too short for the tokens")
		}
		for _, page := range row[:blocks] {
			if page < 0 || page >= pages {
				panic("attest: an entry of the page table is no page")
			}
		}
	}
}

// tokensOf returns a view of the shape that pages of keys or values stand for, in
// which all tokens are those of the first page.
func tokensOf[T Float](t Tensor[T], pages PageTable, batch int) Tensor[T] {
	out := Tensor[T]{Data: t.Data, Shape: [4]int{batch, t.Shape[1], pages.Tokens, t.Shape[3]}, Stride: [4]int{0, t.Stride[1], 0, t.Stride[3]}}
	if t.empty() {
		out.Data = make([]T, out.Span()) // no token is looked at
	}
	return out
}
