package reference

import "example.com/attest/spec"

// MultiHeadBound returns the bound on the error of each output of multi-head
// attention whose linear layers add in any order and whose attention rounds as
// the profile says, and whether there is one. The bounds of the projections,
// carried through the rotary embedding, enter AttentionBound as errors of its
// inputs, and its own enters the last layer as the error of that one's input.
func MultiHeadBound(x, memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions, p spec.Profile, r Rounding) (matrix, bool) {
	return MultiHeadBoundFrom(x, matrix{}, memory, matrix{}, w, opt, p, r)
}

// MultiHeadBoundFrom is MultiHeadBound for tokens and a memory that the
// implementation has within ex and em, element by element; the zero Matrix is no
// error.
func MultiHeadBoundFrom(x, ex, memory, em matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions, p spec.Profile, r Rounding) (matrix, bool) {
	q, eq := headsWithin(x, ex, w.Query, w.Heads, w.Rotary, opt.OffsetOf(0), r)
	k, ek := headsWithin(memory, em, w.Key, w.KeyHeads, w.Rotary, 0, r)
	v, ev := headsWithin(memory, em, w.Value, w.KeyHeads, nil, 0, r)
	joined := newMatrix(x.Rows, w.Output.W.Rows)
	heads, keyHeads := func(m matrix) tensor { return SplitHeads(m, w.Heads) }, func(m matrix) tensor { return SplitHeads(m, w.KeyHeads) }
	Attention(heads(joined), heads(q), keyHeads(k), keyHeads(v), opt)
	e, ok := AttentionBound(heads(q), keyHeads(k), keyHeads(v), opt, p, r, InputError{heads(eq), keyHeads(ek), keyHeads(ev)})
	if !ok {
		return matrix{}, false
	}
	return LinearBoundFrom(joined, joinHeads(e), w.Output.W, w.Output.Bias, r), true
}

// headsWithin returns what headsOf does of X, and the bound on how far an
// implementation's is from it that has X within e. Both form the angles of the
// rotary embedding in float64, so that the judge's error counts as well.
func headsWithin(x, e matrix, p spec.Projection[float64], heads int, rotary *spec.Rotary, position int, r Rounding) (value, bound matrix) {
	value, bound = headsOf(x, p, heads, nil, 0), LinearBoundFrom(x, e, p.W, p.Bias, r)
	if rotary == nil {
		return value, bound
	}
	for h := range heads {
		lo, n := h*value.Cols/heads, value.Cols/heads
		head, e := columnsOf(value, lo, n), columnsOf(bound, lo, n)
		turned, judge := RopeBoundFrom(head, e, moved(*rotary, position), r), RopeBound(head, moved(*rotary, position), RoundingOf[float64]())
		for i := range e.Rows {
			for c := range e.Cols {
				e.Set(i, c, turned.At(i, c)+judge.At(i, c))
			}
		}
	}
	return headsOf(x, p, heads, rotary, position), bound
}

// joinHeads returns the heads of the only batch of t beside one another.
func joinHeads(t tensor) matrix {
	out := newMatrix(t.Shape[2], t.Shape[1]*t.Shape[3])
	view := SplitHeads(out, max(1, t.Shape[1]))
	for h := range t.Shape[1] {
		for i := range t.Shape[2] {
			for c := range t.Shape[3] {
				view.Set(0, h, i, c, t.At(0, h, i, c))
			}
		}
	}
	return out
}
