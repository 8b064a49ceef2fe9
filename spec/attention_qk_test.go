package spec_test

import (
	"testing"

	"example.com/attest/spec"
)

// TestCheckAttentionQK spoils operands that fit in one way each.
func TestCheckAttentionQK(t *testing.T) {
	for _, c := range []struct {
		text  string
		stage spec.QKStage
		spoil func(o *operands, qk *spec.Tensor[float64])
	}{
		{"", spec.QKScaled, func(*operands, *spec.Tensor[float64]) {}},
		{"", spec.QKWeights, func(_ *operands, qk *spec.Tensor[float64]) { qk.Stride = [4]int{84, 7, 28, 1} }},
		{"attest: query and key differ in their channels", 0, func(o *operands, _ *spec.Tensor[float64]) { o.q.Shape[3] = 4 }},
		{"attest: qk is shorter than its view", 0, func(_ *operands, qk *spec.Tensor[float64]) { qk.Data = qk.Data[1:] }},
		{"attest: qk is not batch×heads×queries×keys", 0, func(_ *operands, qk *spec.Tensor[float64]) { qk.Shape[3] = 6 }},
		{"attest: unknown stage of queries times keys", -1, func(*operands, *spec.Tensor[float64]) {}},
		{"attest: unknown stage of queries times keys", 4, func(*operands, *spec.Tensor[float64]) {}},
		{"attest: qk overlaps itself", 0, func(_ *operands, qk *spec.Tensor[float64]) { qk.Stride[2] = 0 }},
		{"attest: qk shares memory with another operand", 0, func(o *operands, qk *spec.Tensor[float64]) { o.dst.Data = qk.Data }},
		{"attest: qk shares memory with another operand", 0, func(o *operands, qk *spec.Tensor[float64]) { o.v.Data = qk.Data }},
	} {
		o, qk := fitting(), spec.NewTensor[float64](2, 4, 3, 7)
		c.spoil(&o, &qk)
		if text := panicText(func() { spec.CheckAttentionQK(o.dst, qk, o.q, o.k, o.v, c.stage, o.opt) }); text != c.text {
			t.Errorf("got %q, want %q", text, c.text)
		}
	}
}
