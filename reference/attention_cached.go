package reference

import "example.com/attest/spec"

var cachedAttention spec.CachedAttention[float64] = CachedAttention

// CachedAttention stores past and new tokens one after the other, and the
// attention over them.
func CachedAttention(dst, presentK, presentV, q, k, v, pastK, pastV tensor, opt *spec.AttentionOptions) {
	spec.CheckCachedAttention(dst, presentK, presentV, q, k, v, pastK, pastV, opt)
	join(presentK, pastK, k)
	join(presentV, pastV, v)
	Attention(dst, q, presentK, presentV, opt.AfterPast(pastK.Shape[2]))
}

// join stores the tokens of x followed by those of y.
func join(dst, x, y tensor) {
	for b := range dst.Shape[0] {
		for h := range dst.Shape[1] {
			for c := range dst.Shape[3] {
				for j := range x.Shape[2] {
					dst.Set(b, h, j, c, x.At(b, h, j, c))
				}
				for j := range y.Shape[2] {
					dst.Set(b, h, x.Shape[2]+j, c, y.At(b, h, j, c))
				}
			}
		}
	}
}
