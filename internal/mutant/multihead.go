package mutant

import (
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// multiHeadCall holds the operands of one call of multi-head attention.
type multiHeadCall struct {
	x, memory matrix
	w         spec.MultiHeadWeights[float64]
	opt       spec.AttentionOptions
}

// multiHeadThen changes the operands before the call.
func multiHeadThen(f func(c *multiHeadCall)) func(im *implementation) {
	return func(im *implementation) {
		im.MultiHead = func(dst, x, memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) {
			c := &multiHeadCall{x, memory, *w, *opt}
			f(c)
			reference.MultiHead(dst, c.x, c.memory, &c.w, &c.opt)
		}
	}
}

// keyHeadOf lets query head h use the key head that f says: as many heads of keys
// as of queries, each a copy.
func keyHeadOf(f func(h, keyHeads int) int) func(im *implementation) {
	return multiHeadThen(func(c *multiHeadCall) {
		repeat := func(p *spec.Projection[float64]) {
			n := p.W.Cols / c.w.KeyHeads
			w, bias := spec.NewMatrix[float64](p.W.Rows, n*c.w.Heads), []float64(nil)
			for h := range c.w.Heads {
				from := f(h, c.w.KeyHeads) * n
				for i := range w.Rows {
					copy(w.Row(i)[h*n:], p.W.Row(i)[from:from+n])
				}
				if p.Bias != nil {
					bias = append(bias, p.Bias[from:from+n]...)
				}
			}
			*p = spec.Projection[float64]{W: w, Bias: bias}
		}
		repeat(&c.w.Key)
		repeat(&c.w.Value)
		c.w.KeyHeads = c.w.Heads
	})
}

// outputSquare changes WO where it is square.
func outputSquare(f func(wo matrix) matrix) func(im *implementation) {
	return multiHeadThen(func(c *multiHeadCall) {
		if square(c.w.Output.W) {
			c.w.Output.W = f(c.w.Output.W)
		}
	})
}

func sameShape(a, b matrix) bool { return a.Rows == b.Rows && a.Cols == b.Cols }

func identity(n int) matrix {
	m := spec.NewMatrix[float64](n, n)
	for i := range n {
		m.Set(i, i, 1)
	}
	return m
}

// reversedHeads returns the rows of WO with the order of the heads reversed.
func reversedHeads(wo matrix, heads int) matrix {
	out, d := spec.Convert[float64](wo), wo.Rows/heads
	for i := range wo.Rows {
		copy(out.Row(i), wo.Row((heads-1-i/d)*d+i%d))
	}
	return out
}

// multiHeadReshaped reads tokens × channels as heads × tokens × channels of a
// head; biases and rotary embedding are left out.
func multiHeadReshaped(im *implementation) {
	im.MultiHead = func(dst, x, memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) {
		joined := spec.NewMatrix[float64](x.Rows, w.Output.W.Rows)
		reshape := func(m matrix, heads int) spec.Tensor[float64] {
			d := m.Cols / heads
			return spec.Tensor[float64]{Data: m.Data, Shape: [4]int{1, heads, m.Rows, d}, Stride: [4]int{0, m.Rows * d, d, 1}}
		}
		reference.Attention(reshape(joined, w.Heads), reshape(reference.Product(x, w.Query.W), w.Heads),
			reshape(reference.Product(memory, w.Key.W), w.KeyHeads), reshape(reference.Product(memory, w.Value.W), w.KeyHeads), opt)
		copyRows(dst, reference.Product(joined, w.Output.W))
	}
}

// multiHeadTurned computes the projections plainly, lets turn do what it does
// with a rotary embedding, and goes on without one.
func multiHeadTurned(turn func(q, k, v matrix, c *multiHeadCall)) func(im *implementation) {
	return multiHeadThen(func(c *multiHeadCall) {
		if c.w.Rotary == nil {
			return
		}
		layer := func(x matrix, p *spec.Projection[float64]) matrix {
			out := spec.NewMatrix[float64](x.Rows, p.W.Cols)
			reference.Linear(out, x, p.W, p.Bias)
			*p = spec.Projection[float64]{W: identity(p.W.Cols)}
			return out
		}
		q, k, v := layer(c.x, &c.w.Query), layer(c.memory, &c.w.Key), layer(c.memory, &c.w.Value)
		turn(q, k, v, c)
		// Keys and values beside one another are one memory again.
		c.x, c.memory = q, beside(k, v)
		c.w.Key.W, c.w.Value.W = rowsFrom(c.w.Key.W, 0, c.memory.Cols), rowsFrom(c.w.Value.W, k.Cols, c.memory.Cols)
		c.w.Rotary = nil
	})
}

// beside returns the columns of a and then those of b.
func beside(a, b matrix) matrix {
	out := spec.NewMatrix[float64](a.Rows, a.Cols+b.Cols)
	for i := range a.Rows {
		copy(out.Row(i), a.Row(i))
		copy(out.Row(i)[a.Cols:], b.Row(i))
	}
	return out
}

// rowsFrom returns m as the rows from first on of a matrix of n rows that is zero
// elsewhere.
func rowsFrom(m matrix, first, n int) matrix {
	out := spec.NewMatrix[float64](n, m.Cols)
	for i := range m.Rows {
		copy(out.Row(first+i), m.Row(i))
	}
	return out
}

// turnHeads turns the heads of m.
func turnHeads(m matrix, heads int, r spec.Rotary, position int) {
	r.Offset += position
	for h := range heads {
		head := spec.Matrix[float64]{Rows: m.Rows, Cols: m.Cols / heads, Stride: m.Stride, Data: m.Data[h*m.Cols/heads:]}
		reference.Rope(head, head, r)
	}
}

// allAlike returns n times x.
func allAlike(x float64, n int) []float64 { return slices.Repeat([]float64{x}, n) }

var multiHeadMutants = []Mutant{
	{
		Name: "multi-head-not-transposed", Fault: "heads are split by reshaping tokens × channels without exchanging axes",
		Model:  "onnx/onnx#7142",
		Kills:  []spec.ID{"ATT-028", "ATT-029", "MHA-001"},
		Change: multiHeadReshaped,
	},
	{
		Name: "multi-head-one-head", Fault: "all channels form one head",
		Kills: []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) {
			if c.w.Heads == c.w.KeyHeads {
				c.w.Heads, c.w.KeyHeads = 1, 1
			}
		}),
	},
	{
		Name: "multi-head-no-output-weights", Fault: "WO is left out",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: outputSquare(func(wo matrix) matrix { return identity(wo.Rows) }),
	},
	{
		Name: "multi-head-output-transposed", Fault: "WO is used transposed",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: outputSquare(reference.Transpose),
	},
	{
		Name: "multi-head-query-key-exchanged", Fault: "WQ and WK are exchanged",
		Kills: []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) {
			if sameShape(c.w.Query.W, c.w.Key.W) {
				c.w.Query, c.w.Key = c.w.Key, c.w.Query
			}
		}),
	},
	{
		Name: "multi-head-key-weights-for-values", Fault: "values are projected by WK",
		Kills: []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) {
			if sameShape(c.w.Value.W, c.w.Key.W) {
				c.w.Value = c.w.Key
			}
		}),
	},
	{
		Name: "multi-head-scale-of-model", Fault: "the scale is 1/√dModel",
		Kills:  []spec.ID{"ATT-028", "ATT-029", "MHA-001"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.opt.Scale = spec.DefaultScale(c.x.Cols) }),
	},
	{
		Name: "multi-head-mask-dropped", Fault: "mask and causal rule are left out",
		Kills:  []spec.ID{"ATT-028", "ATT-029", "MHA-007"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.opt.Mask, c.opt.Causal = nil, false }),
	},
	{
		Name: "multi-head-heads-reversed", Fault: "the heads are joined in reverse order",
		Kills:  []spec.ID{"ATT-028", "ATT-029", "MHA-001"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.w.Output.W = reversedHeads(c.w.Output.W, c.w.Heads) }),
	},
	{
		Name: "multi-head-heads-tiled", Fault: "query head h uses key head h mod KeyHeads",
		Kills:  []spec.ID{"MHA-001", "MHA-002"},
		Change: keyHeadOf(func(h, keyHeads int) int { return h % keyHeads }),
	},
	{
		Name: "multi-head-heads-in-turn", Fault: "query head h uses key head h, and the last when there are no more",
		Kills:  []spec.ID{"MHA-001", "MHA-002"},
		Change: keyHeadOf(func(h, keyHeads int) int { return min(h, keyHeads-1) }),
	},
	{
		Name: "multi-head-first-key-head", Fault: "every query head uses the first head of keys and values",
		Kills:  []spec.ID{"MHA-001", "MHA-006"},
		Change: keyHeadOf(func(_, _ int) int { return 0 }),
	},
	{
		Name: "multi-head-query-bias-dropped", Fault: "the bias of the queries is left out",
		Kills:  []spec.ID{"MHA-001"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.w.Query.Bias = nil }),
	},
	{
		Name: "multi-head-key-bias-dropped", Fault: "the bias of the keys is left out",
		Kills:  []spec.ID{"MHA-005"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.w.Key.Bias = nil }),
	},
	{
		Name: "multi-head-key-bias-on-queries", Fault: "the bias of the keys is added to the queries",
		Kills: []spec.ID{"MHA-001", "MHA-004"},
		Change: multiHeadThen(func(c *multiHeadCall) {
			if len(c.w.Key.Bias) == c.w.Query.W.Cols {
				c.w.Query.Bias, c.w.Key.Bias = c.w.Key.Bias, nil
			}
		}),
	},
	{
		Name: "multi-head-key-bias-on-values", Fault: "the bias of the keys is added to the values",
		Kills: []spec.ID{"MHA-001", "MHA-004"},
		Change: multiHeadThen(func(c *multiHeadCall) {
			if len(c.w.Key.Bias) == c.w.Value.W.Cols {
				c.w.Value.Bias = c.w.Key.Bias
			}
		}),
	},
	{
		Name: "multi-head-value-bias-dropped", Fault: "the bias of the values is left out",
		Kills:  []spec.ID{"MHA-001", "MHA-006"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.w.Value.Bias = nil }),
	},
	{
		Name: "multi-head-value-bias-after-average", Fault: "the bias of the values is added after the average, to tokens that see nothing as well",
		Kills: []spec.ID{"MHA-001", "MHA-007"},
		Change: multiHeadThen(func(c *multiHeadCall) {
			if c.w.Value.Bias == nil {
				return
			}
			n, each := c.w.Value.W.Cols/c.w.KeyHeads, spec.NewMatrix[float64](1, c.w.Output.W.Rows)
			for k := range each.Cols {
				each.Set(0, k, c.w.Value.Bias[spec.KeyHead(k/n, c.w.Heads, c.w.KeyHeads)*n+k%n])
			}
			bias := slices.Clone(c.w.Output.Bias)
			if bias == nil {
				bias = allAlike(0, c.w.Output.W.Cols)
			}
			for k, x := range reference.Product(each, c.w.Output.W).Row(0) {
				bias[k] += x
			}
			c.w.Value.Bias, c.w.Output.Bias = nil, bias
		}),
	},
	{
		Name: "multi-head-output-bias-dropped", Fault: "the bias of the output is left out",
		Kills:  []spec.ID{"MHA-001"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.w.Output.Bias = nil }),
	},
	{
		Name: "multi-head-memory-overwritten", Fault: "the first rows of the memory are the tokens, where both have as many channels",
		Kills: []spec.ID{"MHA-001"},
		Change: multiHeadThen(func(c *multiHeadCall) {
			if c.memory = spec.Convert[float64](c.memory); c.memory.Cols == c.x.Cols {
				for j := range min(c.memory.Rows, c.x.Rows) {
					copy(c.memory.Row(j), c.x.Row(j))
				}
			}
		}),
	},
	{
		Name: "multi-head-not-turned", Fault: "the rotary embedding is left out",
		Kills:  []spec.ID{"MHA-001", "MHA-005"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.w.Rotary = nil }),
	},
	{
		Name: "multi-head-values-turned", Fault: "the values are turned as well",
		Kills: []spec.ID{"MHA-001", "MHA-003"},
		Change: multiHeadTurned(func(q, k, v matrix, c *multiHeadCall) {
			r := *c.w.Rotary
			turnHeads(q, c.w.Heads, r, c.opt.OffsetOf(0))
			turnHeads(k, c.w.KeyHeads, r, 0)
			r.Dims = min(r.Dims, v.Cols/c.w.KeyHeads/2*2)
			turnHeads(v, c.w.KeyHeads, r, 0)
		}),
	},
	{
		Name: "multi-head-keys-not-turned", Fault: "the queries alone are turned",
		Kills: []spec.ID{"MHA-001", "MHA-003"},
		Change: multiHeadTurned(func(q, _, _ matrix, c *multiHeadCall) {
			turnHeads(q, c.w.Heads, *c.w.Rotary, c.opt.OffsetOf(0))
		}),
	},
	{
		Name: "multi-head-queries-at-first-key", Fault: "queries are turned as if the first stood at the first key",
		Kills: []spec.ID{"MHA-001"},
		Change: multiHeadTurned(func(q, k, _ matrix, c *multiHeadCall) {
			turnHeads(q, c.w.Heads, *c.w.Rotary, 0)
			turnHeads(k, c.w.KeyHeads, *c.w.Rotary, 0)
		}),
	},
	{
		Name: "multi-head-turned-as-one", Fault: "the channels of all heads are turned as those of one",
		Kills: []spec.ID{"MHA-001"},
		Change: multiHeadTurned(func(q, k, _ matrix, c *multiHeadCall) {
			r := *c.w.Rotary
			r.Dims *= c.w.Heads
			turnHeads(q, 1, r, c.opt.OffsetOf(0))
			r.Dims = c.w.Rotary.Dims * c.w.KeyHeads
			turnHeads(k, 1, r, 0)
		}),
	},
	{
		Name: "multi-head-first-position-of-keys", Fault: "the offset of the rotary embedding moves the keys alone",
		Kills: []spec.ID{"MHA-001", "MHA-003"},
		Change: multiHeadTurned(func(q, k, _ matrix, c *multiHeadCall) {
			r := *c.w.Rotary
			turnHeads(k, c.w.KeyHeads, r, 0)
			r.Offset = 0
			turnHeads(q, c.w.Heads, r, c.opt.OffsetOf(0))
		}),
	},
}
