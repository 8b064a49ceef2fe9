package props

import (
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func interactionProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "INT-001", Run: interactionValue[T]},
		{Claim: "INT-002", Run: interactionGradient[T]},
		{Claim: "INT-003", Run: interactionHessianVector[T]},
		{Claim: "INT-004", Run: interactionHessianBounds[T]},
		{Claim: "INT-005", Run: interactionHessianAttained[T]},
		{Claim: "INT-006", Run: interactionQuadraticAbove[T]},
		{Claim: "INT-007", Run: interactionConsensus[T]},
		{Claim: "INT-008", Run: interactionGradientNonzero[T]},
		{Claim: "INT-009", Run: interactionGradientNonzeroFar[T]},
		{Claim: "INT-010", Run: interactionMajorizer[T]},
		{Claim: "INT-011", Run: interactionMajorizerGap[T]},
		{Claim: "INT-012", Run: interactionConjugate[T]},
		{Claim: "INT-013", Run: interactionWeights[T]},
		{Claim: "INT-014", Run: interactionOrdinarySoftmax[T](true)},
		{Claim: "INT-015", Run: interactionOrdinarySoftmax[T](false)},
		{Claim: "INT-016", Run: interactionMasterIdentity[T]},
		{Claim: "INT-017", Run: interactionDescent[T](0, 2)},
		{Claim: "INT-018", Run: interactionDescent[T](2, 4)},
		{Claim: "INT-019", Run: interactionDecreaseIdentity[T]},
		{Claim: "INT-020", Run: interactionDifferenceForm[T]},
		{Claim: "INT-021", Run: interactionDiameter[T](1)},
		{Claim: "INT-022", Run: interactionDiameter[T](4)},
		{Claim: "INT-023", Run: interactionPreconditioned[T]},
		{Claim: "INT-024", Run: interactionPlainGradientStep[T]},
		{Claim: "INT-025", Run: interactionTranslation[T]},
		{Claim: "INT-026", Run: interactionPermutation[T]},
		{Claim: "INT-027", Run: interactionSignedPermutation[T]},
		{Claim: "INT-028", Run: interactionDuplicates[T]},
		{Claim: "INT-029", Run: interactionWeightedMean[T](true)},
		{Claim: "INT-030", Run: interactionWeightedMean[T](false)},
		{Claim: "INT-031", Run: interactionTwoTokens[T]},
		{Claim: "INT-032", Run: interactionCluster[T], Cases: 0.2},
		{Claim: "INT-033", Run: interactionOutOfSight[T], Cases: 0.25},
	}
}

// scene is a drawn set of tokens with weights, and the bounds that hold there.
type scene[T spec.Float] struct {
	y, a   matrix
	bounds *reference.InteractionBounds
}

// drawScene draws 1 to maxTokens tokens and, half of the time, weights.
func drawScene[T spec.Float](t *Trial, minTokens, maxTokens int) scene[T] {
	n := t.Size("n", minTokens, maxTokens)
	d := t.Size("d", 1, mostChannels(maxTokens))
	y := t.Tokens("Y", n, d)
	var a matrix
	if t.Bool("weighted") {
		a = t.Weights("A", d, t.Size("p", 1, mostChannels(maxTokens)))
	}
	t.Sometimes("weights A", !a.IsZero())
	t.Sometimes("no weights", a.IsZero())
	return newScene[T](t, y, a)
}

// mostChannels is how many channels up to so many tokens have at most: where tokens
// are more than a few, channels are more than a vector holds.
func mostChannels(tokens int) int {
	if tokens > 9 {
		return 33
	}
	return 9
}

// drawPlainScene draws tokens without weights.
func drawPlainScene[T spec.Float](t *Trial, minTokens, maxTokens int) scene[T] {
	n := t.Size("n", minTokens, maxTokens)
	return newScene[T](t, t.Tokens("Y", n, t.Size("d", 1, 9)), matrix{})
}

func newScene[T spec.Float](t *Trial, y, a matrix) scene[T] {
	s := scene[T]{y, a, reference.NewInteractionBounds(y, a, reference.RoundingOf[T]())}
	if !s.bounds.Decidable() {
		t.Undecidable()
	}
	return s
}

// step runs the implementation's step and returns the result, the exact step
// from the oracle, and the bound on each element of their difference.
func (s scene[T]) step(t *Trial, im *spec.Implementation[T], eta float64) (next, want, bound matrix) {
	out := output[T](t, "Y⁺", s.y.Rows, s.y.Cols)
	im.Interaction.Step(out, input[T](t, "Y", s.y), input[T](t, "A", s.a), T(eta))
	want = spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	t.Oracle.Interaction.Step(want, s.y, s.a, eta)
	return wide(out), want, s.bounds.Step(eta)
}

func (s scene[T]) gradient(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "∇E", s.y.Rows, s.y.Cols)
	im.Interaction.Gradient(out, input[T](t, "Y", s.y), input[T](t, "A", s.a))
	return wide(out)
}

func (s scene[T]) energy(t *Trial, im *spec.Implementation[T], y matrix) float64 {
	return float64(im.Interaction.Energy(input[T](t, "Y", y), input[T](t, "A", s.a)))
}

// valueBound bounds the error of E₁ in the arithmetic of rounding r.
func valueBound(y, a matrix, r reference.Rounding) float64 {
	return reference.NewInteractionBounds(y, a, r).Value()
}

var rounding64 = reference.RoundingOf[float64]()

// slack bounds how much rounding can raise E₁ from y to next when it is
// evaluated by the reference and each element of next is off by at most eps.
func slack(y, next, a, eps matrix) float64 {
	return valueBound(y, a, rounding64) + valueBound(next, a, rounding64) + reference.EnergyShift(eps, a)
}
