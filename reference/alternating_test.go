package reference_test

import (
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// TestAlternatingByHand works f = y²/2, g = y²/2 − 3y, η = ½ out: u = y/2,
// y⁺ = u/2 + 3/2, with the fixed point 2, while f + g is least at 3/2.
func TestAlternatingByHand(t *testing.T) {
	one := spec.MatrixOf([]float64{1})
	f := spec.Quadratic[float64]{K: one, B: spec.MatrixOf([]float64{0})}
	g := spec.Quadratic[float64]{K: one, B: spec.MatrixOf([]float64{3})}
	out := spec.NewMatrix[float64](1, 1)
	for _, c := range []struct{ y, want, relu float64 }{{0, 1.5, 1.5}, {2, 2, 2}, {-10, -1, 0}} {
		y := spec.MatrixOf([]float64{c.y})
		reference.AlternatingStep(out, y, f, g, 0.5, 0.5)
		if out.At(0, 0) != c.want {
			t.Errorf("step of %v = %v, want %v", c.y, out.At(0, 0), c.want)
		}
		reference.AlternatingReLUStep(out, y, f, g, 0.5, 0.5)
		if out.At(0, 0) != c.relu {
			t.Errorf("step with ReLU of %v = %v, want %v", c.y, out.At(0, 0), c.relu)
		}
	}
}

// TestRegionByHand: twice as near to (0, 0) as to (3, 0) is the disc about
// (−1, 0) of radius 2.
func TestRegionByHand(t *testing.T) {
	yf, yh := spec.MatrixOf([]float64{0, 0}), spec.MatrixOf([]float64{3, 0})
	for _, c := range []struct {
		x, y float64
		want bool
	}{{1, 0, true}, {-3, 0, true}, {-1, 1.9, true}, {-1, 2.1, false}, {1.1, 0, false}, {-3.1, 0, false}} {
		if got := reference.ApolloniusRegion(spec.MatrixOf([]float64{c.x, c.y}), yf, yh, 0.5); got != c.want {
			t.Errorf("(%v, %v): got %v, want %v", c.x, c.y, got, c.want)
		}
	}
}
