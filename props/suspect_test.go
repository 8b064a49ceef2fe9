package props_test

import (
	"math"
	"strings"
	"testing"

	"example.com/attest/props"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// erring returns an implementation each of whose outputs is off by so many
// standard deviations, or by two fifths of the bound where this is less (the rest is for rounding).
func erring(deviations float64) *spec.Implementation[float32] {
	return &spec.Implementation[float32]{Name: "erring", Attention: spec.AttentionFunc[float32](func(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
		spec.CheckAttention(dst, q, k, v, opt)
		qs, ks, vs := widened(q), widened(k), widened(v)
		want, r := spec.NewTensor[float64](dst.Shape[0], dst.Shape[1], dst.Shape[2], dst.Shape[3]), reference.RoundingOf[float32]()
		reference.Attention(want, qs, ks, vs, opt)
		bound, ok := reference.AttentionBound(qs, ks, vs, opt, spec.Profile{}, r, reference.InputError{})
		sigma := reference.AttentionDeviation(qs, ks, vs, opt, spec.Profile{}, r)
		for k, x := range want.Data {
			if ok {
				x += math.Min(deviations*sigma.Data[k], 0.4*bound.Data[k])
			}
			want.Data[k] = x
		}
		each(dst.Shape, func(b, h, i, c int) { dst.Set(b, h, i, c, float32(want.At(b, h, i, c))) })
	})}
}

func widened(x spec.Tensor[float32]) spec.Tensor[float64] {
	out := spec.NewTensor[float64](x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3])
	each(x.Shape, func(b, h, i, c int) { out.Set(b, h, i, c, float64(x.At(b, h, i, c))) })
	return out
}

func each(shape [4]int, f func(b, h, i, c int)) {
	for b := range shape[0] {
		for h := range shape[1] {
			for i := range shape[2] {
				for c := range shape[3] {
					f(b, h, i, c)
				}
			}
		}
	}
}

// erringLSE returns an implementation each of whose log-sum-exps is off by so many
// standard deviations, or by two fifths of the bound.
func erringLSE(deviations float64) *spec.Implementation[float32] {
	im := erring(0)
	im.AttentionAbilities = spec.AllAttentionAbilities()
	im.AttentionLSE = func(dst, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
		im.Attention.Attend(dst, q, k, v, opt)
		qs, ks, r := widened(q), widened(k), reference.RoundingOf[float32]()
		bound, ok := reference.AttentionLSEBound(qs, ks, opt, spec.Profile{}, r)
		sigma := reference.AttentionLSEDeviation(qs, ks, opt, spec.Profile{}, r)
		each(lse.Shape, func(b, h, i, c int) {
			x := reference.RowLSE(qs, ks, opt, b, h, i)
			if ok {
				x += math.Min(deviations*sigma.At(b, h, i, c), 0.4*bound.At(b, h, i, c))
			}
			lse.Set(b, h, i, c, float32(x))
		})
	}
	return im
}

// TestSuspect requires errors of five standard deviations to pass and of twenty
// to be suspect, though no bound is exceeded.
func TestSuspect(t *testing.T) {
	for id, erring := range map[spec.ID]func(float64) *spec.Implementation[float32]{"ATT-001": erring, "ATT-047": erringLSE} {
		p, err := props.PropertyOf[float32](id)
		if err != nil {
			t.Fatal(err)
		}
		for deviations, want := range map[float64]props.Verdict{5: props.Holds, 20: props.Suspect} {
			r := props.Run(p, erring(deviations), reference.Implementation(), props.Options{Cases: 50})
			if r.Verdict != want {
				t.Errorf("%v standard deviations: %s", deviations, r.Message())
			}
			if suspect := want == props.Suspect; suspect != (r.Suspects > 0) || suspect == r.Verdict.OK() || suspect != strings.Contains(r.Reason, "ten standard deviations") {
				t.Errorf("%v standard deviations: %d of %d, %s", deviations, r.Suspects, r.Judged, r.Reason)
			}
			// Two runs together are judged together.
			again := *r
			if again.Merge(r); again.Verdict != want || again.Judged != 2*r.Judged || again.Suspects != 2*r.Suspects {
				t.Errorf("%v standard deviations, twice: %s", deviations, again.Verdict)
			}
		}
	}
}
