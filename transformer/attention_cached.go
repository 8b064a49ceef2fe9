package transformer

import "example.com/attest/spec"

// AttendCached stores past and new tokens one after the other, and the attention
// over them. See spec.CachedAttention.
func AttendCached(dst, presentK, presentV, q, k, v, pastK, pastV spec.Tensor[float32], opt *spec.AttentionOptions) {
	bestAttention.AttendCached(dst, presentK, presentV, q, k, v, pastK, pastV, opt)
}

// AttendCached is the function AttendCached at the level of a.
func (a *Attention) AttendCached(dst, presentK, presentV, q, k, v, pastK, pastV spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckCachedAttention(dst, presentK, presentV, q, k, v, pastK, pastV, opt)
	copyTokens(presentK, 0, pastK)
	copyTokens(presentK, pastK.Shape[2], k)
	copyTokens(presentV, 0, pastV)
	copyTokens(presentV, pastV.Shape[2], v)
	a.attend(dst, spec.Tensor[float32]{}, q, presentK, presentV, opt.AfterPast(pastK.Shape[2]))
}

// copyTokens stores the tokens of src in dst from the given one on.
func copyTokens(dst spec.Tensor[float32], first int, src spec.Tensor[float32]) {
	if src.Shape[3] == 0 {
		return
	}
	for b := range src.Shape[0] {
		for h := range src.Shape[1] {
			for i := range src.Shape[2] {
				at := dst.Index(b, h, first+i, 0)
				if dst.Stride[3] == 1 {
					load(dst.Data[at:at+src.Shape[3]], src, b, h, i)
					continue
				}
				for c := range src.Shape[3] {
					dst.Data[at+c*dst.Stride[3]] = src.At(b, h, i, c)
				}
			}
		}
	}
}
