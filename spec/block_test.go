package spec_test

import (
	"testing"

	"example.com/attest/spec"
)

// TestCheckBlock spoils operands that fit in one way each: 2 tokens of 4 channels
// behind 3 in a cache for 5, a memory of 3 rows of 6, 2 heads, 7 hidden units.
func TestCheckBlock(t *testing.T) {
	type call struct {
		dst, x, memory spec.Matrix[float64]
		w              *spec.BlockWeights[float64]
		self, cross    *spec.AttentionOptions
		cache          *spec.Cache[float64]
	}
	m := spec.NewMatrix[float64]
	layer := func(rows, cols int) spec.Projection[float64] {
		return spec.Projection[float64]{W: m(rows, cols), Bias: make([]float64, cols)}
	}
	heads := func(memory int) spec.MultiHeadWeights[float64] {
		return spec.MultiHeadWeights[float64]{Query: layer(4, 6), Key: layer(memory, 6), Value: layer(memory, 4), Output: layer(4, 4), Heads: 2, KeyHeads: 2}
	}
	const overlap = "attest: dst shares memory with an input"
	for _, c := range []struct {
		text  string
		spoil func(o *call)
	}{
		{"", func(o *call) {}},
		{"", func(o *call) { o.cache, o.self.Mask = nil, nil }},
		{"", func(o *call) { o.w.Cross, o.memory, o.cross = nil, spec.Matrix[float64]{}, nil }},
		{"", func(o *call) { o.w.SelfNorm = spec.Norm[float64]{Kind: spec.RMSNormKind, Gain: make([]float64, 4)} }},
		{"", func(o *call) { o.w.Forward.Gate, o.w.Forward.Up.Bias, o.w.Forward.Down.Bias = m(4, 7), nil, nil }},
		{"attest: a block without weights", func(o *call) { o.w = nil }},
		{"attest: attention without options", func(o *call) { o.self = nil }},
		{"attest: attention without options", func(o *call) { o.cross = nil }},
		{"attest: X is shorter than rows×stride", func(o *call) { o.x.Data = nil }},
		{"attest: memory is shorter than rows×stride", func(o *call) { o.memory.Data = nil }},
		{"attest: dst has the wrong shape", func(o *call) { o.dst = m(2, 5) }},
		{"attest: a memory and no weights to attend to it", func(o *call) { o.w.Cross = nil }},
		{"attest: WK has the wrong shape", func(o *call) { o.w.Cross.Key.W = m(4, 6) }},
		{"attest: a branch of the block has not the channels of X", func(o *call) { o.w.Self.Output = layer(4, 5) }},
		{"attest: a branch of the block has not the channels of X", func(o *call) { o.w.Cross.Output = layer(4, 5) }},
		{"attest: the mask is not queries×keys", func(o *call) { o.self.Mask = spec.GridOf(2, make([]bool, 12), 2, 6) }},
		{"attest: the mask is not queries×keys", func(o *call) { o.cross.Mask = spec.GridOf(2, make([]bool, 8), 2, 4) }},
		{"attest: gain has the wrong length", func(o *call) { o.w.CrossNorm.Gain = make([]float64, 3) }},
		{"attest: shift has the wrong length", func(o *call) { o.w.ForwardNorm.Shift = nil }},
		{"attest: RMSNorm has no shift", func(o *call) { o.w.SelfNorm.Kind = spec.RMSNormKind }},
		{"attest: unknown kind of norm", func(o *call) { o.w.SelfNorm.Kind = "" }},
		{"attest: up has the wrong shape", func(o *call) { o.w.Forward.Up.W = m(3, 7) }},
		{"attest: down has the wrong shape", func(o *call) { o.w.Forward.Down.W = m(7, 3) }},
		{"attest: gate has the wrong shape", func(o *call) { o.w.Forward.Gate, o.w.Forward.Up.Bias, o.w.Forward.Down.Bias = m(4, 6), nil, nil }},
		{"attest: a gated branch has no biases", func(o *call) { o.w.Forward.Gate = m(4, 7) }},
		{"attest: unknown activation", func(o *call) { o.w.Forward.Activation = "step" }},
		{"attest: cache of keys has the wrong shape", func(o *call) { o.cache.Key = m(5, 4) }},
		{"attest: cache of values has the wrong shape", func(o *call) { o.cache.Value = m(4, 4) }},
		{"attest: the cache has no room for X", func(o *call) { o.cache.Tokens = 4 }},
		{"attest: the cache has no room for X", func(o *call) { o.cache.Tokens = -1 }},
		{overlap, func(o *call) { o.dst = o.x }},
		{overlap, func(o *call) { o.self.Sinks = in(o.dst, 2) }},
		{overlap, func(o *call) { o.self.Slopes = in(o.cache.Key, 2) }},
		{overlap, func(o *call) { o.cross.Sinks = in(o.cache.Value, 2) }},
		{overlap, func(o *call) { o.w.Forward.Down.W.Data = o.dst.Data[:28:28] }},
		{overlap, func(o *call) { o.w.ForwardNorm.Gain = o.dst.Data[4:8] }},
		{overlap, func(o *call) {
			o.cache.Value = spec.Matrix[float64]{Rows: 5, Cols: 4, Stride: 6, Data: o.cache.Key.Data}
		}},
		{overlap, func(o *call) { o.x.Data = o.cache.Key.Data }},
		{overlap, func(o *call) { o.w.Self.Key.W.Data = o.cache.Key.Data }},
		{overlap, func(o *call) { o.w.Cross.Query.Bias = o.cache.Value.Data[:6] }},
		{overlap, func(o *call) { o.dst.Data = o.cache.Value.Data }},
	} {
		norm := func() spec.Norm[float64] {
			return spec.Norm[float64]{Kind: spec.LayerNormKind, Gain: make([]float64, 4), Shift: make([]float64, 4)}
		}
		self, cross := heads(4), heads(6)
		o := &call{spec.Matrix[float64]{Rows: 2, Cols: 4, Stride: 4, Data: make([]float64, 30)}, m(2, 4), m(3, 6),
			&spec.BlockWeights[float64]{Self: self, Cross: &cross, SelfNorm: norm(), CrossNorm: norm(), ForwardNorm: norm(),
				Forward: spec.ForwardWeights[float64]{Activation: spec.ActGELU, Up: layer(4, 7), Down: layer(7, 4)}},
			&spec.AttentionOptions{Causal: true, Mask: spec.GridOf(2, make([]bool, 10), 2, 5)}, &spec.AttentionOptions{},
			&spec.Cache[float64]{Key: m(5, 6), Value: m(5, 4), Tokens: 3}}
		c.spoil(o)
		if text := panicText(func() { spec.CheckBlock(o.dst, o.x, o.memory, o.w, o.self, o.cross, o.cache) }); text != c.text {
			t.Errorf("got %q, want %q", text, c.text)
		}
	}
}
