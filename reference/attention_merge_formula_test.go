package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// TestMergeBoundIsFormula compares MergeBound with its comment's formula at two
// parts and beside an empty one.
func TestMergeBoundIsFormula(t *testing.T) {
	one := func(x float64) tensor { return rows([]float64{x}) }
	r := Rounding{formulaUnit, formulaUnit / 8}
	for _, c := range []struct{ o1, l1, o2, l2, e1, d1, e2, d2 float64 }{
		{o1: 3, l1: 0.5, o2: -2, l2: -0.25},
		{o1: -1, l1: -2, o2: -5, l2: 1},
		{o1: 3, l1: 0.5, o2: -2, l2: -0.25, e1: 0x1p-6, d1: 0x1p-7, e2: 0x1p-8, d2: 0x1p-6},
		{o1: 3, l1: -0.5, o2: -2, l2: 2, e1: 0x1p-40, d1: 0x1p-41, e2: 0x1p-42, d2: 0x1p-40},
		{o1: 1, l1: 800, o2: 0x1p100, l2: 0, e2: 0x1p-40, d2: 800},
		{o1: 0x1p100, l1: 0, o2: 1, l2: 800, e1: 0x1p-40, d1: 800}, // exp(-800) is 0, and exp(800) not finite
	} {
		u, w := r.Unit, r.Tiny
		d, m := math.Abs(c.l1-c.l2), max(c.l1, c.l2)
		lse := m + math.Log1p(math.Exp(-d))
		a1, a2 := math.Exp(c.l1-lse), math.Exp(c.l2-lse)
		own := u*(d+c.d1+c.d2) + 4*u
		rho := math.Expm1(c.d1 + c.d2 + own)
		want := second*(a1*a2*rho*(1+rho)*math.Abs(c.o1-c.o2)+(a1+a2*rho)*c.e1+(a2+a1*rho)*c.e2+5*u*(a1*math.Abs(c.o1)+a2*math.Abs(c.o2))) + w*(math.Abs(c.o1)+math.Abs(c.o2)+3)
		if a1*a2 == 0 {
			want = second*(a1*c.e1+a2*c.e2+5*u*(a1*math.Abs(c.o1)+a2*math.Abs(c.o2))) + w*(math.Abs(c.o1)+math.Abs(c.o2)+3)
		}
		got := MergeBound(one(c.o1), one(c.l1), one(c.o2), one(c.l2), MergeErrors{one(c.e1), one(c.d1)}, MergeErrors{one(c.e2), one(c.d2)}, r)
		near(t, "output", got.Output.Data[0], want)
		near(t, "lse", got.LSE.Data[0], second*(max(c.d1, c.d2)+math.Expm1(own)*min(a1, a2)+u*(1+4*math.Ln2+math.Abs(lse)))+w)
	}
	none := math.Inf(-1)
	errors := [2]MergeErrors{{one(3), one(5)}, {one(7), one(11)}}
	if got := MergeBound(one(1), one(none), one(1), one(0), errors[0], errors[1], r); got.Output.Data[0] != 7 || got.LSE.Data[0] != 11 {
		t.Errorf("beside an empty first part: %v", got)
	}
	if got := MergeBound(one(1), one(0), one(1), one(none), errors[0], errors[1], r); got.Output.Data[0] != 3 || got.LSE.Data[0] != 5 {
		t.Errorf("beside an empty second part: %v", got)
	}
}

// TestWeightSumBoundByHand works both bounds that see the number of keys alone.
func TestWeightSumBoundByHand(t *testing.T) {
	p := spec.Profile{KeyBlock: 2, Merges: 1, WeightUnit: 0x1p-20, WeightTiny: 0x1p-22}
	r := Rounding{0x1p-24, 0x1p-23} // five keys in blocks of two: 3 rescalings
	near(t, "sum", WeightSumBound(5, p, r), 1.01*(13*0x1p-24+2*0x1p-20+5*10*3*0x1p-23))
	near(t, "hull", HullBound(5, 7, p, r), 1.01*((20*0x1p-24+2*0x1p-20)*7+10*3*0x1p-23*5*15))
	p.FlushToZero, p.WeightTiny = true, 0
	near(t, "flushed sum", WeightSumBound(5, p, Rounding{0x1p-24, 0x1p-40}), 1.01*(13*0x1p-24+2*0x1p-20+5*10*0x1p-17))
	near(t, "flushed hull", HullBound(5, 7, p, Rounding{0x1p-24, 0x1p-40}), 1.01*((20*0x1p-24+2*0x1p-20)*7+10*0x1p-17*5*15))
}
