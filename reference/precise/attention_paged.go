package precise

import "example.com/attest/spec"

var pagedAttention spec.PagedAttention[float64] = attendPaged

// attendPaged finds each token through the table when it is needed.
func attendPaged(dst, q, k, v spec.Tensor[float64], pages spec.PageTable, opt *spec.AttentionOptions) {
	spec.CheckPagedAttention(dst, q, k, v, pages, opt)
	inPages := func(t spec.Tensor[float64]) tokens {
		return tokens{t.Shape[1], pages.Tokens, t.Shape[3], func(b, g, j, c int) float64 {
			page, slot := pages.Place(b, j, t.Shape[2])
			return t.At(page, g, slot, c)
		}}
	}
	attendRows(dst, q, inPages(k), inPages(v), opt, func(_, _, _ int, _ real) {})
}
