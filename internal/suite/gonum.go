package suite

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
	"example.com/attest/transformer"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Gonum returns attention as a user of gonum would compose it from blas32 –
// logits by one product, a softmax over the rows, the output by another – and
// its judge. The code is ours; the products are gonum's.
func Gonum() (im *spec.Implementation[float32], oracle *spec.Implementation[float64]) {
	return &spec.Implementation[float32]{
		Name:      "gonum",
		Attention: spec.AttentionFunc[float32](gonumAttention),
		MultiHead: gonumMultiHead,
	}, reference.Implementation()
}

func gonumAttention(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttention(dst, q, k, v, opt)
	m, n := q.Shape[2], k.Shape[2]
	if m == 0 || dst.Shape[3] == 0 {
		return
	}
	logits := blas32.General{Rows: m, Cols: n, Stride: max(1, n), Data: make([]float32, m*max(1, n))}
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			g := spec.KeyHead(h, q.Shape[1], k.Shape[1])
			if n > 0 {
				blas32.Gemm(blas.NoTrans, blas.Trans, float32(opt.Scale), general(q, b, h), general(k, b, g), 0, logits)
			}
			for i := range m {
				row := logits.Data[i*logits.Stride : i*logits.Stride+n]
				for j := range row {
					if !opt.Allowed(b, h, i, j) {
						row[j] = float32(math.Inf(-1))
					}
				}
				softmaxInPlace(row)
			}
			out := blas32.General{Rows: m, Cols: v.Shape[3], Stride: v.Shape[3], Data: make([]float32, m*v.Shape[3])}
			if n > 0 {
				blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, logits, general(v, b, g), 0, out)
			}
			for i := range m {
				for c := range out.Cols {
					dst.Set(b, h, i, c, out.Data[i*out.Stride+c])
				}
			}
		}
	}
}

// general returns one head of t as a matrix, a copy where its rows are no
// slices.
func general(t spec.Tensor[float32], b, h int) blas32.General {
	rows, cols := t.Shape[2], t.Shape[3]
	if t.Stride[3] == 1 && t.Stride[2] >= max(1, cols) && rows > 0 && cols > 0 {
		return blas32.General{Rows: rows, Cols: cols, Stride: t.Stride[2], Data: t.Data[t.Index(b, h, 0, 0):]}
	}
	out := blas32.General{Rows: rows, Cols: cols, Stride: max(1, cols), Data: make([]float32, rows*max(1, cols))}
	for i := range rows {
		for c := range cols {
			out.Data[i*out.Stride+c] = t.At(b, h, i, c)
		}
	}
	return out
}

// softmaxInPlace replaces the logits of a row by their softmax.
func softmaxInPlace(x []float32) {
	top := float32(math.Inf(-1))
	for _, e := range x {
		top = max(top, e)
	}
	var sum float32
	for j, e := range x {
		x[j] = float32(math.Exp(float64(e - top)))
		sum += x[j]
	}
	for j := range x {
		x[j] /= sum
	}
}

// gonumMultiHead has all products by gonum; this project's rotary embedding turns
// its heads.
func gonumMultiHead(dst, x, memory spec.Matrix[float32], w *spec.MultiHeadWeights[float32], opt *spec.AttentionOptions) {
	spec.CheckMultiHead(dst, x, memory, w, opt)
	project := func(x spec.Matrix[float32], p spec.Projection[float32], heads int, rotary *spec.Rotary, position int) spec.Tensor[float32] {
		out := spec.NewMatrix[float32](x.Rows, p.W.Cols)
		gonumLinear(out, x, p)
		for h, d := 0, out.Cols/heads; rotary != nil && h < heads && x.Rows > 0; h++ {
			head, r := spec.Matrix[float32]{Rows: out.Rows, Cols: d, Stride: out.Stride, Data: out.Data[h*d:]}, *rotary
			r.Offset += position
			transformer.Rope(head, head, r)
		}
		return spec.HeadsOf(out.Data, 1, x.Rows, heads, out.Cols/heads)
	}
	joined := spec.NewMatrix[float32](x.Rows, w.Output.W.Rows)
	gonumAttention(spec.HeadsOf(joined.Data, 1, x.Rows, w.Heads, joined.Cols/w.Heads),
		project(x, w.Query, w.Heads, w.Rotary, opt.OffsetOf(0)), project(memory, w.Key, w.KeyHeads, w.Rotary, 0),
		project(memory, w.Value, w.KeyHeads, nil, 0), opt)
	gonumLinear(dst, joined, w.Output)
}

// gonumLinear stores X·W + bias.
func gonumLinear(dst, x spec.Matrix[float32], p spec.Projection[float32]) {
	for i := range dst.Rows {
		clear(dst.Row(i))
		copy(dst.Row(i), p.Bias)
	}
	if dst.Rows > 0 && dst.Cols > 0 && x.Cols > 0 {
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, blas32.General(x), blas32.General(p.W), 1, blas32.General(dst))
	}
}
