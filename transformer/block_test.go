package transformer_test

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// drawnBlock returns a decoder's block of d channels with a gated feed-forward
// branch of h hidden units, RMSNorm and a rotary embedding, whose weights are
// normal and small enough to keep the stream in size.
func drawnBlock(r *rand.Rand, d, heads, keyHeads, h int) *spec.BlockWeights[float32] {
	project := func(rows, cols int) spec.Projection[float32] {
		m := spec.NewMatrix[float32](rows, cols)
		for k := range m.Data {
			m.Data[k] = float32(r.NormFloat64() / math.Sqrt(float64(rows)))
		}
		return spec.Projection[float32]{W: m}
	}
	norm := func() spec.Norm[float32] {
		n := spec.Norm[float32]{Kind: spec.RMSNormKind, Gain: make([]float32, d), Eps: 1e-5}
		for k := range n.Gain {
			n.Gain[k] = 1 + float32(r.NormFloat64())/4
		}
		return n
	}
	width := keyHeads * d / heads
	return &spec.BlockWeights[float32]{
		Self: spec.MultiHeadWeights[float32]{Query: project(d, d), Key: project(d, width), Value: project(d, width), Output: project(d, d),
			Heads: heads, KeyHeads: keyHeads, Rotary: &spec.Rotary{Layout: spec.HalfLayout, Dims: d / heads, Base: 10000}},
		Forward:  spec.ForwardWeights[float32]{Activation: spec.ActSiLU, Gate: project(d, h).W, Up: project(d, h), Down: project(h, d)},
		SelfNorm: norm(), ForwardNorm: norm(),
	}
}

// widened returns the weights in float64.
func widened(w *spec.BlockWeights[float32]) *spec.BlockWeights[float64] {
	project := func(p spec.Projection[float32]) spec.Projection[float64] {
		return spec.Projection[float64]{W: spec.Convert[float64](p.W)}
	}
	norm := func(n spec.Norm[float32]) spec.Norm[float64] {
		return spec.Norm[float64]{Kind: n.Kind, Gain: spec.Convert[float64](spec.MatrixOf(n.Gain)).Row(0), Eps: float64(n.Eps)}
	}
	return &spec.BlockWeights[float64]{
		Self: spec.MultiHeadWeights[float64]{Query: project(w.Self.Query), Key: project(w.Self.Key), Value: project(w.Self.Value),
			Output: project(w.Self.Output), Heads: w.Self.Heads, KeyHeads: w.Self.KeyHeads, Rotary: w.Self.Rotary},
		Forward: spec.ForwardWeights[float64]{Activation: w.Forward.Activation, Gate: spec.Convert[float64](w.Forward.Gate),
			Up: project(w.Forward.Up), Down: project(w.Forward.Down)},
		SelfNorm: norm(w.SelfNorm), ForwardNorm: norm(w.ForwardNorm),
	}
}

func normalRows(r *rand.Rand, n, d int) spec.Matrix[float32] {
	x := spec.NewMatrix[float32](n, d)
	for k := range x.Data {
		x.Data[k] = float32(r.NormFloat64())
	}
	return x
}

// TestLargerBlock compares a block of several tiles of tokens, channels and
// hidden units, whole and behind a cache, with the reference.
func TestLargerBlock(t *testing.T) {
	const n, d, heads, keyHeads, h = 131, 48, 6, 2, 300
	r := rand.New(rand.NewPCG(5, 6))
	w, x, opt := drawnBlock(r, d, heads, keyHeads, h), normalRows(r, n, d), &spec.AttentionOptions{Scale: spec.DefaultScale(d / heads), Causal: true}
	wide, xs, want := widened(w), spec.Convert[float64](x), spec.NewMatrix[float64](n, d)
	reference.Block(want, xs, spec.Matrix[float64]{}, wide, opt, nil, nil)
	bound, ok := reference.BlockBound(xs, spec.Matrix[float64]{}, wide, opt, nil, transformer.Implementation().Profile, reference.RoundingOf[float32]())
	if !ok {
		t.Fatal("no bound")
	}
	whole, cached := spec.NewMatrix[float32](n, d), spec.NewMatrix[float32](n, d)
	transformer.Block(whole, x, spec.Matrix[float32]{}, w, opt, nil, nil)
	cache := spec.NewCache(&w.Self, n)
	for lo, hi := 0, 64; lo < n; lo, hi = hi, min(hi+17, n) {
		rows := func(m spec.Matrix[float32]) spec.Matrix[float32] {
			return spec.Matrix[float32]{Rows: hi - lo, Cols: d, Stride: d, Data: m.Data[lo*d:]}
		}
		transformer.Block(rows(cached), rows(x), spec.Matrix[float32]{}, w, opt, nil, cache)
	}
	for name, got := range map[string]spec.Matrix[float32]{"whole": whole, "cached": cached} {
		worst := 0.0
		for k, y := range want.Data {
			err := math.Abs(float64(got.Data[k]) - y)
			if !(err <= bound.Data[k]) {
				t.Fatalf("%s: element %d: err %v, bound %v", name, k, err, bound.Data[k])
			}
			worst = max(worst, err/bound.Data[k])
		}
		t.Logf("%s: worst err/bound %.3g", name, worst)
	}
}

// TestBlocksAtOnce runs one block in several goroutines, which share its weights
// and take turns with scratch memory.
func TestBlocksAtOnce(t *testing.T) {
	const n, d = 40, 32
	r := rand.New(rand.NewPCG(7, 8))
	w, x, opt := drawnBlock(r, d, 4, 2, 80), normalRows(r, n, d), &spec.AttentionOptions{Scale: 0.5}
	want := spec.NewMatrix[float32](n, d)
	transformer.Block(want, x, spec.Matrix[float32]{}, w, opt, nil, nil)
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for range 5 {
				got := spec.NewMatrix[float32](n, d)
				transformer.Block(got, x, spec.Matrix[float32]{}, w, opt, nil, nil)
				for k, y := range want.Data {
					if got.Data[k] != y {
						t.Errorf("element %d is %v, not %v", k, got.Data[k], y)
						return
					}
				}
			}
		})
	}
	done.Wait()
}

// BenchmarkBlock takes tokens of 256 channels in 8 heads and 683 hidden units.
func BenchmarkBlock(b *testing.B) {
	const n, d, h = 256, 256, 683
	r := rand.New(rand.NewPCG(9, 10))
	w, x, opt := drawnBlock(r, d, 8, 8, h), normalRows(r, n, d), &spec.AttentionOptions{Scale: spec.DefaultScale(d / 8), Causal: true}
	dst := spec.NewMatrix[float32](n, d)
	b.ReportAllocs()
	for b.Loop() {
		transformer.Block(dst, x, spec.Matrix[float32]{}, w, opt, nil, nil)
	}
	// Four projections, the products of attention under the causal rule, and three
	// of the gated branch.
	flops := float64(n) * (2*4*d*d + 2*2*d*(n+1)/2 + 2*3*d*h)
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GF/s")
}
