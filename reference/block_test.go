package reference_test

import (
	"math"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// smallBlock is a block of one channel with RMSNorm, eps = 1, and the given
// weights of values and output and of the feed-forward branch with ReLU; queries
// and keys are 0, so that attention is the mean of what is seen.
func smallBlock(value, up, down float64) *spec.BlockWeights[float64] {
	one := func(x float64) spec.Projection[float64] { return spec.Projection[float64]{W: spec.Column(x)} }
	n := spec.Norm[float64]{Kind: spec.RMSNormKind, Gain: []float64{1}, Eps: 1}
	return &spec.BlockWeights[float64]{
		Self:     spec.MultiHeadWeights[float64]{Query: one(0), Key: one(0), Value: one(value), Output: one(1), Heads: 1, KeyHeads: 1},
		Forward:  spec.ForwardWeights[float64]{Activation: spec.ActReLU, Up: one(up), Down: one(down)},
		SelfNorm: n, CrossNorm: n, ForwardNorm: n,
	}
}

// TestBlockByHand has the numbers of docs/block.md, section 2.
func TestBlockByHand(t *testing.T) {
	post, crossed := smallBlock(0, 0, 0), smallBlock(0, 0, 0)
	post.PostNorm, crossed.PostNorm = true, true
	cross := crossed.Self
	crossed.Cross = &cross
	root := math.Sqrt(0.5)
	for _, c := range []struct {
		name   string
		w      *spec.BlockWeights[float64]
		memory spec.Matrix[float64]
		causal bool
		x      []float64
		want   []float64
	}{
		{"silent, pre-norm", smallBlock(0, 0, 0), spec.Matrix[float64]{}, false, []float64{2}, []float64{2}},
		{"silent, post-norm", post, spec.Matrix[float64]{}, false, []float64{2}, []float64{2.0 / 3}},
		{"empty memory", crossed, spec.Matrix[float64]{Cols: 1, Stride: 1}, false, []float64{2}, []float64{2 / math.Sqrt(13)}},
		{"feed-forward", smallBlock(0, 1, 1), spec.Matrix[float64]{}, false, []float64{1}, []float64{1 + root}},
		{"feed-forward, stretched", smallBlock(0, 1, 2), spec.Matrix[float64]{}, false, []float64{2}, []float64{2 + 4/math.Sqrt(5)}},
		{"mean of both", smallBlock(1, 0, 0), spec.Matrix[float64]{}, false, []float64{1, -1}, []float64{1, -1}},
		{"causal", smallBlock(1, 0, 0), spec.Matrix[float64]{}, true, []float64{1, -1}, []float64{1 + root, -1}},
	} {
		self, options := &spec.AttentionOptions{Scale: 1, Causal: c.causal}, &spec.AttentionOptions{Scale: 1}
		x := spec.Column(c.x...)
		bound, ok := reference.BlockBound(x, c.memory, c.w, self, options, spec.Profile{}, reference.RoundingOf[float64]())
		if !ok {
			t.Fatalf("%s: no bound", c.name)
		}
		for _, im := range []*spec.Implementation[float64]{reference.Implementation(), precise.Implementation()} {
			got := spec.NewMatrix[float64](len(c.x), 1)
			im.Block(got, x, c.memory, c.w, self, options, nil)
			for i, want := range c.want {
				// The number worked by hand has three roundings.
				if off(got.At(i, 0), want, bound.At(i, 0)+4*0x1p-53*math.Abs(want)) {
					t.Errorf("%s, %s: token %d is %v, not %v", im.Name, c.name, i, got.At(i, 0), want)
				}
			}
		}
	}
}

// TestCacheByHand takes two tokens one by one, as the judge does: the cache then
// holds their values, 1/√2 and −1/√2, and no more.
func TestCacheByHand(t *testing.T) {
	for _, im := range []*spec.Implementation[float64]{reference.Implementation(), precise.Implementation()} {
		w := smallBlock(1, 0, 0)
		cache := spec.NewCache(&w.Self, 3)
		cache.Value.Set(2, 0, 7)
		for i, x := range []float64{1, -1} {
			got := spec.NewMatrix[float64](1, 1)
			im.Block(got, spec.Column(x), spec.Matrix[float64]{}, w, &spec.AttentionOptions{Scale: 1, Causal: true}, nil, cache)
			want := []float64{1 + math.Sqrt(0.5), -1}[i]
			if off(got.At(0, 0), want, 16*0x1p-53) || cache.Tokens != i+1 {
				t.Errorf("%s: token %d is %v, not %v; the cache has seen %d", im.Name, i, got.At(0, 0), want, cache.Tokens)
			}
		}
		for j, want := range []float64{math.Sqrt(0.5), -math.Sqrt(0.5), 7} {
			if off(cache.Value.At(j, 0), want, 4*0x1p-53) {
				t.Errorf("%s: row %d of the values is %v, not %v", im.Name, j, cache.Value.At(j, 0), want)
			}
		}
	}
}
