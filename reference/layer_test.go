package reference_test

import (
	"math"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
)

// TestLayerByHand works two tokens out, d = 1, y = (0, 2), W = 0, b = (2, 0),
// η₁ = η₂ = 1: the layer is the constant B, the energy −e^{−2} + (4+4)/2.
func TestLayerByHand(t *testing.T) {
	y, b := spec.Column(0.0, 2), spec.Column(2.0, 0)
	w := spec.MatrixOf([]float64{0})
	if e, want := reference.LayerEnergy(y, spec.Matrix[float64]{}, w, b), 4-math.Exp(-2); math.Abs(e-want) > 0x1p-50 {
		t.Errorf("energy = %v, want %v", e, want)
	}
	out := spec.NewMatrix[float64](2, 1)
	reference.LayerStep(out, y, spec.Matrix[float64]{}, w, b, 1, 1, false)
	if out.At(0, 0) != 2 || out.At(1, 0) != 0 {
		t.Errorf("step = %v, want [2 0]", out.Data)
	}
}

// TestParallelStepIsScaledGradient differentiates the layer's energy
// numerically: (y − y⁺)q/η is its gradient.
func TestParallelStepIsScaledGradient(t *testing.T) {
	const n, d, eta = 3, 2, 0.5
	y, a := layerFill(gen.Normal, 1, n, d), layerFill(gen.Normal, 2, d, 3)
	w, b := layerFill(gen.Normal, 3, d, d), layerFill(gen.Normal, 4, n, d)
	out := spec.NewMatrix[float64](n, d)
	reference.LayerParallelStep(out, y, a, w, b, eta, false)
	q := reference.ParallelCurvature(y, a, w)
	numeric := fd.Gradient(nil, func(x []float64) float64 {
		return reference.LayerEnergy(spec.Matrix[float64]{Rows: n, Cols: d, Stride: d, Data: x}, a, w, b)
	}, y.Data, &fd.Settings{Formula: fd.Central})
	for i := range n {
		for k := range d {
			nearCentral(t, "gradient", (y.At(i, k)-out.At(i, k))*q[i]/eta, numeric[i*d+k], 64)
		}
	}
}
