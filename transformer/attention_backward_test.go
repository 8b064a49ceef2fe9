package transformer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// flat returns all gradients in a row.
func flat[T spec.Float](g spec.AttentionGradients[T]) []T {
	out := append(append(append([]T(nil), g.Query.Data...), g.Key.Data...), g.Value.Data...)
	if g.Bias != nil {
		out = append(out, g.Bias.Data...)
	}
	return append(out, g.Sinks...)
}

// TestAttendBackwardInParallel computes gradients large enough for goroutines with
// one and with more of them, fewer and more than there are heads: the bits are the
// same and within the bound.
func TestAttendBackwardInParallel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const batch, heads, keyHeads, m, n, d, dv = 1, 4, 2, 50, 99, 12, 7
	q, k, v, dOut := normal(r, batch, heads, m, d), normal(r, batch, keyHeads, n, d), normal(r, batch, keyHeads, n, dv), normal(r, batch, heads, m, dv)
	bias := spec.GridOf(m, make([]float32, heads*n), heads, 1, n)
	for e := range bias.Data {
		bias.Data[e] = float32(r.NormFloat64())
	}
	opt := &spec.AttentionOptions{Scale: spec.DefaultScale(d), Causal: true, Offset: 40, Bias: bias, Sinks: []float32{0, 1, -1, 2}, Softcap: 4}
	run := func(workers int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		g := spec.NewAttentionGradients(q, k, v, opt)
		transformer.AttendBackward(g, dOut, q, k, v, opt)
		return flat(g)
	}
	one := run(1)
	for _, workers := range []int{2, 3, 4, 8} {
		for e, x := range run(workers) {
			if math.Float32bits(x) != math.Float32bits(one[e]) {
				t.Fatalf("number %d: %v with one goroutine, %v with %d", e, one[e], x, workers)
			}
		}
	}
	want := spec.NewAttentionGradients(wide(q), wide(k), wide(v), opt)
	reference.AttentionBackward(want, wide(dOut), wide(q), wide(k), wide(v), opt)
	bound := spec.NewAttentionGradients(wide(q), wide(k), wide(v), opt)
	if !reference.AttentionBackwardBound(bound, wide(dOut), wide(q), wide(k), wide(v), opt, transformer.Implementation().BackwardProfile, reference.RoundingOf[float32]()) {
		t.Fatal("no bound")
	}
	allowed := flat(bound)
	for e, x := range flat(want) {
		if err := math.Abs(float64(one[e]) - x); !(err <= allowed[e]) {
			t.Fatalf("number %d: err %g, bound %g", e, err, allowed[e])
		}
	}
}

// TestAttendBackwardScratch requires that what AttendBackward allocates grows by
// a few numbers a query and not with the number of keys.
func TestAttendBackwardScratch(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	bytes := func(queries, keys int) uint64 {
		q, k := spec.NewTensor[float32](1, 1, queries, 8), spec.NewTensor[float32](1, 1, keys, 8)
		opt := &spec.AttentionOptions{Scale: 1}
		g := spec.NewAttentionGradients(q, k, k, opt)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		transformer.AttendBackward(g, q, q, k, k, opt)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	bytes(8, 8)
	const perQuery, own = 32, 1 << 14 // a few KiB are the runtime's own
	if small, large := bytes(32, 32), bytes(1024, 1024); large > small+1024*perQuery+own {
		t.Errorf("%d bytes for 32 tokens, %d for 1024", small, large)
	}
}

func BenchmarkAttendBackward(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, tokens := range []int{128, 1024} {
		const heads, d = 4, 64
		q, k, v, dOut := normal(r, 1, heads, tokens, d), normal(r, 1, heads, tokens, d), normal(r, 1, heads, tokens, d), normal(r, 1, heads, tokens, d)
		for _, causal := range []bool{false, true} {
			b.Run(fmt.Sprintf("tokens=%d/causal=%v", tokens, causal), func(b *testing.B) {
				opt := &spec.AttentionOptions{Scale: spec.DefaultScale(d), Causal: causal}
				g := spec.NewAttentionGradients(q, k, v, opt)
				for b.Loop() {
					transformer.AttendBackward(g, dOut, q, k, v, opt)
				}
				pairs := float64(tokens) * float64(tokens)
				if causal {
					pairs = float64(tokens) * float64(tokens+1) / 2
				}
				// Five products of matrices, as if nothing were computed twice.
				b.ReportMetric(10*heads*d*pairs*float64(b.N)/b.Elapsed().Seconds()/1e9, "GF/s")
			})
		}
	}
}
