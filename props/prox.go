package props

import (
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func proxProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "PRX-001", Run: activationValue[T]},
		{Claim: "PRX-002", Run: penaltyValue[T]},
		{Claim: "PRX-003", Run: activationFirmlyNonexpansive[T]},
		{Claim: "PRX-004", Run: activationMinimises[T]},
		{Claim: "PRX-005", Run: activationNondecreasing[T](spec.ActGELU)},
		{Claim: "PRX-006", Run: activationNondecreasing[T](spec.ActSiLU)},
		{Claim: "PRX-007", Run: activationNondecreasing[T](spec.ActMish)},
		{Claim: "PRX-008", Run: activationNondecreasing[T](spec.ActHardSwish)},
		{Claim: "PRX-009", Run: activationNonexpansive[T](spec.ActSELU)},
		{Claim: "PRX-010", Run: activationNonexpansive[T](spec.ActELU2)},
		{Claim: "PRX-011", Run: activationNonexpansive[T](spec.ActSquaredReLU)},
		{Claim: "PRX-012", Run: activationReflections[T]},
		{Claim: "PRX-013", Run: activationLimits[T]},
		{Claim: "PRX-014", Run: activationWithinRange[T]},
		{Claim: "PRX-015", Run: proxStep[T]},
		{Claim: "PRX-016", Run: proxDescent[T]},
		{Claim: "PRX-017", Run: proxAnyStep[T]},
		{Claim: "PRX-018", Run: proxUnscaled[T]},
		{Claim: "PRX-019", Run: proxLayerDescent[T]},
	}
}

// drawActivation draws one of the given activations.
func drawActivation(t *Trial, from ...[]spec.Activation) spec.Activation {
	var words []string
	for _, list := range from {
		for _, a := range list {
			words = append(words, string(a))
		}
	}
	return spec.Activation(t.Word("act", words...))
}

// activate runs the implementation on the numbers xs.
func activate[T spec.Float](im *spec.Implementation[T], act spec.Activation, xs ...float64) []float64 {
	src, dst := make([]T, len(xs)), make([]T, len(xs))
	for k, x := range xs {
		src[k], dst[k] = T(x), T(math.NaN())
	}
	im.Prox.Apply(dst, src, act)
	out := make([]float64, len(xs))
	for k, x := range dst {
		out[k] = float64(x)
	}
	return out
}

// activated returns act(x) of the implementation as a ball around what it
// computed that holds the exact value.
func activated[T spec.Float](im *spec.Implementation[T], act spec.Activation, x float64) ball {
	return ball{activate(im, act, x)[0], reference.ActivationBound(x, act, reference.RoundingOf[T]())}
}

// drawArguments draws numbers of all sizes, most of them between 2⁻⁴ and 2⁵,
// one of them in the left tail and one in the middle.
func drawArguments(t *Trial) []float64 {
	n := t.Size("n", 1, 17)
	kinds := []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.Heavy}
	xs := t.Matrix("x", 1, n, kinds, -3, 5).Row(0)
	return append(slices.Clone(xs), t.Number("tail", -8, 0), t.Number("middle", -2, 2))
}

func activationValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	act := drawActivation(t, spec.ProxActivations, spec.OtherActivations)
	xs := drawArguments(t)
	got, want := activate(im, act, xs...), make([]float64, len(xs))
	t.Oracle.Prox.Apply(want, xs, act)
	for k, x := range xs {
		bound := reference.ActivationBound(x, act, reference.RoundingOf[T]())
		t.Near(string(act), got[k], want[k], bound+unit64*math.Abs(want[k]))
	}
	t.Classify(string(act), true)
}

func penaltyValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	act := drawActivation(t, spec.ProxActivations)
	p := t.Number("p", -2, 8)
	if t.Bool("unit") {
		p = t.Number("q", 0, 1) * math.Copysign(1, p)
	}
	got, want := float64(im.Prox.Penalty(T(p), act)), t.Oracle.Prox.Penalty(p, act)
	t.Sometimes("outside the domain", math.IsInf(want, 1))
	if math.IsInf(want, 1) {
		t.Check(math.IsInf(got, 1), "φ(%v) of %s is %v outside its domain", p, act, got)
		return
	}
	t.Near(string(act), got, want, reference.PenaltyBound(p, act, reference.RoundingOf[T]())+unit64*math.Abs(want))
}

// drawPair draws x and a y near it or far from it.
func drawPair(t *Trial) (x, y float64) {
	x = t.Number("x", -8, 8)
	if y = t.Number("y", -8, 8); y == x {
		y = -x / 2 // two equal numbers tell nothing
	}
	if t.Bool("near") {
		y = float64(float32(x + (y-x)*t.Power("reach", -12, -1)))
	}
	return x, y
}

func activationFirmlyNonexpansive[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	act := drawActivation(t, spec.ProxActivations)
	x, y := drawPair(t)
	rise := activated(im, act, x).minus(activated(im, act, y))
	gap := rise.times(rise).minus(rise.times(exactly(x).minus(exactly(y))))
	t.least("(s−t)² above (s−t)(x−y)", gap)
	t.Informative(math.Abs(rise.v) > 8*rise.e)
}

func activationMinimises[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	act := drawActivation(t, spec.ProxActivations)
	x := t.Number("x", -30, 30)
	if t.Bool("small") {
		x /= 16
	}
	r := reference.RoundingOf[T]()
	p := activated(im, act, x)
	lo, hi := reference.PenaltyDomain(act)
	q := float64(float32(min(max(p.v+(t.Number("q", -4, 4))*t.Power("reach", -10, 0), lo), hi)))
	value := func(p float64) ball { // of φ(p) + (p−x)²/2, φ from the implementation
		d := exactly(p).minus(exactly(x))
		phi := ball{float64(im.Prox.Penalty(T(p), act)), reference.PenaltyBound(p, act, r)}
		return phi.plus(d.times(d).half())
	}
	other := value(q)
	if math.IsInf(other.v, 1) {
		t.Undecidable()
	}
	// The exact minimiser lies within p.e of p; the objective is convex, so
	// between here and there it is nowhere above its value at p by more than the
	// ends of [p−2e, p+2e] are.
	cost := math.Inf(1)
	if here := value(p.v); !math.IsInf(here.v, 1) {
		cost = penaltyShift(act, p.v, 2*p.e) + 2*p.e*(math.Abs(p.v-x)+2*p.e) + here.e
	}
	if math.IsInf(cost, 1) {
		t.Undecidable()
	}
	t.Within("φ(p)+(p−x)²/2 above φ(q)+(q−x)²/2", value(p.v).v-other.v, cost+other.e)
	t.Informative(other.v-value(p.v).v > cost+other.e)
}

// penaltyShift bounds |φ(p′) − φ(p)| for |p′−p| ≤ e, by the ends of that
// interval: φ is convex, and monotone near the ends of its domain.
func penaltyShift(act spec.Activation, p, e float64) float64 {
	lo, hi := reference.PenaltyDomain(act)
	here := reference.Penalty(p, act)
	var shift float64
	for _, end := range []float64{max(p-e, lo), min(p+e, hi)} {
		shift = max(shift, math.Abs(reference.Penalty(end, act)-here)+reference.PenaltyBound(end, act, rounding64))
	}
	return shift + reference.PenaltyBound(p, act, rounding64)
}

// activationNondecreasing checks that act does not fall from the smaller of two
// numbers to the larger.
func activationNondecreasing[T spec.Float](act spec.Activation) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		x, y := t.Number("x", -8, 8), t.Number("y", -8, 8)
		x, y = min(x, y), max(x, y)
		t.least(string(act)+" falls", activated(im, act, x).minus(activated(im, act, y)))
	}
}

// activationNonexpansive checks that act has slope at most 1 between two
// numbers.
func activationNonexpansive[T spec.Float](act spec.Activation) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		x, y := t.Number("x", -2, 2), t.Number("y", -2, 2)
		x, y = min(x, y), max(x, y)
		rise := activated(im, act, y).minus(activated(im, act, x))
		t.least(string(act)+" rises faster than its argument", rise.minus(exactly(y).minus(exactly(x))))
	}
}

// reflections says what act(x) + s·act(−x) is: c + m·x.
var reflections = map[spec.Activation]struct{ s, c, m float64 }{
	spec.ActReLU: {-1, 0, 1}, spec.ActGELU: {-1, 0, 1}, spec.ActGELUTanh: {-1, 0, 1}, spec.ActSiLU: {-1, 0, 1}, spec.ActSoftplus: {-1, 0, 1},
	spec.ActSigmoid: {1, 1, 0}, spec.ActHardSigmoid: {1, 1, 0},
	spec.ActTanh: {1, 0, 0}, spec.ActSoftsign: {1, 0, 0}, spec.ActArctan: {1, 0, 0},
	spec.ActHardTanh: {1, 0, 0}, spec.ActSoftThreshold: {1, 0, 0},
}

func activationReflections[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	var acts []spec.Activation
	for _, a := range append(append([]spec.Activation{}, spec.ProxActivations...), spec.OtherActivations...) {
		if _, ok := reflections[a]; ok {
			acts = append(acts, a)
		}
	}
	act := drawActivation(t, acts)
	r := reflections[act]
	for _, x := range drawArguments(t) {
		sum := activated(im, act, x).plus(activated(im, act, -x).times(exactly(r.s)))
		t.zero("reflection of "+string(act), sum.minus(exactly(r.c).plus(exactly(r.m).times(exactly(x)))))
	}
}

func activationLimits[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	act := drawActivation(t, spec.ProxActivations, spec.OtherActivations)
	xs := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1)}
	got, want := activate(im, act, xs...), make([]float64, len(xs))
	t.Oracle.Prox.Apply(want, xs, act)
	for k := range xs {
		bound := 0.0
		if math.Abs(want[k]) < math.Inf(1) { // not for ±Inf and NaN
			bound = 2*spec.Unit[T]()*math.Abs(want[k]) + reference.ActivationBound(0, act, reference.RoundingOf[T]())
		}
		t.Near(string(act), got[k], want[k], bound)
	}
}

func activationWithinRange[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	act := drawActivation(t, spec.ProxActivations)
	lo, hi := reference.PenaltyDomain(act)
	xs := drawArguments(t)
	for k, p := range activate(im, act, xs...) {
		t.Check(p >= lo && p <= hi, "%s(%v) = %v lies outside [%v, %v]", act, xs[k], p, lo, hi)
	}
}

// objective is E₂ + weight·φ, φ the penalty of act summed over the elements.
type objective[T spec.Float] struct {
	quadratics[T]
	act    spec.Activation
	weight float64
}

// rise returns F(Y⁺) − F(Y) for the Y⁺ that the computed one stands for.
func (o objective[T]) rise(next, eps matrix) ball {
	out := o.quadratics.rise(next, eps)
	for i := range next.Rows {
		for k := range next.Cols {
			out = out.plus(o.penalty(next.At(i, k), eps.At(i, k)).minus(o.penalty(o.y.At(i, k), 0)).times(exactly(o.weight)))
		}
	}
	return out
}

// penalty returns φ over all points of the domain within e of p.
func (o objective[T]) penalty(p, e float64) ball {
	return ball{reference.Penalty(p, o.act), penaltyShift(o.act, p, e)}
}

// decrease returns (1/η − L/2)‖Y⁺−Y‖², what F must fall by.
func (o objective[T]) decrease(next, eps matrix, eta float64) ball {
	l := o.curvature()
	delta := enclose(next, eps).minus(enclose(o.y, matrix{}))
	return exactly(1).over(exactly(eta)).minus(exactly(l).half()).positive().times(delta.squared())
}

// descendingEta returns θ·2/L for a drawn θ, or what is just below it.
func (o objective[T]) descendingEta(t *Trial) float64 {
	theta := t.Number("theta", 0x1p-6, 1)
	t.Sometimes("η at the end 2/L", theta == 1)
	return below(theta * 2 / o.curvature())
}

// drawObjective draws an objective with the absolute value or the indicator of
// Y ≥ 0 for penalty, and the λ that Prox.Step takes.
func drawObjective[T spec.Float](t *Trial, maxTokens, maxChannels int) (o objective[T], lambda float64) {
	q := drawQuadratics[T](t, maxTokens, maxChannels)
	if t.Bool("relu") {
		return objective[T]{newQuadratics[T](absolute(q.y), q.w, q.b), spec.ActReLU, 1}, -1
	}
	lambda = t.Number("lambda", 0, 2)
	return objective[T]{q, spec.ActSoftThreshold, lambda}, lambda
}

func (o objective[T]) proxStep(t *Trial, im *spec.Implementation[T], lambda, eta float64) (next, eps matrix) {
	out := output[T](t, "Y⁺", o.y.Rows, o.y.Cols)
	im.Prox.Step(out, input[T](t, "Y", o.y), input[T](t, "W", o.w), input[T](t, "B", o.b), T(lambda), T(eta))
	next = wide(out)
	if lambda < 0 {
		for _, x := range next.Data {
			t.Check(x >= 0, "Y⁺ has the element %v below zero", x)
		}
	}
	return next, reference.ProxStepBound(o.y, o.w, o.b, lambda, eta, reference.RoundingOf[T]())
}

func proxStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	o, lambda := drawObjective[T](t, 17, 17)
	eta := positiveStep(t, 4)
	next, eps := o.proxStep(t, im, lambda, eta)
	want := spec.NewMatrix[float64](o.y.Rows, o.y.Cols)
	t.Oracle.Prox.Step(want, o.y, o.w, o.b, lambda, eta)
	near(t, "Y⁺", next, want, eps)
	t.Informative(exceeds(want, eps, 8))
}

func proxDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	o, lambda := drawObjective[T](t, 9, 9)
	eta := o.descendingEta(t)
	next, eps := o.proxStep(t, im, lambda, eta)
	rise := o.rise(next, eps)
	t.least("F after the step above F before less (1/η − L/2)‖δ‖²", rise.plus(o.decrease(next, eps, eta)))
	t.Informative(rise.high() < 0)
}

func proxAnyStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	o, lambda := drawObjective[T](t, 4, 4)
	next, eps := o.proxStep(t, im, lambda, positiveStep(t, 4))
	t.least("F after the step above F before", o.rise(next, eps))
}

// layer runs act(Y − η∇E₂(Y)); the error of the gradient step passes the
// activation unamplified.
func (o objective[T]) layer(t *Trial, im *spec.Implementation[T], eta float64) (next, eps matrix) {
	moved, eps := o.step(t, im, eta)
	next = spec.NewMatrix[float64](o.y.Rows, o.y.Cols)
	for k, x := range moved.Data {
		p := activated(im, o.act, x)
		next.Data[k] = p.v
		eps.Data[k] += p.e
	}
	return next, eps
}

// powerStep draws a step size that is a power of two, so that 1/η is exact, at
// most most/L.
func (o objective[T]) powerStep(t *Trial, most float64) float64 {
	top := math.Floor(math.Log2(most / o.curvature()))
	return math.Ldexp(1, int(top)-t.Int("halvings", 0, 5))
}

func proxUnscaled[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	o := objective[T]{drawQuadratics[T](t, 3, 3), spec.ActSoftThreshold, 1}
	eta := o.powerStep(t, 1)
	next, eps := o.layer(t, im, eta)
	partner := objective[T]{o.quadratics, o.act, 1 / eta}.rise(next, eps)
	t.Require(partner.v <= partner.e, "E₂ + φ/η rises by %v", partner.v)
	t.least("E₂ + φ after the layer above E₂ + φ before", o.rise(next, eps))
}

func proxLayerDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	act := drawActivation(t, spec.ProxActivations)
	q := drawQuadratics[T](t, 5, 5)
	y := spec.Convert[float64](q.y)
	for k, x := range y.Data { // into the domain of φ
		y.Data[k] = float64(float32(reference.Activate(x, act)))
	}
	o := objective[T]{newQuadratics[T](y, q.w, q.b), act, 0}
	eta := o.powerStep(t, 2)
	o.weight = 1 / eta
	next, eps := o.layer(t, im, eta)
	rise := o.rise(next, eps)
	t.least("E₂ + φ/η after the layer above before less (1/η − L/2)‖δ‖²", rise.plus(o.decrease(next, eps, eta)))
	t.Informative(rise.high() < 0)
}
