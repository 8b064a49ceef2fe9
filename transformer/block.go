package transformer

import (
	"example.com/attest/spec"
)

// Block computes the branches one after the other with this package's operations;
// the stream is in dst from the first sum on. Scratch memory is two matrices of
// its shape and that of the largest branch. See spec.Block.
func Block(dst, x, memory spec.Matrix[float32], w *spec.BlockWeights[float32], self, cross *spec.AttentionOptions, cache *spec.Cache[float32]) {
	bestComposed.Block(dst, x, memory, w, self, cross, cache)
}

// Block is the function Block at the level of m.
func (m composed) Block(dst, x, memory spec.Matrix[float32], w *spec.BlockWeights[float32], self, cross *spec.AttentionOptions, cache *spec.Cache[float32]) {
	spec.CheckBlock(dst, x, memory, w, self, cross, cache)
	s := takeScratch()
	defer s.give()
	l := &layer{machine: m.machine, stream: x, dst: dst, normed: s.matrix(x.Rows, x.Cols), out: s.matrix(x.Rows, x.Cols), post: w.PostNorm}
	l.branch(&w.SelfNorm, s, func(out, h spec.Matrix[float32]) { m.selfAttend(out, h, &w.Self, self, cache, s) })
	if w.Cross != nil {
		l.branch(&w.CrossNorm, s, func(out, h spec.Matrix[float32]) { m.attendTo(out, h, memory, w.Cross, cross, s) })
	}
	l.branch(&w.ForwardNorm, s, func(out, h spec.Matrix[float32]) { m.forward(out, h, &w.Forward, s) })
}

// layer is a block at work.
type layer struct {
	machine
	stream, dst, normed, out spec.Matrix[float32]
	post                     bool
}

// branch stores stream + f(N(stream)) in dst, or N(stream + f(stream)) for post,
// and goes on from there.
func (l *layer) branch(n *spec.Norm[float32], s *scratch, f func(out, h spec.Matrix[float32])) {
	h, mark := l.stream, s.used
	if !l.post {
		l.normalize(l.normed, l.stream, n)
		h = l.normed
	}
	f(l.out, h)
	s.used = min(s.used, mark)
	l.Residual(l.dst, l.stream, l.out)
	if l.post {
		l.normalize(l.dst, l.dst, n)
	}
	l.stream = l.dst
}

func (m machine) normalize(dst, src spec.Matrix[float32], n *spec.Norm[float32]) {
	if n.Kind == spec.RMSNormKind {
		m.RMSNorm(dst, src, n.Gain, n.Eps)
	} else {
		m.LayerNorm(dst, src, n.Gain, n.Shift, n.Eps)
	}
}

// selfAttend lets tokens attend to themselves, and to those in the cache if there
// is one, which then holds them as well.
func (m composed) selfAttend(dst, x spec.Matrix[float32], w *spec.MultiHeadWeights[float32], opt *spec.AttentionOptions, cache *spec.Cache[float32], s *scratch) {
	if cache == nil {
		m.attendTo(dst, x, x, w, opt, s)
		return
	}
	past := cache.Tokens
	cache.Tokens += x.Rows
	m.projectKeys(rowsOf(cache.Key, past, x.Rows), rowsOf(cache.Value, past, x.Rows), x, w, past)
	m.attendHeads(dst, x, rowsOf(cache.Key, 0, cache.Tokens), rowsOf(cache.Value, 0, cache.Tokens), w, opt.After(past), s)
}

func (m composed) forward(dst, x spec.Matrix[float32], w *spec.ForwardWeights[float32], s *scratch) {
	if !w.Gate.IsZero() {
		m.Gated(dst, x, w.Gate, w.Up.W, w.Down.W, w.Activation)
		return
	}
	hidden := s.matrix(x.Rows, w.Up.W.Cols)
	m.project(hidden, x, &w.Up)
	m.energy().Apply(hidden.Data, hidden.Data, w.Activation)
	m.project(dst, hidden, &w.Down)
}
