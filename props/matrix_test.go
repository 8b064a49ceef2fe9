package props

import (
	"math"
	"slices"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// TestExceeds compares with k times the bound, element by element.
func TestExceeds(t *testing.T) {
	bound := spec.MatrixOf([]float64{1, 2}, []float64{0, 4})
	for _, c := range []struct {
		x    matrix
		want bool
	}{
		{spec.MatrixOf([]float64{3, -6}, []float64{0, 12}), false},
		{spec.MatrixOf([]float64{0, 0}, []float64{0, math.Nextafter(12, 13)}), true},
		{spec.MatrixOf([]float64{0, -6.5}, []float64{0, 0}), true},
		{spec.MatrixOf([]float64{0, 0}, []float64{0x1p-1074, 0}), true},
	} {
		if got := exceeds(c.x, bound, 3); got != c.want {
			t.Errorf("%v: %v", c.x.Data, got)
		}
	}
}

// TestMatrices checks the little algebra that properties use.
func TestMatrices(t *testing.T) {
	m := spec.MatrixOf([]float64{1, -2}, []float64{0.1, 4})
	same := func(name string, got matrix, want ...float64) {
		if !slices.Equal(got.Data, want) {
			t.Errorf("%s: %v, want %v", name, got.Data, want)
		}
	}
	same("scaled", scaled(m, -2), -2, 4, -0.2, -8)
	same("absolute", absolute(m), 1, 2, 0.1, 4)
	same("plus", plus(m, m, scaled(m, 2)), 4, -8, 0.1+0.1+0.2, 16)
	same("rounded", roundTo32(m), 1, -2, float64(float32(0.1)), 4)
	same("permuted", permuteRows(m, []int{1, 0}), 0.1, 4, 1, -2)
	same("as it was", m, 1, -2, 0.1, 4)
	// Rows of YA are 0, 3 and −4 from the first.
	y, a := spec.MatrixOf([]float64{0, 9}, []float64{1.5, 0}, []float64{-2, 7}), spec.MatrixOf([]float64{2}, []float64{0})
	if got := diameter(y, a); got != 7 {
		t.Errorf("diameter %v, want 7", got)
	}
	if got := diameter(spec.MatrixOf([]float64{5}), spec.MatrixOf([]float64{1})); got != 0 {
		t.Errorf("the diameter of one token is %v", got)
	}
	// Enough for k operations, and not for two more.
	for _, k := range []int{1, 10, 150} {
		if grown := math.Pow(1+unit64, float64(k)) - 1; !(gamma(k) > grown && gamma(k) >= float64(k)*unit64 && gamma(k) < float64(k+2)*unit64) {
			t.Errorf("gamma(%d) is %v units", k, gamma(k)/unit64)
		}
	}
}

// TestPermutation requires each rotation, and its reverse.
func TestPermutation(t *testing.T) {
	order := func(n, by int, reversed bool) (out []int) {
		given := gen.Record{{Name: "p rotation", Value: gen.Int(by)}, {Name: "p reversed", Value: gen.Value{Type: gen.TypeBool, Bool: reversed}}}
		gen.Replay(given, func(c *gen.Case) { out = permutation(&Trial{Case: c}, "p", n) })
		return out
	}
	for _, c := range []struct {
		n, by    int
		reversed bool
		want     []int
	}{
		{3, 0, false, []int{0, 1, 2}},
		{3, 2, false, []int{2, 0, 1}},
		{3, 1, true, []int{1, 0, 2}},
		{1, 0, true, []int{0}},
		{0, 0, false, []int{}},
	} {
		if got := order(c.n, c.by, c.reversed); !slices.Equal(got, c.want) {
			t.Errorf("%d things by %d, reversed %v: %v, want %v", c.n, c.by, c.reversed, got, c.want)
		}
	}
}
