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

// TestAttentionDeviationByHand works σ for one key by hand: the weight is 1 up to
// its exponential, which weighs nothing since v = o, and what remains is the
// product, the sum that has the same value, the denominator and the quotient.
func TestAttentionDeviationByHand(t *testing.T) {
	q, k, v := oneHead([]float64{0}), oneHead([]float64{0}), oneHead([]float64{3})
	r := reference.Rounding{Unit: 0x1p-24}
	got := reference.AttentionDeviation(q, k, v, &spec.AttentionOptions{Scale: 1}, spec.Profile{}, r).Data[0]
	// u²/3·(tₙ² + Sₙ² + o²L² + 2o²) with all of them 3², and (8u·3 + 4u·3)/10 for a floor.
	want := math.Max(r.Unit*math.Sqrt(5*9/3.), 1.2*3*r.Unit)
	if !(math.Abs(got-want) <= 4*0x1p-52*want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
