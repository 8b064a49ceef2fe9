package reference_test

import (
	"testing"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// TestPagedAttentionByHand takes the mean of the tokens 4, 5 | 1, 2 | 4 of three
// pages (1, 2), (9, 9), (4, 5).
func TestPagedAttentionByHand(t *testing.T) {
	q, k, v := spec.NewTensor[float64](1, 1, 1, 0), spec.NewTensor[float64](3, 1, 2, 0), spec.NewTensor[float64](3, 1, 2, 1)
	copy(v.Data, []float64{1, 2, 9, 9, 4, 5})
	pages := spec.PageTable{Tokens: 5, Pages: [][]int{{2, 0, 2, -1}}}
	for _, im := range []*spec.Implementation[float64]{reference.Implementation(), precise.Implementation()} {
		dst := spec.NewTensor[float64](1, 1, 1, 1)
		im.PagedAttention(dst, q, k, v, pages, &spec.AttentionOptions{Scale: 1, KeyLengths: []int{4}})
		if dst.Data[0] != 3 {
			t.Errorf("%s: mean of 4 tokens: %v", im.Name, dst.Data[0])
		}
		im.PagedAttention(dst, q, k, v, pages, &spec.AttentionOptions{Scale: 1, Causal: true, Offset: 1})
		if dst.Data[0] != 4.5 {
			t.Errorf("%s: mean of 2 tokens: %v", im.Name, dst.Data[0])
		}
	}
}

// TestCachedAttentionByHand gives the token 8 after a past of 1 and 3 to the
// second of them and to itself.
func TestCachedAttentionByHand(t *testing.T) {
	q, k, past := spec.NewTensor[float64](1, 1, 1, 0), spec.NewTensor[float64](1, 1, 1, 0), spec.NewTensor[float64](1, 1, 2, 0)
	v, pastV := oneHead([]float64{8}), oneHead([]float64{1}, []float64{3})
	for _, im := range []*spec.Implementation[float64]{reference.Implementation(), precise.Implementation()} {
		dst, present, presentV := spec.NewTensor[float64](1, 1, 1, 1), spec.NewTensor[float64](1, 1, 3, 0), spec.NewTensor[float64](1, 1, 3, 1)
		opt := &spec.AttentionOptions{Scale: 1, Causal: true, Window: &spec.Window{Left: 1, Right: -1}}
		im.CachedAttention(dst, present, presentV, q, k, v, past, pastV, opt)
		if dst.Data[0] != 5.5 || presentV.Data[0] != 1 || presentV.Data[1] != 3 || presentV.Data[2] != 8 {
			t.Errorf("%s: output %v, present values %v", im.Name, dst.Data, presentV.Data)
		}
	}
}
