package reference_test

import (
	"math"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
)

func layerFill(kind gen.Kind, seed uint16, rows, cols int) spec.Matrix[float64] {
	return gen.Fill{Kind: kind, Seed: seed}.Matrix(rows, cols)
}

// nearCentral fails unless got is within a central difference's accuracy of want:
// with steps of about u^{1/3} its error is of the order u^{2/3} times the
// function's third-order scale.
func nearCentral(t *testing.T, what string, got, want, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 0x1p-28*scale) {
		t.Errorf("%s: got %v, central difference %v", what, got, want)
	}
}

// TestFeedForwardGradient differentiates the energy numerically.
func TestFeedForwardGradient(t *testing.T) {
	y, w, b := layerFill(gen.Normal, 1, 3, 4), layerFill(gen.Normal, 2, 4, 4), layerFill(gen.Normal, 3, 3, 4)
	g := spec.NewMatrix[float64](3, 4)
	reference.FeedForwardGradient(g, y, w, b)
	numeric := fd.Gradient(nil, func(x []float64) float64 {
		return reference.FeedForwardEnergy(spec.Matrix[float64]{Rows: 3, Cols: 4, Stride: 4, Data: x}, w, b)
	}, y.Data, &fd.Settings{Formula: fd.Central})
	for k := range numeric {
		nearCentral(t, "∇E₂", g.Data[k], numeric[k], 64)
	}
}

// TestFeedForwardByHand works one token out: y = (1, 2), W = [[0, 2], [0, 4]],
// b = (1, 0): yWyᵀ = 4 + 16 = 20, ‖y−b‖² = 4, E₂ = 12; K = [[1, 1], [1, 5]],
// yK − b = (2, 11).
func TestFeedForwardByHand(t *testing.T) {
	y, w, b := spec.MatrixOf([]float64{1, 2}), spec.MatrixOf([]float64{0, 2}, []float64{0, 4}), spec.MatrixOf([]float64{1, 0})
	if e := reference.FeedForwardEnergy(y, w, b); e != 12 {
		t.Errorf("E₂ = %v, want 12", e)
	}
	out := spec.NewMatrix[float64](1, 2)
	reference.FeedForwardGradient(out, y, w, b)
	if out.At(0, 0) != 2 || out.At(0, 1) != 11 {
		t.Errorf("∇E₂ = %v, want [2 11]", out.Data)
	}
	reference.FeedForwardStep(out, y, w, b, 0.5)
	if out.At(0, 0) != 0 || out.At(0, 1) != -3.5 {
		t.Errorf("Y⁺ = %v, want [0 -3.5]", out.Data)
	}
}
