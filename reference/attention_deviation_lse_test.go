package reference_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// TestAttentionLSEDeviationByHand works σ by hand, in units of u, for n logits of
// 0 and with a scale of 1, the logarithm's 4·log n included:
// √((4√((1+R)/3))² + (ΣLⱼ² + R + (4·log n)² + 2·lse²)/3), as each weight's
// exponential, of 4u, has the variance 16(1+R)/3. A sink is one weight more, the
// first of the sums, and one rescaling.
func TestAttentionLSEDeviationByHand(t *testing.T) {
	r := reference.Rounding{Unit: 0x1p-24}
	one, two := oneHead([]float64{0}), oneHead([]float64{0}, []float64{0})
	for _, c := range []struct {
		name string
		k    spec.Tensor[float64]
		opt  spec.AttentionOptions
		want float64
	}{
		{"one key", one, spec.AttentionOptions{}, math.Sqrt((16 + 1) / 3.)},
		{"two keys", two, spec.AttentionOptions{}, math.Sqrt((16 + 1.25 + 18*math.Ln2*math.Ln2) / 3)},
		{"a sink", one, spec.AttentionOptions{Sinks: []float32{0}}, math.Sqrt((32 + 1.25 + 1 + 18*math.Ln2*math.Ln2) / 3)},
		{"one key, far from 0", oneHead([]float64{64}), spec.AttentionOptions{}, // product, sum and three roundings of the scale; lse = 64
			math.Sqrt((5*64*64 + 16 + 1 + 2*64*64) / 3.)},
		{"no key", two, spec.AttentionOptions{Mask: spec.GridOf(1, []bool{false, false}, 2), Sinks: []float32{5}}, 0},
	} {
		c.opt.Scale = 1
		q := oneHead([]float64{0})
		if c.name == "one key, far from 0" {
			q = oneHead([]float64{1})
		}
		got, want := reference.AttentionLSEDeviation(q, c.k, &c.opt, spec.Profile{}, r).Data[0], c.want*r.Unit
		if !(math.Abs(got-want) <= 64*0x1p-52*want) {
			t.Errorf("%s: got %v u, want %v u", c.name, got/r.Unit, c.want)
		}
	}
}

// TestAttentionLSEDeviationOfEqualTerms adds up one weight of 1 and 64 that are
// equal, one after the other in float32: within a binade each addition is rounded
// by the same, so that errors add up as they never do at random. Not even then is
// any beyond ten standard deviations; of a thousand keys some are.
func TestAttentionLSEDeviationOfEqualTerms(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	worst := func(keys, draws int) (most float64) {
		for range draws {
			gap := float64(float32(-4 * r.Float64()))
			rows := [][]float64{{0}}
			for range keys - 1 {
				rows = append(rows, []float64{gap})
			}
			q, k, opt := oneHead([]float64{1}), oneHead(rows...), &spec.AttentionOptions{Scale: 1}
			var sum float32
			for _, row := range rows {
				sum += float32(math.Exp(row[0]))
			}
			got := float64(float32(math.Log(float64(sum))))
			want := reference.RowLSE(q, k, opt, 0, 0, 0)
			sigma := reference.AttentionLSEDeviation(q, k, opt, spec.Profile{}, reference.RoundingOf[float32]()).Data[0]
			most = max(most, math.Abs(got-want)/sigma)
		}
		return most
	}
	few, many := worst(65, 3000), worst(1000, 30)
	t.Logf("err/σ of equal terms: at most %.2f of 65 keys, %.2f of 1000", few, many)
	if !(few < reference.SuspectFrom) || few < 1 {
		t.Errorf("the worst error is %v standard deviations", few)
	}
}
