package spec

// Projection is a linear layer, X·W + Bias. A nil Bias adds nothing.
type Projection[T Float] struct {
	W    Matrix[T]
	Bias []T
}

// MultiHeadWeights are the weights of multi-head attention. Head h of the
// queries has the h-th of Heads equal slices of the channels of Query, of the
// keys and values the h-th of KeyHeads slices of Key and Value. A head of keys
// has as many channels as one of queries, one of values may have others.
type MultiHeadWeights[T Float] struct {
	Query, Key, Value, Output Projection[T]
	// Heads counts those of the queries, KeyHeads those of keys and values;
	// KeyHeads divides Heads.
	Heads, KeyHeads int
	// Rotary turns the queries and keys of each head; nil turns nothing.
	Rotary *Rotary
}

// MultiHead stores multi-head attention of tokens X (m×d) to a memory (n×e), X
// itself in self-attention:
//
//	dst = concat(headₕ)·WO + bO,
//
// headₕ the attention of head h of Q = X·WQ + bQ to head KeyHead(h) of K =
// memory·WK + bK and V = memory·WV + bV. With Rotary, key j is turned to position
// Offset + j and query i to where it stands among the keys, Offset + i and the
// offset of the options.
//
// Special cases: a token without an allowed key gets bO. Rows of the memory that
// no token may see are never used, whatever they hold. It panics as
// CheckMultiHead says.
type MultiHead[T Float] func(dst, x, memory Matrix[T], w *MultiHeadWeights[T], opt *AttentionOptions)

// CheckMultiHead panics with a constant text when the operands of multi-head
// attention do not fit one another or their views do not fit their data, or dst
// shares memory with an input. Every implementation of this project calls it
// before the first write.
func CheckMultiHead[T Float](dst, x, memory Matrix[T], w *MultiHeadWeights[T], opt *AttentionOptions) {
	x.Check("X")
	memory.Check("memory")
	w.check(x.Cols, memory.Cols, opt)
	opt.check(1, w.Heads, x.Rows, memory.Rows)
	CheckDestination(dst, x.Rows, w.Output.W.Cols, x, memory)
	w.checkApart(dst)
	if holds(opt, 1, w.Heads, x.Rows, dst.memory()) {
		panic("attest: dst shares memory with an input")
	}
}

// check panics unless the weights fit one another and tokens and memory of the
// given channels.
func (w *MultiHeadWeights[T]) check(channels, memory int, opt *AttentionOptions) {
	switch {
	case w == nil:
		panic("attest: multi-head attention without weights")
	case opt == nil:
		panic("attest: attention without options")
	case w.Heads < 1 || w.KeyHeads < 1:
		panic("attest: multi-head attention needs a head")
	case w.Heads%w.KeyHeads != 0:
		panic("attest: the heads of keys do not divide those of queries")
	case w.Query.W.Cols%w.Heads != 0:
		panic("attest: the heads do not divide the channels of WQ")
	case w.Value.W.Cols%w.KeyHeads != 0:
		panic("attest: the heads do not divide the channels of WV")
	}
	dHead, dValue := w.Query.W.Cols/w.Heads, w.Value.W.Cols/w.KeyHeads
	w.Query.check("WQ", channels, w.Query.W.Cols)
	w.Key.check("WK", memory, w.KeyHeads*dHead)
	w.Value.check("WV", memory, w.Value.W.Cols)
	w.Output.check("WO", w.Heads*dValue, w.Output.W.Cols)
	if w.Rotary != nil {
		w.Rotary.Check(dHead)
	}
}

// checkApart panics when dst shares memory with a weight.
func (w *MultiHeadWeights[T]) checkApart(dst Matrix[T]) {
	for _, p := range []*Projection[T]{&w.Query, &w.Key, &w.Value, &w.Output} {
		p.checkApart(dst)
	}
}

// check panics unless the projection takes rows to cols channels.
func (p *Projection[T]) check(name string, rows, cols int) {
	p.W.CheckShape(name, rows, cols)
	if p.Bias != nil {
		CheckLength("bias", p.Bias, cols)
	}
}

// checkApart panics when dst shares memory with the projection.
func (p *Projection[T]) checkApart(dst Matrix[T]) {
	CheckApart(dst.memory(), p.W.memory())
	CheckApart(dst.memory(), p.Bias)
}
