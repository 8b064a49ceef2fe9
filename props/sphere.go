package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func sphereProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "SPH-001", Run: sphereStep[T](false)},
		{Claim: "SPH-002", Run: sphereStep[T](true)},
		{Claim: "SPH-003", Run: sphereAttentionStep[T]},
		{Claim: "SPH-004", Run: sphereNorm[T]},
		{Claim: "SPH-005", Run: sphereZeroDirection[T]},
		{Claim: "SPH-006", Run: sphereDecreaseIdentity[T]},
		{Claim: "SPH-007", Run: sphereDescent[T](false, 0x1p-4, 1)},
		{Claim: "SPH-008", Run: sphereDescent[T](false, 1.75, 2)},
		{Claim: "SPH-009", Run: sphereDescentOffSphere[T]},
		{Claim: "SPH-010", Run: sphereDescent[T](true, 0x1p-4, 1)},
		{Claim: "SPH-011", Run: sphereDescent[T](true, 1.25, 4)},
		{Claim: "SPH-012", Run: sphereAttentionIdentity[T]},
		{Claim: "SPH-013", Run: sphereAttentionDescent[T](tied)},
		{Claim: "SPH-014", Run: sphereAttentionDescent[T](indefinite)},
		{Claim: "SPH-015", Run: sphereAttentionDescent[T](untied)},
		{Claim: "SPH-016", Run: sphereAttentionDescent[T](asymmetric)},
		{Claim: "SPH-017", Run: sphereAttentionDescent[T](negativeResidual)},
		{Claim: "SPH-018", Run: sphereWeightsOfEqualNorms[T]},
		{Claim: "SPH-019", Run: spherePermutation[T]},
		{Claim: "SPH-020", Run: sphereSignedPermutation[T]},
		{Claim: "SPH-021", Run: sphereDuplicates[T]},
		{Claim: "SPH-022", Run: sphereAntipodes[T]},
		{Claim: "SPH-023", Run: sphereResidualAlone[T]},
	}
}

// sphereScene is a scene with a radius.
type sphereScene[T spec.Float] struct {
	scene[T]
	radius float64
}

// onSphere returns the rows of y scaled to norm R and rounded to T: they are
// then on the sphere up to about uR. A row of zeros becomes the first axis.
func onSphere[T spec.Float](y matrix, radius float64) matrix {
	out := spec.NewMatrix[float64](y.Rows, y.Cols)
	for i := range y.Rows {
		norm := reference.Norm(y.Row(i))
		for k, x := range y.Row(i) {
			if norm > 0 {
				out.Set(i, k, float64(T(radius*(x/norm))))
			}
		}
		if norm == 0 {
			out.Set(i, 0, radius)
		}
	}
	return out
}

// sphereKinds are the kinds of tokens before they are projected.
var sphereKinds = []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.Duplicates, gen.NearDuplicates, gen.Collinear, gen.Clustered}

// drawSphere draws tokens on a sphere and, if weighted, perhaps weights.
func drawSphere[T spec.Float](t *Trial, weighted bool, minTokens, maxTokens int) sphereScene[T] {
	n, d := t.Size("n", minTokens, maxTokens), t.Size("d", 1, mostChannels(maxTokens))
	radius := t.Power("R", -3, 1)
	y := onSphere[T](t.Matrix("Y", n, d, sphereKinds, 0, 0), radius)
	var a matrix
	if weighted && t.Bool("weighted") {
		a = t.Weights("A", d, t.Size("p", 1, 9))
	}
	return sphereScene[T]{newScene[T](t, y, a), radius}
}

// stepSize returns the float32 number below θ/‖S‖, θ itself when A = I; for
// ‖S‖ it takes the largest row sum of |S|, which is no less.
func (s sphereScene[T]) stepSize(theta float64) float64 {
	if s.a.IsZero() {
		return theta
	}
	var norm float64
	for i := range s.a.Rows {
		var row float64
		for j := range s.a.Rows {
			row += math.Abs(reference.Dot(s.a.Row(i), s.a.Row(j)))
		}
		norm = max(norm, row)
	}
	if norm == 0 {
		return theta
	}
	return float64(math.Nextafter32(float32(theta/norm), 0))
}

// call runs the implementation's step and the oracle's.
func (s sphereScene[T]) call(t *Trial, im *spec.Implementation[T], eta float64) (next, want matrix) {
	out := output[T](t, "Y⁺", s.y.Rows, s.y.Cols)
	want = spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	if s.a.IsZero() {
		im.Sphere.Step(out, input[T](t, "Y", s.y), T(s.radius), T(eta))
		t.Oracle.Sphere.Step(want, s.y, s.radius, eta)
	} else {
		im.Sphere.WeightedStep(out, input[T](t, "Y", s.y), input[T](t, "A", s.a), T(s.radius), T(eta))
		t.Oracle.Sphere.WeightedStep(want, s.y, s.a, s.radius, eta)
	}
	return wide(out), want
}

// step is call with the bound on each element of the result; where there is
// none, the case is undecidable.
func (s sphereScene[T]) step(t *Trial, im *spec.Implementation[T], eta float64) (next, want, bound matrix) {
	bound, ok := s.bounds.SphereStep(s.radius, eta)
	if !ok {
		t.Undecidable()
	}
	next, want = s.call(t, im, eta)
	return next, want, bound
}

func sphereStep[T spec.Float](weighted bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s := drawSphere[T](t, weighted, 1, 33)
		if weighted && s.a.IsZero() {
			s = sphereScene[T]{newScene[T](t, s.y, t.Weights("A", s.y.Cols, t.Size("p", 1, 9))), s.radius}
		}
		if t.Bool("off the sphere") { // the step puts tokens of any norm on it
			s.radius *= 2
		}
		next, want, eps := s.step(t, im, s.stepSize(t.Number("eta", 0x1p-4, 2)))
		near(t, "Y⁺", next, want, eps)
		t.Informative(exceeds(reference.Sub(want, s.y), eps, 8))
	}
}

// gainOfStep returns the exact decrease of E₁ by the step with η to exact, for
// tokens of any norm: with ωᵢ = ‖wᵢ‖/R,
//
//	Σᵢ (Dᵢ/2η)[(ωᵢ+1)‖δᵢ‖² − η‖δᵢA‖²]           (first)
//	+ Σᵢ (Dᵢ/2η)(ωᵢ−1)(R²−‖yᵢ‖²)                (radial)
//	+ ½⟨δA, GδA⟩ + KL,
//
// and its first two sums alone, and what evaluating it loses. The radial sum is
// what tokens owe that lie on the sphere only up to rounding.
func (s sphereScene[T]) gainOfStep(t *Trial, exact matrix, eta float64) (value, first, radial, bound float64) {
	n, b := s.y.Rows, s.bounds64()
	err, ok := b.SphereStep(s.radius, eta)
	if !ok {
		t.Undecidable()
	}
	w, slip := reference.SphereDirection(s.y, s.a, eta), b.SphereDirection(eta)
	g := reference.Kernel(s.y, s.a)
	d := reference.Degrees(g)
	delta := reference.Sub(exact, s.y)
	da := reference.Times(delta, s.a)
	p, q := make([]float64, n), make([]float64, n)
	for i := range n {
		omega := reference.Norm(w.Row(i)) / s.radius
		if omega == 0 {
			continue
		}
		c := d[i] / (2 * eta)
		p[i], q[i] = c*(omega+1), -d[i]/2
		d2 := reference.Dot(delta.Row(i), delta.Row(i))
		first += p[i]*d2 + q[i]*reference.Dot(da.Row(i), da.Row(i))
		r2, y2 := s.radius*s.radius, reference.Dot(s.y.Row(i), s.y.Row(i))
		radial += c * (omega - 1) * (r2 - y2)
		rel := gamma(n + 10)
		for j := range n {
			rel += g.At(i, j) * b.KernelError(i, j) / d[i]
		}
		own := reference.Norm(slip.Row(i))/s.radius + gamma(s.y.Cols+6)*(omega+1)
		bound += c * (own*(d2+math.Abs(r2-y2)) + math.Abs(omega-1)*(rel*math.Abs(r2-y2)+gamma(s.y.Cols+4)*(r2+y2)))
	}
	value, loss := s.gain(t, exact, err, p, q)
	return value + radial, first, radial, bound + loss
}

// rise returns how much E₁ rises from the scene's tokens to next.
func (s sphereScene[T]) rise(next matrix) float64 {
	return reference.InteractionEnergy(next, s.a) - reference.InteractionEnergy(s.y, s.a)
}

func sphereDecreaseIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSphere[T](t, true, 1, 9)
	if t.Bool("off the sphere") {
		s.radius *= 1 + t.Number("off", 0, 1)
	}
	eta := s.stepSize(t.Number("eta", 0x1p-4, 2))
	next, exact, eps := s.step(t, im, eta)
	gain, _, _, loss := s.gainOfStep(t, exact, eta)
	bound := slack(s.y, next, s.a, eps) + loss
	rise := s.rise(next)
	t.Near("decrease of E₁", -rise, gain, bound)
	t.Informative(math.Abs(rise) > 8*bound)
	t.Sometimes("tokens off the sphere", t.Bool("off the sphere"))
	t.Sometimes("weights A", !s.a.IsZero())
}

// sphereDescent checks that a step with lo ≤ η‖S‖ ≤ hi lowers E₁(YA), by the
// first sum of gainOfStep if η‖S‖ ≤ 1.
func sphereDescent[T spec.Float](weighted bool, lo, hi float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		maxTokens := 17
		if hi > 1 {
			maxTokens = 4 // few tokens, nearly opposite, break it
		}
		s := drawSphere[T](t, weighted, 1, maxTokens)
		eta := s.stepSize(t.Number("eta", lo, hi))
		next, exact, eps := s.step(t, im, eta)
		_, first, radial, loss := s.gainOfStep(t, exact, eta)
		if hi > 1 {
			first = 0
		}
		bound := slack(s.y, next, s.a, eps) + loss + math.Abs(radial)
		rise := s.rise(next)
		t.Within("E₁ after the step above E₁ before less the guaranteed decrease", rise+first, bound)
		t.Informative(-rise > bound)
	}
}

// sphereDescentOffSphere drops the hypothesis that the tokens start on the
// sphere.
func sphereDescentOffSphere[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 5), t.Size("d", 1, 3)
	s := sphereScene[T]{newScene[T](t, t.Matrix("Y", n, d, []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, -3, 0), matrix{}), t.Power("R", -1, 1)}
	eta := t.Number("eta", 0x1p-4, 1)
	next, exact, eps := s.step(t, im, eta)
	gain, _, _, loss := s.gainOfStep(t, exact, eta)
	bound := slack(s.y, next, s.a, eps) + loss
	t.Require(math.Abs(-s.rise(next)-gain) <= bound, "the decrease is not what the identity says")
	t.Within("E₁ after the step above E₁ before", s.rise(next), bound)
}

// sphereWeightsOfEqualNorms checks that normalised tokens make softmax_β the
// ordinary softmax, whatever A.
func sphereWeightsOfEqualNorms[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 2, 5), t.Size("d", 1, 4)
	y := t.Matrix("Y", n, d, []gen.Kind{gen.EqualNorm, gen.OneHot}, 0, 2)
	a := t.Weights("A", d, t.Size("p", 1, 4))
	s := newScene[T](t, y, a)
	got, bound := s.weights(t, im), s.bounds.Weights()
	u, size := reference.Times(y, a), reference.Times(absolute(y), absolute(a))
	var worst, allowed float64
	for i := range n {
		logits := make([]float64, n)
		for j := range n {
			logits[j] = reference.Dot(u.Row(i), u.Row(j))
		}
		for j, want := range reference.SoftmaxRow(logits) {
			drift := gamma(4*(d+a.Cols)+n+20) * (1 + reference.Dot(size.Data, size.Data))
			if err := math.Abs(got.At(i, j) - want); err > worst {
				worst, allowed = err, bound.At(i, j)+drift
			}
		}
	}
	t.Within("P against the ordinary softmax, where they differ most", worst, allowed)
}
