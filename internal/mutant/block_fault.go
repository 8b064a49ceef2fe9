package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

var allBlocks = []spec.ID{"BLK-001", "BLK-002", "BLK-003", "BLK-004", "BLK-005"}

// also returns the claims about the value of a block and more.
func also(more ...spec.ID) []spec.ID {
	return append(allBlocks[:len(allBlocks):len(allBlocks)], more...)
}

// shifted returns f of each row plus the row before it.
func shifted(m matrix) matrix {
	out := spec.Convert[float64](m)
	for i := 1; i < m.Rows; i++ {
		for k, v := range m.Row(i - 1) {
			out.Set(i, k, out.At(i, k)+v)
		}
	}
	return out
}

// averaged returns the mean of all rows in each.
func averaged(m matrix) matrix {
	out := spec.NewMatrix[float64](m.Rows, m.Cols)
	for i := range m.Rows {
		for k := range m.Cols {
			for j := range m.Rows {
				out.Set(i, k, out.At(i, k)+m.At(j, k)/float64(m.Rows))
			}
		}
	}
	return out
}

// epsOf changes the eps of every norm; square is the mean square of the stream.
func epsOf(f func(eps, square float64) float64) func(im *implementation) {
	return blockThen(func(c *blockCall) {
		square := 0.0
		for i := range c.x.Rows {
			square = math.Max(square, reference.MeanSquare(c.x.Row(i)))
		}
		for _, n := range []*spec.Norm[float64]{&c.w.SelfNorm, &c.w.CrossNorm, &c.w.ForwardNorm} {
			n.Eps = f(n.Eps, square)
		}
	})
}

// branchOnly changes the input of the feed-forward branch.
func branchOnly(change func(m matrix) matrix) func(im *implementation) {
	return blockOver(func(x matrix, n, f func(m matrix) matrix, post bool, kind branchKind) matrix {
		if kind != forwardBranch {
			return joinedAs(x, n, f, post)
		}
		return joinedAs(x, n, func(m matrix) matrix { return f(change(m)) }, post)
	})
}

// behindCache changes the operands of calls whose cache is not empty.
func behindCache(f func(c *blockCall)) func(im *implementation) {
	return blockThen(func(c *blockCall) {
		if c.cache != nil && c.cache.Tokens > 0 {
			f(c)
		}
	})
}

var blockMutants = []Mutant{
	{
		Name: "block-norm-behind-branch", Fault: "pre-norm: the branch's output is normalized instead of its input",
		Kills: []spec.ID{"BLK-001", "BLK-003", "BLK-005", "BLK-006"},
		Change: blockOver(func(x matrix, n, f func(m matrix) matrix, post bool, _ branchKind) matrix {
			if post {
				return joinedAs(x, n, f, post)
			}
			return sumOf(x, n(f(x)))
		}),
	},
	{
		Name: "block-residual-of-normed", Fault: "pre-norm: the branch is added to the normalized stream",
		Kills: []spec.ID{"BLK-001", "BLK-003", "BLK-005", "BLK-006", "BLK-021"},
		Change: blockOver(func(x matrix, n, f func(m matrix) matrix, post bool, _ branchKind) matrix {
			if post {
				return joinedAs(x, n, f, post)
			}
			return sumOf(n(x), f(n(x)))
		}),
	},
	{
		Name: "block-residual-dropped", Fault: "the feed-forward branch replaces the stream",
		Kills: also("BLK-006"),
		Change: blockOver(func(x matrix, n, f func(m matrix) matrix, post bool, kind branchKind) matrix {
			switch {
			case kind != forwardBranch:
				return joinedAs(x, n, f, post)
			case post:
				return n(f(x))
			}
			return f(n(x))
		}),
	},
	{
		Name: "block-always-pre-norm", Fault: "the order of norms is not asked for: each branch's input is normalized",
		Kills:  []spec.ID{"BLK-002", "BLK-004", "BLK-005", "BLK-007", "BLK-008", "BLK-020"},
		Change: blockThen(func(c *blockCall) { c.w.PostNorm = false }),
	},
	{
		Name: "block-always-post-norm", Fault: "the order of norms is not asked for: each sum is normalized",
		Kills:  []spec.ID{"BLK-001", "BLK-003", "BLK-005", "BLK-006", "BLK-009", "BLK-019"},
		Change: blockThen(func(c *blockCall) { c.w.PostNorm = true }),
	},
	{
		Name: "block-post-norm-of-branch", Fault: "post-norm: the branch is normalized, not its sum with the stream",
		Kills: []spec.ID{"BLK-002", "BLK-004", "BLK-005", "BLK-007", "BLK-008"},
		Change: blockOver(func(x matrix, n, f func(m matrix) matrix, post bool, _ branchKind) matrix {
			if post {
				return sumOf(x, n(f(x)))
			}
			return joinedAs(x, n, f, post)
		}),
	},
	{
		Name: "block-one-norm", Fault: "the feed-forward branch has the norm of self-attention",
		Kills:  allBlocks,
		Change: blockThen(func(c *blockCall) { c.w.ForwardNorm = c.w.SelfNorm }),
	},
	{
		Name: "block-gain-dropped", Fault: "the norm of self-attention has no gain",
		Kills:  allBlocks,
		Change: blockThen(func(c *blockCall) { c.w.SelfNorm.Gain = allAlike(1, c.x.Cols) }),
	},
	{
		Name: "block-mean-kept", Fault: "the last norm is an RMSNorm and a shift",
		Kills: []spec.ID{"BLK-001", "BLK-002", "BLK-005", "BLK-008"},
		Change: blockOver(func(x matrix, n, f func(m matrix) matrix, post bool, kind branchKind) matrix {
			if kind != forwardBranch {
				return joinedAs(x, n, f, post)
			}
			// What n makes of rows whose mean is 0 already, moved by that mean.
			kept := func(m matrix) matrix {
				out := n(m)
				for i := range m.Rows {
					mean, _ := reference.Moments(m.Row(i))
					for k := range m.Cols {
						out.Set(i, k, out.At(i, k)+mean)
					}
				}
				return out
			}
			return joinedAs(x, kept, f, post)
		}),
	},
	{
		Name: "block-rows-clipped", Fault: "output rows longer than √d are shortened to that",
		Kills: []spec.ID{"BLK-001", "BLK-003", "BLK-005", "BLK-009"},
		Change: aroundBlock(func(c *blockCall) {
			c.work()
			for i := range c.dst.Rows {
				row := c.dst.Row(i)
				if size := math.Sqrt(reference.MeanSquare(row)); size > 1 {
					for k := range row {
						row[k] *= 0.999 / size
					}
				}
			}
		}),
	},
	{
		Name: "block-causal-missing", Fault: "self-attention is never causal",
		Kills:  []spec.ID{"BLK-003", "BLK-004", "BLK-010", "BLK-014", "BLK-016", "BLK-017"},
		Change: blockThen(func(c *blockCall) { c.self.Causal = false }),
	},
	{
		Name: "block-always-causal", Fault: "self-attention is causal in encoders, too",
		Kills:  []spec.ID{"BLK-001", "BLK-002", "BLK-005", "BLK-011", "BLK-012"},
		Change: blockThen(func(c *blockCall) { c.self.Causal = true }),
	},
	{
		Name: "block-sees-itself-alone", Fault: "a token may attend to itself alone",
		Kills: []spec.ID{"BLK-001", "BLK-003", "BLK-011", "BLK-013", "BLK-014"},
		Change: blockThen(func(c *blockCall) {
			if c.cache == nil {
				c.self.Window, c.self.Offset = &spec.Window{}, 0
			}
		}),
	},
	{
		Name: "block-not-turned", Fault: "self-attention leaves the rotary embedding out",
		Kills:  also("BLK-013"),
		Change: blockThen(func(c *blockCall) { c.w.Self.Rotary = nil }),
	},
	{
		Name: "block-token-shift", Fault: "the feed-forward branch sees each token with the one before added",
		Kills:  also("BLK-012", "BLK-015", "BLK-017"),
		Change: branchOnly(shifted),
	},
	{
		Name: "block-tokens-averaged", Fault: "the feed-forward branch sees the mean of all tokens",
		Kills:  also("BLK-010", "BLK-015", "BLK-017"),
		Change: branchOnly(averaged),
	},
	{
		Name: "block-gate-and-up-swapped", Fault: "gate and up are interchanged",
		Kills: allBlocks,
		Change: blockThen(func(c *blockCall) {
			if f := &c.w.Forward; !f.Gate.IsZero() {
				f.Gate, f.Up.W = f.Up.W, f.Gate
			}
		}),
	},
	{
		Name: "block-always-relu", Fault: "every activation is ReLU",
		Kills:  allBlocks,
		Change: blockThen(func(c *blockCall) { c.w.Forward.Activation = spec.ActReLU }),
	},
	{
		Name: "block-forward-biases-dropped", Fault: "the feed-forward branch has no biases",
		Kills:  allBlocks,
		Change: blockThen(func(c *blockCall) { c.w.Forward.Up.Bias, c.w.Forward.Down.Bias = nil, nil }),
	},
	{
		Name: "block-memory-is-input", Fault: "attention to the memory is attention to the block's input with the weights of self-attention",
		Kills: []spec.ID{"BLK-003", "BLK-004", "BLK-005", "BLK-019"},
		Change: crossThen(func(c *blockCall, w *spec.MultiHeadWeights[float64]) {
			*w = c.w.Self
			c.memory, c.cross = c.x, spec.AttentionOptions{Scale: c.self.Scale}
		}),
	},
	{
		Name: "block-memory-causal", Fault: "attention to the memory is causal",
		Kills:  []spec.ID{"BLK-003", "BLK-004", "BLK-005", "BLK-023"},
		Change: blockThen(func(c *blockCall) { c.cross.Causal = true }),
	},
	{
		Name: "block-memory-mask-dropped", Fault: "the mask of the memory is left out",
		Kills:  []spec.ID{"BLK-003", "BLK-004", "BLK-018"},
		Change: blockThen(func(c *blockCall) { c.cross.Mask = nil }),
	},
	{
		Name: "block-memory-centred", Fault: "the mean of its rows is taken off the memory",
		Kills: []spec.ID{"BLK-003", "BLK-004", "BLK-005", "BLK-018"},
		Change: crossThen(func(c *blockCall, _ *spec.MultiHeadWeights[float64]) {
			c.memory = reference.Sub(c.memory, averaged(c.memory))
		}),
	},
	{
		Name: "block-memory-turned", Fault: "the keys of the memory and its queries are turned to their positions",
		Kills: []spec.ID{"BLK-003", "BLK-004", "BLK-005", "BLK-023"},
		Change: crossThen(func(_ *blockCall, w *spec.MultiHeadWeights[float64]) {
			w.Rotary = &spec.Rotary{Layout: spec.HalfLayout, Dims: w.Query.W.Cols / w.Heads / 2 * 2, Base: 10}
		}),
	},
	{
		Name: "block-memory-null-row", Fault: "the memory has a row of zeros more",
		Kills: []spec.ID{"BLK-003", "BLK-004", "BLK-005", "BLK-019"},
		Change: crossThen(func(c *blockCall, _ *spec.MultiHeadWeights[float64]) {
			more := spec.NewMatrix[float64](c.memory.Rows+1, c.memory.Cols)
			copyRows(rowsTo(more, c.memory.Rows), c.memory)
			c.memory, c.cross.Mask = more, nil
		}),
	},
	{
		Name: "block-empty-memory-skipped", Fault: "without rows of the memory the branch is left out, its norm as well",
		Kills: []spec.ID{"BLK-020"},
		Change: blockThen(func(c *blockCall) {
			if c.memory.Rows == 0 {
				c.w.Cross, c.memory = nil, matrix{}
			}
		}),
	},
	{
		Name: "block-memory-norm-shared", Fault: "attention to the memory has the norm of self-attention",
		Kills:  []spec.ID{"BLK-003", "BLK-004", "BLK-005"},
		Change: blockThen(func(c *blockCall) { c.w.CrossNorm = c.w.SelfNorm }),
	},
	{
		Name: "block-eps-floor", Fault: "eps is at least 2⁻⁸",
		Kills:  also("BLK-021"),
		Change: epsOf(func(eps, _ float64) float64 { return max(eps, 0x1p-8) }),
	},
	{
		Name: "block-eps-missing", Fault: "eps is left out",
		Kills:  also("BLK-022"),
		Change: epsOf(func(_, _ float64) float64 { return 0 }),
	},
	{
		Name: "block-eps-relative", Fault: "eps is multiplied by the largest mean square of a token, so that scale drops out",
		Kills:  also("BLK-021", "BLK-022"),
		Change: epsOf(func(eps, square float64) float64 { return eps * square }),
	},
	{
		Name: "cache-positions-from-zero", Fault: "tokens behind the cache are turned as if they were the first",
		Kills: []spec.ID{"BLK-016"},
		Change: behindCache(func(c *blockCall) {
			if c.w.Self.Rotary != nil {
				r := *c.w.Self.Rotary
				r.Offset -= c.cache.Tokens
				c.w.Self.Rotary = &r
			}
		}),
	},
	{
		Name: "cache-mask-from-zero", Fault: "tokens behind the cache are masked as if they were the first",
		Kills:  []spec.ID{"BLK-016"},
		Change: behindCache(func(c *blockCall) { c.self.Offset -= c.cache.Tokens }),
	},
	{
		Name: "cache-forgets-values", Fault: "the value of the first token is lost",
		Kills:  []spec.ID{"BLK-016"},
		Change: behindCache(func(c *blockCall) { clear(c.cache.Value.Row(0)) }),
	},
	{
		Name: "cache-rounds-up", Fault: "the row behind the last token is cleared",
		Kills: []spec.ID{"BLK-016"},
		Change: aroundBlock(func(c *blockCall) {
			c.work()
			if c.cache != nil && c.cache.Tokens < c.cache.Key.Rows {
				clear(c.cache.Key.Row(c.cache.Tokens))
			}
		}),
	},
}

// rowsTo returns the view of the first n rows of m.
func rowsTo(m matrix, n int) matrix {
	m.Rows = n
	return m
}
