package reference

import "example.com/attest/spec"

var multiHead spec.MultiHead[float64] = MultiHead

// MultiHead stores concat(headₕ)·WO + bO, headₕ the attention of the h-th slice of
// channels of X·WQ + bQ to those of memory·WK + bK and memory·WV + bV.
func MultiHead(dst, x, memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) {
	spec.CheckMultiHead(dst, x, memory, w, opt)
	q := headsOf(x, w.Query, w.Heads, w.Rotary, opt.OffsetOf(0))
	k := headsOf(memory, w.Key, w.KeyHeads, w.Rotary, 0)
	v := headsOf(memory, w.Value, w.KeyHeads, nil, 0)
	attendHeads(dst, q, k, v, w, opt)
}

// headsOf returns X·W + bias, its heads turned as if row 0 were position places
// from the rotary embedding's offset; a nil embedding turns nothing.
func headsOf(x matrix, p spec.Projection[float64], heads int, rotary *spec.Rotary, position int) matrix {
	out := newMatrix(x.Rows, p.W.Cols)
	Linear(out, x, p.W, p.Bias)
	if rotary != nil {
		for h := range heads {
			head := columnsOf(out, h*out.Cols/heads, out.Cols/heads)
			Rope(head, head, moved(*rotary, position))
		}
	}
	return out
}

// attendHeads stores the attention of queries to keys and values, head by head,
// joined and times WO.
func attendHeads(dst, q, k, v matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) {
	joined := newMatrix(q.Rows, w.Output.W.Rows)
	Attention(SplitHeads(joined, w.Heads), SplitHeads(q, w.Heads), SplitHeads(k, w.KeyHeads), SplitHeads(v, w.KeyHeads), opt)
	Linear(dst, joined, w.Output.W, w.Output.Bias)
}

// moved returns the embedding whose row 0 is by places further.
func moved(r spec.Rotary, by int) spec.Rotary {
	r.Offset += by
	return r
}

// columnsOf returns the view of n columns of m from column lo on.
func columnsOf(m matrix, lo, n int) matrix {
	m.Cols = n
	if m.Rows > 0 {
		m.Data = m.Data[lo:]
	}
	return m
}

// SplitHeads returns the view of m (tokens × channels) as one batch of heads
// with Cols/heads channels each; it shares memory with m.
func SplitHeads(m matrix, heads int) tensor {
	d := m.Cols / heads
	return tensor{Data: m.Data, Shape: [4]int{1, heads, m.Rows, d}, Stride: [4]int{0, d, m.Stride, 1}}
}
