package reference

import "example.com/attest/spec"

var block spec.Block[float64] = Block

// Block stores what the branches of a layer make of the stream, one after the
// other.
func Block(dst, x, memory matrix, w *spec.BlockWeights[float64], self, cross *spec.AttentionOptions, cache *spec.Cache[float64]) {
	spec.CheckBlock(dst, x, memory, w, self, cross, cache)
	stream := sublayer(x, &w.SelfNorm, w.PostNorm, func(h matrix) matrix { return selfAttention(h, &w.Self, self, cache) })
	if w.Cross != nil {
		stream = sublayer(stream, &w.CrossNorm, w.PostNorm, func(h matrix) matrix {
			out := newMatrix(h.Rows, h.Cols)
			MultiHead(out, h, memory, w.Cross, cross)
			return out
		})
	}
	stream = sublayer(stream, &w.ForwardNorm, w.PostNorm, func(h matrix) matrix { return forward(h, &w.Forward) })
	for i := range dst.Rows {
		copy(dst.Row(i), stream.Row(i))
	}
}

// sublayer returns x + f(N(x)), or N(x + f(x)) for post.
func sublayer(x matrix, n *spec.Norm[float64], post bool, f func(h matrix) matrix) matrix {
	sum := newMatrix(x.Rows, x.Cols)
	if post {
		Residual(sum, x, f(x))
		return normalized(sum, n)
	}
	Residual(sum, x, f(normalized(x, n)))
	return sum
}

// normalized returns N(x).
func normalized(x matrix, n *spec.Norm[float64]) matrix {
	out := newMatrix(x.Rows, x.Cols)
	if n.Kind == spec.RMSNormKind {
		RMSNorm(out, x, n.Gain, n.Eps)
	} else {
		LayerNorm(out, x, n.Gain, n.Shift, n.Eps)
	}
	return out
}

// selfAttention returns the attention of tokens to themselves and to those in the
// cache, which then holds them as well.
func selfAttention(x matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions, cache *spec.Cache[float64]) matrix {
	if cache == nil {
		cache = spec.NewCache(w, x.Rows)
	}
	past, now := cache.Tokens, cache.Tokens+x.Rows
	k, v := headsOf(x, w.Key, w.KeyHeads, w.Rotary, past), headsOf(x, w.Value, w.KeyHeads, nil, 0)
	for i := range x.Rows {
		copy(cache.Key.Row(past+i), k.Row(i))
		copy(cache.Value.Row(past+i), v.Row(i))
	}
	cache.Tokens = now
	seen := func(m matrix) matrix { m.Rows = now; return m }
	opt = opt.After(past)
	out := newMatrix(x.Rows, w.Output.W.Cols)
	attendHeads(out, headsOf(x, w.Query, w.Heads, w.Rotary, opt.OffsetOf(0)), seen(cache.Key), seen(cache.Value), w, opt)
	return out
}

// forward returns act(XU + b)D + b′, or (act(XG) ⊙ XU)D.
func forward(x matrix, w *spec.ForwardWeights[float64]) matrix {
	out := newMatrix(x.Rows, w.Down.W.Cols)
	if !w.Gate.IsZero() {
		Gated(out, x, w.Gate, w.Up.W, w.Down.W, w.Activation)
		return out
	}
	hidden := newMatrix(x.Rows, w.Up.W.Cols)
	Linear(hidden, x, w.Up.W, w.Up.Bias)
	Apply(hidden.Data, hidden.Data, w.Activation)
	Linear(out, hidden, w.Down.W, w.Down.Bias)
	return out
}
