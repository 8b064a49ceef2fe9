package mutant

import (
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// blockCall holds the operands of one call of a block. The weights may be
// changed, what they point to may not.
type blockCall struct {
	dst, x, memory matrix
	w              spec.BlockWeights[float64]
	self, cross    spec.AttentionOptions
	cache          *spec.Cache[float64]
}

// work calls the sound block.
func (c *blockCall) work() {
	reference.Block(c.dst, c.x, c.memory, &c.w, &c.self, &c.cross, c.cache)
}

// aroundBlock lets f see each call; it is to call work.
func aroundBlock(f func(c *blockCall)) func(im *implementation) {
	return func(im *implementation) {
		im.Block = func(dst, x, memory matrix, w *spec.BlockWeights[float64], self, cross *spec.AttentionOptions, cache *spec.Cache[float64]) {
			c := &blockCall{dst: dst, x: x, memory: memory, w: *w, self: *self, cache: cache}
			if cross != nil {
				c.cross = *cross
			}
			f(c)
		}
	}
}

// blockThen changes the operands before the call.
func blockThen(f func(c *blockCall)) func(im *implementation) {
	return aroundBlock(func(c *blockCall) { f(c); c.work() })
}

// crossThen changes copies of the weights of attention to the memory, where there
// is one.
func crossThen(f func(c *blockCall, w *spec.MultiHeadWeights[float64])) func(im *implementation) {
	return blockThen(func(c *blockCall) {
		if c.w.Cross != nil {
			w := *c.w.Cross
			c.w.Cross = &w
			f(c, &w)
		}
	})
}

// branchKind says which branch of a block is meant.
type branchKind int

const (
	selfBranch branchKind = iota
	crossBranch
	forwardBranch
)

// blockOver makes a mutant from what becomes of the stream x and a branch f with
// its norm n. Blocks with a cache stay sound.
func blockOver(join func(x matrix, n func(m matrix) matrix, f func(m matrix) matrix, post bool, kind branchKind) matrix) func(im *implementation) {
	return aroundBlock(func(c *blockCall) {
		if c.cache != nil {
			c.work()
			return
		}
		norm := func(n *spec.Norm[float64]) func(m matrix) matrix {
			return func(m matrix) matrix {
				out := spec.NewMatrix[float64](m.Rows, m.Cols)
				if n.Kind == spec.RMSNormKind {
					reference.RMSNorm(out, m, n.Gain, n.Eps)
				} else {
					reference.LayerNorm(out, m, n.Gain, n.Shift, n.Eps)
				}
				return out
			}
		}
		attend := func(memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) func(m matrix) matrix {
			return func(m matrix) matrix {
				out, from := spec.NewMatrix[float64](m.Rows, m.Cols), memory
				if from.IsZero() {
					from = m
				}
				reference.MultiHead(out, m, from, w, opt)
				return out
			}
		}
		x := join(c.x, norm(&c.w.SelfNorm), attend(matrix{}, &c.w.Self, &c.self), c.w.PostNorm, selfBranch)
		if c.w.Cross != nil {
			x = join(x, norm(&c.w.CrossNorm), attend(c.memory, c.w.Cross, &c.cross), c.w.PostNorm, crossBranch)
		}
		copyRows(c.dst, join(x, norm(&c.w.ForwardNorm), c.forward, c.w.PostNorm, forwardBranch))
	})
}

// forward returns the feed-forward branch of m.
func (c *blockCall) forward(m matrix) matrix {
	f, out := c.w.Forward, spec.NewMatrix[float64](m.Rows, m.Cols)
	if !f.Gate.IsZero() {
		reference.Gated(out, m, f.Gate, f.Up.W, f.Down.W, f.Activation)
		return out
	}
	hidden := spec.NewMatrix[float64](m.Rows, f.Up.W.Cols)
	reference.Linear(hidden, m, f.Up.W, f.Up.Bias)
	reference.Apply(hidden.Data, hidden.Data, f.Activation)
	reference.Linear(out, hidden, f.Down.W, f.Down.Bias)
	return out
}

// joinedAs returns the sound join.
func joinedAs(x matrix, n, f func(m matrix) matrix, post bool) matrix {
	if post {
		return n(sumOf(x, f(x)))
	}
	return sumOf(x, f(n(x)))
}

// sumOf returns x + y.
func sumOf(x, y matrix) matrix {
	out := spec.NewMatrix[float64](x.Rows, x.Cols)
	reference.Residual(out, x, y)
	return out
}
