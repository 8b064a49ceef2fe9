package precise

import "example.com/attest/spec"

var multiHead spec.MultiHead[float64] = multiHeadRows

func multiHeadRows(dst, x, memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) {
	spec.CheckMultiHead(dst, x, memory, w, opt)
	k, v := keysAndValues(rows(memory), w, 0)
	store(dst, attendHeads(rows(x), k, v, w, opt))
}

// keysAndValues returns the keys, turned to the positions from the given one on,
// and the values of all heads.
func keysAndValues(x [][]real, w *spec.MultiHeadWeights[float64], position int) (k, v [][]real) {
	return turnedHeads(affine(x, w.Key), w.KeyHeads, w.Rotary, position), affine(x, w.Value)
}

// turnedHeads turns the heads of m, whose row 0 is position places from the rotary
// embedding's offset, and returns m; nil turns nothing.
func turnedHeads(m [][]real, heads int, rotary *spec.Rotary, position int) [][]real {
	for h := 0; rotary != nil && h < heads; h++ {
		r := *rotary
		r.Offset += position
		turned(channelsOf(m, h, heads), r)
	}
	return m
}

// channelsOf returns the h-th of so many slices of the channels of m; it shares their
// memory.
func channelsOf(m [][]real, h, heads int) [][]real {
	out := make([][]real, len(m))
	for i, row := range m {
		n := len(row) / heads
		out[i] = row[h*n : (h+1)*n]
	}
	return out
}

// attendHeads adds up headₕ·WOₕ, WOₕ the rows of WO that belong to head h,
// instead of joining the heads first.
func attendHeads(x, k, v [][]real, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) [][]real {
	q := turnedHeads(affine(x, w.Query), w.Heads, w.Rotary, opt.OffsetOf(0))
	out := affine(make([][]real, len(x)), spec.Projection[float64]{W: matrix{Cols: w.Output.W.Cols}, Bias: w.Output.Bias})
	wo, dValue := rows(w.Output.W), w.Value.W.Cols/w.KeyHeads
	for h := range w.Heads {
		g := spec.KeyHead(h, w.Heads, w.KeyHeads)
		head, _ := attendOne(channelsOf(q, h, w.Heads), channelsOf(k, g, w.KeyHeads), channelsOf(v, g, w.KeyHeads), dValue, opt, 0, h)
		for i := range head {
			out[i] = plus(out[i], across(head[i], wo[h*dValue:(h+1)*dValue], w.Output.W.Cols))
		}
	}
	return out
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
			addInto(out[l], out[l], p.Mul(x[k], m[k][l]))
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
