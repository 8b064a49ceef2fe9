package reference_test

import (
	"math"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
)

type matrix = spec.Matrix[float64]

// scattered returns a rows×cols matrix without symmetry.
func scattered(rows, cols int, seed float64) matrix {
	m := spec.NewMatrix[float64](rows, cols)
	for k := range m.Data {
		m.Data[k] = math.Sin(seed + 1.7*float64(k) + 0.3*float64(k*k))
	}
	return m
}

// TestInteractionGradientByFiniteDifferences compares the gradient with central
// differences of the energy. Their error is at most h²/6 of the third
// derivative, below 64 for these tokens, and 2u|E|/h.
func TestInteractionGradientByFiniteDifferences(t *testing.T) {
	const h = 0x1p-17
	y, a := scattered(5, 3, 1), scattered(3, 2, 2)
	for _, a := range []matrix{{}, a} {
		want := make([]float64, len(y.Data))
		fd.Gradient(want, func(x []float64) float64 {
			return reference.InteractionEnergy(matrix{Rows: 5, Cols: 3, Stride: 3, Data: x}, a)
		}, y.Data, &fd.Settings{Formula: fd.Central, Step: h})
		got := spec.NewMatrix[float64](5, 3)
		reference.InteractionGradient(got, y, a)
		bound := h*h*64/6 + 20*0x1p-53*10/h
		for k := range want {
			if err := math.Abs(got.Data[k] - want[k]); !(err <= bound) {
				t.Errorf("gradient[%d] = %v, finite differences say %v (bound %.3g)", k, got.Data[k], want[k], bound)
			}
		}
	}
}

// TestInteractionHessianByFiniteDifferences compares the Hessian times V with
// central differences of the gradient along V.
func TestInteractionHessianByFiniteDifferences(t *testing.T) {
	const h = 0x1p-17
	y, v, a := scattered(4, 3, 3), scattered(4, 3, 4), scattered(3, 3, 5)
	gradient := func(s float64) []float64 {
		moved := spec.Convert[float64](y)
		for k := range moved.Data {
			moved.Data[k] += s * v.Data[k]
		}
		out := spec.NewMatrix[float64](4, 3)
		reference.InteractionGradient(out, moved, a)
		return out.Data
	}
	got := spec.NewMatrix[float64](4, 3)
	reference.InteractionHessianVector(got, y, a, v)
	ahead, behind := gradient(h), gradient(-h)
	bound := h*h*4096/6 + 40*0x1p-53*40/h // third directional derivative below 4096 here
	for k := range got.Data {
		want := (ahead[k] - behind[k]) / (2 * h)
		if err := math.Abs(got.Data[k] - want); !(err <= bound) {
			t.Errorf("Hessian[%d] = %v, finite differences say %v (bound %.3g)", k, got.Data[k], want, bound)
		}
	}
}

// TestInteractionByHand compares with numbers worked by hand for two tokens at
// distance r: g = exp(−r²/2), E₁ = −g, ∇E₁ = (−gr, gr)·(−1), P = 1/(1+g).
func TestInteractionByHand(t *testing.T) {
	y := spec.Column[float64](0, 1)
	g := 0.60653065971263342360379953499118045344 // e^{−1/2}
	ulp := func(name string, got, want float64) {
		t.Helper()
		if err := math.Abs(got - want); !(err <= 4*0x1p-53*math.Abs(want)) {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	ulp("E₁", reference.InteractionEnergy(y, matrix{}), -g)
	out := spec.NewMatrix[float64](2, 1)
	reference.InteractionGradient(out, y, matrix{})
	ulp("∇E₁[0]", out.At(0, 0), -g)
	ulp("∇E₁[1]", out.At(1, 0), g)
	reference.InteractionStep(out, y, matrix{}, 1)
	ulp("Y⁺[0]", out.At(0, 0), g/(1+g))
	ulp("Y⁺[1]", out.At(1, 0), 1/(1+g))
	p := spec.NewMatrix[float64](2, 2)
	reference.InteractionWeights(p, y, matrix{})
	ulp("P[0,1]", p.At(0, 1), g/(1+g))
	// The rise of E₁ at η = 3, known to six digits.
	reference.InteractionStep(out, y, matrix{}, 3)
	rise := reference.InteractionEnergy(out, matrix{}) - reference.InteractionEnergy(y, matrix{})
	if !(math.Abs(rise-0.157391) <= 5e-7) {
		t.Errorf("rise at η = 3 is %v, want 0.157391", rise)
	}
}

// TestFarTokensDoNotMove checks the closed form for clusters so far apart that
// their weights underflow: nothing moves, and the energy counts the pairs
// within each cluster alone.
func TestFarTokensDoNotMove(t *testing.T) {
	y := spec.Column[float64](0, 0, 1000, 1000, 1000)
	if e := reference.InteractionEnergy(y, matrix{}); e != -4 {
		t.Errorf("E₁ = %v, want −4", e)
	}
	out := spec.NewMatrix[float64](5, 1)
	reference.InteractionStep(out, y, matrix{}, 2)
	for i := range y.Rows {
		if out.At(i, 0) != y.At(i, 0) {
			t.Errorf("token %d moves to %v", i, out.At(i, 0))
		}
	}
}
