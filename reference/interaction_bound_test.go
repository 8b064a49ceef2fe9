package reference_test

import (
	"math"
	"testing"

	"example.com/attest/energy"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// within requires every element of got to lie within its bound of want, and
// some element to be off by more than the given share of its bound, so that the
// case keeps testing the bound.
func within(t *testing.T, what string, got spec.Matrix[float32], want, bound spec.Matrix[float64], share float64) {
	t.Helper()
	var most float64
	for i := range want.Rows {
		for k := range want.Cols {
			err := math.Abs(float64(got.At(i, k)) - want.At(i, k))
			if !(err <= bound.At(i, k)) {
				t.Errorf("%s[%d,%d]: got %g want %g: err %.3g, bound %.3g", what, i, k, got.At(i, k), want.At(i, k), err, bound.At(i, k))
			}
			most = max(most, err/bound.At(i, k))
		}
	}
	if !(most >= share) {
		t.Errorf("%s: the largest err/bound is %.3g, want at least %.3g", what, most, share)
	}
}

// TestBoundsCoverUnderflowOfWeights has weights so small that the last products
// of gradient and Hessian, 2⁻¹⁵⁰ in size, are lost.
func TestBoundsCoverUnderflowOfWeights(t *testing.T) {
	y := spec.MatrixOf([]float64{0, 0}, []float64{0, 1})
	a := spec.MatrixOf([]float64{1, 0}, []float64{0, 0x1p-75})
	b := reference.NewInteractionBounds(y, a, reference.RoundingOf[float32]())
	y32, a32 := spec.Convert[float32](y), spec.Convert[float32](a)
	got, want := spec.NewMatrix[float32](2, 2), spec.NewMatrix[float64](2, 2)

	energy.Fastest().InteractionGradient(got, y32, a32)
	reference.InteractionGradient(want, y, a)
	within(t, "gradient", got, want, b.Gradient(), 0.125)

	energy.Fastest().InteractionHessianVector(got, y32, a32, y32)
	reference.InteractionHessianVector(want, y, a, y)
	within(t, "Hessian", got, want, b.HessianVector(y), 0.125)
}

// TestBoundsCoverUnderflowOfStep has sixteen tokens with weights of a few times
// the smallest float32, whose sixteen products with a difference of 2⁻⁵ are
// each lost.
func TestBoundsCoverUnderflowOfStep(t *testing.T) {
	y := spec.NewMatrix[float64](17, 2)
	for i := 1; i < y.Rows; i++ {
		y.Set(i, 0, 14.2)
		y.Set(i, 1, 0x1p-5)
	}
	y = spec.Convert[float64](spec.Convert[float32](y))
	b := reference.NewInteractionBounds(y, spec.Matrix[float64]{}, reference.RoundingOf[float32]())
	got, want := spec.NewMatrix[float32](17, 2), spec.NewMatrix[float64](17, 2)
	energy.Fastest().InteractionStep(got, spec.Convert[float32](y), spec.Matrix[float32]{}, 1)
	reference.InteractionStep(want, y, spec.Matrix[float64]{}, 1)
	within(t, "step", got, want, b.Step(1), 0.25)
}

// TestBoundsCoverUnderflowOfChannelStep has the same sixteen tokens in a channel
// whose weight multiplies what the kernel has lost.
func TestBoundsCoverUnderflowOfChannelStep(t *testing.T) {
	var most float64
	for k := range 64 { // distances at which the kernel is rounded by different amounts
		x := spec.NewMatrix[float64](17, 1)
		for i := 1; i < x.Rows; i++ {
			x.Set(i, 0, float64(float32(7.1+float64(k)/256)))
		}
		s := []float64{4}
		b := reference.NewInteractionBounds(x, spec.MatrixOf([]float64{2}), reference.RoundingOf[float32]())
		got, want := spec.NewMatrix[float32](17, 1), spec.NewMatrix[float64](17, 1)
		energy.Fastest().RidgeChannelStep(got, spec.Convert[float32](x), []float32{4}, 0.5, 2)
		reference.RidgeChannelStep(want, x, s, 0.5, 2)
		bound := b.RidgeChannelStep(s, 0.5, 2)
		within(t, "channel step", got, want, bound, 0)
		most = max(most, math.Abs(float64(got.At(0, 0))-want.At(0, 0))/bound.At(0, 0))
	}
	if !(most > 0.25) {
		t.Errorf("the largest err/bound is %.3g", most)
	}
}
