package precise

import "example.com/attest/spec"

var cachedAttention spec.CachedAttention[float64] = attendCached

// attendCached attends to past and new tokens where they are.
func attendCached(dst, presentK, presentV, q, k, v, pastK, pastV spec.Tensor[float64], opt *spec.AttentionOptions) {
	spec.CheckCachedAttention(dst, presentK, presentV, q, k, v, pastK, pastV, opt)
	past := pastK.Shape[2]
	both := func(present, old, fresh spec.Tensor[float64]) tokens {
		return tokens{present.Shape[1], present.Shape[2], present.Shape[3], func(b, g, j, c int) float64 {
			if j < past {
				return old.At(b, g, j, c)
			}
			return fresh.At(b, g, j-past, c)
		}}
	}
	keys, values := both(presentK, pastK, k), both(presentV, pastV, v)
	attendRows(dst, q, keys, values, opt.AfterPast(past), func(_, _, _ int, _ real) {})
	keys.store(presentK)
	values.store(presentV)
}

// store copies tokens into a tensor of their size.
func (t tokens) store(dst spec.Tensor[float64]) {
	for b := range dst.Shape[0] {
		for g := range t.heads {
			for j := range t.count {
				for c := range t.channels {
					dst.Set(b, g, j, c, t.at(b, g, j, c))
				}
			}
		}
	}
}
