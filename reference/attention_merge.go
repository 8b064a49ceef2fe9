package reference

import (
	"math"

	"example.com/attest/spec"
)

var (
	attentionLSE   spec.AttentionLSE[float64]   = AttentionLSE
	mergeAttention spec.MergeAttention[float64] = MergeAttention
)

// AttentionLSE stores the attention, and log Σⱼ exp xⱼ over the allowed keys for
// each query.
func AttentionLSE(dst, lse, q, k, v tensor, opt *spec.AttentionOptions) {
	spec.CheckAttentionLSE(dst, lse, q, k, v, opt)
	Attention(dst, q, k, v, opt)
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				lse.Set(b, h, i, 0, RowLSE(q, k, opt, b, h, i))
			}
		}
	}
}

// RowLSE returns m + log Σⱼ exp(xⱼ−m), m = max xⱼ, over the sink and the
// keys that query (b, h, i) may attend to, and −Inf without any.
func RowLSE(q, k tensor, opt *spec.AttentionOptions, b, h, i int) float64 {
	return lseOf(Logits(q, k, opt, b, h, i), opt, b, h, i)
}

// lseOf is RowLSE of a query that has the logits x.
func lseOf(x []float64, opt *spec.AttentionOptions, b, h, i int) float64 {
	m, sum, any := opt.SinkAt(h), 0.0, !math.IsInf(opt.SinkAt(h), -1)
	for j := range x {
		if opt.Allowed(b, h, i, j) {
			m, any = math.Max(m, x[j]), true
		}
	}
	if !any {
		return m
	}
	if !math.IsInf(opt.SinkAt(h), -1) {
		sum = math.Exp(opt.SinkAt(h) - m)
	}
	for j := range x {
		if opt.Allowed(b, h, i, j) {
			sum += math.Exp(x[j] - m)
		}
	}
	return m + math.Log(sum)
}

// MergeAttention stores the softmax average of two outputs with l₁ and l₂ for
// logits, and log(exp l₁ + exp l₂).
func MergeAttention(dst, lse, o1, l1, o2, l2 tensor) {
	spec.CheckMergeAttention(dst, lse, o1, l1, o2, l2)
	for b := range dst.Shape[0] {
		for h := range dst.Shape[1] {
			for i := range dst.Shape[2] {
				x, y := l1.At(b, h, i, 0), l2.At(b, h, i, 0)
				first, second := math.IsInf(x, -1), math.IsInf(y, -1) // empty
				m := math.Max(x, y)
				e, f := math.Exp(x-m), math.Exp(y-m)
				for c := range dst.Shape[3] {
					p, q := o1.At(b, h, i, c), o2.At(b, h, i, c)
					switch {
					case first && second:
						dst.Set(b, h, i, c, 0)
					case first:
						dst.Set(b, h, i, c, q)
					case second:
						dst.Set(b, h, i, c, p)
					default:
						dst.Set(b, h, i, c, (e*p+f*q)/(e+f))
					}
				}
				if first || second {
					lse.Set(b, h, i, 0, m)
				} else {
					lse.Set(b, h, i, 0, m+math.Log(e+f))
				}
			}
		}
	}
}
