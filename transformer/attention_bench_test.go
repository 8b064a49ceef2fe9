package transformer_test

import (
	"math/rand/v2"
	"testing"

	"example.com/attest/internal/bench"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// BenchmarkAttend reports GF/s and how much that is of the peak: of square
// attentions, and at sizes around a tile.
func BenchmarkAttend(b *testing.B) {
	for _, c := range []struct {
		name      string
		heads     int
		tokens, d int
		causal    bool
	}{
		{"2048", 8, 2048, 64, false}, {"2048,d=128", 8, 2048, 128, false}, {"2048,causal", 8, 2048, 64, true},
		{"2048,d=128,causal", 8, 2048, 128, true}, {"512", 8, 512, 64, false}, {"128", 8, 128, 64, false},
		{"63", 64, 63, 63, false}, {"64", 64, 64, 64, false}, {"65", 64, 65, 65, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			q, k, v := normal(r, 1, c.heads, c.tokens, c.d), normal(r, 1, c.heads, c.tokens, c.d), normal(r, 1, c.heads, c.tokens, c.d)
			dst, opt := spec.NewTensor[float32](1, c.heads, c.tokens, c.d), &spec.AttentionOptions{Scale: spec.DefaultScale(c.d), Causal: c.causal}
			flops := 4 * float64(c.heads) * float64(c.tokens) * float64(c.tokens) * float64(c.d)
			if c.causal {
				flops /= 2
			}
			bench.Run(b, flops, 0, func() { transformer.Attend(dst, q, k, v, opt) })
		})
	}
}

// BenchmarkOptions reports GF/s of 8 heads of 512 tokens of 64 channels with one
// option each.
func BenchmarkOptions(b *testing.B) {
	const heads, n, d = 8, 512, 64
	r := rand.New(rand.NewPCG(1, 1))
	q, k, v := normal(r, 1, heads, n, d), normal(r, 1, heads, n, d), normal(r, 1, heads, n, d)
	dst := spec.NewTensor[float32](1, heads, n, d)
	some := make([]bool, n*n)
	for e := range some {
		some[e] = r.IntN(10) > 0
	}
	mask := spec.GridOf(n, some, n, n)
	for _, c := range []struct {
		name string
		opt  spec.AttentionOptions
	}{
		{"plain", spec.AttentionOptions{}},
		{"mask", spec.AttentionOptions{Mask: mask}},
		{"bias", spec.AttentionOptions{Bias: spec.GridOf(n, make([]float32, n*n), n, n)}},
		{"softcap", spec.AttentionOptions{Softcap: 30}},
		{"keep", spec.AttentionOptions{Keep: mask, KeepScale: 1 / 0.9}},
		{"slopes", spec.AttentionOptions{Slopes: spec.AlibiSlopes(heads)}},
		{"sinks", spec.AttentionOptions{Sinks: make([]float32, heads)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.opt.Scale = spec.DefaultScale(d)
			bench.Run(b, 4*heads*n*n*d, 0, func() { transformer.Attend(dst, q, k, v, &c.opt) })
		})
	}
}

// BenchmarkDecode reports the bytes of keys and values a second that one query of
// each of 32 heads reads.
func BenchmarkDecode(b *testing.B) {
	for name, keyHeads := range map[string]int{"MHA": 32, "GQA": 8} {
		b.Run(name, func(b *testing.B) {
			const n, d = 4096, 128
			r := rand.New(rand.NewPCG(1, 1))
			q, k, v := normal(r, 1, 32, 1, d), normal(r, 1, keyHeads, n, d), normal(r, 1, keyHeads, n, d)
			dst, opt := spec.NewTensor[float32](1, 32, 1, d), &spec.AttentionOptions{Scale: spec.DefaultScale(d)}
			bench.Run(b, 0, float64(4*(len(k.Data)+len(v.Data))), func() { transformer.Attend(dst, q, k, v, opt) })
		})
	}
}
