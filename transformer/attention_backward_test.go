package transformer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"example.com/attest/internal/bench"
	"example.com/attest/internal/kernel"
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

// TestAttendBackwardFrom compares the gradients from stored outputs with the exact
// ones, at every level: plain, with all that is added to logits, with slopes at
// which lanes without a query would overflow, and with queries that see no key.
func TestAttendBackwardFrom(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	const batch, heads, keyHeads, m, n, d, dv = 2, 2, 1, 50, 70, 16, 9
	q, k, v, dOut := normal(r, batch, heads, m, d), normal(r, batch, keyHeads, n, d), normal(r, batch, keyHeads, n, dv), normal(r, batch, heads, m, dv)
	bias := spec.GridOf(m, make([]float32, m*n), 1, m, n)
	for e := range bias.Data {
		bias.Data[e] = float32(r.NormFloat64())
	}
	for name, opt := range map[string]*spec.AttentionOptions{
		"plain":         {Scale: spec.DefaultScale(d)},
		"deaf queries":  {Scale: spec.DefaultScale(d), Causal: true, Offset: -9, Sinks: []float32{1, -1}},
		"steep":         {Scale: spec.DefaultScale(d), Slopes: []float32{2, -2}},
		"masked":        {Scale: spec.DefaultScale(d), KeyLengths: []int{70, 0}},
		"added, capped": {Scale: 1, Bias: bias, Sinks: []float32{2, 0}, Slopes: []float32{0.25, -0.5}, Softcap: 3},
	} {
		want, bound := spec.NewAttentionGradients(wide(q), wide(k), wide(v), opt), spec.NewAttentionGradients(wide(q), wide(k), wide(v), opt)
		reference.AttentionBackward(want, wide(dOut), wide(q), wide(k), wide(v), opt)
		if !reference.AttentionBackwardBound(bound, wide(dOut), wide(q), wide(k), wide(v), opt, transformer.Implementation().BackwardProfile, reference.RoundingOf[float32]()) {
			t.Fatalf("%s: no bound", name)
		}
		exact, allowed := flat(want), flat(bound)
		for _, level := range kernel.Levels() {
			out, lse := spec.NewTensor[float32](batch, heads, m, dv), spec.NewTensor[float32](batch, heads, m, 1)
			transformer.AttendLSE(out, lse, q, k, v, opt)
			g := spec.NewAttentionGradients(q, k, v, opt)
			transformer.NewBackward(level.Backward()).AttendBackwardFrom(g, dOut, out, lse, q, k, v, opt)
			for e, x := range flat(g) {
				if err := math.Abs(float64(x) - exact[e]); !(err <= allowed[e]) {
					t.Fatalf("%s, %v: number %d: err %g, bound %g", name, level, e, err, allowed[e])
				}
			}
		}
	}
	defer func() {
		if got, want := recover(), "attest: lse is not batch×heads×queries×1"; got != want {
			t.Errorf("panicked with %v, not %q", got, want)
		}
	}()
	opt := &spec.AttentionOptions{Scale: 1}
	transformer.AttendBackwardFrom(spec.NewAttentionGradients(q, k, v, opt), dOut, normal(r, batch, heads, m, dv), normal(r, batch, heads, m, 2), q, k, v, opt)
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
	const perQuery, own = 32, 1 << 18 // a tile's memory, which the collector may have taken from the pool
	if small, large := bytes(32, 32), bytes(1024, 1024); large > small+1024*perQuery+own {
		t.Errorf("%d bytes for 32 tokens, %d for 1024", small, large)
	}
}

// BenchmarkAttendBackward counts five products of matrices, as if nothing were
// computed twice.
func BenchmarkAttendBackward(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, tokens := range []int{128, 1024} {
		const heads, d = 8, 64
		q, k, v, dOut := normal(r, 1, heads, tokens, d), normal(r, 1, heads, tokens, d), normal(r, 1, heads, tokens, d), normal(r, 1, heads, tokens, d)
		out, lse := spec.NewTensor[float32](1, heads, tokens, d), spec.NewTensor[float32](1, heads, tokens, 1)
		for _, causal := range []bool{false, true} {
			opt := &spec.AttentionOptions{Scale: spec.DefaultScale(d), Causal: causal}
			g := spec.NewAttentionGradients(q, k, v, opt)
			transformer.AttendLSE(out, lse, q, k, v, opt)
			pairs := float64(tokens) * float64(tokens)
			if causal {
				pairs = float64(tokens) * float64(tokens+1) / 2
			}
			b.Run(fmt.Sprintf("tokens=%d/causal=%v", tokens, causal), func(b *testing.B) {
				bench.Run(b, 10*heads*d*pairs, 0, func() { transformer.AttendBackward(g, dOut, q, k, v, opt) })
			})
			b.Run(fmt.Sprintf("stored/tokens=%d/causal=%v", tokens, causal), func(b *testing.B) {
				bench.Run(b, 10*heads*d*pairs, 0, func() { transformer.AttendBackwardFrom(g, dOut, out, lse, q, k, v, opt) })
			})
		}
	}
}
