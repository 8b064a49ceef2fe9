package precise

import "example.com/attest/spec"

var block spec.Block[float64] = blockRows

// blockRows evaluates a block of finite operands without rounding between its
// parts; a cache holds float64 numbers.
func blockRows(dst, x, memory matrix, w *spec.BlockWeights[float64], self, cross *spec.AttentionOptions, cache *spec.Cache[float64]) {
	spec.CheckBlock(dst, x, memory, w, self, cross, cache)
	past := 0
	if cache != nil {
		past = cache.Tokens
	}
	stream := joined(rows(x), &w.SelfNorm, w.PostNorm, func(h [][]real) [][]real {
		k, v := keysAndValues(h, &w.Self, past)
		if cache != nil {
			k, v = remember(cache, k, v)
		}
		return attendHeads(h, k, v, &w.Self, self.After(past))
	})
	if w.Cross != nil {
		stream = joined(stream, &w.CrossNorm, w.PostNorm, func(h [][]real) [][]real {
			k, v := keysAndValues(rows(memory), w.Cross, 0)
			return attendHeads(h, k, v, w.Cross, cross)
		})
	}
	store(dst, joined(stream, &w.ForwardNorm, w.PostNorm, func(h [][]real) [][]real { return forwardOf(h, &w.Forward) }))
}

// joined adds to each row of x its row of f(N(x)), or normalizes its sum with that
// of f(x) for post.
func joined(x [][]real, n *spec.Norm[float64], post bool, f func(h [][]real) [][]real) [][]real {
	h := x
	if !post {
		h = normOf(x, n)
	}
	branch := f(h)
	out := make([][]real, len(x))
	for i := range x {
		out[i] = plus(branch[i], x[i])
	}
	if post {
		return normOf(out, n)
	}
	return out
}

func normOf(x [][]real, n *spec.Norm[float64]) [][]real {
	out := make([][]real, len(x))
	for i, row := range x {
		if n.Kind == spec.RMSNormKind {
			out[i] = rmsNormOf(row, n.Gain, n.Eps)
		} else {
			out[i] = layerNormOf(row, n.Gain, n.Shift, n.Eps)
		}
	}
	return out
}

// remember stores keys and values behind those of the cache and returns all.
func remember(cache *spec.Cache[float64], k, v [][]real) (keys, values [][]real) {
	behind := func(m matrix, x [][]real) [][]real {
		for i, row := range x {
			for c, y := range row {
				m.Set(cache.Tokens+i, c, float(y))
			}
		}
		m.Rows = cache.Tokens + len(x)
		return rows(m)
	}
	keys, values = behind(cache.Key, k), behind(cache.Value, v)
	cache.Tokens += len(k)
	return keys, values
}

func forwardOf(x [][]real, w *spec.ForwardWeights[float64]) [][]real {
	if w.Gate.IsZero() {
		hidden := affine(x, w.Up)
		for _, row := range hidden {
			for l, a := range row {
				row[l] = activate(a, w.Activation)
			}
		}
		return affine(hidden, w.Down)
	}
	gate, up, down := transpose(rows(w.Gate)), transpose(rows(w.Up.W)), rows(w.Down.W)
	out := make([][]real, len(x))
	for i, row := range x {
		out[i] = gatedOf(row, gate, up, down, w.Down.W.Cols, w.Activation)
	}
	return out
}
