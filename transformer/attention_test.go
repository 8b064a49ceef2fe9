package transformer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"example.com/attest/internal/bench"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// normal returns a tensor of normal deviates.
func normal(r *rand.Rand, batch, heads, tokens, channels int) spec.Tensor[float32] {
	x := spec.NewTensor[float32](batch, heads, tokens, channels)
	for k := range x.Data {
		x.Data[k] = float32(r.NormFloat64())
	}
	return x
}

// wide returns x in float64.
func wide(x spec.Tensor[float32]) spec.Tensor[float64] {
	out := spec.Tensor[float64]{Shape: x.Shape, Stride: x.Stride}
	for _, e := range x.Data {
		out.Data = append(out.Data, float64(e))
	}
	return out
}

// TestAttendInParallel computes an attention large enough for goroutines with
// one and with four of them: the bits are the same and within the bound.
func TestAttendInParallel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	q, k, v := normal(r, 2, 4, 50, 24), normal(r, 2, 2, 333, 24), normal(r, 2, 2, 333, 20)
	opt := &spec.AttentionOptions{Scale: spec.DefaultScale(24), Causal: true, Offset: 290}
	one, four := spec.NewTensor[float32](2, 4, 50, 20), spec.NewTensor[float32](2, 4, 50, 20)
	old := runtime.GOMAXPROCS(1)
	transformer.Attend(one, q, k, v, opt)
	runtime.GOMAXPROCS(4)
	transformer.Attend(four, q, k, v, opt)
	runtime.GOMAXPROCS(old)
	for e := range one.Data {
		if math.Float32bits(one.Data[e]) != math.Float32bits(four.Data[e]) {
			t.Fatalf("element %d: %v with one goroutine, %v with four", e, one.Data[e], four.Data[e])
		}
	}
	want := spec.NewTensor[float64](2, 4, 50, 20)
	reference.Attention(want, wide(q), wide(k), wide(v), opt)
	bound, ok := reference.AttentionBound(wide(q), wide(k), wide(v), opt, transformer.Implementation().Profile, reference.RoundingOf[float32](), reference.InputError{})
	if !ok {
		t.Fatal("no bound")
	}
	for e := range one.Data {
		if err := math.Abs(float64(one.Data[e]) - want.Data[e]); !(err <= bound.Data[e]) {
			t.Fatalf("element %d: err %g, bound %g", e, err, bound.Data[e])
		}
	}
}

// TestAttendSplitKeys computes one query over many keys with one and with four
// goroutines: the bits of outputs and log-sum-exps are the same.
func TestAttendSplitKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	q, k, v := normal(r, 1, 1, 1, 32), normal(r, 1, 1, 3000, 32), normal(r, 1, 1, 3000, 20)
	opt := &spec.AttentionOptions{Scale: 1}
	run := func(workers int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		dst, lse := spec.NewTensor[float32](1, 1, 1, 20), spec.NewTensor[float32](1, 1, 1, 1)
		transformer.AttendLSE(dst, lse, q, k, v, opt)
		return append(dst.Data, lse.Data...)
	}
	one, four := run(1), run(4)
	for e := range one {
		if math.Float32bits(one[e]) != math.Float32bits(four[e]) {
			t.Fatalf("element %d: %v with one goroutine, %v with four", e, one[e], four[e])
		}
	}
}

// TestAttendInfiniteLogits overflows logits: a block of −Inf alone weighs nothing
// beside a finite logit, and a row of −Inf alone is NaN.
func TestAttendInfiniteLogits(t *testing.T) {
	const n = 200
	q, k, v := spec.NewTensor[float32](1, 1, 1, 1), spec.NewTensor[float32](1, 1, n, 1), spec.NewTensor[float32](1, 1, n, 1)
	q.Data[0] = 1e30
	for j := range n {
		k.Data[j], v.Data[j] = -1e30, float32(j)
	}
	dst := spec.NewTensor[float32](1, 1, 1, 1)
	transformer.Attend(dst, q, k, v, &spec.AttentionOptions{Scale: 1})
	if x := float64(dst.Data[0]); !math.IsNaN(x) {
		t.Errorf("%v from logits of −Inf alone", x)
	}
	k.Data[150] = 0
	transformer.Attend(dst, q, k, v, &spec.AttentionOptions{Scale: 1})
	if dst.Data[0] != 150 {
		t.Errorf("%v although key 150 alone has a finite logit", dst.Data[0])
	}
}

// TestAttendScratch requires that what Attend allocates does not grow with the
// number of keys or queries.
func TestAttendScratch(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	bytes := func(tokens int) uint64 {
		q := spec.NewTensor[float32](1, 1, tokens, 8)
		dst := spec.NewTensor[float32](1, 1, tokens, 8)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		transformer.Attend(dst, q, q, q, &spec.AttentionOptions{Scale: 1})
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	bytes(8)
	// 2048×2048 logits would take 16 MiB; a few KiB are the runtime's own.
	if small, large := bytes(32), bytes(2048); large > small+1<<14 {
		t.Errorf("%d bytes for 32 tokens, %d for 2048", small, large)
	}
}

func BenchmarkAttend(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, tokens := range []int{128, 512, 2048} {
		const heads, d = 4, 64
		q, k, v := normal(r, 1, heads, tokens, d), normal(r, 1, heads, tokens, d), normal(r, 1, heads, tokens, d)
		dst := spec.NewTensor[float32](1, heads, tokens, d)
		for _, causal := range []bool{false, true} {
			opt := &spec.AttentionOptions{Scale: spec.DefaultScale(d), Causal: causal}
			pairs := float64(tokens) * float64(tokens)
			if causal {
				pairs = float64(tokens) * float64(tokens+1) / 2
			}
			b.Run(fmt.Sprintf("tokens=%d/causal=%v", tokens, causal), func(b *testing.B) {
				bench.Run(b, 4*heads*d*pairs, 0, func() { transformer.Attend(dst, q, k, v, opt) })
			})
		}
	}
}

// BenchmarkDecode has one query for each head read all keys and values.
func BenchmarkDecode(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	const heads, tokens, d = 32, 4096, 128
	q, dst := normal(r, 1, heads, 1, d), spec.NewTensor[float32](1, heads, 1, d)
	for _, keyHeads := range []int{32, 8} {
		k, v := normal(r, 1, keyHeads, tokens, d), normal(r, 1, keyHeads, tokens, d)
		b.Run(fmt.Sprintf("keyHeads=%d", keyHeads), func(b *testing.B) {
			opt := &spec.AttentionOptions{Scale: spec.DefaultScale(d)}
			bench.Run(b, 4*heads*tokens*d, float64(4*2*keyHeads*tokens*d), func() { transformer.Attend(dst, q, k, v, opt) })
		})
	}
}
