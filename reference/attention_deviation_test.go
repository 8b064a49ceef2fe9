package reference_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// TestAttentionDeviation computes single outputs in float32 in every way that the
// bound covers, over all kinds of input: errors are seldom beyond ten standard
// deviations, and on normal operands their root mean square is one of these or
// somewhat less, so that ten are no blank cheque.
func TestAttentionDeviation(t *testing.T) {
	const draws = 60
	judged, suspects := 0, 0
	for _, name := range slices.Sorted(maps.Keys(sceneMakers)) {
		r, draw := rand.New(rand.NewPCG(7, 8)), sceneMakers[name]
		for _, f := range kernels32 {
			var squares, worst float64
			count := 0
			for range draws {
				n, d := 1+r.IntN(64), 1+r.IntN(32)
				q, k, v := make([]float32, d), make([][]float32, n), make([]float32, n)
				for j := range k {
					k[j] = make([]float32, d)
					for c := range q {
						a, b, e := draw(r, j, c)
						q[c], k[j][c], v[j] = float32(a), float32(b), float32(e)
					}
				}
				z, ok := deviations(f, q, k, v, spec.DefaultScale(d))
				if !ok {
					continue
				}
				count++
				squares += z * z
				worst = max(worst, z)
				if z > reference.SuspectFrom {
					suspects++
				}
			}
			judged += count
			if rms := math.Sqrt(squares / float64(count)); name == "normal" && !(rms < 1 && rms > 0.1) {
				t.Errorf("%s, %s: root mean square of err/σ %.3g", name, f.name, rms)
			}
			t.Logf("%-12s %-22s err/σ: root mean square %.3f, worst %.2f of %d", name, f.name, math.Sqrt(squares/float64(count)), worst, count)
		}
	}
	if judged == 0 || suspects*1000 > judged {
		t.Errorf("%d of %d outputs are beyond %d standard deviations", suspects, judged, reference.SuspectFrom)
	}
}

// deviations returns err/σ of one kernel, and whether there is a bound.
func deviations(f kernel32, q []float32, k [][]float32, v []float32, scale float64) (float64, bool) {
	qs, ks, vs := widened(q, k, v)
	opt := &spec.AttentionOptions{Scale: scale}
	if _, ok := reference.AttentionBound(qs, ks, vs, opt, f.profile, reference.RoundingOf[float32](), reference.InputError{}); !ok {
		return 0, false
	}
	want, sigma := spec.NewTensor[float64](1, 1, 1, 1), reference.AttentionDeviation(qs, ks, vs, opt, f.profile, reference.RoundingOf[float32]())
	reference.Attention(want, qs, ks, vs, opt)
	return math.Abs(float64(f.attend(q, k, v, scale))-want.Data[0]) / sigma.Data[0], true
}

// TestAttentionDeviationByHand works σ by hand, in units of u, for logits of 0:
// u²/3·(16(1+R)·Σ(aⱼ(vⱼ−o))² + Σtₙ² + ΣSₙ² + o²(ΣLⱼ² + 2R + 2)), or a tenth of
// 8|o| + 4·max|v|/n if that is more. A sink is a weight with the value 0 and the
// first of the partial sums L, and one rescaling.
func TestAttentionDeviationByHand(t *testing.T) {
	one, two := oneHead([]float64{0}), oneHead([]float64{0}, []float64{0})
	r := reference.Rounding{Unit: 0x1p-24}
	for _, c := range []struct {
		name string
		k, v spec.Tensor[float64]
		opt  spec.AttentionOptions
		want float64
	}{
		{"one key", one, oneHead([]float64{3}), spec.AttentionOptions{}, math.Max(math.Sqrt((9+9+9*3)/3.), 1.2*3)},
		{"two keys", two, oneHead([]float64{1}, []float64{3}), spec.AttentionOptions{}, math.Sqrt((16*0.5 + 2.5 + 4.25 + 4*(1.25+2)) / 3)},
		{"a sink", two, oneHead([]float64{1}, []float64{3}), spec.AttentionOptions{Sinks: []float32{0}},
			math.Sqrt((32*(1+25+16)/81. + 10/9. + 17/9. + 16/9.*(14/9.+2+2)) / 3)},
		{"a kept weight and a dropped one", two, oneHead([]float64{1}, []float64{3}),
			spec.AttentionOptions{Keep: spec.GridOf(1, []bool{true, false}, 2), KeepScale: 2}, // as values 2 and 0, two roundings more
			math.Sqrt((16*0.5 + 1 + 2 + 1*(1.25+2+2)) / 3)},
	} {
		c.opt.Scale = 1
		got, want := reference.AttentionDeviation(one, c.k, c.v, &c.opt, spec.Profile{}, r).Data[0], c.want*r.Unit
		if !(math.Abs(got-want) <= 16*0x1p-52*want) {
			t.Errorf("%s: got %v u, want %v u", c.name, got/r.Unit, c.want)
		}
	}
}
