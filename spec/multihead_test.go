package spec_test

import (
	"testing"
	"unsafe"

	"example.com/attest/spec"
)

// TestCheckMultiHead spoils operands that fit in one way each: tokens of 5
// channels, a memory of 3 rows of 4, 4 heads of 2 channels for 2 of keys and
// values, those of 3 channels.
func TestCheckMultiHead(t *testing.T) {
	type call struct {
		dst, x, memory spec.Matrix[float64]
		w              *spec.MultiHeadWeights[float64]
		opt            *spec.AttentionOptions
	}
	m := spec.NewMatrix[float64]
	layer := func(rows, cols int) spec.Projection[float64] {
		return spec.Projection[float64]{W: m(rows, cols), Bias: make([]float64, cols)}
	}
	for _, c := range []struct {
		text  string
		spoil func(o *call)
	}{
		{"", func(o *call) {}},
		{"", func(o *call) { o.w.Query.Bias, o.w.Key.Bias, o.w.Value.Bias, o.w.Output.Bias = nil, nil, nil, nil }},
		{"", func(o *call) { o.memory.Rows, o.opt.Mask = 0, nil }},
		{"attest: dst has the wrong shape", func(o *call) { o.dst.Rows = 1 }},
		{"attest: X is shorter than rows×stride", func(o *call) { o.x.Data = o.x.Data[1:] }},
		{"attest: memory is shorter than rows×stride", func(o *call) { o.memory.Data = nil }},
		{"attest: multi-head attention without weights", func(o *call) { o.w = nil }},
		{"attest: attention without options", func(o *call) { o.opt = nil }},
		{"attest: multi-head attention needs a head", func(o *call) { o.w.Heads = 0 }},
		{"attest: multi-head attention needs a head", func(o *call) { o.w.KeyHeads = 0 }},
		{"attest: the heads of keys do not divide those of queries", func(o *call) { o.w.KeyHeads = 3 }},
		{"attest: the heads do not divide the channels of WQ", func(o *call) { o.w.Heads = 6 }},
		{"attest: the heads do not divide the channels of WV", func(o *call) { o.w.KeyHeads = 4 }},
		{"attest: WQ has the wrong shape", func(o *call) { o.w.Query.W = m(4, 8) }},
		{"attest: WK has the wrong shape", func(o *call) { o.w.Key.W = m(4, 8) }},
		{"attest: WV has the wrong shape", func(o *call) { o.w.Value.W = m(5, 6) }},
		{"attest: WO has the wrong shape", func(o *call) { o.w.Output.W = m(6, 7) }},
		{"attest: bias has the wrong length", func(o *call) { o.w.Key.Bias = make([]float64, 8) }},
		{"attest: a rotary embedding turns more channels than there are", func(o *call) { o.w.Rotary.Dims = 4 }},
		{"attest: the mask is not queries×keys", func(o *call) { o.opt.Mask = &spec.Mask{} }},
		{"attest: not one sink for each head", func(o *call) { o.opt.Sinks = make([]float32, 2) }},
		{"attest: dst shares memory with an input", func(o *call) { o.x = o.dst; o.x.Cols = 5 }},
		{"attest: dst shares memory with an input", func(o *call) { o.memory, o.opt.Mask = o.dst, nil; o.memory.Cols = 4 }},
		{"attest: dst shares memory with an input", func(o *call) { o.w.Output.Bias = o.dst.Data[:7] }},
		{"attest: dst shares memory with an input", func(o *call) { o.dst.Data = o.w.Query.W.Data }},
		{"attest: dst shares memory with an input", func(o *call) { o.opt.Sinks = in(o.dst, 4) }},
		{"attest: dst shares memory with an input", func(o *call) { o.opt.Bias = spec.GridOf(2, in(o.dst, 3), 3) }},
	} {
		o := &call{m(2, 7), m(2, 5), m(3, 4), &spec.MultiHeadWeights[float64]{Query: layer(5, 8), Key: layer(4, 4), Value: layer(4, 6),
			Output: layer(12, 7), Heads: 4, KeyHeads: 2, Rotary: &spec.Rotary{Layout: spec.HalfLayout, Dims: 2, Base: 10}},
			&spec.AttentionOptions{Sinks: make([]float32, 4), Mask: spec.GridOf(2, make([]bool, 6), 2, 3)}}
		c.spoil(o)
		if text := panicText(func() { spec.CheckMultiHead(o.dst, o.x, o.memory, o.w, o.opt) }); text != c.text {
			t.Errorf("got %q, want %q", text, c.text)
		}
	}
}

// in returns n numbers of float32 in the memory of m.
func in(m spec.Matrix[float64], n int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(&m.Data[0])), n)
}
