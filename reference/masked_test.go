package reference_test

import (
	"math"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
)

// maskedCentral is the step of the central differences below: with it they err by
// about h² from the third derivative and u/h from rounding, 1e-9 or less for
// energies of a few terms.
var maskedCentral = &fd.Settings{Formula: fd.Central, Step: 0x1p-17}

const maskedCentralError = 0x1p-30

// TestFrozenStepIsGradientStep compares the step with finite differences of its
// energy: δ = −η∇E/D.
func TestFrozenStepIsGradientStep(t *testing.T) {
	x := gen.Fill{Kind: gen.Normal, Seed: 3}.Matrix(6, 3)
	y := gen.Fill{Kind: gen.Normal, Seed: 4}.Matrix(1, 3)
	next := spec.NewMatrix[float64](1, 3)
	const eta = 0.75
	reference.FrozenStep(next, y, x, eta)
	energy := func(y []float64) float64 { return reference.FrozenEnergy(y, x) }
	grad := fd.Gradient(nil, energy, y.Row(0), maskedCentral)
	d := 1 - energy(y.Row(0))
	for c, g := range grad {
		if e := math.Abs(next.At(0, c) - y.At(0, c) + eta*g/d); !(e <= maskedCentralError) {
			t.Errorf("channel %d off by %v", c, e)
		}
	}
}

// TestSymmetricStepIsGradientStep does the same for a symmetric K with zeros.
func TestSymmetricStepIsGradientStep(t *testing.T) {
	const n, d, eta = 5, 2, 1.5
	y := gen.Fill{Kind: gen.Normal, Seed: 5}.Matrix(n, d)
	k := gen.Fill{Kind: gen.Ints, Seed: 6}.Matrix(n, n)
	for i := range n {
		for j := range n {
			k.Set(i, j, math.Abs(k.At(min(i, j), max(i, j))))
		}
	}
	next := spec.NewMatrix[float64](n, d)
	reference.SymmetricStep(next, y, k, eta)
	grad := fd.Gradient(nil, func(x []float64) float64 {
		return reference.MaskedEnergy(spec.Matrix[float64]{Rows: n, Cols: d, Stride: d, Data: x}, k)
	}, y.Data, maskedCentral)
	degrees := reference.NewAverageBounds(y, y, k, 0, reference.RoundingOf[float64]()).D
	for j, g := range grad {
		if e := math.Abs(degrees[j/d]*(next.Data[j]-y.Data[j]) + eta*g); !(e <= 32*maskedCentralError) {
			t.Errorf("element %d off by %v", j, e)
		}
	}
}

// TestMaskedStepsByHand has tokens 0 and 1 with g = e^{−1/2}.
func TestMaskedStepsByHand(t *testing.T) {
	g := math.Exp(-0.5)
	y, next := spec.Column(0.0, 1), spec.NewMatrix[float64](2, 1)
	for _, c := range []struct {
		name string
		run  func()
		want [2]float64
	}{
		{"causal", func() { reference.CausalStep(next, y, 1) }, [2]float64{0, 1 - g/(1+g)}},
		{"frozen", func() { reference.FrozenStep(next, y, spec.Column(1.0), 1) }, [2]float64{g / (1 + g), 1}},
		{"swap", func() { reference.SymmetricStep(next, y, spec.MatrixOf([]float64{0, 1}, []float64{1, 0}), 1) }, [2]float64{1, 0}},
		{"one way", func() { reference.SymmetricStep(next, y, spec.MatrixOf([]float64{0, 1}, []float64{0, 0}), 1) }, [2]float64{1, 1}},
	} {
		c.run()
		for i, want := range c.want {
			if e := math.Abs(next.At(i, 0) - want); !(e <= 8*0x1p-53) {
				t.Errorf("%s: token %d is %v, not %v", c.name, i, next.At(i, 0), want)
			}
		}
	}
}

// TestCausalWitness checks the rise that MSK-003 states, to its six digits.
func TestCausalWitness(t *testing.T) {
	y, next := spec.Column(0, 4.5, 2.5, 1.5), spec.NewMatrix[float64](4, 1)
	reference.CausalStep(next, y, 1)
	rise := reference.InteractionEnergy(next, spec.Matrix[float64]{}) - reference.InteractionEnergy(y, spec.Matrix[float64]{})
	if !(math.Abs(rise-0.041194) <= 1e-6/2) {
		t.Errorf("the rise is %v", rise)
	}
}
