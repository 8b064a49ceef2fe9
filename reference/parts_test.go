package reference_test

import (
	"math"
	"math/cmplx"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
)

// off reports whether got is further from want than bound, or NaN.
func off(got, want, bound float64) bool { return !(math.Abs(got-want) <= bound) }

// TestLogSoftmaxAgainstGonum compares with x − LogSumExp(x), and with the
// logarithms of weights that are known fractions.
func TestLogSoftmaxAgainstGonum(t *testing.T) {
	x := gen.Fill{Kind: gen.Normal, Exponent: 3, Seed: 5}.Matrix(1, 9).Row(0)
	got := make([]float64, len(x))
	reference.LogSoftmax(got, x)
	bounds := reference.NewSoftmaxBounds(x, reference.RoundingOf[float64]())
	lse := floats.LogSumExp(x)
	for j, v := range x {
		if off(got[j], v-lse, bounds.LogWeight(x, j)+0x1p-50*(math.Abs(v)+math.Abs(lse))) {
			t.Errorf("log-weight %d is %v, gonum has %v", j, got[j], v-lse)
		}
	}
	inf := math.Inf(1)
	for _, c := range []struct{ x, want []float64 }{
		{nil, nil},
		{[]float64{7}, []float64{0}},
		{[]float64{0, math.Log(3)}, []float64{-math.Log(4), math.Log(0.75)}},
		{[]float64{0, -2000}, []float64{0, -2000}},
		{[]float64{-inf, 3}, []float64{-inf, 0}},
		{[]float64{-inf, -inf}, []float64{-inf, -inf}},
		{[]float64{inf, 0}, []float64{math.NaN(), math.NaN()}},
		{[]float64{inf, math.NaN()}, []float64{math.NaN(), math.NaN()}},
	} {
		got := make([]float64, len(c.x))
		reference.LogSoftmax(got, c.x)
		for j, want := range c.want {
			same := got[j] == want || math.IsNaN(got[j]) && math.IsNaN(want)
			if !same && off(got[j], want, 0x1p-50) {
				t.Errorf("log-softmax of %v: %d is %v, not %v", c.x, j, got[j], want)
			}
		}
	}
}

// TestLogSoftmaxGradient uses ∂yⱼ/∂xₖ = δⱼₖ − pₖ.
func TestLogSoftmaxGradient(t *testing.T) {
	x := []float64{0.5, -1, 2, 0}
	p := reference.SoftmaxRow(x)
	slope := fd.Gradient(nil, func(x []float64) float64 {
		y := make([]float64, len(x))
		reference.LogSoftmax(y, x)
		return y[1]
	}, x, &fd.Settings{Formula: fd.Central, Step: 0x1p-17})
	for k := range x {
		want := -p[k]
		if k == 1 {
			want++
		}
		// Central differences err by h²/6 times the third derivative, below 1,
		// and by rounding over the step.
		if off(slope[k], want, 0x1p-34+0x1p-33) {
			t.Errorf("slope %d is %v, not %v", k, slope[k], want)
		}
	}
}

// TestRMSNormByHand has a row of mean square 25/2: eps 7/2 makes the divisor 4.
func TestRMSNormByHand(t *testing.T) {
	x := spec.MatrixOf([]float64{3, -4}, []float64{0, 0})
	reference.RMSNorm(x, x, []float64{2, 10}, 3.5)
	for k, want := range []float64{1.5, -10, 0, 0} {
		if x.Data[k] != want {
			t.Errorf("element %d is %v, not %v", k, x.Data[k], want)
		}
	}
}

// TestRopeAsComplexProduct turns each pair as a complex number by cmplx.Exp.
func TestRopeAsComplexProduct(t *testing.T) {
	for _, layout := range []spec.Layout{spec.HalfLayout, spec.InterleavedLayout} {
		r := spec.Rotary{Layout: layout, Dims: 6, Offset: 1000, Base: 500}
		x := gen.Fill{Kind: gen.Normal, Seed: 3}.Matrix(3, 7)
		y := spec.NewMatrix[float64](3, 7)
		reference.Rope(y, x, r)
		bound := reference.RopeBound(x, r, reference.RoundingOf[float64]())
		for i := range 3 {
			for k := range 3 {
				a, b := r.Pair(k)
				theta := float64(1000+i) / math.Pow(500, float64(k)/3)
				z := complex(x.At(i, a), x.At(i, b)) * cmplx.Exp(complex(0, theta))
				if off(y.At(i, a), real(z), 2*bound.At(i, a)) || off(y.At(i, b), imag(z), 2*bound.At(i, b)) {
					t.Errorf("%s: pair %d of row %d is (%v, %v), not %v", layout, k, i, y.At(i, a), y.At(i, b), z)
				}
			}
			if y.At(i, 6) != x.At(i, 6) {
				t.Errorf("the channel that is not turned is %v, not %v", y.At(i, 6), x.At(i, 6))
			}
		}
	}
}

// TestPairs lists the pairs of both layouts.
func TestPairs(t *testing.T) {
	for _, c := range []struct {
		layout     spec.Layout
		k, a, b, d int
	}{
		{spec.HalfLayout, 0, 0, 3, 6}, {spec.HalfLayout, 2, 2, 5, 6},
		{spec.InterleavedLayout, 0, 0, 1, 6}, {spec.InterleavedLayout, 2, 4, 5, 6},
	} {
		if a, b := (spec.Rotary{Layout: c.layout, Dims: c.d}).Pair(c.k); a != c.a || b != c.b {
			t.Errorf("pair %d of the %s layout is (%d, %d), not (%d, %d)", c.k, c.layout, a, b, c.a, c.b)
		}
	}
}

// TestPositionsByHand has angles that are whole numbers: base 100 and d = 4 give
// the frequencies 1 and 1/10.
func TestPositionsByHand(t *testing.T) {
	y := spec.NewMatrix[float64](2, 4)
	reference.Positions(y, 10, 100)
	for k, want := range []float64{
		-0.54402111088936981, -0.83907152907645245, 0.84147098480789651, 0.54030230586813972, // 10 and 1
		-0.99999020655070346, 0.0044256979880507859, 0.89120736006143534, 0.45359612142557738, // 11 and 1.1
	} {
		if off(y.Data[k], want, reference.PositionsBound(11, k%4, 4, 100, reference.RoundingOf[float64]())) {
			t.Errorf("element %d is %v, not %v", k, y.Data[k], want)
		}
	}
}

// TestGatedByHand has one token with XG = (1, −2) and XU = (3, 5).
func TestGatedByHand(t *testing.T) {
	x := spec.MatrixOf([]float64{1, 2})
	gate := spec.MatrixOf([]float64{1, 0}, []float64{0, -1})
	up := spec.MatrixOf([]float64{1, 1}, []float64{1, 2})
	down := spec.MatrixOf([]float64{1}, []float64{10})
	y := spec.NewMatrix[float64](1, 1)
	for act, want := range map[spec.Activation]float64{
		spec.ActReLU:    3,
		spec.ActSigmoid: 3/(1+math.Exp(-1)) + 50/(1+math.Exp(2)),
		spec.ActSiLU:    3/(1+math.Exp(-1)) - 100/(1+math.Exp(2)),
		spec.ActGELU:    3*0.8413447460685429 - 50*0.04550026389635842,
	} {
		reference.Gated(y, x, gate, up, down, act)
		if off(y.Data[0], want, reference.GatedBound(x, gate, up, down, act, reference.RoundingOf[float64]()).Data[0]) {
			t.Errorf("%s gives %v, not %v", act, y.Data[0], want)
		}
	}
}

// TestGateSlopes looks for the steepest slope of each gate on a grid.
func TestGateSlopes(t *testing.T) {
	for act, lipschitz := range map[spec.Activation]float64{
		spec.ActSiLU: 1.1, spec.ActGELU: 1.13, spec.ActGELUTanh: 1.13, spec.ActReLU: 1, spec.ActSigmoid: 0.25,
	} {
		const h = 0x1p-10
		for x := -16.0; x < 16; x += h {
			rise := math.Abs(reference.Activate(x+h, act) - reference.Activate(x, act))
			if !(rise <= lipschitz*h*(1+0x1p-30)) {
				t.Fatalf("%s rises by %v times the step at %v, more than %v", act, rise/h, x, lipschitz)
			}
		}
	}
}

func TestResidualByHand(t *testing.T) {
	x := spec.MatrixOf([]float64{1, 0x1p53})
	reference.Residual(x, x, spec.MatrixOf([]float64{-3, 1}))
	if x.Data[0] != -2 || x.Data[1] != 0x1p53 {
		t.Errorf("sums are %v", x.Data)
	}
}
