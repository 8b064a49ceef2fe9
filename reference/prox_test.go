package reference_test

import (
	"math"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// TestPenaltySlope differentiates φ numerically: at p = act(x) inside the
// domain, φ′(p) = x − p.
func TestPenaltySlope(t *testing.T) {
	for _, act := range spec.ProxActivations {
		lo, hi := reference.PenaltyDomain(act)
		for x := -3.875; x < 4; x += 0.25 {
			const h = 0x1p-18
			p := reference.Activate(x, act)
			if p-h <= lo || p+h >= hi || math.Abs(p) <= h {
				continue // at an end or a kink φ has no derivative
			}
			slope := (reference.Penalty(p+h, act) - reference.Penalty(p-h, act)) / (2 * h)
			// φ″ = 1/act′ − 1, and the third derivative grows like its square.
			curve := 1 / math.Max(0x1p-20, (reference.Activate(x+h, act)-reference.Activate(x-h, act))/(2*h))
			nearCentral(t, string(act), slope, x-p, 8+curve*curve*curve)
		}
	}
}

// TestActivationValues compares with values from tables, to their last digit.
func TestActivationValues(t *testing.T) {
	for _, c := range []struct {
		act     spec.Activation
		x, want float64
	}{
		{spec.ActGELU, -2, -0.04550026389635842}, {spec.ActGELU, 1, 0.8413447460685429},
		{spec.ActGELUTanh, 1, 0.8411919906082768}, {spec.ActGELUTanh, -1, -0.15880800939172324},
		{spec.ActSiLU, -1, -0.2689414213699951}, {spec.ActMish, 1, 0.8650983882673103},
		{spec.ActSoftplus, 0, math.Ln2}, {spec.ActSELU, -1, -1.1113307378125625},
		{spec.ActHardSwish, -1.5, -0.375}, {spec.ActSoftThreshold, -2.5, -1.5}, {spec.ActArctan, 2 / math.Pi, 0.5},
		{spec.ActSigmoid, 0, 0.5}, {spec.ActSoftsign, -3, -0.75}, {spec.ActLeakyReLU, -4, -0.5}, {spec.ActELU2, 0, 0},
	} {
		if got := reference.Activate(c.x, c.act); !(math.Abs(got-c.want) <= 0x1p-50*math.Abs(c.want)) {
			t.Errorf("%s(%v) = %v, want %v", c.act, c.x, got, c.want)
		}
	}
}

// TestDilogarithm uses Li₂(½) = π²/12 − log²2/2.
func TestDilogarithm(t *testing.T) {
	want := math.Pi*math.Pi/12 - math.Ln2*math.Ln2/2
	if got := reference.Penalty(math.Ln2, spec.ActSoftplus); !(math.Abs(got-want) <= 0x1p-50) {
		t.Errorf("Li₂(½) = %v, want %v", got, want)
	}
}
