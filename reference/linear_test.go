package reference_test

import (
	"math"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/mat"
)

func TestLinearAgainstGonum(t *testing.T) {
	x := gen.Fill{Kind: gen.Normal, Seed: 1}.Matrix(5, 7)
	w := gen.Fill{Kind: gen.Heavy, Seed: 2}.Matrix(7, 3)
	bias := []float64{1, -2, 3}
	got := spec.NewMatrix[float64](5, 3)
	reference.Linear(got, x, w, bias)
	var want mat.Dense
	want.Mul(mat.NewDense(5, 7, x.Data), mat.NewDense(7, 3, w.Data))
	bound := reference.LinearBound(x, w, bias, reference.RoundingOf[float64]())
	for i := range 5 {
		for l := range 3 {
			if e := math.Abs(got.At(i, l) - (want.At(i, l) + bias[l])); !(e <= 2*bound.At(i, l)) {
				t.Errorf("element (%d, %d) off by %v, bound %v", i, l, e, bound.At(i, l))
			}
		}
	}
}

// TestAnyOrderSum has sums whose error is known: adding half an ulp of one to
// one loses all of it, term by term, and the bound says so.
func TestAnyOrderSum(t *testing.T) {
	const u = 0x1p-53
	terms, sum := []float64{1}, 1.0
	for range 100 {
		terms = append(terms, u)
		sum += u
	}
	lost := 100 * u
	if sum != 1 {
		t.Fatalf("the sum is %v", sum)
	}
	if b := reference.AnyOrderSum(terms, u); !(b >= lost && b <= 1.02*lost+u) {
		t.Errorf("the bound is %v, the error %v", b, lost)
	}
}

func TestReLUOfSpecialNumbers(t *testing.T) {
	x := []float64{math.Copysign(0, -1), -1, 2, math.Inf(-1), math.Inf(1), math.NaN(), -0x1p-1074}
	reference.ReLU(x, x)
	want := []float64{0, 0, 2, 0, math.Inf(1), math.NaN(), 0}
	for k := range x {
		if math.Float64bits(x[k]) != math.Float64bits(want[k]) && !(math.IsNaN(x[k]) && math.IsNaN(want[k])) {
			t.Errorf("element %d is %v, not %v", k, x[k], want[k])
		}
	}
}
