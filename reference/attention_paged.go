package reference

import "example.com/attest/spec"

var pagedAttention spec.PagedAttention[float64] = PagedAttention

// PagedAttention stores the attention over the tokens that the pages hold, in
// their order.
func PagedAttention(dst, q, k, v tensor, pages spec.PageTable, opt *spec.AttentionOptions) {
	spec.CheckPagedAttention(dst, q, k, v, pages, opt)
	Attention(dst, q, Tokens(k, pages, opt), Tokens(v, pages, opt), opt)
}

// Tokens returns the tokens that pages of keys or values hold for each batch, one
// after the other, and 0 where there need be none.
func Tokens(t tensor, pages spec.PageTable, opt *spec.AttentionOptions) tensor {
	out := spec.NewTensor[float64](len(pages.Pages), t.Shape[1], pages.Tokens, t.Shape[3])
	for b := range out.Shape[0] {
		for j := range pages.TokensOf(b, opt) {
			page, slot := pages.Place(b, j, t.Shape[2])
			for g := range out.Shape[1] {
				for c := range out.Shape[3] {
					out.Set(b, g, j, c, t.At(page, g, slot, c))
				}
			}
		}
	}
	return out
}
