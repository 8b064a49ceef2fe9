package props

import (
	"math"

	"example.com/attest/props/gen"
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
	}
}

type matrix = spec.Matrix[float64]

// unit64 is the unit roundoff of the arithmetic in which properties judge.
const unit64 = 0x1p-53

// scene is a drawn set of tokens with weights, and the bounds that hold there.
type scene[T spec.Float] struct {
	y, a   matrix
	bounds *reference.InteractionBounds
}

// drawScene draws 1 to maxTokens tokens and, half of the time, weights.
func drawScene[T spec.Float](t *Trial, minTokens, maxTokens int) scene[T] {
	n := t.Size("n", minTokens, maxTokens)
	d := t.Size("d", 1, 9)
	y := t.Tokens("Y", n, d)
	var a matrix
	if t.Bool("weighted") {
		a = t.Weights("A", d, t.Size("p", 1, 9))
	}
	t.Sometimes("weights A", !a.IsZero())
	t.Sometimes("no weights", a.IsZero())
	return newScene[T](t, y, a)
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

// near requires every element of got to lie within its bound of want.
func near(t *Trial, what string, got, want, bound matrix) {
	for i := range want.Rows {
		for j := range want.Cols {
			t.Near(at(what, i, j), got.At(i, j), want.At(i, j), bound.At(i, j)+unit64*math.Abs(want.At(i, j)))
		}
	}
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

// gamma returns k·u64, the relative error of k operations of the judge.
func gamma(k int) float64 { return 1.01 * float64(k) * unit64 }

func interactionValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 0, 33)
	want := t.Oracle.Interaction.Energy(s.y, s.a)
	bound := s.bounds.Value()
	t.Near("E₁", s.energy(t, im, s.y), want, bound+unit64*math.Abs(want))
	t.Informative(math.Abs(want) > 8*bound || s.y.Rows < 2)
	t.Sometimes("n < 2", s.y.Rows < 2)
}

func interactionGradient[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 17)
	want := spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	t.Oracle.Interaction.Gradient(want, s.y, s.a)
	bound := s.bounds.Gradient()
	near(t, "∇E", s.gradient(t, im), want, bound)
	t.Informative(exceeds(want, bound, 8))
}

// exceeds reports whether some element of x is more than k times its bound.
func exceeds(x, bound matrix, k float64) bool {
	for i := range x.Rows {
		for j := range x.Cols {
			if math.Abs(x.At(i, j)) > k*bound.At(i, j) {
				return true
			}
		}
	}
	return false
}

func interactionHessianVector[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 9)
	v := t.Matrix("V", s.y.Rows, s.y.Cols, gen.Numbers, -2, 1)
	got, bound := s.hessianVector(t, im, v)
	want := spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	t.Oracle.Interaction.HessianVector(want, s.y, s.a, v)
	near(t, "∇²E[V]", got, want, bound)
	t.Informative(exceeds(want, bound, 8))
}

func (s scene[T]) hessianVector(t *Trial, im *spec.Implementation[T], v matrix) (got, bound matrix) {
	out := output[T](t, "∇²E[V]", s.y.Rows, s.y.Cols)
	im.Interaction.HessianVector(out, input[T](t, "Y", s.y), input[T](t, "A", s.a), input[T](t, "V", v))
	return wide(out), s.bounds.HessianVector(v)
}

// curvature returns ⟨V, ∇²E[V]⟩ from the implementation, what its rounding
// amounts to, and ‖V‖².
func (s scene[T]) curvature(t *Trial, im *spec.Implementation[T], v matrix) (c, bound, v2 float64) {
	h, hb := s.hessianVector(t, im, v)
	c, size := reference.Inner(v, h)
	_, weighted := reference.Inner(v, hb)
	v2, _ = reference.Inner(v, v)
	return c, weighted + gamma(v.Rows*v.Cols+2)*size, v2
}

var leastCurvature = -2 * math.Exp(-1.5)

func interactionHessianBounds[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 9)
	v := t.Matrix("V", s.y.Rows, s.y.Cols, gen.Tokens, -2, 1)
	c, bound, v2 := s.curvature(t, im, v)
	norm := 1.0 // of S, from above
	if !s.a.IsZero() {
		norm, _ = reference.Inner(s.a, s.a)
	}
	limit := float64(s.y.Rows) * norm * v2
	t.Within("curvature above n‖S‖‖V‖²", c-limit, bound)
	t.Within("curvature below −2e^{−3/2}n‖S‖‖V‖²", leastCurvature*limit-c, bound)
	t.Informative(math.Abs(c) > limit/16 && limit > 8*bound)
}

func interactionHessianAttained[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 17)
	left := t.Int("left", 1, n-1)
	apart := t.Bool("apart")
	y, v := spec.NewMatrix[float64](n, 1), spec.NewMatrix[float64](n, 1)
	for i := range n {
		if apart && i >= left {
			y.Set(i, 0, float64(float32(math.Sqrt(3))))
		}
		v.Set(i, 0, 1/float64(left))
		if i >= left {
			v.Set(i, 0, -1/float64(n-left))
		}
	}
	s := newScene[T](t, y, matrix{})
	c, bound, v2 := s.curvature(t, im, roundTo32(v))
	if !apart {
		// At consensus ⟨V, LV⟩ = n‖V‖² − (ΣV)², and V sums to zero up to its rounding.
		t.Near("curvature at consensus", c, float64(n)*v2, bound+float64(n*n)*0x1p-46*v2)
		return
	}
	// Along the line through the clusters the curvature of a pair is (1−r²)e^{−r²/2},
	// stationary at r = √3: rounding √3 to float32 moves it by O(u32²).
	var want, sum float64
	for i := range n {
		for j := range i {
			dv := float64(float32(v.At(i, 0))) - float64(float32(v.At(j, 0)))
			if (i < left) != (j < left) {
				want += leastCurvature * dv * dv
			} else {
				want += dv * dv
			}
			sum += dv * dv
		}
	}
	t.Near("curvature of two clusters", c, want, bound+0x1p-44*sum)
	t.Sometimes("two clusters", true)
}

func roundTo32(m matrix) matrix { return wide(spec.Convert[float32](m)) }

// drawSecond draws Y′ near or far from y.
func drawSecond(t *Trial, y matrix) matrix {
	delta := t.Tokens("delta", y.Rows, y.Cols)
	far := t.Number("reach", 0, 2)
	next := spec.NewMatrix[float64](y.Rows, y.Cols)
	for k := range next.Data {
		next.Data[k] = float64(float32(y.Data[k] + far*delta.Data[k]))
	}
	return next
}

func interactionQuadraticAbove[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 9)
	next := drawSecond(t, s.y)
	other := newScene[T](t, next, s.a)
	delta := reference.Sub(next, s.y)
	linear, linearSize := reference.Inner(s.gradient(t, im), delta)
	_, linearBound := reference.Inner(s.bounds.Gradient(), delta)
	quad, quadSize := s.quadratic(delta)
	bound := s.bounds.Value() + other.bounds.Value() + linearBound + gamma(200)*(linearSize+quadSize)
	before, after := s.energy(t, im, s.y), s.energy(t, im, next)
	t.Within("E₁(Y′) above its quadratic majorizer", after-(before+linear+quad), bound)
	t.Informative(quad > 8*bound)
}

// quadratic returns ½⟨δA, LδA⟩ and the size of its terms.
func (s scene[T]) quadratic(delta matrix) (value, size float64) {
	da := reference.Times(delta, s.a)
	g := reference.Kernel(s.y, s.a)
	value, size = reference.Inner(da, reference.Laplacian(g, da))
	_, weights := reference.Inner(reference.Times(absolute(delta), absolute(s.a)), reference.Times(absolute(delta), absolute(s.a)))
	return value / 2, size + float64(s.y.Rows)*weights
}

func absolute(m matrix) matrix {
	out := spec.Convert[float64](m)
	for k, x := range out.Data {
		out.Data[k] = math.Abs(x)
	}
	return out
}

func interactionConsensus[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 33), t.Size("d", 1, 9)
	row := t.Tokens("token", 1, d)
	y := spec.NewMatrix[float64](n, d)
	for i := range n {
		copy(y.Row(i), row.Row(0))
	}
	var a matrix
	if t.Bool("weighted") {
		a = t.Weights("A", d, t.Size("p", 1, 9))
	}
	s := newScene[T](t, y, a)
	t.Bits("E₁ at consensus", s.energy(t, im, y), float64(-n*(n-1)/2)+0)
	for i := range n {
		for _, g := range s.gradient(t, im).Row(i) {
			t.Check(g == 0, "the gradient at consensus is %v in row %d", g, i)
		}
	}
	next, _, _ := s.step(t, im, t.Number("eta", 0, 2))
	for i := range n {
		for k := range d {
			t.Check(next.At(i, k) == y.At(i, k), "the step moves token %d at consensus: got %v want %v", i, next.At(i, k), y.At(i, k))
		}
	}
	t.Sometimes("n > 16", n > 16)
}

func interactionGradientNonzero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPlainScene[T](t, 2, 9)
	var want float64
	for i := range s.y.Rows {
		for j := range i {
			z := reference.HalfSquaredDistance(s.y, s.a, i, j)
			want += 2 * z * math.Exp(-z)
		}
	}
	g := s.gradient(t, im)
	got, size := reference.Inner(g, s.y)
	_, bound := reference.Inner(s.bounds.Gradient(), s.y)
	bound += gamma(300) * (size + want)
	t.Near("⟨∇E₁(Y), Y⟩", got, want, bound)
	if want > bound {
		t.Check(reference.Norm(g.Data) > 0, "the gradient is zero although tokens differ")
	}
	t.Informative(want > 8*bound)
}

func interactionGradientNonzeroFar[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 4)
	y := t.Matrix("Y", n, t.Size("d", 1, 3), gen.Numbers, 0, 8)
	differ := false
	for i := range n {
		differ = differ || reference.HalfSquaredDistance(y, matrix{}, i, 0) > 0
	}
	if !differ {
		t.Undecidable()
	}
	g := scene[T]{y: y}.gradient(t, im)
	t.Check(reference.Norm(g.Data) > 0, "the gradient is zero although tokens differ")
}

func (s scene[T]) majorizer(t *Trial, im *spec.Implementation[T], y matrix) float64 {
	return float64(im.Interaction.Majorizer(input[T](t, "Y", y), input[T](t, "Y₀", s.y), input[T](t, "A", s.a)))
}

func interactionMajorizer[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 9)
	next := drawSecond(t, s.y)
	other := newScene[T](t, next, s.a)
	bound := s.bounds.Majorizer(other.bounds) + other.bounds.Value()
	t.Within("E₁ above its majorizer", s.energy(t, im, next)-s.majorizer(t, im, next), bound)
	here, touch := s.energy(t, im, s.y), s.bounds.Majorizer(s.bounds)+s.bounds.Value()
	t.Near("majorizer at its own point", s.majorizer(t, im, s.y), here, touch)
	t.Informative(math.Abs(here) > 8*touch)
}

func interactionMajorizerGap[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 2, 9)
	next := drawSecond(t, s.y)
	other := newScene[T](t, next, s.a)
	gap, size := reference.KL(s.y, next, s.a)
	bound := s.bounds.Majorizer(other.bounds) + other.bounds.Value() +
		16*unit64*size + s.bounds64().Majorizer(other.bounds64())
	t.Near("majorizer minus E₁", s.majorizer(t, im, next)-s.energy(t, im, next), gap, bound)
	t.Informative(gap > 8*bound)
}

// bounds64 returns the bounds for the judge's own arithmetic.
func (s scene[T]) bounds64() *reference.InteractionBounds {
	return reference.NewInteractionBounds(s.y, s.a, rounding64)
}

func interactionConjugate[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	z := t.Number("z", -20, 80)
	u := spec.Unit[T]()
	best := math.Exp(-z)
	g := t.Power("g", -80, 30)
	if t.Bool("zero") {
		g = 0
	}
	size := math.Abs(g*z) + g
	if g > 0 {
		size += math.Abs(g * math.Log(g))
	}
	value := g*z + float64(im.Interaction.Conjugate(T(g)))
	t.Within("−e^{−z} above gz + g log g − g", -best-value, 8*u*size+8*unit64*best)
	// At the minimiser; rounding g moves the value by the square of that only.
	at := float64(T(best))
	touch := at*z + float64(im.Interaction.Conjugate(T(at)))
	t.Near("gz + g log g − g at g = e^{−z}", touch, -best, 8*u*(1+math.Abs(z))*best+u*u*best)
	t.Sometimes("g = 0", g == 0)
}

func interactionWeights[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 17)
	want := spec.NewMatrix[float64](s.y.Rows, s.y.Rows)
	t.Oracle.Interaction.Weights(want, s.y, s.a)
	near(t, "P", s.weights(t, im), want, s.bounds.Weights())
	t.Informative(s.y.Rows > 1)
}

func (s scene[T]) weights(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "P", s.y.Rows, s.y.Rows)
	im.Interaction.Weights(out, input[T](t, "Y", s.y), input[T](t, "A", s.a))
	return wide(out)
}

// interactionOrdinarySoftmax compares P with the ordinary softmax of UUᵀ, for
// tokens of equal norm or of any.
func interactionOrdinarySoftmax[T spec.Float](equal bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		n, d := t.Size("n", 2, 17), t.Size("d", 1, 9)
		kinds := gen.Tokens
		if equal {
			kinds = []gen.Kind{gen.EqualNorm, gen.OneHot}
		}
		y := t.Matrix("Y", n, d, kinds, -1, 1)
		s := newScene[T](t, y, matrix{})
		want, bound := spec.NewMatrix[float64](n, n), s.bounds.Weights()
		logits, lo, hi := make([]float64, n), math.Inf(1), 0.0
		for i := range n {
			norm := reference.Dot(y.Row(i), y.Row(i))
			lo, hi = min(lo, norm), max(hi, norm)
		}
		drift := gamma(3*d+n+20) * (1 + hi)
		if equal {
			drift += math.Expm1(hi - lo)
		}
		for i := range n {
			for j := range n {
				logits[j] = reference.Dot(y.Row(i), y.Row(j))
			}
			copy(want.Row(i), reference.SoftmaxRow(logits))
			for j := range n {
				bound.Set(i, j, bound.At(i, j)+drift*want.At(i, j))
			}
		}
		near(t, "P", s.weights(t, im), want, bound)
	}
}

func interactionMasterIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 2, 9)
	next := drawSecond(t, s.y)
	other := newScene[T](t, next, s.a)
	delta := reference.Sub(next, s.y)
	linear, linearSize := reference.Inner(s.gradient(t, im), delta)
	_, linearBound := reference.Inner(s.bounds.Gradient(), delta)
	quad, quadSize := s.quadratic(delta)
	kl, klSize := reference.KL(s.y, next, s.a)
	bound := s.bounds.Value() + other.bounds.Value() + linearBound +
		s.bounds64().Majorizer(other.bounds64()) + gamma(300)*(linearSize+quadSize) + 16*unit64*klSize
	want := -linear - quad + kl
	t.Near("E₁(Y) − E₁(Y′)", s.energy(t, im, s.y)-s.energy(t, im, next), want, bound)
	t.Informative(math.Abs(linear)+quad+kl > 8*bound)
}

// interactionDescent checks the guaranteed decrease of a step with η between lo
// and hi; for η > 2 the guarantee is that E₁ does not rise.
func interactionDescent[T spec.Float](lo, hi float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s := drawScene[T](t, 1, 17)
		eta := t.Number("eta", lo, hi)
		next, exact, eps := s.step(t, im, eta)
		decrease := 0.0
		if eta > 0 && eta <= 2 {
			decrease = max(0, (1/eta-0.5)*s.degreeNorm(exact))
		}
		bound := slack(s.y, next, s.a, eps) + gamma(300)*decrease
		rise := reference.InteractionEnergy(next, s.a) - reference.InteractionEnergy(s.y, s.a)
		t.Within("E₁ after the step above E₁ before less the guaranteed decrease", rise+decrease, bound)
		t.Informative(-rise > bound)
		t.Sometimes("η above 1", eta > 1)
	}
}

// degreeNorm returns Σᵢ Dᵢ‖(nextᵢ−yᵢ)A‖².
func (s scene[T]) degreeNorm(next matrix) float64 {
	da := reference.Times(reference.Sub(next, s.y), s.a)
	d := reference.Degrees(reference.Kernel(s.y, s.a))
	var sum float64
	for i, di := range d {
		sum += di * reference.Dot(da.Row(i), da.Row(i))
	}
	return sum
}

func interactionDecreaseIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 2, 9)
	eta := t.Number("eta", 0x1p-4, 4)
	next, exact, eps := s.step(t, im, eta)
	delta := reference.Sub(exact, s.y)
	da := reference.Times(delta, s.a)
	g := reference.Kernel(s.y, s.a)
	gram, gramSize := reference.Inner(da, reference.Times(g, da))
	kl, klSize := reference.KL(s.y, exact, s.a)
	first := (1/eta - 0.5) * s.degreeNorm(exact)
	n, d := s.y.Rows, s.y.Cols
	size := math.Abs(first) + gramSize + klSize
	// The oracle's step is rounded to float64; δ inherits that.
	var loss float64
	for k, x := range exact.Data {
		loss += unit64 * math.Abs(x) * (math.Abs(1/eta-0.5) + 1) * 4 * float64(n) * reference.Norm(da.Data)
		_ = k
	}
	norm := 1.0
	if !s.a.IsZero() {
		norm = math.Sqrt(reference.Dot(s.a.Data, s.a.Data))
	}
	bound := slack(s.y, next, s.a, eps) + gamma(n*n+n*d+300)*size + 8*loss*norm +
		s.bounds64().Majorizer(newScene[T](t, exact, s.a).bounds64())
	got := reference.InteractionEnergy(s.y, s.a) - reference.InteractionEnergy(next, s.a)
	t.Near("decrease of E₁", got, first+gram/2+kl, bound)
	t.Informative(math.Abs(got) > 8*bound)
}

func interactionDifferenceForm[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 2, 9), t.Size("d", 1, 9)
	// At distances below √u the energy itself does not change any more.
	nearest := int(math.Log2(spec.Unit[T]()))/2 - 1
	y := t.Matrix("Y", n, d, []gen.Kind{gen.Normal, gen.Uniform, gen.Duplicates, gen.Collinear}, nearest, -3)
	s := newScene[T](t, y, matrix{})
	eta := t.Number("eta", 0x1p-6, 2)
	next, _, eps := s.step(t, im, eta)
	delta := reference.Sub(next, y)
	// ΔE = −Σ e^{−z}·expm1(−Δz), Δz = ⟨Δr, r + Δr/2⟩: no cancellation of energies.
	var change, size, shift float64
	for i := range n {
		for j := range i {
			var dz, dzSize, ri, slip float64
			for k := range d {
				r, dr := y.At(i, k)-y.At(j, k), delta.At(i, k)-delta.At(j, k)
				dz += dr * (r + dr/2)
				dzSize += math.Abs(dr) * (math.Abs(r) + math.Abs(dr)/2)
				ri += (r + dr) * (r + dr)
				slip += (eps.At(i, k) + eps.At(j, k)) * (eps.At(i, k) + eps.At(j, k))
			}
			z := reference.HalfSquaredDistance(y, matrix{}, i, j)
			change -= math.Exp(-z) * math.Expm1(-dz)
			size += math.Exp(-z)*dzSize*math.Exp(math.Abs(dz)) + math.Abs(math.Exp(-z)*math.Expm1(-dz))
			// The slope of e^{−ρ²/2} is at most ρ, at the moved points.
			shift += (math.Sqrt(ri) + math.Sqrt(slip)) * math.Sqrt(slip)
		}
	}
	bound := gamma(n*n+3*d+30)*size + 1.01*shift
	t.Within("change of E₁ in difference form", change, bound)
	t.Informative(-change > bound)
	t.Classify("below the rounding of E₁", -change < valueBound(y, matrix{}, reference.RoundingOf[T]()))
	t.Sometimes("a decrease below the rounding of E₁", -change < valueBound(y, matrix{}, reference.RoundingOf[T]()))
}

// diameter returns the largest distance between rows of YA.
func diameter(y, a matrix) float64 {
	var d float64
	for i := range y.Rows {
		for j := range i {
			d = max(d, math.Sqrt(2*reference.HalfSquaredDistance(y, a, i, j)))
		}
	}
	return d
}

func interactionDiameter[T spec.Float](maxEta float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s := drawScene[T](t, 2, 9)
		eta := t.Number("eta", 0, maxEta)
		next, _, eps := s.step(t, im, eta)
		before := diameter(s.y, s.a)
		factor := 1.0
		if maxEta <= 1 {
			factor = 1 - eta*math.Exp(-before*before/2)
		}
		bound := gamma(60) * before
		for i := range eps.Rows {
			row := reference.Times(eps, absolute(s.a)).Row(i)
			bound = max(bound, gamma(60)*before+2*reference.Norm(row))
		}
		after := diameter(next, s.a)
		t.Within("diameter after the step above what it should contract to", after-factor*before, bound)
		t.Informative(before-after > bound)
	}
}

func interactionPreconditioned[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 2, 9)
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, eta)
	grad, gb := s.gradient(t, im), s.bounds.Gradient()
	delta := reference.Sub(s.y, next)
	d := reference.Degrees(reference.Kernel(s.y, s.a))
	throughS := func(x, a matrix) matrix {
		if a.IsZero() {
			return x
		}
		return reference.Times(reference.Times(x, a), reference.Transpose(a))
	}
	ds, es, as := throughS(delta, s.a), throughS(eps, absolute(s.a)), throughS(absolute(delta), absolute(s.a))
	told := false
	for i := range s.y.Rows {
		for k := range s.y.Cols {
			bound := d[i]*es.At(i, k) + eta*gb.At(i, k) + gamma(100)*d[i]*as.At(i, k)
			want := eta * grad.At(i, k)
			t.Near(at("D(Y−Y⁺)S", i, k), d[i]*ds.At(i, k), want, bound)
			told = told || math.Abs(want) > 8*bound
		}
	}
	t.Informative(told)
}

func interactionPlainGradientStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPlainScene[T](t, 2, 9)
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, eta)
	grad, gb := s.gradient(t, im), s.bounds.Gradient()
	for i := range s.y.Rows {
		for k := range s.y.Cols {
			t.Near(at("Y−Y⁺", i, k), s.y.At(i, k)-next.At(i, k), eta*grad.At(i, k), eps.At(i, k)+eta*gb.At(i, k)+unit64*math.Abs(s.y.At(i, k)))
		}
	}
}

func interactionTranslation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 2, 9), t.Size("d", 1, 9)
	// Multiples of 1/8 and a shift of at most 2¹⁴: sums are exact in float32.
	y := t.Matrix("Y", n, d, []gen.Kind{gen.Coarse}, -1, 0)
	shift := t.Matrix("shift", 1, d, []gen.Kind{gen.Ints, gen.One}, 0, 12)
	moved := spec.Convert[float64](y)
	for i := range n {
		for k := range d {
			moved.Set(i, k, y.At(i, k)+shift.At(0, k))
		}
	}
	s, m := newScene[T](t, y, matrix{}), newScene[T](t, moved, matrix{})
	eta := t.Number("eta", 0, 2)
	next, _, eps := s.step(t, im, eta)
	movedNext, _, movedEps := m.step(t, im, eta)
	told := false
	for i := range n {
		for k := range d {
			want := next.At(i, k) + shift.At(0, k)
			bound := eps.At(i, k) + movedEps.At(i, k) + unit64*math.Abs(want)
			t.Near(at("(Y+t)⁺", i, k), movedNext.At(i, k), want, bound)
			told = told || math.Abs(next.At(i, k)-y.At(i, k)) > 4*bound
		}
	}
	t.Informative(told)
	t.Sometimes("a shift above 1000", reference.Norm(shift.Data) > 1000)
}

// permutation returns the order in which to take n things: a rotation by the
// drawn amount, reversed if drawn so.
func permutation(t *Trial, name string, n int) []int {
	by, reversed := t.Int(name+" rotation", 0, max(0, n-1)), t.Bool(name+" reversed")
	out := make([]int, n)
	for i := range out {
		out[i] = (i + by) % n
		if reversed {
			out[i] = n - 1 - out[i]
		}
	}
	return out
}

// permuteRows returns the rows of m in the given order.
func permuteRows(m matrix, order []int) matrix {
	out := spec.NewMatrix[float64](m.Rows, m.Cols)
	for i, from := range order {
		copy(out.Row(i), m.Row(from))
	}
	return out
}

func interactionPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 2, 17)
	order := permutation(t, "token", s.y.Rows)
	p := newScene[T](t, permuteRows(s.y, order), s.a)
	eta := t.Number("eta", 0, 2)
	next, _, eps := s.step(t, im, eta)
	permuted, _, _ := p.step(t, im, eta)
	e := s.energy(t, im, s.y)
	t.Near("E₁ of permuted tokens", p.energy(t, im, p.y), e, 2*s.bounds.Value())
	two := reference.Sub(permuteRows(eps, order), scaled(permuteRows(eps, order), -1))
	near(t, "step of permuted tokens", permuted, permuteRows(next, order), two)
	t.Informative(math.Abs(e) > 8*s.bounds.Value() && exceeds(reference.Sub(next, s.y), eps, 4))
}

// scaled returns c·m.
func scaled(m matrix, c float64) matrix {
	out := spec.Convert[float64](m)
	for k := range out.Data {
		out.Data[k] *= c
	}
	return out
}

func interactionSignedPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPlainScene[T](t, 2, 9)
	order := permutation(t, "channel", s.y.Cols)
	signs := t.Int("signs", 0, 1<<s.y.Cols-1)
	turn := func(m matrix, signed bool) matrix {
		out := spec.NewMatrix[float64](m.Rows, m.Cols)
		for i := range m.Rows {
			for k, from := range order {
				x := m.At(i, from)
				if signed && signs>>k&1 == 1 {
					x = -x
				}
				out.Set(i, k, x)
			}
		}
		return out
	}
	eta := t.Number("eta", 0, 2)
	next, _, eps := s.step(t, im, eta)
	turned, _, _ := newScene[T](t, turn(s.y, true), matrix{}).step(t, im, eta)
	near(t, "step of turned tokens", turned, turn(next, true), scaled(turn(eps, false), 2))
	t.Informative(exceeds(reference.Sub(next, s.y), eps, 4))
}

func interactionDuplicates[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 2, 17), t.Size("d", 1, 9)
	y := t.Matrix("Y", n, d, []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse}, -2, 0)
	i := t.Int("i", 0, n-1)
	j := (i + t.Int("apart", 1, n-1)) % n
	y = spec.Convert[float64](y)
	copy(y.Row(j), y.Row(i))
	var a matrix
	if t.Bool("weighted") {
		a = t.Weights("A", d, t.Size("p", 1, 9))
	}
	s := newScene[T](t, y, a)
	next, _, eps := s.step(t, im, t.Number("eta", 0, 2))
	for k := range d {
		t.Near(at("duplicate", j, k), next.At(j, k), next.At(i, k), eps.At(i, k)+eps.At(j, k))
	}
	t.Informative(exceeds(reference.Sub(next, y), eps, 4))
}

// interactionWeightedMean checks that a step keeps the mean weighted by D, or
// by nothing.
func interactionWeightedMean[T spec.Float](weighted bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s := drawPlainScene[T](t, 2, 17)
		eta := t.Number("eta", 0, 2)
		next, _, eps := s.step(t, im, eta)
		d := reference.Degrees(reference.Kernel(s.y, matrix{}))
		told := false
		for k := range s.y.Cols {
			var before, after, bound, moved float64
			for i := range d {
				w := 1.0
				if weighted {
					w = d[i]
				}
				before += w * s.y.At(i, k)
				after += w * next.At(i, k)
				moved += w * math.Abs(next.At(i, k)-s.y.At(i, k))
				bound += w * (eps.At(i, k) + gamma(s.y.Rows+s.y.Cols*40+40)*(math.Abs(s.y.At(i, k))+math.Abs(next.At(i, k))))
			}
			t.Near(at("weighted mean", 0, k), after, before, bound)
			told = told || moved > 8*bound
		}
		t.Informative(told)
	}
}

func interactionTwoTokens[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	d := t.Size("d", 1, 17)
	y := t.Matrix("Y", 2, d, []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.HalfZero}, -3, 0)
	s := newScene[T](t, y, matrix{})
	eta := t.Number("eta", 0, 4)
	next, _, eps := s.step(t, im, eta)
	g := math.Exp(-reference.HalfSquaredDistance(s.y, matrix{}, 0, 1))
	factor := 1 - eta*2*g/(1+g)
	told := false
	for k := range d {
		r := s.y.At(0, k) - s.y.At(1, k)
		bound := eps.At(0, k) + eps.At(1, k) + gamma(20+2*d)*math.Abs(r)*(1+eta)*(1-math.Log(g)) +
			unit64*(math.Abs(next.At(0, k))+math.Abs(next.At(1, k)))
		t.Near(at("difference", 0, k), next.At(0, k)-next.At(1, k), factor*r, bound)
		told = told || math.Abs((1-factor)*r) > 8*bound
	}
	t.Informative(told)
}

func interactionCluster[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	const n = 33
	spread := t.Power("spread", -4, -1)
	after := func(s float64) float64 {
		y := spec.NewMatrix[float64](n, 1)
		for i := range n {
			q := (float64(i) + 0.5) / n
			y.Set(i, 0, float64(float32(s*math.Sqrt2*math.Erfinv(2*q-1))))
		}
		next, _, _ := newScene[T](t, y, matrix{}).step(t, im, 1)
		var sum float64
		for _, x := range next.Data {
			sum += x * x
		}
		return math.Sqrt(sum / n)
	}
	t.Rate(math.Log2(after(spread) / after(spread/2)))
}
