package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// TestAverageBoundsAreFormulas compares the bounds of masked steps and energies
// with the formulas of their comments.
func TestAverageBoundsAreFormulas(t *testing.T) {
	const self, eta = 0.5, 0.75
	y := [][]float64{{0.5, -0.25}, {-0.5, 1}, {0.25, 0.75}}
	x := [][]float64{{1, 0.5}, {-0.25, 2}, {0.5, -1}}
	k := [][]float64{{1, 0.5, 2}, {0, 3, 0.25}, {0.75, 1, 1}}
	r := Rounding{0x1p-14, 0x1p-15}
	u, w := r.Unit, r.Tiny
	b := NewAverageBounds(spec.MatrixOf(y...), spec.MatrixOf(x...), spec.MatrixOf(k...), self, r)
	step := b.Step(eta)
	var value float64
	for i := range y {
		degree, row := self, 0.0
		var weights, errs []float64
		for j := range x {
			s := Norm(minus(y[i], x[j]))
			g := k[i][j] * math.Exp(-s*s/2)
			e := 0.0
			if g > 0 {
				e = second*g*(u*((2+2)*s*s/2+5)+2*w) + w*(1+k[i][j])
			}
			weights, errs = append(weights, g), append(errs, e)
			degree += g
			row += e + second*3*u*g
			if i != j {
				value += (e + second*(3+2)*u*g) / 2
			}
		}
		near(t, "row", b.RowValue(i), row)
		near(t, "degree", b.Degree(i), errs[0]+errs[1]+errs[2]+second*3*u*degree)
		near(t, "D", b.D[i], degree)
		near(t, "slip", b.Slip(i, []float64{0.5, 2}, []float64{-3, 0.25}, eta), second*degree/eta*2)
		for c := range y[i] {
			var inc float64
			for j := range x {
				inc += weights[j] * (x[j][c] - y[i][c]) / degree
			}
			e := self * u * math.Abs(inc)
			for j := range x {
				if k[i][j] > 0 {
					e += (math.Abs(x[j][c]-y[i][c])+math.Abs(inc))*(errs[j]+(3+4)*u*weights[j]) + w
				}
			}
			e = eta/degree*e + (3+3)*u*eta*math.Abs(inc) + u*math.Abs(y[i][c]+eta*inc)
			near(t, "step", step.At(i, c), second*e+3*w*(1+eta))
		}
	}
	near(t, "value", b.Value(), value)
	shift := 0.0
	for i, row := range x {
		for j, other := range x[:i] {
			shift += (k[i][j] + k[j][i]) / 2 * (Norm(row) + Norm(other))
		}
	}
	near(t, "shift", MaskedShift(spec.MatrixOf(x...), spec.MatrixOf(k...)), second*math.Exp(-0.5)*shift)

	// A token that nobody weighs has no error; one whose weights are all rounding
	// has no bound.
	lone := func(y, k float64) *AverageBounds {
		return NewAverageBounds(spec.MatrixOf([]float64{y}), spec.MatrixOf([]float64{0}), spec.MatrixOf([]float64{k}), 0, RoundingOf[float32]())
	}
	if b := lone(1, 0); !b.Decidable() || b.Step(1).At(0, 0) != 0 {
		t.Errorf("without weights: %v", b.Step(1))
	}
	if b := lone(1, 1); !b.Decidable() || b.Step(1).At(0, 0) == 0 {
		t.Errorf("with a weight: %v", b.Step(1))
	}
	if lone(16, 1).Decidable() { // exp(−128) is subnormal
		t.Error("a weight that may have underflowed is decidable")
	}
}

// TestKLTermAgainstSeries compares exp(−z)(exp(−t) − 1 + t) with its series where
// that converges quickly and with its parts elsewhere.
func TestKLTermAgainstSeries(t *testing.T) {
	for _, c := range []struct{ z, next float64 }{{1, 1.125}, {1, 0.875}, {1, 1 + 0x1p-20}, {1, 1 - 0x1p-20}, {3, 2.5}, {0.5, 0.5}, {4, 1}, {0.25, 3}, {2, 1}} {
		s := c.next - c.z
		var series, term float64 = 0, 1
		for k := 1; k < 40; k++ {
			if term *= -s / float64(k); k > 1 {
				series += term
			}
		}
		value, err := KLTerm(c.z, c.next, 3)
		near(t, "term", value, math.Exp(-c.z)*series)
		near(t, "error", err, second*0x1p-53*((math.Exp(-c.z)+math.Exp(-c.next))*7*(c.z+c.next)+8*(math.Exp(-c.next)+math.Exp(-c.z)*(1+math.Abs(s)))))
	}
}
