package reference_test

import (
	"math"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
)

// TestHopfieldStepIsGradientStep compares (q − q⁺)/η with central differences of the
// energy. Its third derivative along a channel is at most β²r³/(6√3), r the range of
// the patterns there, and its slope at most |q| + max|k|.
func TestHopfieldStepIsGradientStep(t *testing.T) {
	const n, d, beta, eta = 6, 3, 1.5, 0.75
	k := gen.Fill{Kind: gen.Normal, Seed: 11}.Matrix(n, d)
	q := gen.Fill{Kind: gen.Normal, Seed: 12}.Matrix(1, d)
	visible := []bool{true, true, false, true, true, true}
	energy := func(x []float64) float64 {
		e := spec.NewMatrix[float64](1, 1)
		reference.HopfieldEnergy(e, spec.MatrixOf(x), k, visible, beta)
		return e.Data[0]
	}
	next := spec.NewMatrix[float64](1, d)
	reference.HopfieldStep(next, q, k, visible, beta, eta)
	r := reference.RoundingOf[float64]()
	own, _ := reference.HopfieldEnergyBound(q, k, visible, beta, r)
	step, _ := reference.HopfieldStepBound(q, k, visible, beta, eta, r, reference.InputError{})
	grad := fd.Gradient(nil, energy, q.Row(0), &fd.Settings{Formula: fd.Central})
	for c, g := range grad {
		lo, hi := math.Inf(1), math.Inf(-1)
		for j := range n {
			if visible[j] {
				lo, hi = min(lo, k.At(j, c)), max(hi, k.At(j, c))
			}
		}
		x := math.Abs(q.At(0, c))
		third, slope := beta*beta*math.Pow(hi-lo, 3)/(6*math.Sqrt(3)), x+max(-lo, hi)
		bound := reference.CentralError(third, slope, x+1, 2*own.Data[0]) + 1.01*step.At(0, c)/eta
		if e := math.Abs((q.At(0, c)-next.At(0, c))/eta - g); !(e <= bound) {
			t.Errorf("channel %d off by %v, bound %v", c, e, bound)
		}
	}
}

// TestHopfieldByHand works two patterns ±1 by hand: E(q) = q²/2 − log(2cosh βq)/β, and
// the attention is tanh βq.
func TestHopfieldByHand(t *testing.T) {
	k, q := spec.Column(1.0, -1), spec.Column(0.5, 0, 1000)
	e, next := spec.NewMatrix[float64](3, 1), spec.NewMatrix[float64](3, 1)
	reference.HopfieldEnergy(e, q, k, nil, 2)
	reference.HopfieldStep(next, q, k, nil, 2, 0.5)
	for i, want := range []struct{ energy, next float64 }{
		{0.125 - math.Log(2*math.Cosh(1))/2, 0.25 + 0.5*math.Tanh(1)},
		{-math.Ln2 / 2, 0},
		{500000 - 1000, 500.5},
	} {
		if err := math.Abs(e.Data[i] - want.energy); !(err <= 8*0x1p-53*(1+math.Abs(want.energy))) {
			t.Errorf("energy %d: got %v want %v", i, e.Data[i], want.energy)
		}
		if err := math.Abs(next.Data[i] - want.next); !(err <= 8*0x1p-53*(1+math.Abs(want.next))) {
			t.Errorf("step %d: got %v want %v", i, next.Data[i], want.next)
		}
	}
	blind := make([]bool, 2)
	reference.HopfieldEnergy(e, q, k, blind, 2)
	reference.HopfieldStep(next, q, k, blind, 2, 1)
	for i := range 3 {
		if !math.IsInf(e.Data[i], 1) || next.Data[i] != 0 {
			t.Errorf("state %d retrieves %v, %v of nothing", i, e.Data[i], next.Data[i])
		}
	}
}
