package transformer

import "example.com/attest/spec"

// MultiHead stores concat(headₕ)·WO, headₕ the attention of the h-th slice of
// channels of X·WQ, X·WK, X·WV. Scratch memory is four matrices of X's shape.
func MultiHead(dst, x, wq, wk, wv, wo spec.Matrix[float32], heads int, opt *spec.AttentionOptions) {
	bestAttention.MultiHead(dst, x, wq, wk, wv, wo, heads, opt)
}

// MultiHead is the function MultiHead with attention at the level of a.
func (a *Attention) MultiHead(dst, x, wq, wk, wv, wo spec.Matrix[float32], heads int, opt *spec.AttentionOptions) {
	spec.CheckMultiHead(dst, x, wq, wk, wv, wo, heads, opt)
	joined := spec.NewMatrix[float32](x.Rows, x.Cols)
	q, k, v := project(x, wq), project(x, wk), project(x, wv)
	a.Attend(splitHeads(joined, heads), splitHeads(q, heads), splitHeads(k, heads), splitHeads(v, heads), opt)
	projectInto(dst, joined, wo)
}

// project returns X·W.
func project(x, w spec.Matrix[float32]) spec.Matrix[float32] {
	out := spec.NewMatrix[float32](x.Rows, w.Cols)
	projectInto(out, x, w)
	return out
}

// projectInto stores X·W, a row of W at a time.
func projectInto(dst, x, w spec.Matrix[float32]) {
	for i := range x.Rows {
		row := dst.Row(i)
		clear(row)
		for c, e := range x.Row(i) {
			addScaled(row, e, w.Row(c))
		}
	}
}

// splitHeads returns the view of m (tokens × channels) as one batch of heads
// with Cols/heads channels each; it shares memory with m.
func splitHeads(m spec.Matrix[float32], heads int) spec.Tensor[float32] {
	d := m.Cols / heads
	return spec.Tensor[float32]{Data: m.Data, Shape: [4]int{1, heads, m.Rows, d}, Stride: [4]int{0, d, m.Stride, 1}}
}

// addScaled adds e·v to sum.
func addScaled(sum []float32, e float32, v []float32) {
	v = v[:len(sum)]
	for c := range sum {
		sum[c] += e * v[c]
	}
}
