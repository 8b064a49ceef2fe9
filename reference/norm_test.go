package reference_test

import (
	"math"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/stat"
)

// TestLayerNormByHand has a row of variance 4: (1, 5) has mean 3, and eps 12
// makes the divisor 4.
func TestLayerNormByHand(t *testing.T) {
	x := spec.MatrixOf([]float64{1, 5}, []float64{7, 7})
	reference.LayerNorm(x, x, []float64{2, 10}, []float64{0.5, -1}, 12)
	want := spec.MatrixOf([]float64{2*(-0.5) + 0.5, 10*0.5 - 1}, []float64{0.5, -1})
	for k, v := range want.Data {
		if x.Data[k] != v {
			t.Errorf("element %d is %v, not %v", k, x.Data[k], v)
		}
	}
}

func TestMomentsAgainstGonum(t *testing.T) {
	x := []float64{3, -1, 4, 1.5, -5, 9.25}
	mean, variance := reference.Moments(x)
	m, v := stat.PopMeanVariance(x, nil)
	if e := math.Abs(mean - m); !(e <= 8*0x1p-53*9.25) {
		t.Errorf("mean %v, gonum %v", mean, m)
	}
	if e := math.Abs(variance - v); !(e <= 32*0x1p-53*v) {
		t.Errorf("variance %v, gonum %v", variance, v)
	}
}
