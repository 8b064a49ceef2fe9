package suite_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

type (
	tensor = spec.Tensor[float64]
	matrix = spec.Matrix[float64]
)

// TestNothingUndeclaredIsAsked tries the claims on the reference declared to take
// no option that can be declared, then some and the others: no property may use
// one that is not.
func TestNothingUndeclaredIsAsked(t *testing.T) {
	t.Run("none", func(t *testing.T) { tryDeclared(t, spec.AttentionAbilities{}) })
	t.Run("some", func(t *testing.T) {
		tryDeclared(t, spec.AttentionAbilities{Broadcast: true, Bias: true, Window: true, KeyLengths: true, Slopes: true})
	})
	t.Run("others", func(t *testing.T) {
		tryDeclared(t, spec.AttentionAbilities{Softcap: true, Sequences: true, Offsets: true, Sinks: true, Keep: true})
	})
}

func tryDeclared(t *testing.T, can spec.AttentionAbilities) {
	t.Parallel()
	im, oracle := suite.Reference()
	im.AttentionAbilities, im.BackwardAbilities = can, spec.BackwardAbilities{AttentionAbilities: can}
	sound := *im
	im.Attention = spec.AttentionFunc[float64](func(dst, q, k, v tensor, opt *spec.AttentionOptions) {
		declared(can, q, k, opt)
		sound.Attention.Attend(dst, q, k, v, opt)
	})
	im.AttentionLSE = func(dst, lse, q, k, v tensor, opt *spec.AttentionOptions) {
		declared(can, q, k, opt)
		sound.AttentionLSE(dst, lse, q, k, v, opt)
	}
	im.AttentionQK = func(dst, qk, q, k, v tensor, stage spec.QKStage, opt *spec.AttentionOptions) {
		declared(can, q, k, opt)
		sound.AttentionQK(dst, qk, q, k, v, stage, opt)
	}
	im.PagedAttention = func(dst, q, k, v tensor, pages spec.PageTable, opt *spec.AttentionOptions) {
		declared(can, tensor{}, tensor{}, opt)
		sound.PagedAttention(dst, q, k, v, pages, opt)
	}
	im.CachedAttention = func(dst, presentK, presentV, q, k, v, pastK, pastV tensor, opt *spec.AttentionOptions) {
		declared(can, q, presentK, opt)
		sound.CachedAttention(dst, presentK, presentV, q, k, v, pastK, pastV, opt)
	}
	im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v tensor, opt *spec.AttentionOptions) {
		if dst.Bias != nil || dst.Sinks != nil {
			panic("a gradient that is not declared")
		}
		declared(can, q, k, opt)
		sound.AttentionBackward(dst, dOut, q, k, v, opt)
	}
	im.MultiHead = func(dst, x, memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) {
		declared(can, tensor{}, tensor{}, opt)
		sound.MultiHead(dst, x, memory, w, opt)
	}
	im.Block = func(dst, x, memory matrix, w *spec.BlockWeights[float64], self, cross *spec.AttentionOptions, cache *spec.Cache[float64]) {
		declared(can, tensor{}, tensor{}, self)
		declared(can, tensor{}, tensor{}, cross)
		sound.Block(dst, x, memory, w, self, cross, cache)
	}
	tried := 0
	for _, p := range props.Properties[float64]() {
		claim, err := spec.ClaimByID(p.Claim)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(claim.On, func(on string) bool { return strings.Contains(on, "Attention") || on == "MultiHead" || on == "Block" }) {
			continue
		}
		if r := props.Run(p, im, oracle, props.Options{Cases: props.UsualCases() / 12, NoReduce: true}); r.Verdict == props.Violated {
			t.Error(r.Message())
		} else if r.Verdict != props.Unsupported {
			tried++
		}
	}
	if tried < 100 {
		t.Errorf("%d claims are tried", tried)
	}
}

// declared panics if opt has more than an attention of these abilities takes.
func declared(can spec.AttentionAbilities, q, k tensor, opt *spec.AttentionOptions) {
	for _, used := range []struct{ used, can bool }{
		{opt.Bias != nil, can.Bias}, {opt.Softcap != 0, can.Softcap}, {opt.Window != nil, can.Window}, {opt.Sequences != nil, can.Sequences},
		{opt.KeyLengths != nil, can.KeyLengths}, {opt.Offsets != nil, can.Offsets}, {opt.Sinks != nil, can.Sinks}, {opt.Slopes != nil, can.Slopes},
		{opt.Keep != nil, can.Keep},
	} {
		if used.used && !used.can {
			panic("an option that is not declared")
		}
	}
	if m := opt.Mask; m != nil && !can.Broadcast && (m.BatchStride != 0 || m.HeadStride != 0 || m.Stride == 0 || q.Data != nil && (m.Queries != q.Shape[2] || m.Keys != k.Shape[2])) {
		panic("a mask of strides that are not declared")
	}
}
