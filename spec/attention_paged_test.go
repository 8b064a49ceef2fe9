package spec_test

import (
	"testing"

	"example.com/attest/spec"
)

// TestCheckPagedAttention spoils operands that fit, 2 batches of 7 tokens in 5
// pages of 3 slots, in one way each.
func TestCheckPagedAttention(t *testing.T) {
	for _, c := range []struct {
		text  string
		spoil func(o *operands, p *spec.PageTable)
	}{
		{"", func(*operands, *spec.PageTable) {}},
		{"", func(_ *operands, p *spec.PageTable) { p.Pages[1] = []int{0, 0, 0, -1, 99} }},
		{"", func(o *operands, p *spec.PageTable) {
			o.opt.KeyLengths = []int{0, 4}
			p.Pages = [][]int{{-1}, {4, 4, 7}}
		}},
		{"", func(o *operands, p *spec.PageTable) {
			o.opt.KeyLengths, p.Pages = []int{0, 0}, [][]int{nil, nil}
			o.k, o.v = spec.NewTensor[float64](0, 2, 0, 5), spec.NewTensor[float64](0, 2, 0, 6)
		}},
		{"attest: query has a negative size", func(o *operands, _ *spec.PageTable) { o.q.Shape[0] = -1 }},
		{"attest: key is shorter than its view", func(o *operands, _ *spec.PageTable) { o.k.Data = o.k.Data[1:] }},
		{"attest: value has a negative stride", func(o *operands, _ *spec.PageTable) { o.v.Stride[0] = -1 }},
		{"attest: attention without options", func(o *operands, _ *spec.PageTable) { o.opt = nil }},
		{"attest: key and value differ in their pages", func(o *operands, _ *spec.PageTable) { o.v.Shape[0] = 4 }},
		{"attest: key and value differ in their pages", func(o *operands, _ *spec.PageTable) { o.k.Shape[2] = 2 }},
		{"attest: the page table has a negative number of tokens", func(_ *operands, p *spec.PageTable) { p.Tokens = -1 }},
		{"attest: not one key length for each batch or packed sequence", func(o *operands, _ *spec.PageTable) { o.opt.KeyLengths = []int{1} }},
		{"attest: not one row of pages for each batch", func(_ *operands, p *spec.PageTable) { p.Pages = p.Pages[:1] }},
		{"attest: pages without slots", func(o *operands, _ *spec.PageTable) { o.k.Shape[2], o.v.Shape[2] = 0, 0 }},
		{"attest: the page table is too short for the tokens", func(_ *operands, p *spec.PageTable) { p.Pages[0] = p.Pages[0][:2] }},
		{"attest: the page table is too short for the tokens", func(_ *operands, p *spec.PageTable) { p.Tokens = 10 }},
		{"attest: an entry of the page table is no page", func(_ *operands, p *spec.PageTable) { p.Pages[1][2] = 5 }},
		{"attest: an entry of the page table is no page", func(_ *operands, p *spec.PageTable) { p.Pages[0][0] = -1 }},
		{"attest: the mask is not queries×keys", func(_ *operands, p *spec.PageTable) { p.Tokens = 6 }},
		{"attest: the heads of key do not divide those of query", func(o *operands, _ *spec.PageTable) { o.k.Shape[1], o.v.Shape[1] = 0, 0 }},
		{"attest: query and key differ in their channels", func(o *operands, _ *spec.PageTable) { o.q.Shape[3] = 4 }},
		{"attest: dst overlaps itself", func(o *operands, _ *spec.PageTable) { o.dst.Stride[0] = 0 }},
		{"attest: dst shares memory with an input", func(o *operands, _ *spec.PageTable) {
			o.dst.Data = make([]float64, 300)
			o.k.Data = o.dst.Data[o.dst.Span()-1:]
		}},
	} {
		o := fitting()
		o.k, o.v = spec.NewTensor[float64](5, 2, 3, 5), spec.NewTensor[float64](5, 2, 3, 6)
		pages := spec.PageTable{Tokens: 7, Pages: [][]int{{4, 0, 2}, {1, 1, 3}}}
		c.spoil(&o, &pages)
		if text := panicText(func() { spec.CheckPagedAttention(o.dst, o.q, o.k, o.v, pages, o.opt) }); text != c.text {
			t.Errorf("got %q, want %q", text, c.text)
		}
	}
}
