package reference_test

import (
	"math"
	"testing"

	"example.com/attest/reference"
)

// TestSoftmaxByHand compares with weights worked out by hand: logits that are
// logarithms of small integers have rational weights.
func TestSoftmaxByHand(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ x, want []float64 }{
		{nil, nil},
		{[]float64{7}, []float64{1}},
		{[]float64{0, math.Log(3)}, []float64{0.25, 0.75}},
		{[]float64{-1000, -1000 + math.Log(2), -1000}, []float64{0.25, 0.5, 0.25}},
		{[]float64{math.MaxFloat64, -math.MaxFloat64}, []float64{1, 0}},
		{[]float64{-inf, 2, -inf}, []float64{0, 1, 0}},
		{[]float64{-inf, -inf}, []float64{0, 0}},
		{[]float64{inf, math.NaN(), 0}, []float64{math.NaN(), math.NaN(), math.NaN()}},
		{[]float64{inf, -inf}, []float64{math.NaN(), math.NaN()}},
	} {
		got := make([]float64, len(c.x))
		reference.Softmax(got, c.x)
		bounds := reference.NewSoftmaxBounds(c.x, reference.RoundingOf[float64]())
		for j, want := range c.want {
			// The logits themselves are rounded logarithms: one ulp of 1000.
			bound := bounds.Weight(j) + 0x1p-43*want
			if math.IsNaN(want) != math.IsNaN(got[j]) || !math.IsNaN(want) && !(math.Abs(got[j]-want) <= bound) {
				t.Errorf("softmax of %v: weight %d is %v, not %v", c.x, j, got[j], want)
			}
		}
	}
}
