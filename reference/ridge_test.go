package reference_test

import (
	"math"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
)

// tokens is a matrix of the reference.
type tokens = spec.Matrix[float64]

// slope returns the gradient of f at y by central differences.
func slope(f func(y tokens) float64, y tokens) tokens {
	at := func(x []float64) float64 {
		return f(tokens{Rows: y.Rows, Cols: y.Cols, Stride: y.Cols, Data: x})
	}
	g := fd.Gradient(nil, at, y.Data, &fd.Settings{Formula: fd.Central})
	return tokens{Rows: y.Rows, Cols: y.Cols, Stride: y.Cols, Data: g}
}

// alike fails unless got and want agree within what central differences of a
// smooth function of size 1 leave: h² + u/h at h = u^{1/3}.
func alike(t *testing.T, what string, got, want tokens) {
	t.Helper()
	h := math.Cbrt(0x1p-53)
	for i := range want.Rows {
		for k := range want.Cols {
			if bound := 64 * h * h * (1 + math.Abs(want.At(i, k))); !(math.Abs(got.At(i, k)-want.At(i, k)) <= bound) {
				t.Errorf("%s[%d,%d] = %v, by differences %v", what, i, k, got.At(i, k), want.At(i, k))
			}
		}
	}
}

func normalTokens(seed uint16, rows, cols, exponent int) tokens {
	return gen.Fill{Kind: gen.Normal, Exponent: exponent, Seed: seed}.Matrix(rows, cols)
}

func TestRidgeByHand(t *testing.T) {
	y := spec.Column[float64](7, 7, 4)
	want := -1 - 2*math.Exp(-4.5) + (49+49+16)/2.0
	// Both are sums of six terms of which none is larger than the result.
	if got := reference.RidgeEnergy(y, tokens{}, 1); !(math.Abs(got-want) <= 16*0x1p-53*want) {
		t.Errorf("F(7,7,4) = %v want %v", got, want)
	}
	one, next := spec.Column[float64](3), spec.Column[float64](0)
	reference.RidgeStep(next, one, tokens{}, 2, 1)
	if got := next.At(0, 0); got != 1 {
		t.Errorf("one token at 3 with λ = 2 goes to %v, not to 3/(1+2)", got)
	}
	row, out := spec.MatrixOf([]float64{8, 8, 8}), spec.NewMatrix[float64](1, 3)
	reference.RidgeChannelStep(out, row, []float64{0, 1, 3}, 1, 1)
	for k, want := range []float64{0, 4, 6} {
		if got := out.At(0, k); got != want {
			t.Errorf("channel %d goes to %v, not to 8s/(s+1) = %v", k, got, want)
		}
	}
}

// TestRidgeStepIsScaledGradient compares (D+λ)(Y−Y⁺)S with η∇F.
func TestRidgeStepIsScaledGradient(t *testing.T) {
	y, a := normalTokens(1, 5, 3, 0), normalTokens(2, 3, 2, -1)
	const lambda, eta = 0.75, 0.5
	next := spec.NewMatrix[float64](5, 3)
	reference.RidgeStep(next, y, a, lambda, eta)
	moved := reference.Times(reference.Times(reference.Sub(y, next), a), reference.Transpose(a))
	for i, d := range reference.Degrees(reference.Kernel(y, a)) {
		for k := range 3 {
			moved.Set(i, k, moved.At(i, k)*(d+lambda)/eta)
		}
	}
	alike(t, "(D+λ)(Y−Y⁺)S/η", moved, slope(func(y tokens) float64 { return reference.RidgeEnergy(y, a, lambda) }, y))
}

// TestRidgeChannelStepIsScaledGradient compares (sₖD+λ)(xₖ−xₖ⁺) with η∇ₖF.
func TestRidgeChannelStepIsScaledGradient(t *testing.T) {
	x, s := normalTokens(3, 5, 3, 0), []float64{0, 0.5, 2}
	const lambda, eta = 0.75, 0.5
	a, next := reference.ChannelWeights(s), spec.NewMatrix[float64](5, 3)
	reference.RidgeChannelStep(next, x, s, lambda, eta)
	moved := reference.Sub(x, next)
	for i, d := range reference.Degrees(reference.Kernel(x, a)) {
		for k := range 3 {
			moved.Set(i, k, moved.At(i, k)*(s[k]*d+lambda)/eta)
		}
	}
	alike(t, "(sD+λ)(X−X⁺)/η", moved, slope(func(x tokens) float64 {
		return reference.InteractionEnergy(x, a) + lambda/2*reference.Dot(x.Data, x.Data)
	}, x))
}
