package transformer_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"example.com/attest/internal/kernel"
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
	// 2048×2048 logits would take 16 MiB; the memory of a tile, which the collector
	// may have taken from the pool, takes less than 256 KiB.
	if small, large := bytes(32), bytes(2048); large > small+1<<18 {
		t.Errorf("%d bytes for 32 tokens, %d for 2048", small, large)
	}
}

// TestAttendManyKeys computes attentions of several parts at every level: the bits
// do not depend on the number of goroutines, and the error is within the bound.
func TestAttendManyKeys(t *testing.T) {
	for _, level := range kernel.Levels() {
		a := transformer.NewAttention(level.Attention())
		for _, c := range []struct{ queries, keys int }{{1, 2500}, {6, 9000}} {
			r := rand.New(rand.NewPCG(1, 1))
			q, k, v := normal(r, 1, 2, c.queries, 3), normal(r, 1, 1, c.keys, 3), normal(r, 1, 1, c.keys, 2)
			for j := range c.keys { // later keys count for more: every part rescales those before
				k.Set(0, 0, j, 0, float32(j)/float32(c.keys)*8)
			}
			for e := range q.Data {
				q.Data[e] = abs32(q.Data[e])
			}
			opt := &spec.AttentionOptions{Scale: 1, Causal: true, Offset: c.keys - c.queries, Window: &spec.Window{Left: c.keys - 70, Right: -1}}
			run := func(workers int) spec.Tensor[float32] {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
				dst := spec.NewTensor[float32](1, 2, c.queries, 2)
				a.Attend(dst, q, k, v, opt)
				return dst
			}
			one, four := run(1), run(4)
			want := spec.NewTensor[float64](1, 2, c.queries, 2)
			reference.Attention(want, wide(q), wide(k), wide(v), opt)
			bound, ok := reference.AttentionBound(wide(q), wide(k), wide(v), opt, transformer.Implementation().Profile, reference.RoundingOf[float32](), reference.InputError{})
			if !ok {
				t.Fatal("no bound")
			}
			for e, x := range one.Data {
				if math.Float32bits(x) != math.Float32bits(four.Data[e]) {
					t.Fatalf("%v, %d queries: element %d is %v with one goroutine, %v with four", level, c.queries, e, x, four.Data[e])
				}
				if err := math.Abs(float64(x) - want.Data[e]); !(err <= bound.Data[e]) {
					t.Errorf("%v, %d queries: element %d: err %g, bound %g", level, c.queries, e, err, bound.Data[e])
				}
			}
		}
	}
}

func abs32(x float32) float32 { return float32(math.Abs(float64(x))) }

// TestAttendAllocates requires that calls of equal sizes allocate nothing once
// there is scratch memory.
func TestAttendAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, queries := range []int{1, 65} {
		q, k, v := normal(r, 1, 4, queries, 24), normal(r, 1, 2, 333, 24), normal(r, 1, 2, 333, 20)
		dst, opt := spec.NewTensor[float32](1, 4, queries, 20), &spec.AttentionOptions{Scale: 1, Causal: true, Offset: 300}
		// What the scheduler allocates for itself now and then is less than one a call.
		if n := testing.AllocsPerRun(20, func() { transformer.Attend(dst, q, k, v, opt) }); n > 0 {
			t.Errorf("%d queries: %v allocations a call", queries, n)
		}
	}
}
