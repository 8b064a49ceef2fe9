package transformer

import "example.com/attest/spec"

// AttendPaged is Attend over keys and values in pages: those tokens that the
// pages must hold are copied one after the other first. See spec.PagedAttention.
func AttendPaged(dst, q, k, v spec.Tensor[float32], pages spec.PageTable, opt *spec.AttentionOptions) {
	bestAttention.AttendPaged(dst, q, k, v, pages, opt)
}

// AttendPaged is the function AttendPaged at the level of a.
func (a *Attention) AttendPaged(dst, q, k, v spec.Tensor[float32], pages spec.PageTable, opt *spec.AttentionOptions) {
	spec.CheckPagedAttention(dst, q, k, v, pages, opt)
	a.attend(dst, spec.Tensor[float32]{}, q, unpaged(k, pages, opt), unpaged(v, pages, opt), opt)
}

// unpaged returns the tokens that pages of keys or values hold.
func unpaged(t spec.Tensor[float32], pages spec.PageTable, opt *spec.AttentionOptions) spec.Tensor[float32] {
	out := spec.NewTensor[float32](len(pages.Pages), t.Shape[1], pages.Tokens, t.Shape[3])
	for b := range out.Shape[0] {
		for g := range out.Shape[1] {
			for j := range pages.TokensOf(b, opt) {
				page, slot := pages.Place(b, j, t.Shape[2])
				load(out.Data[out.Index(b, g, j, 0):][:t.Shape[3]], t, page, g, slot)
			}
		}
	}
	return out
}
