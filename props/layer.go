package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func layerProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "LAY-001", Run: layerValue[T]},
		{Claim: "LAY-002", Run: layerSumOfParts[T]},
		{Claim: "LAY-003", Run: layerStepValue[T]},
		{Claim: "LAY-004", Run: layerComposition[T]},
		{Claim: "LAY-005", Run: layerParallelValue[T]},
		{Claim: "LAY-006", Run: layerDecrease[T](exactStepForm)},
		{Claim: "LAY-007", Run: layerDecrease[T](takenStepForm)},
		{Claim: "LAY-008", Run: layerDecrease[T](conditionalForm)},
		{Claim: "LAY-009", Run: layerContracting[T](false, false)},
		{Claim: "LAY-010", Run: layerContracting[T](true, false)},
		{Claim: "LAY-011", Run: layerRidge[T]},
		{Claim: "LAY-012", Run: layerInteraction[T](true)},
		{Claim: "LAY-013", Run: layerInteraction[T](false)},
		{Claim: "LAY-014", Run: layerContracting[T](false, true)},
		{Claim: "LAY-015", Run: layerLargestToken[T](1)},
		{Claim: "LAY-016", Run: layerLargestToken[T](2)},
		{Claim: "LAY-017", Run: layerParallelDescent[T]},
		{Claim: "LAY-018", Run: layerParallelAnyStep[T]},
		{Claim: "LAY-019", Run: layerBothEnergies[T]},
		{Claim: "LAY-020", Run: layerPermutation[T]},
		{Claim: "LAY-021", Run: layerShortStep[T]},
		{Claim: "LAY-022", Run: layerAnySigns[T]},
		{Claim: "LAY-023", Run: layerAnyWeights[T]},
	}
}

// block is a drawn layer: tokens, weights of the interaction, and those of the
// feed-forward energy.
type block[T spec.Float] struct {
	scene[T]
	q    quadratics[T]
	relu bool
}

func newBlock[T spec.Float](t *Trial, y, a, w, b matrix, relu bool) block[T] {
	return block[T]{newScene[T](t, y, a), newQuadratics[T](y, w, b), relu}
}

// drawBlock draws a layer; with ReLU and nonnegative set, Y ≥ 0.
func drawBlock[T spec.Float](t *Trial, minTokens, maxTokens int, nonnegative bool) block[T] {
	n, d := t.Size("n", minTokens, maxTokens), t.Size("d", 1, mostChannels(maxTokens))
	y := t.Tokens("Y", n, d)
	relu := t.Bool("relu")
	if relu && nonnegative {
		y = absolute(y)
	}
	var a matrix
	if !t.Bool("no weights A") {
		a = t.Weights("A", d, t.Size("p", 1, 9))
	}
	t.Sometimes("no weights A", a.IsZero())
	return newBlock[T](t, y, a, t.Weights("W", d, d), t.Tokens("B", n, d), relu)
}

func (l block[T]) layerBounds() *reference.LayerBounds {
	return reference.NewLayerBounds(l.bounds, l.y, l.q.w, l.q.b)
}

func (l block[T]) layerEnergy(t *Trial, im *spec.Implementation[T]) float64 {
	return float64(im.Layer.Energy(input[T](t, "Y", l.y), input[T](t, "A", l.a), input[T](t, "W", l.q.w), input[T](t, "B", l.q.b)))
}

// layerStep runs the implementation's layer; the second result bounds its error.
func (l block[T]) layerStep(t *Trial, im *spec.Implementation[T], eta1, eta2 float64) (next, eps matrix) {
	out := output[T](t, "Y⁺", l.y.Rows, l.y.Cols)
	im.Layer.Step(out, input[T](t, "Y", l.y), input[T](t, "A", l.a), input[T](t, "W", l.q.w), input[T](t, "B", l.q.b), T(eta1), T(eta2), l.relu)
	return wide(out), l.layerBounds().Step(eta1, eta2)
}

func (l block[T]) parallelStep(t *Trial, im *spec.Implementation[T], eta float64) (next, eps matrix) {
	for _, q := range reference.ParallelCurvature(l.y, l.a, l.q.w) {
		if q == 0 { // A = 0 and K = 0: there is no step
			t.Undecidable()
		}
	}
	out := output[T](t, "Y⁺", l.y.Rows, l.y.Cols)
	im.Layer.ParallelStep(out, input[T](t, "Y", l.y), input[T](t, "A", l.a), input[T](t, "W", l.q.w), input[T](t, "B", l.q.b), T(eta), l.relu)
	return wide(out), l.layerBounds().ParallelStep(eta)
}

// interactionAt returns E₁ over all points within eps of x.
func interactionAt(x, a, eps matrix) ball {
	e := valueBound(x, a, rounding64)
	if !eps.IsZero() {
		e += reference.EnergyShift(eps, a)
	}
	return ball{reference.InteractionEnergy(x, a), e}
}

// interactionRise returns E₁(Y⁺A) − E₁(YA), layerRise h(Y⁺) − h(Y), for the Y⁺
// that the computed one stands for.
func (l block[T]) interactionRise(next, eps matrix) ball {
	return interactionAt(next, l.a, eps).minus(interactionAt(l.y, l.a, matrix{}))
}

func (l block[T]) layerRise(next, eps matrix) ball {
	return l.interactionRise(next, eps).plus(l.q.rise(next, eps))
}

func layerValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := drawBlock[T](t, 1, 17, false)
	want, bound := t.Oracle.Layer.Energy(l.y, l.a, l.q.w, l.q.b), l.layerBounds().Value()
	t.Near("h", l.layerEnergy(t, im), want, bound+unit64*math.Abs(want))
	t.Informative(math.Abs(want) > 8*bound)
}

func layerSumOfParts[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := drawBlock[T](t, 1, 17, false)
	e1, e2 := l.energy(t, im, l.y), l.q.energy(t, im)
	bound := 2 * l.layerBounds().Value()
	t.Near("h", l.layerEnergy(t, im), e1+e2, bound+unit64*math.Abs(e1+e2))
	t.Informative(math.Abs(e1) > 8*bound && math.Abs(e2) > 8*bound || l.y.Rows == 1)
}

func layerStepValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := drawBlock[T](t, 1, 17, false)
	eta1, eta2 := t.Number("eta1", 0x1p-5, 2), t.Number("eta2", 0x1p-5, 2)
	next, eps := l.layerStep(t, im, eta1, eta2)
	want := spec.NewMatrix[float64](l.y.Rows, l.y.Cols)
	t.Oracle.Layer.Step(want, l.y, l.a, l.q.w, l.q.b, eta1, eta2, l.relu)
	near(t, "Y⁺", next, want, eps)
	t.Informative(exceeds(want, eps, 8))
}

func layerComposition[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := drawBlock[T](t, 1, 17, false)
	eta1, eta2 := t.Number("eta1", 0x1p-5, 2), t.Number("eta2", 0x1p-5, 2)
	next, eps := l.layerStep(t, im, eta1, eta2)
	u, _, _ := l.step(t, im, eta1)
	composed, _ := newQuadratics[T](u, l.q.w, l.q.b).step(t, im, eta2)
	if l.relu {
		for k, x := range composed.Data {
			composed.Data[k] = max(0, x)
		}
	}
	near(t, "Y⁺", next, composed, scaled(eps, 2))
	t.Informative(exceeds(next, eps, 8))
	t.Sometimes("ReLU", l.relu)
}

func layerParallelValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := drawBlock[T](t, 1, 17, false)
	eta := positiveStep(t, 4)
	next, eps := l.parallelStep(t, im, eta)
	want := spec.NewMatrix[float64](l.y.Rows, l.y.Cols)
	t.Oracle.Layer.ParallelStep(want, l.y, l.a, l.q.w, l.q.b, eta, l.relu)
	near(t, "Y⁺", next, want, eps)
	t.Informative(exceeds(want, eps, 8))
}

// curvature returns Λ = max(0, 2(max D − 1)‖A‖²_F + max row sum of |K|), from
// above: D with its bound in the judge's arithmetic, and the roundings of the
// sums, which have positive terms.
func (l block[T]) curvature() float64 {
	norm := 1.0
	if !l.a.IsZero() {
		norm, _ = reference.Inner(l.a, l.a)
	}
	var top float64
	d := reference.Degrees(reference.Kernel(l.y, l.a))
	for i, e := range l.bounds64().Degrees() {
		top = max(top, d[i]-1+e)
	}
	return atLeast((2*top*norm + reference.CurvatureBound(l.q.k)) * (1 + gamma(len(l.a.Data)+8)))
}

// slopes returns g = LYS + YK − B and e = s/η₂ − sK − LYS with s = Y − U.
func (l block[T]) slopes(eta1, eta2 float64) (g, e balls) {
	b64, n, d := l.bounds64(), l.y.Rows, l.y.Cols
	attend, u := spec.NewMatrix[float64](n, d), spec.NewMatrix[float64](n, d)
	reference.InteractionGradient(attend, l.y, l.a)
	reference.InteractionStep(u, l.y, l.a, eta1)
	lys, y := enclose(attend, b64.Gradient()), enclose(l.y, matrix{})
	s := y.minus(enclose(u, b64.Step(eta1)))
	return lys.plus(l.q.slope(y)), s.scaled(exactly(1).over(exactly(eta2))).minus(s.through(l.q.k)).minus(lys)
}

// exactStep returns Δ = σ(Y − η₂g) − Y.
func (l block[T]) exactStep(g balls, eta2 float64) balls {
	y := enclose(l.y, matrix{})
	moved := y.minus(g.scaled(exactly(eta2)))
	if l.relu {
		moved = moved.positive()
	}
	return moved.minus(y)
}

// The forms in which the decrease of the layer is bounded.
const (
	exactStepForm   = "by the exact step"
	takenStepForm   = "by the step taken"
	conditionalForm = "on a condition"
)

func layerDecrease[T spec.Float](form string) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		l := drawBlock[T](t, 1, 9, true)
		curvature, most := l.curvature(), 1.0
		if form == takenStepForm {
			most = 4
		}
		eta1 := t.Number("eta1", 0x1p-5, 1)
		eta2 := below(t.Number("theta", most/64, most) / curvature)
		next, eps := l.layerStep(t, im, eta1, eta2)
		g, e := l.slopes(eta1, eta2)
		exact := l.exactStep(g, eta2).squared()
		rise := l.layerRise(next, eps)
		told := math.Abs(rise.v) > 8*rise.e
		switch form {
		case exactStepForm:
			gain := exact.over(exactly(eta2)).half().minus(e.squared().times(exactly(eta2)).half())
			t.least("h after the layer above h − ‖Δ‖²/(2η₂) + (η₂/2)‖e‖²", rise.plus(gain))
		case takenStepForm:
			delta := enclose(next, eps).minus(enclose(l.y, matrix{}))
			factor := exactly(1).over(exactly(eta2)).minus(exactly(curvature).half())
			t.least("h after the layer above h − (1/η₂ − Λ/2)‖δ‖² − ⟨e, δ⟩", rise.plus(factor.times(delta.squared())).plus(e.with(delta)))
		default:
			holds := e.squared().times(exactly(eta2)).times(exactly(eta2)).high() <= exact.low()
			if holds {
				t.least("h after the layer above h before", rise)
			}
			t.Sometimes("the condition fails", !holds)
			told = holds && rise.high() < 0
		}
		t.Informative(told)
		t.Sometimes("ReLU", l.relu)
		t.Sometimes("no ReLU", !l.relu)
	}
}

func layerParallelDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := drawBlock[T](t, 1, 9, true)
	eta := positiveStep(t, 2)
	next, eps := l.parallelStep(t, im, eta)
	var gain ball
	delta := enclose(next, eps).minus(enclose(l.y, matrix{}))
	degrees := l.bounds64().Degrees()
	for i, q := range reference.ParallelCurvature(l.y, l.a, l.q.w) {
		// D ≥ 1, so the relative error of qᵢ is at most that of Dᵢ and of the sums.
		share := ball{q, q * (degrees[i] + gamma(len(l.a.Data)+2*l.y.Cols+8))}
		gain = gain.plus(delta[i : i+1].squared().times(share))
	}
	factor := exactly(1).over(exactly(eta)).minus(exactly(0.5)).positive()
	rise := l.layerRise(next, eps)
	t.least("h after the step above h − (1/η − ½)Σ qᵢ‖δᵢ‖²", rise.plus(factor.times(gain)))
	t.Informative(rise.high() < 0)
	t.Sometimes("η at the end 2", eta == 2)
}

func layerParallelAnyStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 3), t.Size("d", 1, 3)
	a := t.Matrix("A", d, t.Size("p", 1, 3), gen.Numbers, -4, 0)
	w := t.Matrix("W", d, d, gen.Numbers, -3, 0)
	relu := t.Bool("relu")
	y := t.Tokens("Y", n, d)
	if relu {
		y = absolute(y)
	}
	l := newBlock[T](t, y, a, w, t.Tokens("B", n, d), relu)
	next, eps := l.parallelStep(t, im, positiveStep(t, 4))
	t.least("h after the step above h before", l.layerRise(next, eps))
}

func layerPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := drawBlock[T](t, 2, 17, false)
	order := permutation(t, "token", l.y.Rows)
	p := newBlock[T](t, permuteRows(l.y, order), l.a, l.q.w, permuteRows(l.q.b, order), l.relu)
	eta := positiveStep(t, 2)
	t.Near("h of permuted tokens", p.layerEnergy(t, im), l.layerEnergy(t, im), l.layerBounds().Value()+p.layerBounds().Value())
	next, eps := l.layerStep(t, im, eta, eta)
	permuted, eps2 := p.layerStep(t, im, eta, eta)
	both := reference.Sub(permuteRows(eps, order), scaled(eps2, -1))
	near(t, "layer of permuted tokens", permuted, permuteRows(next, order), both)
	side, sideEps := l.parallelStep(t, im, eta)
	other, _ := p.parallelStep(t, im, eta)
	near(t, "parallel step of permuted tokens", other, permuteRows(side, order), scaled(permuteRows(sideEps, order), 2.02))
	t.Informative(exceeds(next, eps, 8))
}
