package props

import (
	"math"
	"slices"

	"example.com/attest/spec"
)

// hide returns s as it is handed over: where the case draws so, with poison in
// the keys and values that no query may see and in the biases of places that
// other rules hide.
func (s attentionScene[T]) hide(t *Trial) attentionScene[T] {
	if s.bare || !s.hides() || !t.unusual() {
		return s
	}
	poison, poisoned := drawHidden(t)
	if !poisoned {
		return s
	}
	seen := make([]bool, s.k.Shape[0]*s.k.Shape[1]*s.k.Shape[2])
	for r := range seen {
		bg, j := r/s.k.Shape[2], r%s.k.Shape[2]
		seen[r] = s.seen(bg/s.k.Shape[1], bg%s.k.Shape[1], j)
	}
	rows := func(x tensor) tensor {
		return tensorLike(x.Shape, func(b, g, j, c int) float64 {
			if !seen[(b*x.Shape[1]+g)*x.Shape[2]+j] {
				return poison
			}
			return x.At(b, g, j, c)
		})
	}
	out := s
	out.k, out.v = rows(s.k), rows(s.v)
	out.opt.Bias = s.hiddenBias(float32(poison))
	return out
}

// hides reports whether some rule may keep a key from a query.
func (s attentionScene[T]) hides() bool {
	o := &s.opt
	return o.Mask != nil || o.Causal || o.Window != nil || o.KeyLengths != nil || o.Sequences != nil || o.Bias != nil
}

// hiddenBias returns the bias with poison at places that all queries, heads and
// batches which share them are kept from by other rules.
func (s attentionScene[T]) hiddenBias(poison float32) *spec.Bias {
	g := s.opt.Bias
	if g == nil || math.IsInf(float64(poison), -1) {
		return g
	}
	used, open := make([]bool, len(g.Data)), s.withoutBias().opt
	eachElement([4]int{s.q.Shape[0], s.q.Shape[1], g.Queries, g.Keys}, func(b, h, i, j int) {
		if open.Allowed(b, h, i, j) {
			used[b*g.BatchStride+h*g.HeadStride+i*g.Stride+j] = true
		}
	})
	out := *g
	out.Data = slices.Clone(g.Data)
	for k := range used {
		if !used[k] {
			out.Data[k] = poison
		}
	}
	return &out
}

// hiddenMemory returns a memory and the options of the attention of so many heads and
// queries to it as they are handed over: where the case draws so, with poison in rows
// that no query of any head may see and in the biases of places that other rules hide.
func hiddenMemory[T spec.Float](t *Trial, memory matrix, heads, queries int, opt spec.AttentionOptions) (matrix, spec.AttentionOptions) {
	s := attentionScene[T]{q: tensor{Shape: [4]int{1, heads, queries, 0}}, k: tensor{Shape: [4]int{1, 1, memory.Rows, 0}}, opt: opt}
	if !s.hides() || !t.unusual() {
		return memory, opt
	}
	poison, poisoned := drawHidden(t)
	if !poisoned {
		return memory, opt
	}
	opt.Bias = s.hiddenBias(float32(poison))
	out := spec.Convert[float64](memory)
	for j := range out.Rows {
		if !s.seen(0, 0, j) {
			row := out.Row(j)
			for c := range row {
				row[c] = poison
			}
		}
	}
	return out, opt
}
