package spec_test

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// TestCheckCachedAttention spoils operands that fit, 4 past and 3 new tokens, in
// one way each.
func TestCheckCachedAttention(t *testing.T) {
	type call struct {
		operands
		presentK, presentV, pastK, pastV spec.Tensor[float64]
	}
	for _, c := range []struct {
		text  string
		spoil func(o *call)
	}{
		{"", func(*call) {}},
		{"", func(o *call) {
			o.pastK, o.pastV = spec.NewTensor[float64](2, 2, 0, 5), spec.NewTensor[float64](2, 2, 0, 6)
			o.k, o.v = spec.NewTensor[float64](2, 2, 7, 5), spec.NewTensor[float64](2, 2, 7, 6)
		}},
		{"", func(o *call) { o.opt.Offsets = []int{math.MaxInt, math.MinInt} }},
		{"attest: attention without options", func(o *call) { o.opt = nil }},
		{"attest: query and key differ in their channels", func(o *call) { o.presentK.Shape[3] = 4 }},
		{"attest: past key has a negative size", func(o *call) { o.pastK.Shape[2] = -4 }},
		{"attest: value is shorter than its view", func(o *call) { o.v.Data = o.v.Data[1:] }},
		{"attest: the present key is not that of past and new tokens", func(o *call) { o.k.Shape[2] = 2 }},
		{"attest: the present value is not that of past and new tokens", func(o *call) { o.pastV = spec.NewTensor[float64](2, 2, 5, 6) }},
		{"attest: past key and key differ in more than their tokens", func(o *call) { o.pastK = spec.NewTensor[float64](2, 1, 4, 5) }},
		{"attest: packed sequences have no past in common", func(o *call) {
			for _, x := range []*spec.Tensor[float64]{&o.dst, &o.q, &o.k, &o.v, &o.presentK, &o.presentV, &o.pastK, &o.pastV} {
				x.Shape[0] = 1
			}
			o.opt.Sequences = &spec.Sequences{Queries: []int{0, 3}, Keys: []int{0, 7}}
		}},
		{"attest: a destination overlaps itself", func(o *call) { o.presentV.Stride[1] = 0 }},
		{"attest: two destinations share memory", func(o *call) { o.presentK.Data = o.presentV.Data }},
		{"attest: a destination shares memory with an input", func(o *call) { o.pastK.Data = o.presentK.Data }},
		{"attest: a destination shares memory with an input", func(o *call) { o.v.Data = o.dst.Data }},
	} {
		o := &call{operands: fitting(), presentK: spec.NewTensor[float64](2, 2, 7, 5), presentV: spec.NewTensor[float64](2, 2, 7, 6),
			pastK: spec.NewTensor[float64](2, 2, 4, 5), pastV: spec.NewTensor[float64](2, 2, 4, 6)}
		o.k, o.v = spec.NewTensor[float64](2, 2, 3, 5), spec.NewTensor[float64](2, 2, 3, 6)
		c.spoil(o)
		if text := panicText(func() {
			spec.CheckCachedAttention(o.dst, o.presentK, o.presentV, o.q, o.k, o.v, o.pastK, o.pastV, o.opt)
		}); text != c.text {
			t.Errorf("got %q, want %q", text, c.text)
		}
	}
}

// TestAfterPast moves offsets by the number of past tokens.
func TestAfterPast(t *testing.T) {
	o := &spec.AttentionOptions{Causal: true, Offset: -1, Offsets: []int{2, math.MaxInt, math.MinInt}}
	after := o.AfterPast(5)
	if after.Offset != 4 || after.OffsetOf(0) != 7 || after.OffsetOf(1) < math.MaxInt/16 || after.OffsetOf(2) > math.MinInt/16 {
		t.Errorf("offset %d, offsets %v", after.Offset, after.Offsets)
	}
	if o.Offset != -1 || o.Offsets[0] != 2 {
		t.Error("the options themselves changed")
	}
	if o.Offsets = nil; o.AfterPast(5).Offsets != nil {
		t.Error("offsets where there were none")
	}
}
