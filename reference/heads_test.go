package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
)

// headsExample has two heads of different rank on three tokens.
func headsExample() (y matrix, a []matrix) {
	y = spec.MatrixOf([]float64{0, 0.5}, []float64{1, -0.25}, []float64{-0.75, 1})
	return y, []matrix{spec.Column(1, 0.5), spec.MatrixOf([]float64{0.5, -1}, []float64{0.25, 1})}
}

// TestHeadsStepIsGradientStep compares the tied step with the finite-difference
// gradient of Σₕ E₁(YAₕ): yᵢ⁺ = yᵢ − (η/cᵢ)∇E.
func TestHeadsStepIsGradientStep(t *testing.T) {
	y, a := headsExample()
	energy := func(x []float64) float64 {
		return HeadsEnergy(matrix{Rows: y.Rows, Cols: y.Cols, Stride: y.Cols, Data: x}, a)
	}
	grad := fd.Gradient(nil, energy, y.Data, &fd.Settings{Formula: fd.Central})
	next, c := newMatrix(3, 2), HeadsWeights(y, a)
	const eta = 0.75
	HeadsStep(next, y, a, eta)
	// A coordinate meets two other tokens in two heads, each time as exp(−ρ²/2) with
	// ρ′ ≤ s and ρ²/2 quadratic, s the norm of a row of A: at most 1 and √1.25. The
	// slope is at most s·ρexp(−ρ²/2) ≤ 0.61s, the third derivative at most
	// s³(ρ³+3ρ)exp(−ρ²/2) ≤ 2.63s³.
	const slope, third = 2 * 0.61 * (1 + 1.12), 2 * 2.63 * (1 + 1.4)
	b := NewHeadsBounds(y, a, RoundingOf[float64]())
	central, own := CentralError(third, slope, 1, b.Energy()), b.Step(eta)
	for k, g := range grad {
		got, want := next.Data[k], y.Data[k]-eta/c[k/2]*g
		if bound := eta/c[k/2]*central + 2*own.Data[k]; !(math.Abs(got-want) <= bound) {
			t.Errorf("element %d: got %v want %v", k, got, want)
		}
	}
}

// TestHeadsWeightsBoundCurvature compares cᵢ with the largest eigenvalue of
// Σₕ Dʰᵢ Sₕ.
func TestHeadsWeightsBoundCurvature(t *testing.T) {
	y, a := headsExample()
	for i, c := range HeadsWeights(y, a) {
		sum := newMatrix(2, 2)
		for _, ah := range a {
			s := Times(ah, Transpose(ah))
			addScaled(sum, sum, s, Degrees(Kernel(y, ah))[i])
		}
		values, _ := SymmetricEigen(sum)
		if top := math.Max(values[0], values[1]); !(top <= c) {
			t.Errorf("token %d: c = %v below the largest eigenvalue %v", i, c, top)
		}
	}
}

// TestHeadsByHand has two tokens 1 apart: g = e^{−1/2}, and a step of size 1
// moves each by p = g/(1+g) towards the other.
func TestHeadsByHand(t *testing.T) {
	y, one := spec.Column(0.0, 1), spec.Column(1.0)
	two := spec.MatrixOf([]float64{2})
	g := math.Exp(-0.5)
	p, q := g/(1+g), math.Exp(-2)/(1+math.Exp(-2)) // q for the head with A = 2
	for _, tc := range []struct {
		name string
		step func(dst, y matrix, a []matrix, eta float64)
		a    []matrix
		want float64 // of the first token
	}{
		{"sum", HeadsSumStep, []matrix{one, two}, p + q},
		{"average", HeadsAverageStep, []matrix{one, two}, (p + q) / 2},
		{"normalised", HeadsNormalizedStep, []matrix{one, two}, p + 4*q},
		{"tied", HeadsStep, []matrix{one, two}, (g + 4*math.Exp(-2)) / (1 + g + 4*(1+math.Exp(-2)))},
		{"tied without heads", HeadsStep, nil, 0},
		{"tied with a zero head", HeadsStep, []matrix{newMatrix(1, 1)}, 0},
	} {
		dst := newMatrix(2, 1)
		tc.step(dst, y, tc.a, 1)
		if err := math.Abs(dst.At(0, 0) - tc.want); !(err <= 16*0x1p-53) {
			t.Errorf("%s: got %v want %v", tc.name, dst.At(0, 0), tc.want)
		}
	}
	dst := newMatrix(2, 2)
	HeadsConcatStep(dst, spec.MatrixOf([]float64{0, 3}, []float64{1, 3}), []int{0, 1, 2}, 1)
	if math.Abs(dst.At(0, 0)-p) > 16*0x1p-53 || dst.At(0, 1) != 3 {
		t.Errorf("concatenation: got %v want [%v 3 …]", dst.Data, p)
	}
}
