package props

import (
	"fmt"
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func headsProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "HED-001", Run: headsValue(tiedStep[T]())},
		{Claim: "HED-002", Run: headsConcatValue[T]},
		{Claim: "HED-003", Run: headsValue(averageHeads[T]())},
		{Claim: "HED-004", Run: headsValue(sumHeads[T]())},
		{Claim: "HED-005", Run: headsValue(normalizedHeads[T]())},
		{Claim: "HED-006", Run: headsDescent[T](0x1p-4, 2)},
		{Claim: "HED-007", Run: headsDescent[T](2, 4)},
		{Claim: "HED-008", Run: headsConcatDescent[T](0x1p-4, 2)},
		{Claim: "HED-009", Run: headsConcatDescent[T](2, 4)},
		{Claim: "HED-010", Run: headsConcatOfOne[T]},
		{Claim: "HED-011", Run: headsAverageOfTwoTokens[T]},
		{Claim: "HED-012", Run: headsAverageOfChannels[T]},
		{Claim: "HED-013", Run: headsPlainSum[T]},
		{Claim: "HED-014", Run: headsSumOfEqual[T]},
		{Claim: "HED-015", Run: headsNormalizedDescent[T]},
		{Claim: "HED-016", Run: headsPermuted[T]},
		{Claim: "HED-017", Run: headsZero[T]},
		{Claim: "HED-018", Run: headsTokensPermuted[T]},
		{Claim: "HED-019", Run: headsOneIdentity[T]},
	}
}

// headsOp is one of the steps of Heads with the bound of its error.
type headsOp[T spec.Float] struct {
	name  string
	of    func(h spec.Heads[T]) func(dst, y spec.Matrix[T], a []spec.Matrix[T], eta T)
	of64  func(h spec.Heads[float64]) func(dst, y matrix, a []matrix, eta float64)
	bound func(b *reference.HeadsBounds, eta float64) matrix
}

func tiedStep[T spec.Float]() headsOp[T] {
	return headsOp[T]{"Y⁺",
		func(h spec.Heads[T]) func(dst, y spec.Matrix[T], a []spec.Matrix[T], eta T) { return h.Step },
		func(h spec.Heads[float64]) func(dst, y matrix, a []matrix, eta float64) { return h.Step },
		(*reference.HeadsBounds).Step}
}

func averageHeads[T spec.Float]() headsOp[T] {
	return headsOp[T]{"average of heads",
		func(h spec.Heads[T]) func(dst, y spec.Matrix[T], a []spec.Matrix[T], eta T) { return h.AverageStep },
		func(h spec.Heads[float64]) func(dst, y matrix, a []matrix, eta float64) { return h.AverageStep },
		(*reference.HeadsBounds).AverageStep}
}

func sumHeads[T spec.Float]() headsOp[T] {
	return headsOp[T]{"sum of heads",
		func(h spec.Heads[T]) func(dst, y spec.Matrix[T], a []spec.Matrix[T], eta T) { return h.SumStep },
		func(h spec.Heads[float64]) func(dst, y matrix, a []matrix, eta float64) { return h.SumStep },
		(*reference.HeadsBounds).SumStep}
}

func normalizedHeads[T spec.Float]() headsOp[T] {
	return headsOp[T]{"normalised heads",
		func(h spec.Heads[T]) func(dst, y spec.Matrix[T], a []spec.Matrix[T], eta T) { return h.NormalizedStep },
		func(h spec.Heads[float64]) func(dst, y matrix, a []matrix, eta float64) { return h.NormalizedStep },
		(*reference.HeadsBounds).NormalizedStep}
}

// headsScene is a drawn set of tokens with heads, and the bounds that hold
// there.
type headsScene[T spec.Float] struct {
	y      matrix
	a      []matrix
	bounds *reference.HeadsBounds
}

// drawHeads draws lo to hi tokens and one to four heads.
func drawHeads[T spec.Float](t *Trial, lo, hi int) headsScene[T] {
	n, d := t.Size("n", lo, hi), t.Size("d", 1, 2*mostChannels(hi)/3)
	y := t.Tokens("Y", n, d)
	var a []matrix
	for h := range t.Int("heads", 1, 4) {
		a = append(a, drawHeadWeights(t, fmt.Sprintf("A%d", h+1), d))
	}
	t.Sometimes("several heads", len(a) > 1)
	return newHeads[T](t, y, a)
}

// drawHeadWeights draws the weights of a head: none, which stands for the identity, or
// a d×p matrix.
func drawHeadWeights(t *Trial, name string, d int) matrix {
	if t.Bool(name + " is identity") {
		t.Sometimes("a head without weights", true)
		return matrix{}
	}
	t.Sometimes("a head with weights", true)
	return t.Weights(name, d, t.Size(name+" p", 1, 4))
}

func newHeads[T spec.Float](t *Trial, y matrix, a []matrix) headsScene[T] {
	s := headsScene[T]{y, a, reference.NewHeadsBounds(y, a, reference.RoundingOf[T]())}
	if !s.bounds.Decidable() {
		t.Undecidable()
	}
	return s
}

// step runs one of the steps and returns the result, the exact step from the
// oracle, and the bound on each element of their difference.
func (s headsScene[T]) step(t *Trial, im *spec.Implementation[T], op headsOp[T], eta float64) (next, want, bound matrix) {
	out := output[T](t, op.name, s.y.Rows, s.y.Cols)
	var in []spec.Matrix[T]
	for _, a := range s.a {
		in = append(in, input[T](t, "weights of a head", a))
	}
	op.of(im.Heads)(out, input[T](t, "Y", s.y), in, T(eta))
	want = spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	op.of64(t.Oracle.Heads)(want, s.y, s.a, eta)
	return wide(out), want, op.bound(s.bounds, eta)
}

// rise returns E(next) − E(y) and the slack of the descent claims: the judge's
// rounding of both energies, and how far the energy moves when each element of
// next is off by at most eps, the sum over heads of e^{−1/2}(n−1)Σᵢ‖εᵢ|Aₕ|‖.
func (s headsScene[T]) rise(next, eps matrix) (rise, slack float64) {
	slack = reference.NewHeadsBounds(s.y, s.a, rounding64).Energy() + reference.NewHeadsBounds(next, s.a, rounding64).Energy()
	for _, a := range s.a {
		slack += reference.EnergyShift(eps, a)
	}
	before := reference.HeadsEnergy(s.y, s.a)
	return reference.HeadsEnergy(next, s.a) - before, slack + unit64*math.Abs(before)
}

// weightedDecrease returns (1/η − ½) Σᵢ cᵢ‖δᵢ‖² with δ = exact − y, at least 0,
// and how far the judge may be off: δ by e, so that δ² is by 2|δ|e + e², each cᵢ
// by the relative error rel, and the sum by its rounding.
func weightedDecrease(y, exact, e matrix, c, rel []float64, eta float64) (decrease, slip float64) {
	if eta <= 0 || eta > 2 {
		return 0, 0
	}
	factor := 1/eta - 0.5
	for i, ci := range c {
		for k := range y.Cols {
			delta, off := exact.At(i, k)-y.At(i, k), e.At(i, k)
			decrease += factor * ci * delta * delta
			slip += factor * ci * (2*math.Abs(delta)*off + off*off + rel[i]*delta*delta)
		}
	}
	return decrease, 1.01*slip + gamma(y.Rows*y.Cols+8)*decrease
}

func headsValue[T spec.Float](op headsOp[T]) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s := drawHeads[T](t, 2, 17)
		got, want, bound := s.step(t, im, op, t.Number("eta", 0x1p-4, 2))
		near(t, op.name, got, want, bound)
		t.Informative(exceeds(reference.Sub(want, s.y), bound, 8))
	}
}

// headsDescent checks the guaranteed decrease of the tied step with η between
// lo and hi; for η > 2 the guarantee is that E does not rise.
func headsDescent[T spec.Float](lo, hi float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s := drawHeads[T](t, 2, 17)
		eta := t.Number("eta", lo, hi)
		next, exact, eps := s.step(t, im, tiedStep[T](), eta)
		rise, slack := s.rise(next, eps)
		judge := reference.NewHeadsBounds(s.y, s.a, rounding64)
		c, rel := judge.Weights()
		decrease, slip := weightedDecrease(s.y, exact, judge.Step(eta), c, rel, eta)
		t.Within("E after the step above E before less the guaranteed decrease", rise+decrease, slack+slip)
		t.Informative(-rise > slack+slip)
		t.Sometimes("η above 1", eta > 1)
	}
}

// drawCuts cuts d channels into one to three heads, of which some may be empty.
func drawCuts(t *Trial, d int) []int {
	cuts := []int{0, d}
	for h := range t.Int("heads", 1, 3) - 1 {
		cuts = append(cuts, t.Int(fmt.Sprintf("cut%d", h+1), 0, d))
	}
	slices.Sort(cuts)
	t.Sometimes("several heads", len(cuts) > 2)
	return cuts
}

// channelHeads returns the weights Πₕ of heads that own the channels between
// cuts; a head without channels has the zero weights of one column.
func channelHeads(d int, cuts []int) []matrix {
	var a []matrix
	for h := range len(cuts) - 1 {
		p := spec.NewMatrix[float64](d, max(1, cuts[h+1]-cuts[h]))
		for k := cuts[h]; k < cuts[h+1]; k++ {
			p.Set(k, k-cuts[h], 1)
		}
		a = append(a, p)
	}
	return a
}

// concat runs the concatenation of heads.
func (s headsScene[T]) concat(t *Trial, im *spec.Implementation[T], cuts []int, eta float64) (next, want, bound matrix) {
	out := output[T](t, "concatenated heads", s.y.Rows, s.y.Cols)
	im.Heads.ConcatStep(out, input[T](t, "Y", s.y), slices.Clone(cuts), T(eta))
	want = spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	t.Oracle.Heads.ConcatStep(want, s.y, cuts, eta)
	return wide(out), want, s.bounds.ConcatStep(cuts, eta)
}

func drawConcat[T spec.Float](t *Trial) (headsScene[T], []int) {
	n, d := t.Size("n", 1, 17), t.Size("d", 1, 9)
	y := t.Tokens("Y", n, d)
	cuts := drawCuts(t, d)
	return newHeads[T](t, y, channelHeads(d, cuts)), cuts
}

func headsConcatValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, cuts := drawConcat[T](t)
	got, want, bound := s.concat(t, im, cuts, t.Number("eta", 0x1p-4, 2))
	near(t, "concatenated heads", got, want, bound)
	t.Informative(exceeds(reference.Sub(want, s.y), bound, 8))
}

func headsConcatDescent[T spec.Float](lo, hi float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s, cuts := drawConcat[T](t)
		eta := t.Number("eta", lo, hi)
		next, exact, eps := s.concat(t, im, cuts, eta)
		rise, slack := s.rise(next, eps)
		var decrease float64
		for h := range len(cuts) - 1 {
			own := s.y.Columns(cuts[h], cuts[h+1])
			// With A = I the weights of Heads are those of the softmax_β step times d.
			judge := reference.NewHeadsBounds(own, []matrix{{}}, rounding64)
			c, rel := judge.Weights()
			for i := range c {
				c[i] /= max(1, float64(own.Cols))
			}
			e := reference.NewInteractionBounds(own, matrix{}, rounding64).Step(eta)
			part, slip := weightedDecrease(own, exact.Columns(cuts[h], cuts[h+1]), e, c, rel, eta)
			decrease, slack = decrease+part, slack+slip
		}
		t.Within("E after the step above E before less the guaranteed decrease", rise+decrease, slack)
		t.Informative(-rise > slack)
		t.Sometimes("η above 1", eta > 1)
	}
}

func headsConcatOfOne[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPlainScene[T](t, 2, 17)
	eta := t.Number("eta", 0x1p-4, 2)
	cuts := []int{0, s.y.Cols}
	got, _, bound := newHeads[T](t, s.y, []matrix{{}}).concat(t, im, cuts, eta)
	one, _, eps := s.step(t, im, eta)
	near(t, "one concatenated head", got, one, reference.Sub(bound, scaled(eps, -1)))
	t.Informative(exceeds(reference.Sub(one, s.y), bound, 8))
}

func headsAverageOfTwoTokens[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHeads[T](t, 2, 2)
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, averageHeads[T](), eta)
	rise, slack := s.rise(next, eps)
	t.Within("E after the average of heads above E before", rise, slack)
	t.Informative(-rise > slack)
}

// headsAverageOfChannels tries the average of heads that see one channel each;
// the concatenation of the same heads must descend.
func headsAverageOfChannels[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Int("n", 2, 5), t.Int("d", 2, 3)
	y := t.Matrix("Y", n, d, []gen.Kind{gen.Ints, gen.Coarse}, 0, 3)
	var cuts []int
	for k := range d + 1 {
		cuts = append(cuts, k)
	}
	s := newHeads[T](t, y, channelHeads(d, cuts))
	next, _, eps := s.concat(t, im, cuts, 1)
	rise, slack := s.rise(next, eps)
	t.Require(rise <= slack, "the concatenation of the same heads raises E by %v", rise)
	next, _, eps = s.step(t, im, averageHeads[T](), 1)
	rise, slack = s.rise(next, eps)
	t.Within("E after the average of heads above E before", rise, slack)
}

func headsPlainSum[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHeads[T](t, 2, 5)
	next, _, eps := s.step(t, im, sumHeads[T](), 1)
	rise, slack := s.rise(next, eps)
	t.Within("E after the plain sum of heads above E before", rise, slack)
}

func headsSumOfEqual[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	one := drawScene[T](t, 2, 9)
	count := t.Int("heads", 2, 5)
	eta := t.Power("eta", -5, -1) // of three bits: count·η is exact
	s := newHeads[T](t, one.y, slices.Repeat([]matrix{one.a}, count))
	got, _, bound := s.step(t, im, sumHeads[T](), eta)
	want, _, eps := one.step(t, im, float64(count)*eta)
	near(t, "sum of equal heads", got, want, reference.Sub(bound, scaled(eps, -1)))
	t.Informative(exceeds(reference.Sub(want, one.y), bound, 8))
}

// headsNormalizedDescent tries two nearly parallel heads of one column each on
// two tokens 16 apart, which the heads see at distances along and opposite, on
// opposite sides.
func headsNormalizedDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	along, opposite := t.Number("along", 1, 3), t.Number("opposite", 0.25, 0.75)
	y := spec.MatrixOf([]float64{0, 0}, []float64{0, 16})
	a := []matrix{spec.Column(1, -along/16), spec.Column(1, opposite/16)}
	s := newHeads[T](t, y, a)
	eta := t.Number("eta", 0, 0.25) // below 1/Σ‖Sₕ‖
	next, _, eps := s.step(t, im, normalizedHeads[T](), eta)
	rise, slack := s.rise(next, eps)
	t.Within("E after the normalised heads above E before", rise, slack)
}

func headsPermuted[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHeads[T](t, 2, 9)
	order := permutation(t, "head", len(s.a))
	permuted := s
	permuted.a = make([]matrix, len(order))
	for h, from := range order {
		permuted.a[h] = s.a[from]
	}
	eta := t.Number("eta", 0x1p-4, 2)
	for _, op := range []headsOp[T]{tiedStep[T](), averageHeads[T](), sumHeads[T](), normalizedHeads[T]()} {
		one, want, bound := s.step(t, im, op, eta)
		two, _, _ := permuted.step(t, im, op, eta)
		near(t, op.name+" of permuted heads", two, one, scaled(bound, 2))
		t.Informative(exceeds(reference.Sub(want, s.y), bound, 8) && len(order) > 1)
	}
}

func headsZero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHeads[T](t, 1, 9)
	eta := t.Number("eta", 0, 2)
	d := s.y.Cols
	idle := newHeads[T](t, s.y, nil)
	for h := range t.Int("idle heads", 0, 3) {
		idle.a = append(idle.a, spec.NewMatrix[float64](d, h+1))
	}
	idle = newHeads[T](t, s.y, idle.a)
	for _, op := range []headsOp[T]{tiedStep[T](), normalizedHeads[T]()} {
		next, _, _ := idle.step(t, im, op, eta)
		for i := range s.y.Rows {
			for k := range d {
				t.Check(next.At(i, k) == s.y.At(i, k), "%s with zero heads moves token %d: got %v want %v", op.name, i, next.At(i, k), s.y.At(i, k))
			}
		}
		more := newHeads[T](t, s.y, append(slices.Clone(s.a), idle.a...))
		one, want, bound := s.step(t, im, op, eta)
		two, _, wider := more.step(t, im, op, eta)
		near(t, op.name+" with zero heads added", two, one, reference.Sub(bound, scaled(wider, -1)))
		t.Informative(exceeds(reference.Sub(want, s.y), bound, 8))
	}
	if len(idle.a) == 0 {
		for _, op := range []headsOp[T]{averageHeads[T](), sumHeads[T]()} {
			next, _, _ := idle.step(t, im, op, eta)
			for k, x := range next.Data { // −0 may become +0
				t.Check(x == s.y.Data[k], "%s without heads moves element %d: got %v want %v", op.name, k, x, s.y.Data[k])
			}
		}
	}
	t.Sometimes("no heads", len(idle.a) == 0)
	t.Sometimes("zero heads", len(idle.a) > 1)
}

func headsTokensPermuted[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHeads[T](t, 2, 17)
	order := permutation(t, "token", s.y.Rows)
	p := newHeads[T](t, permuteRows(s.y, order), s.a)
	eta := t.Number("eta", 0x1p-4, 2)
	one, _, bound := s.step(t, im, tiedStep[T](), eta)
	two, _, _ := p.step(t, im, tiedStep[T](), eta)
	near(t, "step of permuted tokens", two, permuteRows(one, order), scaled(permuteRows(bound, order), 2))
	t.Informative(exceeds(reference.Sub(one, s.y), bound, 8))
}

func headsOneIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPlainScene[T](t, 2, 17)
	d := float64(s.y.Cols)
	eta := t.Power("eta", -5, -1) // of three bits: dη is exact
	got, _, bound := newHeads[T](t, s.y, []matrix{{}}).step(t, im, tiedStep[T](), d*eta)
	want, _, eps := s.step(t, im, eta)
	near(t, "step of one head without weights", got, want, reference.Sub(bound, scaled(eps, -1)))
	t.Informative(exceeds(reference.Sub(want, s.y), bound, 8))
}
