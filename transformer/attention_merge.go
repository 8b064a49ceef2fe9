package transformer

import (
	"math"

	"example.com/attest/spec"
)

var mergeAttention spec.MergeAttention[float32] = MergeAttention

// MergeAttention joins attentions over two sets of keys, each row as two partial
// results with the sum 1 at the maximum l. See spec.MergeAttention.
func MergeAttention(dst, lse, o1, l1, o2, l2 spec.Tensor[float32]) {
	spec.CheckMergeAttention(dst, lse, o1, l1, o2, l2)
	var x, y partial
	channels := dst.Shape[3]
	set := func(p *partial, o, l spec.Tensor[float32], b, h, i int) {
		p.clear(1, channels, true)
		p.top[0], p.den[0] = l.At(b, h, i, 0), 1
		if !math.IsInf(float64(p.top[0]), -1) {
			p.seen = 1
			load(p.sum, o, b, h, i)
		}
	}
	for b := range dst.Shape[0] {
		for h := range dst.Shape[1] {
			for i := range dst.Shape[2] {
				set(&x, o1, l1, b, h, i)
				set(&y, o2, l2, b, h, i)
				if y.seen != 0 {
					x.mergeRow(&y, 0, channels, false)
				}
				for c, e := range x.sum {
					if x.seen != 0 {
						e /= x.den[0]
					}
					dst.Set(b, h, i, c, e)
				}
				lse.Set(b, h, i, 0, x.logSum(0, false))
			}
		}
	}
}
