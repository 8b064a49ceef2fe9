package precise

import "example.com/attest/spec"

var multiHead spec.MultiHead[float64] = multiHeadRows

func multiHeadRows(dst, x, memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) {
	spec.CheckMultiHead(dst, x, memory, w, opt)
	store(dst, attendHeads(rows(x), rows(memory), w, opt))
}

// attendHeads adds up headₕ·WOₕ, WOₕ the rows of WO that belong to head h,
// instead of joining the heads first. Heads are projected one by one.
func attendHeads(x, memory [][]real, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) [][]real {
	dHead, dValue := w.Query.W.Cols/w.Heads, w.Value.W.Cols/w.KeyHeads
	out := affine(make([][]real, len(x)), spec.Projection[float64]{W: matrix{Cols: w.Output.W.Cols}, Bias: w.Output.Bias})
	wo := rows(w.Output.W)
	for h := range w.Heads {
		g := spec.KeyHead(h, w.Heads, w.KeyHeads)
		q, k := affine(x, slice(w.Query, h, dHead)), affine(memory, slice(w.Key, g, dHead))
		if w.Rotary != nil {
			r := *w.Rotary
			k = turned(k, r)
			r.Offset += opt.OffsetOf(0)
			q = turned(q, r)
		}
		head, _ := attendOne(q, k, affine(memory, slice(w.Value, g, dValue)), dValue, opt, 0, h)
		for i := range head {
			out[i] = plus(out[i], across(head[i], wo[h*dValue:(h+1)*dValue], w.Output.W.Cols))
		}
	}
	return out
}

// slice returns the h-th projection of p to n channels.
func slice(p spec.Projection[float64], h, n int) spec.Projection[float64] {
	w := spec.NewMatrix[float64](p.W.Rows, n)
	for i := range w.Rows {
		copy(w.Row(i), p.W.Row(i)[h*n:])
	}
	p.W = w
	if p.Bias != nil {
		p.Bias = p.Bias[h*n : (h+1)*n]
	}
	return p
}

// affine returns X·W + bias.
func affine(x [][]real, p spec.Projection[float64]) [][]real {
	w, out := rows(p.W), make([][]real, len(x))
	for i := range x {
		out[i] = across(x[i], w, p.W.Cols)
		for l, b := range p.Bias {
			out[i][l] = add(out[i][l], num(b))
		}
	}
	return out
}

// across returns the row vector xM of the given length.
func across(x []real, m [][]real, length int) []real {
	out, p := make([]real, length), zero()
	for l := range out {
		out[l] = zero()
		for k := range x {
			out[l].Add(out[l], p.Mul(x[k], m[k][l]))
		}
	}
	return out
}

// plus returns x + y.
func plus(x, y []real) []real {
	out := make([]real, len(x))
	for k := range x {
		out[k] = add(x[k], y[k])
	}
	return out
}
