package reference_test

import (
	"math"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// TestSphereDirectionIsScaledGradient compares D(Y−W)/η with ∇E₁(YA).
func TestSphereDirectionIsScaledGradient(t *testing.T) {
	y, a := normalTokens(4, 5, 3, 0), normalTokens(5, 3, 2, -1)
	const eta = 0.5
	w := reference.Sub(y, reference.SphereDirection(y, a, eta))
	for i, d := range reference.Degrees(reference.Kernel(y, a)) {
		for k := range 3 {
			w.Set(i, k, w.At(i, k)*d/eta)
		}
	}
	alike(t, "D(Y−W)/η", w, slope(func(y tokens) float64 { return reference.InteractionEnergy(y, a) }, y))
}

// TestSphereAttentionIsScaledGradient compares Z(cY−W) with the gradient of
// −½Σexp(yMyᵀ), Z the denominators of the softmax, M symmetric and V = M.
func TestSphereAttentionIsScaledGradient(t *testing.T) {
	y, a := normalTokens(6, 4, 3, -1), normalTokens(7, 3, 3, -1)
	m := reference.Times(a, reference.Transpose(a))
	const c = 0.75
	w, logits := reference.SphereAttentionDirection(y, m, m, c), reference.SphereLogits(y, m)
	for i := range 4 {
		var z float64
		for _, l := range logits.Row(i) {
			z += math.Exp(l)
		}
		for k := range 3 {
			w.Set(i, k, z*(c*y.At(i, k)-w.At(i, k)))
		}
	}
	alike(t, "Z(cY−W)", w, slope(func(y tokens) float64 { return reference.ExponentialEnergy(y, m) }, y))
}

func TestSphereByHand(t *testing.T) {
	// Two tokens at right angles: both turn to the other by the same angle.
	y, next := spec.MatrixOf([]float64{1, 0}, []float64{0, 1}), spec.NewMatrix[float64](2, 2)
	reference.SphereStep(next, y, 1, 1)
	g := math.Exp(-1)
	want := math.Atan2(g, 1)
	for i, got := range []float64{math.Atan2(next.At(0, 1), next.At(0, 0)), math.Atan2(next.At(1, 0), next.At(1, 1))} {
		if math.Abs(got-want) > 0x1p-50 {
			t.Errorf("token %d turns by %v, not by atan(e⁻¹) = %v", i, got, want)
		}
	}
	// A head whose values vanish leaves everything, even with no residual.
	zero := spec.NewMatrix[float64](2, 2)
	reference.SphereAttentionStep(next, y, tokens{}, zero, 5, 0)
	for k, x := range y.Data {
		if next.Data[k] != x {
			t.Errorf("element %d moves from %v to %v in a direction of zero", k, x, next.Data[k])
		}
	}
}

// TestNormalizedBound perturbs directions by as much as the bound allows for.
func TestNormalizedBound(t *testing.T) {
	const radius = 3
	exact := reference.Rounding{} // no rounding: what is left is the perturbation
	for seed := range uint16(200) {
		w, turn := normalTokens(seed, 4, 5, 0), normalTokens(seed+500, 4, 5, 0)
		e, moved := spec.NewMatrix[float64](4, 5), spec.NewMatrix[float64](4, 5)
		for k := range w.Data {
			e.Data[k] = 0x1p-12 * math.Abs(turn.Data[k])
			moved.Data[k] = w.Data[k] + 0x1p-12*turn.Data[k]
		}
		bound, ok := reference.NormalizedBound(w, e, radius, exact)
		if !ok {
			continue
		}
		for i := range 4 {
			for k := range 5 {
				a := radius * w.At(i, k) / reference.Norm(w.Row(i))
				b := radius * moved.At(i, k) / reference.Norm(moved.Row(i))
				if !(math.Abs(a-b) <= bound.At(i, k)) {
					t.Fatalf("seed %d: element %d,%d moves by %v, bound %v", seed, i, k, math.Abs(a-b), bound.At(i, k))
				}
			}
		}
	}
}
