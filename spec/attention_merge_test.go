package spec_test

import (
	"testing"

	"example.com/attest/spec"
)

// TestCheckMerge spoils the operands of attentions with row sums and of merges
// in one way each.
func TestCheckMerge(t *testing.T) {
	type call struct{ dst, lse, o1, l1, o2, l2 spec.Tensor[float64] }
	for _, c := range []struct {
		text  string
		spoil func(o *call)
	}{
		{"", func(*call) {}},
		{"attest: the first output has a negative size", func(o *call) { o.o1.Shape[0] = -1 }},
		{"attest: the second lse has a negative stride", func(o *call) { o.l2.Stride[0] = -1 }},
		{"attest: the parts differ from dst in their shape", func(o *call) { o.o2 = spec.NewTensor[float64](1, 2, 3, 5) }},
		{"attest: lse is not batch×heads×queries×1", func(o *call) { o.l1.Shape[2] = 2 }},
		{"attest: lse is not batch×heads×queries×1", func(o *call) { o.lse.Shape[3] = 0 }},
		{"attest: dst overlaps itself", func(o *call) { o.dst.Stride[1] = 0 }},
		{"attest: lse overlaps itself", func(o *call) { o.lse.Stride[2] = 0 }},
		{"attest: lse shares memory with another operand", func(o *call) { o.lse.Data = o.dst.Data }},
		{"attest: lse shares memory with another operand", func(o *call) { o.lse.Data = o.l2.Data }},
		{"attest: dst shares memory with an input", func(o *call) { o.dst.Data = o.o1.Data }},
	} {
		wide := func() spec.Tensor[float64] { return spec.NewTensor[float64](1, 2, 3, 4) }
		row := func() spec.Tensor[float64] { return spec.NewTensor[float64](1, 2, 3, 1) }
		o := &call{wide(), row(), wide(), row(), wide(), row()}
		c.spoil(o)
		if text := panicText(func() { spec.CheckMergeAttention(o.dst, o.lse, o.o1, o.l1, o.o2, o.l2) }); text != c.text {
			t.Errorf("merge: got %q, want %q", text, c.text)
		}
	}
	for _, c := range []struct {
		text  string
		spoil func(o *operands, lse *spec.Tensor[float64])
	}{
		{"", func(*operands, *spec.Tensor[float64]) {}},
		{"attest: query, key, value and dst differ in their batch", func(o *operands, _ *spec.Tensor[float64]) { o.v.Shape[0] = 1 }},
		{"attest: lse is shorter than its view", func(_ *operands, l *spec.Tensor[float64]) { l.Data = l.Data[1:] }},
		{"attest: lse is not batch×heads×queries×1", func(_ *operands, l *spec.Tensor[float64]) { l.Shape[1] = 1 }},
		{"attest: lse overlaps itself", func(_ *operands, l *spec.Tensor[float64]) { l.Stride[0] = 0 }},
		{"attest: lse shares memory with another operand", func(o *operands, l *spec.Tensor[float64]) { l.Data = o.k.Data }},
	} {
		o, lse := fitting(), spec.NewTensor[float64](2, 4, 3, 1)
		c.spoil(&o, &lse)
		if text := panicText(func() { spec.CheckAttentionLSE(o.dst, lse, o.q, o.k, o.v, o.opt) }); text != c.text {
			t.Errorf("lse: got %q, want %q", text, c.text)
		}
	}
}
