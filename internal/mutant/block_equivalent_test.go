package mutant

import (
	"math"
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// composeBlock makes Block, without a cache, and MultiHead of the other parts of
// im, and declares nothing about their bits.
func composeBlock(im *spec.Implementation[float32]) {
	type tokens = spec.Matrix[float32]
	im.ComposedBlock = false
	norm := func(m tokens, n *spec.Norm[float32]) tokens {
		out := spec.NewMatrix[float32](m.Rows, m.Cols)
		if n.Kind == spec.RMSNormKind {
			im.RMSNorm(out, m, n.Gain, n.Eps)
		} else {
			im.LayerNorm(out, m, n.Gain, n.Shift, n.Eps)
		}
		return out
	}
	project := func(m tokens, p *spec.Projection[float32]) tokens {
		out := spec.NewMatrix[float32](m.Rows, p.W.Cols)
		im.Linear(out, m, p.W, p.Bias)
		return out
	}
	im.MultiHead = func(dst, x, memory tokens, w *spec.MultiHeadWeights[float32], opt *spec.AttentionOptions) {
		heads := func(m tokens, heads, position int, turned bool) spec.Tensor[float32] {
			out := spec.NewTensor[float32](1, heads, m.Rows, m.Cols/heads)
			for h := range heads {
				head := spec.Matrix[float32]{Rows: m.Rows, Cols: m.Cols / heads, Stride: m.Cols / heads, Data: out.Data[h*m.Rows*m.Cols/heads:]}
				for i := range m.Rows {
					copy(head.Row(i), m.Row(i)[h*head.Cols:])
				}
				if turned && w.Rotary != nil {
					r := *w.Rotary
					r.Offset += position
					im.Rope(head, head, r)
				}
			}
			return out
		}
		joined := spec.NewMatrix[float32](x.Rows, w.Output.W.Rows)
		im.Attention.Attend(spec.HeadsOf(joined.Data, 1, x.Rows, w.Heads, joined.Cols/w.Heads), heads(project(x, &w.Query), w.Heads, opt.OffsetOf(0), true),
			heads(project(memory, &w.Key), w.KeyHeads, 0, true), heads(project(memory, &w.Value), w.KeyHeads, 0, false), opt)
		im.Linear(dst, joined, w.Output.W, w.Output.Bias)
	}
	im.Block = func(dst, x, memory tokens, w *spec.BlockWeights[float32], self, cross *spec.AttentionOptions, cache *spec.Cache[float32]) {
		branch := func(x tokens, n *spec.Norm[float32], f func(h tokens) tokens) tokens {
			out, h := spec.NewMatrix[float32](x.Rows, x.Cols), x
			if !w.PostNorm {
				h = norm(x, n)
			}
			im.Residual(out, x, f(h))
			if w.PostNorm {
				out = norm(out, n)
			}
			return out
		}
		attend := func(memory tokens, w *spec.MultiHeadWeights[float32], opt *spec.AttentionOptions) func(h tokens) tokens {
			return func(h tokens) tokens {
				out, from := spec.NewMatrix[float32](h.Rows, h.Cols), memory
				if from.IsZero() {
					from = h
				}
				im.MultiHead(out, h, from, w, opt)
				return out
			}
		}
		x = branch(x, &w.SelfNorm, attend(tokens{}, &w.Self, self))
		if w.Cross != nil {
			x = branch(x, &w.CrossNorm, attend(memory, w.Cross, cross))
		}
		x = branch(x, &w.ForwardNorm, func(h tokens) tokens {
			f := &w.Forward
			if !f.Gate.IsZero() {
				out := spec.NewMatrix[float32](h.Rows, h.Cols)
				im.Gated(out, h, f.Gate, f.Up.W, f.Down.W, f.Activation)
				return out
			}
			hidden := project(h, &f.Up)
			im.Prox.Apply(hidden.Data, hidden.Data, f.Activation)
			return project(hidden, &f.Down)
		})
		for i := range dst.Rows {
			copy(dst.Row(i), x.Row(i))
		}
	}
}

// blockVariants are correct parts that compute in another order or form than this
// project's.
var blockVariants = map[string]func(im *spec.Implementation[float32]){
	"linear layers backwards, fused": func(im *spec.Implementation[float32]) {
		im.Linear = func(dst, x, w spec.Matrix[float32], bias []float32) {
			for i := range dst.Rows {
				for l := range w.Cols {
					var s float32
					for k := x.Cols - 1; k >= 0; k-- {
						s = fused(x.At(i, k), w.At(k, l), s)
					}
					if bias != nil {
						s += bias[l]
					}
					dst.Set(i, l, s)
				}
			}
		}
	},
	"LayerNorm backwards, fused, gain first": func(im *spec.Implementation[float32]) {
		im.LayerNorm = func(dst, src spec.Matrix[float32], gain, shift []float32, eps float32) {
			for i := range src.Rows {
				row, centred := src.Row(i), make([]float32, src.Cols)
				var mean, squares float32
				for k := len(row) - 1; k >= 0; k-- {
					mean += row[k]
				}
				mean *= 1 / float32(len(row))
				for k := len(row) - 1; k >= 0; k-- {
					centred[k] = row[k] - mean
					squares = fused(centred[k], centred[k], squares)
				}
				inverse := 1 / float32(math.Sqrt(float64(fused(squares, 1/float32(len(row)), eps))))
				for k, c := range centred {
					dst.Set(i, k, fused(gain[k]*inverse, c, shift[k]))
				}
			}
		}
	},
}

// TestEquivalentBlocks requires that no claim rejects a block composed of correct
// parts, each variant of a part in turn and all that differ at once.
func TestEquivalentBlocks(t *testing.T) {
	plants := map[string]func(im *spec.Implementation[float32]){
		"this project's parts": func(*spec.Implementation[float32]) {},
		"several variants": func(im *spec.Implementation[float32]) {
			for _, name := range []string{"linear layers backwards, fused", "LayerNorm backwards, fused, gain first"} {
				blockVariants[name](im)
			}
			partVariants["RMSNorm backwards, fused, gain last"](im)
			partVariants["rotation fused on the first product"](im)
			partVariants["gated unit by unit, backwards, fused"](im)
		},
	}
	for name, plant := range blockVariants {
		plants[name] = plant
	}
	for name, plant := range plants {
		t.Run(name, func(t *testing.T) {
			im, oracle := suite.Float32()
			plant(im)
			composeBlock(im)
			for _, p := range props.Properties[float32]() {
				group, _, _ := strings.Cut(string(p.Claim), "-")
				if group != "BLK" && group != "MHA" || p.Claim == "BLK-016" { // no cache
					continue
				}
				if r := props.Run(p, im, oracle, props.Options{Cases: 50, Seed: 7}); !r.Verdict.OK() {
					t.Error(r.Message())
				}
			}
		})
	}
}
