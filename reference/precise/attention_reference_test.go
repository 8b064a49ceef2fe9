package precise_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// attentions are what each attention stores, and each backward pass, with every
// option alone and all together.
func attentions() map[string]func(im *spec.Implementation[float64]) []float64 {
	const batch, heads, keyHeads, m, n = 2, 2, 1, 3, 4
	none := float32(math.Inf(-1))
	bias := spec.GridOf(m, []float32{0.5, -1, 2, 0, none, 1, none, 0.25, none, none, none, none}, m, n)
	keep := spec.GridOf(m, []bool{true, false, true, true}, n)
	r := draws{rand.New(rand.NewPCG(3, 4))}
	q, k, v := r.tensor(batch, heads, m, 3), r.tensor(batch, keyHeads, n, 3), r.tensor(batch, keyHeads, n, 2)
	dOut, pastK, pastV := r.tensor(batch, heads, m, 2), r.tensor(batch, keyHeads, 2, 3), r.tensor(batch, keyHeads, 2, 2)
	out := map[string]func(im *spec.Implementation[float64]) []float64{}
	for name, opt := range map[string]spec.AttentionOptions{
		"plain":   {},
		"causal":  {Causal: true, Offsets: []int{1, -1}},
		"window":  {Window: &spec.Window{Left: 1, Right: 0}, Offset: 2},
		"lengths": {KeyLengths: []int{3, 0}},
		"cap":     {Softcap: 0.75},
		"bias":    {Bias: bias},
		"slopes":  {Slopes: []float32{0.5, -1}},
		"sinks":   {Sinks: []float32{1, none}, KeyLengths: []int{2, 0}},
		"keep":    {Keep: keep, KeepScale: 1.5},
		"all":     {Causal: true, Offset: 1, Softcap: 1.25, Bias: bias, Slopes: []float32{0.5, -1}, Sinks: []float32{0, 2}, Keep: keep, KeepScale: 1.5},
	} {
		opt.Scale = 0.75
		out[name] = func(im *spec.Implementation[float64]) []float64 {
			dst, lse := spec.NewTensor[float64](batch, heads, m, 2), spec.NewTensor[float64](batch, heads, m, 1)
			im.Attention.Attend(dst, q, k, v, &opt)
			all := append([]float64(nil), dst.Data...)
			im.AttentionLSE(dst, lse, q, k, v, &opt)
			all = append(append(all, dst.Data...), lse.Data...)
			for _, stage := range []spec.QKStage{spec.QKScaled, spec.QKCapped, spec.QKLogits, spec.QKWeights} {
				qk := spec.NewTensor[float64](batch, heads, m, n)
				im.AttentionQK(dst, qk, q, k, v, stage, &opt)
				all = append(append(all, dst.Data...), qk.Data...)
			}
			g := spec.NewAttentionGradients(q, k, v, &opt)
			im.AttentionBackward(g, dOut, q, k, v, &opt)
			all = append(append(append(append(all, g.Query.Data...), g.Key.Data...), g.Value.Data...), g.Sinks...)
			if g.Bias != nil {
				all = append(all, g.Bias.Data...)
			}
			return all
		}
	}
	out["parts"] = func(im *spec.Implementation[float64]) []float64 {
		dst, lse := spec.NewTensor[float64](1, 1, 4, 1), spec.NewTensor[float64](1, 1, 4, 1)
		im.MergeAttention(dst, lse, rows(1, 2, 3, 4), rows(0.5, math.Inf(-1), 2, math.Inf(-1)), rows(5, 6, 7, 8), rows(-1, 3, math.Inf(-1), math.Inf(-1)))
		return append(dst.Data, lse.Data...)
	}
	out["pages"] = func(im *spec.Implementation[float64]) []float64 { // of two slots, the last page half full
		dst := spec.NewTensor[float64](1, heads, m, 2)
		one := q
		one.Shape[0] = 1
		im.PagedAttention(dst, one, r.pages(3, 3), r.pages(3, 2), spec.PageTable{Tokens: 5, Pages: [][]int{{2, 0, 1}}}, &spec.AttentionOptions{Scale: 0.75, Causal: true, Offset: 2})
		return dst.Data
	}
	out["cache"] = func(im *spec.Implementation[float64]) []float64 {
		dst := spec.NewTensor[float64](batch, heads, m, 2)
		presentK, presentV := spec.NewTensor[float64](batch, keyHeads, n+2, 3), spec.NewTensor[float64](batch, keyHeads, n+2, 2)
		im.CachedAttention(dst, presentK, presentV, q, k, v, pastK, pastV, &spec.AttentionOptions{Scale: 0.75, Causal: true})
		return append(append(dst.Data, presentK.Data...), presentV.Data...)
	}
	layer := func(in, out int) spec.Projection[float64] {
		return spec.Projection[float64]{W: r.matrix(in, out), Bias: r.numbers(out)}
	}
	weights := func(rotary *spec.Rotary) *spec.MultiHeadWeights[float64] {
		return &spec.MultiHeadWeights[float64]{Query: layer(3, 8), Key: layer(3, 4), Value: layer(3, 6), Output: layer(12, 3), Heads: 4, KeyHeads: 2, Rotary: rotary}
	}
	x, memory := r.matrix(m, 3), r.matrix(n, 3)
	turned, plain := weights(&spec.Rotary{Layout: spec.HalfLayout, Dims: 2, Base: 100, Offset: 1}), weights(nil)
	plain.Output.Bias = nil
	causal := &spec.AttentionOptions{Scale: 0.5, Causal: true, Offset: 1}
	for name, w := range map[string]*spec.MultiHeadWeights[float64]{"heads": plain, "turned heads": turned} {
		out[name] = func(im *spec.Implementation[float64]) []float64 {
			dst := spec.NewMatrix[float64](m, 3)
			im.MultiHead(dst, x, memory, w, causal)
			return dst.Data
		}
	}
	norm := func(kind spec.NormKind) spec.Norm[float64] {
		out := spec.Norm[float64]{Kind: kind, Gain: r.numbers(3), Eps: 0.125}
		if kind == spec.LayerNormKind {
			out.Shift = r.numbers(3)
		}
		return out
	}
	for name, w := range map[string]*spec.BlockWeights[float64]{
		"encoder": {Self: *turned, SelfNorm: norm(spec.LayerNormKind), ForwardNorm: norm(spec.LayerNormKind), PostNorm: true,
			Forward: spec.ForwardWeights[float64]{Activation: spec.ActGELU, Up: layer(3, 5), Down: layer(5, 3)}},
		"decoder": {Self: *turned, Cross: plain, SelfNorm: norm(spec.RMSNormKind), CrossNorm: norm(spec.RMSNormKind), ForwardNorm: norm(spec.RMSNormKind),
			Forward: spec.ForwardWeights[float64]{Activation: spec.ActSiLU, Gate: r.matrix(3, 5), Up: spec.Projection[float64]{W: r.matrix(3, 5)}, Down: spec.Projection[float64]{W: r.matrix(5, 3)}}},
	} {
		out[name] = func(im *spec.Implementation[float64]) []float64 {
			rest := matrix{}
			if w.Cross != nil {
				rest = memory
			}
			self, cross := &spec.AttentionOptions{Scale: 0.5, Causal: true}, &spec.AttentionOptions{Scale: 0.5}
			dst := spec.NewMatrix[float64](m, 3)
			im.Block(dst, x, rest, w, self, cross, nil)
			all := append([]float64(nil), dst.Data...)
			cache := spec.NewCache(&w.Self, m+1)
			for _, lo := range []int{0, 2} { // two tokens, then the third
				part := spec.MatrixOf([][]float64{x.Row(0), x.Row(1), x.Row(2)}[lo:min(lo+2, m)]...)
				dst := spec.NewMatrix[float64](part.Rows, 3)
				im.Block(dst, part, rest, w, self, cross, cache)
				all = append(all, dst.Data...)
			}
			return append(append(append(all, cache.Key.Data...), cache.Value.Data...), float64(cache.Tokens))
		}
	}
	return out
}

// rows returns a tensor of one channel.
func rows(x ...float64) tensor { return spec.HeadsOf(x, 1, len(x), 1, 1) }

// pages returns pages of two slots, the same ones whenever asked.
func (draws) pages(count, channels int) tensor {
	return draws{rand.New(rand.NewPCG(5, uint64(channels)))}.tensor(count, 1, 2, channels)
}

// TestAttentionAgrees is TestReferenceAgrees for attention in all its forms.
func TestAttentionAgrees(t *testing.T) {
	for name, f := range attentions() {
		got, want := f(precise.Implementation()), f(reference.Implementation())
		for k := range want {
			if !same(got[k], want[k]) {
				t.Errorf("%s: number %d: %v, reference %v", name, k, got[k], want[k])
			}
		}
	}
}
