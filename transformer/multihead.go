package transformer

import "example.com/attest/spec"

// composed is what multi-head attention and blocks are composed of, at one level.
type composed struct {
	machine
	attention *Attention
}

var bestComposed = composed{best, bestAttention}

// MultiHead projects all heads at once, turns the queries and keys of each where
// they are, and lets the heads attend as views of the projections. Scratch memory
// is that of the queries, keys, values and joined heads. See spec.MultiHead.
func MultiHead(dst, x, memory spec.Matrix[float32], w *spec.MultiHeadWeights[float32], opt *spec.AttentionOptions) {
	bestComposed.MultiHead(dst, x, memory, w, opt)
}

// MultiHead is the function MultiHead at the level of m.
func (m composed) MultiHead(dst, x, memory spec.Matrix[float32], w *spec.MultiHeadWeights[float32], opt *spec.AttentionOptions) {
	spec.CheckMultiHead(dst, x, memory, w, opt)
	s := takeScratch()
	defer s.give()
	m.attendTo(dst, x, memory, w, opt, s)
}

// attendTo is MultiHead with operands that fit.
func (m composed) attendTo(dst, x, memory spec.Matrix[float32], w *spec.MultiHeadWeights[float32], opt *spec.AttentionOptions, s *scratch) {
	k, v := s.matrix(memory.Rows, w.Key.W.Cols), s.matrix(memory.Rows, w.Value.W.Cols)
	m.projectKeys(k, v, memory, w, 0)
	m.attendHeads(dst, x, k, v, w, opt, s)
}

// projectKeys stores the keys of the memory, whose row 0 is at the given position,
// and its values.
func (m composed) projectKeys(k, v, memory spec.Matrix[float32], w *spec.MultiHeadWeights[float32], position int) {
	m.project(k, memory, &w.Key)
	turnHeads(k, w.KeyHeads, w.Rotary, position)
	m.project(v, memory, &w.Value)
}

// attendHeads projects X to queries and stores their attention to keys and
// values, head by head, joined and times WO.
func (m composed) attendHeads(dst, x, k, v spec.Matrix[float32], w *spec.MultiHeadWeights[float32], opt *spec.AttentionOptions, s *scratch) {
	q, joined := s.matrix(x.Rows, w.Query.W.Cols), s.matrix(x.Rows, w.Output.W.Rows)
	m.project(q, x, &w.Query)
	turnHeads(q, w.Heads, w.Rotary, opt.OffsetOf(0))
	m.attention.Attend(splitHeads(joined, w.Heads), splitHeads(q, w.Heads), splitHeads(k, w.KeyHeads), splitHeads(v, w.KeyHeads), opt)
	m.project(dst, joined, &w.Output)
}

// project stores X·W + bias.
func (m composed) project(dst, x spec.Matrix[float32], p *spec.Projection[float32]) {
	m.Linear(dst, x, p.W, p.Bias)
}

// turnHeads turns the heads of m, whose row 0 is position places from the rotary
// embedding's offset; nil turns nothing.
func turnHeads(m spec.Matrix[float32], heads int, rotary *spec.Rotary, position int) {
	if rotary == nil {
		return
	}
	r := *rotary
	r.Offset += position
	turn(m, m, r, heads)
}

// splitHeads returns the view of m (tokens × channels) as one batch of heads
// with Cols/heads channels each; it shares memory with m.
func splitHeads(m spec.Matrix[float32], heads int) spec.Tensor[float32] {
	d := m.Cols / heads
	return spec.Tensor[float32]{Data: m.Data, Shape: [4]int{1, heads, m.Rows, d}, Stride: [4]int{0, d, m.Stride, 1}}
}
