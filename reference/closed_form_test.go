package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// TestActivationsAtTheirEnds works activations by hand on both sides of their
// kinks and where a branch keeps them from overflow.
func TestActivationsAtTheirEnds(t *testing.T) {
	for _, c := range []struct {
		act     spec.Activation
		x, want float64
	}{
		{spec.ActHardTanh, -3, -1}, {spec.ActHardTanh, 0.5, 0.5}, {spec.ActHardTanh, 3, 1},
		{spec.ActReLU6, -1, 0}, {spec.ActReLU6, 5, 5}, {spec.ActReLU6, 7, 6},
		{spec.ActELU, 2, 2}, {spec.ActELU, -1, 1/math.E - 1}, {spec.ActELU2, -1, 2/math.E - 2}, {spec.ActELU2, 3, 3},
		{spec.ActSoftsign, 0.5, 1.0 / 3}, {spec.ActSoftsign, math.Inf(1), 1}, {spec.ActSoftsign, math.Inf(-1), -1}, {spec.ActSoftsign, 0, 0},
		{spec.ActSquaredReLU, 3, 9}, {spec.ActSquaredReLU, -3, 0},
		{spec.ActSigmoid, 800, 1}, {spec.ActSigmoid, -800, 0}, {spec.ActSigmoid, -1, 1 / (1 + math.E)},
		// x/2·(1 + tanh(√(2/π)(x + 0.044715x³)))
		{spec.ActGELUTanh, 2, 1 + math.Tanh(math.Sqrt(2/math.Pi)*(2+0.044715*8))},
	} {
		near(t, string(c.act), Activate(c.x, c.act), c.want)
	}
}

// TestPenaltiesByHand works penalties at the ends of their domains, which belong
// to them, at their kinks and beyond.
func TestPenaltiesByHand(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		act     spec.Activation
		p, want float64
	}{
		{spec.ActReLU, 0, 0}, {spec.ActReLU, -1, inf}, {spec.ActReLU6, 6, 0}, {spec.ActReLU6, 7, inf},
		{spec.ActHardTanh, -1, 0}, {spec.ActHardTanh, 1, 0}, {spec.ActHardTanh, -2, inf},
		{spec.ActTanh, 1, math.Ln2 - 0.5}, {spec.ActTanh, -1, math.Ln2 - 0.5}, // (2 log 2 + 0)/2 − ½
		{spec.ActSigmoid, 0, 0}, {spec.ActSigmoid, 1, -0.5}, {spec.ActSigmoid, -1, inf},
		{spec.ActELU, 0, 0}, {spec.ActELU, 3, 0}, {spec.ActELU, -1, 0.5}, {spec.ActELU, -2, inf},
		{spec.ActLeakyReLU, -2, 14}, {spec.ActLeakyReLU, -1e9, 3.5e18}, {spec.ActSoftThreshold, -2, 2},
		{spec.ActArctan, 0.5, -4/(math.Pi*math.Pi)*math.Log(math.Sqrt2/2) - 0.125},
		{spec.ActArctan, 1.0 / 3, -4/(math.Pi*math.Pi)*math.Log(math.Sqrt(3)/2) - 1.0/18},
		{spec.ActArctan, 2.0 / 3, -4/(math.Pi*math.Pi)*math.Log(0.5) - 2.0/9},
		{spec.ActArctan, 1 - 0x1p-45, -4/(math.Pi*math.Pi)*math.Log(math.Pi/2*0x1p-45) - 0.5}, // up to 2⁻⁴⁵
		{spec.ActHardSigmoid, 1, 0.25}, {spec.ActHardSigmoid, 0.5, -0.125},
		{spec.ActSoftplus, 0, math.Pi * math.Pi / 6}, {spec.ActSoftplus, inf, 0},
	} {
		got := Penalty(c.p, c.act)
		if math.IsInf(c.want, 0) && got == c.want {
			continue
		}
		near(t, string(c.act), got, c.want)
	}
	// Li₂(z) + Li₂(z²)… at z = 1/2 and √½: Li₂(z²) = 2(Li₂(z) + Li₂(−z)), with
	// Li₂(−z) as the alternating series.
	for _, z := range []float64{0.375, 0.625, 0.75} {
		var alternating, power float64 = 0, 1
		for k := 1.0; k <= 200; k++ {
			power *= -z
			alternating += power / (k * k)
		}
		near(t, "dilogarithm", Penalty(-2*math.Log(z), spec.ActSoftplus), 2*(Penalty(-math.Log(z), spec.ActSoftplus)+alternating))
	}
	y, zero := spec.MatrixOf([]float64{3, -2}), spec.NewMatrix[float64](2, 2)
	dst := newMatrix(1, 2)
	for _, c := range []struct{ lambda, first, last float64 }{{-1, 1.5, 0}, {0, 1.5, -1}, {1, 1, -0.5}} {
		ProxStep(dst, y, zero, newMatrix(1, 2), c.lambda, 0.5) // from Y/2
		if dst.At(0, 0) != c.first || dst.At(0, 1) != c.last {
			t.Errorf("λ = %v: got %v want %v, %v", c.lambda, dst.Data, c.first, c.last)
		}
	}
}

// TestMajorizerByHand works the majorizer, its excess over the energy and the
// conjugate at three tokens on a line.
func TestMajorizerByHand(t *testing.T) {
	none := matrix{}
	y, next := spec.MatrixOf([]float64{0}, []float64{1}, []float64{3}), spec.MatrixOf([]float64{0}, []float64{2}, []float64{2})
	// z from ½, 4½, 2 to 2, 2, 0: t is 1½, −2½, −2.
	var majorizer, excess, size float64
	for _, c := range [][2]float64{{0.5, 2}, {4.5, 2}, {2, 0}} {
		s := c[1] - c[0]
		majorizer += math.Exp(-c[0]) * (s - 1)
		excess += math.Exp(-c[1]) - math.Exp(-c[0]) + math.Exp(-c[0])*s
		size += math.Exp(-c[1]) + math.Exp(-c[0])*(1+math.Abs(s))
	}
	near(t, "majorizer", InteractionMajorizer(next, y, none), majorizer)
	near(t, "majorizer less energy", InteractionMajorizer(next, y, none)-InteractionEnergy(next, none), excess)
	gotExcess, gotSize := KL(y, next, none)
	near(t, "excess", gotExcess, excess)
	near(t, "size", gotSize, size)
	near(t, "conjugate", Conjugate(0.5), 0.5*math.Log(0.5)-0.5)
	if Conjugate(0) != 0 {
		t.Errorf("conjugate of 0: %v", Conjugate(0))
	}
	// A small excess is the series' first terms, without cancellation.
	gotExcess, _ = KL(y, spec.MatrixOf([]float64{0}, []float64{1 + 0x1p-30}, []float64{3}), none)
	first := func(z, t float64) float64 { return math.Exp(-z) * t * t / 2 }
	if want := first(0.5, 0x1p-30) + first(2, -0x1p-29); !(math.Abs(gotExcess-want) <= 0x1p-27*want) { // the next term is t/3 of it
		t.Errorf("small excess: got %v want %v", gotExcess, want)
	}
}

// TestAlternatingBoundIsFormula compares the bound with its comment's formula.
func TestAlternatingBoundIsFormula(t *testing.T) {
	const eta1, eta2 = -0.5, 0.75
	y, kf, kg := []float64{0.5, -2}, [][]float64{{1, 0.5}, {0.5, -2}}, [][]float64{{0.25, -1}, {-1, 3}}
	bf, bg := []float64{1, -0.25}, []float64{-2, 0.5}
	f := spec.Quadratic[float64]{K: spec.MatrixOf(kf...), B: spec.MatrixOf(bf)}
	g := spec.Quadratic[float64]{K: spec.MatrixOf(kg...), B: spec.MatrixOf(bg)}
	got := AlternatingBound(spec.MatrixOf(y), f, g, eta1, eta2, coarse)
	m, lost := make([]float64, 2), make([]float64, 2)
	for k := range m {
		m[k] = math.Abs(y[k]) + 0.5*(times(sizes(y), sizesOf(kf))[k]+math.Abs(bf[k]))
		lost[k] = 8 * coarse.Tiny * 1.5
	}
	for k := range m {
		all := m[k] + 0.75*(times(m, sizesOf(kg))[k]+math.Abs(bg[k]))
		passed := lost[k] + 0.75*times(lost, sizesOf(kg))[k]
		near(t, "bound", got.At(0, k), second*(16*coarse.Unit*all+passed+8*coarse.Tiny*1.75))
	}
}

// TestLogitsOfHiddenKeys requires −Inf of keys that are not allowed and of
// log-sum-exps without keys, and the logits of keys that are strided.
func TestLogitsOfHiddenKeys(t *testing.T) {
	none := math.Inf(-1)
	q, k := rows([]float64{1, 2}), rows([]float64{3, 4}, []float64{5, 6})
	opt := &spec.AttentionOptions{Scale: 1, Mask: spec.GridOf(1, []bool{false, true}, 2)}
	for what, keys := range map[string]tensor{
		"adjacent": k,
		"strided":  {Data: []float64{3, 5, 4, 6}, Shape: k.Shape, Stride: [4]int{0, 0, 1, 2}},
		"spaced":   {Data: []float64{3, 0, 4, 0, 5, 0, 6}, Shape: k.Shape, Stride: [4]int{0, 0, 4, 2}},
	} {
		if x := Logits(q, keys, opt, 0, 0, 0); x[0] != none || x[1] != 17 {
			t.Errorf("%s: logits %v", what, x)
		}
	}
	hidden := &spec.AttentionOptions{Scale: 1, KeyLengths: []int{0}}
	if got := RowLSE(q, k, hidden, 0, 0, 0); got != none {
		t.Errorf("log-sum-exp without a key: %v", got)
	}
	hidden.Sinks = []float32{2}
	if got := RowLSE(q, k, hidden, 0, 0, 0); got != 2 {
		t.Errorf("log-sum-exp of a sink alone: %v", got)
	}
	opt.Sinks = []float32{float32(none)} // as good as none
	if got := AttentionWeights(q, k, opt, 0, 0, 0); got[0] != 0 || got[1] != 1 {
		t.Errorf("weights beside a sink of −Inf: %v", got)
	}
	if got := RowLSE(q, k, opt, 0, 0, 0); got != 17 {
		t.Errorf("log-sum-exp beside a sink of −Inf: %v", got)
	}
}

// TestMatricesByHand works small matrices by hand.
func TestMatricesByHand(t *testing.T) {
	// W = diag(3/5, 4/5) has the complement diag(4/5, 3/5) on both sides.
	dst := newMatrix(4, 4)
	for k := range dst.Data {
		dst.Data[k] = math.NaN()
	}
	Dilate(dst, spec.MatrixOf([]float64{0.6, 0}, []float64{0, 0.8}))
	for i, row := range [][]float64{{0.8, 0, 0.6, 0}, {0, 0.6, 0, 0.8}, {0.6, 0, -0.8, 0}, {0, 0.8, 0, -0.6}} {
		for j, want := range row {
			if got := dst.At(i, j); !(math.Abs(got-want) <= 16*0x1p-53) {
				t.Errorf("dilation (%d, %d): got %v want %v", i, j, got, want)
			}
		}
	}
	// D is 1 + e^−½ for both tokens, tr(AAᵀ) is 5, and |K| has the row sums 2½ and 3.
	q := ParallelCurvature(spec.MatrixOf([]float64{0, 0}, []float64{1, 0}), spec.MatrixOf([]float64{1}, []float64{2}), spec.MatrixOf([]float64{1, 0}, []float64{1, -3.5}))
	z := math.Exp(-0.5)
	near(t, "q₀", q[0], 5*(1+z)+3)
	near(t, "q₁", q[1], 5*(1+z)+3)
	out := newMatrix(1, 2)
	addScaled(out, spec.MatrixOf([]float64{1, 2}), spec.MatrixOf([]float64{3, 4}), 0.5)
	if out.At(0, 0) != 2.5 || out.At(0, 1) != 4 {
		t.Errorf("Y + X/2: %v", out.Data)
	}
	normalizeRows(out, spec.MatrixOf([]float64{3, -4}), out, 2)
	near(t, "first", out.At(0, 0), 1.2)
	near(t, "second", out.At(0, 1), -1.6)
	mean, variance := Moments([]float64{1, 2, 6})
	near(t, "mean", mean, 3)
	near(t, "variance", variance, 14.0/3)
	_, variance = Moments([]float64{0x1p51 + 1, 0x1p51 + 2, 0x1p51 + 6}) // where squares of 2⁵¹ say nothing
	near(t, "variance far away", variance, 14.0/3)
	lifted := newMatrix(4, 4)
	for k := range lifted.Data {
		lifted.Data[k] = math.NaN()
	}
	Lift(lifted, spec.MatrixOf([]float64{1, 2}, []float64{3, 4}))
	for i, row := range [][]float64{{0, 0, 1, 2}, {0, 0, 3, 4}, {1, 3, 0, 0}, {2, 4, 0, 0}} {
		for j, want := range row {
			if got := lifted.At(i, j); got != want {
				t.Errorf("lift (%d, %d): got %v want %v", i, j, got, want)
			}
		}
	}
	if view := columnsOf(newMatrix(0, 4), 2, 2); view.Cols != 2 || view.Rows != 0 {
		t.Errorf("columns of no rows: %v", view)
	}
}

// TestHeadsAreTurnedApart requires of each head that it is turned as it would be
// alone.
func TestHeadsAreTurnedApart(t *testing.T) {
	x, identity := spec.MatrixOf([]float64{1, 0, 0, 1, 2, 0}), newMatrix(6, 6)
	for k := range 6 {
		identity.Set(k, k, 1)
	}
	r := &spec.Rotary{Layout: spec.HalfLayout, Dims: 2, Base: 100, Offset: 1}
	got := headsOf(x, spec.Projection[float64]{W: identity}, 3, r, 2) // at position 3, by 3 radians
	for c, want := range []float64{math.Cos(3), math.Sin(3), -math.Sin(3), math.Cos(3), 2 * math.Cos(3), 2 * math.Sin(3)} {
		near(t, "turned", got.At(0, c), want)
	}
}

// TestEmptyPartsAndPasts requires that what an empty part holds is not used, and
// that new tokens follow the past in their order.
func TestEmptyPartsAndPasts(t *testing.T) {
	none := math.Inf(-1)
	dst, lse := rows([]float64{0}), rows([]float64{0})
	nan, three := rows([]float64{math.NaN()}), rows([]float64{3})
	MergeAttention(dst, lse, nan, rows([]float64{none}), three, rows([]float64{2}))
	if dst.Data[0] != 3 || lse.Data[0] != 2 {
		t.Errorf("behind an empty part: %v, %v", dst.Data, lse.Data)
	}
	MergeAttention(dst, lse, three, rows([]float64{2}), nan, rows([]float64{none}))
	if dst.Data[0] != 3 || lse.Data[0] != 2 {
		t.Errorf("before an empty part: %v, %v", dst.Data, lse.Data)
	}
	past, fresh := rows([]float64{1}, []float64{2}), rows([]float64{3}, []float64{4}, []float64{5})
	present := rows([]float64{0}, []float64{0}, []float64{0}, []float64{0}, []float64{0})
	join(present, past, fresh)
	for k, x := range present.Data {
		if x != float64(k+1) {
			t.Errorf("past and new tokens: %v", present.Data)
			break
		}
	}
}

// TestBlockSumIsFormula compares what a residual sum and the heads of a projection
// add to errors with their formulas, and tries numbers near the largest.
func TestBlockSumIsFormula(t *testing.T) {
	one := func(x, e float64) within { return within{spec.MatrixOf([]float64{x}), spec.MatrixOf([]float64{e})} }
	b := &blockBound{Rounding: coarse, ok: true}
	near(t, "sum", b.sum(one(3, 0.25), one(-5, 0.5)).err.At(0, 0), second*(0.75+coarse.Unit*(2+1.5)))
	for _, c := range []struct {
		x, e float64
		r    Rounding
		want bool
	}{
		{0x1p59, 0x1p59, coarse, true}, {-0x1p61, 0, coarse, false}, {0x1p59, 0x1p60, coarse, false},
		{0x1p61, 0, RoundingOf[float64](), true}, {0x1p501, 0, RoundingOf[float64](), false},
	} {
		b := &blockBound{Rounding: c.r, ok: true}
		if b.small(one(c.x, c.e)); b.ok != c.want {
			t.Errorf("%+v: small: %v", c, b.ok)
		}
	}
	// Each head of two is bounded as it would be alone.
	r := Rounding{0, 0} // the judge's angles are all that shows
	rotary := &spec.Rotary{Layout: spec.HalfLayout, Dims: 2, Base: 100, Offset: 3}
	identity := newMatrix(4, 4)
	for k := range 4 {
		identity.Set(k, k, 1)
	}
	x := spec.MatrixOf([]float64{3, 4, 5, 12})
	_, bound := headsWithin(x, matrix{}, spec.Projection[float64]{W: identity}, 2, rotary, 2, r)
	for c, norm := range []float64{5, 5, 13, 13} {
		angle := (4*math.Log(100) + 8) * 0x1p-53 * 5
		// Once for the implementation, once for the judge, whose own roundings are 4u.
		near(t, "turned head", bound.At(0, c), second*norm*(2*angle+4*0x1p-53)+3*0x1p-1074)
	}
}
