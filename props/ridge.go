package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func ridgeProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "RDG-001", Run: ridgeValue[T]},
		{Claim: "RDG-002", Run: ridgeStep[T]},
		{Claim: "RDG-003", Run: ridgeDescent[T](0x1p-4, 2)},
		{Claim: "RDG-004", Run: ridgeDescent[T](2, 4)},
		{Claim: "RDG-005", Run: ridgeWithoutSink[T]},
		{Claim: "RDG-006", Run: ridgeDecreaseIdentity[T]},
		{Claim: "RDG-007", Run: ridgeNullKey[T](squaredDistances)},
		{Claim: "RDG-008", Run: ridgeNullKey[T](dotProducts)},
		{Claim: "RDG-009", Run: ridgeNullKey[T](dotProductsConstantNull)},
		{Claim: "RDG-010", Run: ridgeChannelStep[T]},
		{Claim: "RDG-011", Run: ridgeChannelIdentity[T]},
		{Claim: "RDG-012", Run: ridgeChannelDescent[T]},
		{Claim: "RDG-013", Run: ridgeOneSink[T]},
		{Claim: "RDG-014", Run: ridgeTwoTokensWithoutSink[T]},
		{Claim: "RDG-015", Run: ridgeEqualNormsWithoutSink[T]},
		{Claim: "RDG-016", Run: ridgeOfNothing[T]},
		{Claim: "RDG-017", Run: ridgeOfHugeLambda[T]},
		{Claim: "RDG-018", Run: ridgePermutation[T]},
		{Claim: "RDG-019", Run: ridgeSignedPermutation[T]},
		{Claim: "RDG-020", Run: ridgeTranslation[T]},
		{Claim: "RDG-021", Run: ridgeChannelsAlike[T]},
		{Claim: "RDG-022", Run: ridgeEqualNormsLongStep[T]},
	}
}

// ridgeScene is a scene with a ridge.
type ridgeScene[T spec.Float] struct {
	scene[T]
	lambda float64
}

func drawRidge[T spec.Float](t *Trial, minTokens, maxTokens int) ridgeScene[T] {
	return ridgeScene[T]{drawScene[T](t, minTokens, maxTokens), t.Power("lambda", -7, 4)}
}

// at returns the scene with the same ridge at other tokens.
func (s ridgeScene[T]) at(t *Trial, y matrix) ridgeScene[T] {
	return ridgeScene[T]{newScene[T](t, y, s.a), s.lambda}
}

func (s ridgeScene[T]) energy(t *Trial, im *spec.Implementation[T]) float64 {
	return float64(im.Ridge.Energy(input[T](t, "Y", s.y), input[T](t, "A", s.a), T(s.lambda)))
}

// step is scene.step for the step with a sink.
func (s ridgeScene[T]) step(t *Trial, im *spec.Implementation[T], eta float64) (next, want, bound matrix) {
	out := output[T](t, "Y⁺", s.y.Rows, s.y.Cols)
	im.Ridge.Step(out, input[T](t, "Y", s.y), input[T](t, "A", s.a), T(s.lambda), T(eta))
	want = spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	t.Oracle.Ridge.Step(want, s.y, s.a, s.lambda, eta)
	return wide(out), want, s.bounds.RidgeStep(s.lambda, eta)
}

// rise returns how much F rises from the scene's tokens to next, and the slack
// of slack for it: to that of E₁ it adds λ/2‖YA‖² at both ends, np+2d+8
// operations each, and what moving row i of YA by eᵢ = ‖εᵢ|A|‖ does to the
// ridge, λ(‖uᵢ⁺‖eᵢ + eᵢ²/2).
func (s ridgeScene[T]) rise(next, eps matrix) (rise, bound float64) {
	rise = reference.RidgeEnergy(next, s.a, s.lambda) - reference.RidgeEnergy(s.y, s.a, s.lambda)
	return rise, slack(s.y, next, s.a, eps) + ridgeSlack(s.y, next, s.a, eps, s.lambda)
}

func ridgeSlack(y, next, a, eps matrix, lambda float64) float64 {
	before, after := reference.Times(absolute(y), absolute(a)), reference.Times(absolute(next), absolute(a))
	moved := reference.Times(eps, absolute(a))
	k := gamma(y.Rows*before.Cols + 2*y.Cols + 8)
	bound := gamma(4 * y.Rows * y.Rows) // the last addition, on the side of E₁
	for i := range y.Rows {
		x0, x1, e := reference.Norm(before.Row(i)), reference.Norm(after.Row(i)), reference.Norm(moved.Row(i))
		bound += lambda * (k*(x0*x0+x1*x1) + x1*e + e*e/2)
	}
	return bound
}

func ridgeValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawRidge[T](t, 0, 33)
	if t.Bool("no ridge") {
		s.lambda = 0
	}
	want := t.Oracle.Ridge.Energy(s.y, s.a, s.lambda)
	bound := s.bounds.RidgeValue(s.lambda)
	t.Near("F", s.energy(t, im), want, bound+unit64*math.Abs(want))
	t.Informative(math.Abs(want) > 8*bound || s.y.Rows == 0)
	t.Sometimes("no ridge", s.lambda == 0)
}

func ridgeStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawRidge[T](t, 1, 33)
	if t.Bool("no ridge") {
		s.lambda = 0
	}
	next, want, eps := s.step(t, im, t.Number("eta", 0x1p-4, 4))
	near(t, "Y⁺", next, want, eps)
	t.Informative(exceeds(reference.Sub(want, s.y), eps, 8))
	t.Sometimes("no ridge", s.lambda == 0)
}

// decrease returns (1/η − ½)Σᵢ(Dᵢ+λ)‖δᵢA‖², the decrease that the step to next
// guarantees, and 0 for η outside (0, 2].
func (s ridgeScene[T]) decrease(next matrix, eta float64) float64 {
	if !(eta > 0 && eta <= 2) {
		return 0
	}
	da := reference.Times(reference.Sub(next, s.y), s.a)
	return (1/eta - 0.5) * (s.degreeNorm(next) + s.lambda*reference.Dot(da.Data, da.Data))
}

// ridgeDescent checks the guaranteed decrease of a step with η between lo and
// hi; for η > 2 the guarantee is that F does not rise.
func ridgeDescent[T spec.Float](lo, hi float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s := drawRidge[T](t, 1, 17)
		eta := t.Number("eta", lo, hi)
		next, exact, eps := s.step(t, im, eta)
		rise, bound := s.rise(next, eps)
		decrease := s.decrease(exact, eta)
		_, loss := s.gainOfStep(t, exact, eta)
		t.Within("F after the step above F before less the guaranteed decrease", rise+decrease, bound+loss)
		t.Informative(-rise > bound+loss)
		t.Sometimes("η above 1", eta > 1)
		t.Classify("mostly the ridge", s.lambda > 2*float64(s.y.Rows))
	}
}

// gainOfStep returns the exact decrease of F by the step with η ≠ 0 to exact,
// and the bound of what evaluating it loses.
func (s ridgeScene[T]) gainOfStep(t *Trial, exact matrix, eta float64) (value, bound float64) {
	if eta == 0 {
		return 0, 0
	}
	d := reference.Degrees(reference.Kernel(s.y, s.a))
	weight := make([]float64, len(d))
	for i := range d {
		weight[i] = (1/eta - 0.5) * (d[i] + s.lambda)
	}
	err := s.bounds64().RidgeStep(s.lambda, eta)
	return s.gain(t, exact, err, make([]float64, len(d)), weight)
}

// gain returns Σᵢ(pᵢ‖δᵢ‖² + qᵢ‖δᵢA‖²) + ½⟨δA, GδA⟩ + KL(Y, exact), δ = exact−Y:
// by how much the interaction energy, with or without a quadratic term, falls
// in a step. The bound adds up the judge's own roundings, p and q carrying the
// relative error of D, and what the error err of exact changes: with
// eᵢ = ‖errᵢ‖ and aᵢ = ‖errᵢ|A|‖ the squares move by 2‖δᵢ‖eᵢ+eᵢ² and
// 2‖δᵢA‖aᵢ+aᵢ², the quadratic form by Σ aᵢGᵢⱼ(‖δⱼA‖+aⱼ), and KL, whose slope is
// (Gᵢⱼ−Gᵢⱼ⁺)r⁺, by Σ aᵢ(e^{−1/2} + Gᵢⱼ‖r⁺‖).
func (s scene[T]) gain(t *Trial, exact, err matrix, p, q []float64) (value, bound float64) {
	n := s.y.Rows
	delta := reference.Sub(exact, s.y)
	da, size := reference.Times(delta, s.a), reference.Times(absolute(delta), absolute(s.a))
	through := reference.Times(err, absolute(s.a))
	b, after := s.bounds64(), newScene[T](t, exact, s.a).bounds64()
	g := reference.Kernel(s.y, s.a)
	d := reference.Degrees(g)
	own := gamma(2*n*da.Cols + 2*n + 2*s.y.Cols + 20)
	for i := range n {
		d2, a2 := reference.Dot(delta.Row(i), delta.Row(i)), reference.Dot(size.Row(i), size.Row(i))
		e, ea := reference.Norm(err.Row(i)), reference.Norm(through.Row(i))
		value += p[i]*d2 + q[i]*reference.Dot(da.Row(i), da.Row(i))
		rel := own
		for j := range n {
			gij := g.At(i, j)
			rel += gij * b.KernelError(i, j) / d[i]
			value += gij * reference.Dot(da.Row(i), da.Row(j)) / 2
			sj, ej := reference.Norm(size.Row(j)), reference.Norm(through.Row(j))
			r := reference.Norm(reference.Difference(exact, s.a, i, j)) + ea + ej
			bound += gij*((b.KernelError(i, j)+own)*math.Sqrt(a2)*sj+ea*(sj+ej)) + ea*(1+gij*r)
		}
		bound += rel*(math.Abs(p[i])*d2+math.Abs(q[i])*a2) +
			math.Abs(p[i])*e*(2*math.Sqrt(d2)+e) + math.Abs(q[i])*ea*(2*math.Sqrt(a2)+ea)
	}
	kl, klSize := reference.KL(s.y, exact, s.a)
	bound += b.Majorizer(after) + after.Value() + gamma(16+n*n)*klSize
	return value + kl, bound
}

func ridgeDecreaseIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawRidge[T](t, 1, 9)
	eta := t.Number("eta", 0x1p-4, 4)
	next, exact, eps := s.step(t, im, eta)
	rise, bound := s.rise(next, eps)
	gain, loss := s.gainOfStep(t, exact, eta)
	t.Near("decrease of F", -rise, gain, bound+loss)
	t.Informative(math.Abs(rise) > 8*(bound+loss))
}

// ridgeWithoutSink checks that the interaction energy's own step, without the
// sink, lowers F; the step with the sink must.
func ridgeWithoutSink[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 3, 6)
	y := t.Matrix("Y", n, 1, []gen.Kind{gen.Ints, gen.Iota, gen.Coarse, gen.Translated}, 0, 2)
	s := ridgeScene[T]{newScene[T](t, y, matrix{}), t.Power("lambda", -1, 1)}
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, eta)
	rise, bound := s.rise(next, eps)
	t.Require(rise <= bound, "F rises by %v even with the sink", rise)
	next, _, eps = s.scene.step(t, im, eta)
	rise, bound = s.rise(next, eps)
	t.Within("F after the step without a sink above F before", rise, bound)
}

func ridgeTwoTokensWithoutSink[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawRidge[T](t, 1, 2)
	ridgeFreeDescent(t, im, s, t.Number("eta", 0x1p-4, 2), 0)
}

func ridgeEqualNormsWithoutSink[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 17), t.Size("d", 1, 9)
	y := t.Matrix("Y", n, d, []gen.Kind{gen.EqualNorm, gen.OneHot}, -1, 1)
	s := ridgeScene[T]{newScene[T](t, y, matrix{}), t.Power("lambda", -7, 4)}
	// A row of the step is an average of tokens, so no longer than the longest.
	var longest, sum float64
	for i := range n {
		square := reference.Dot(y.Row(i), y.Row(i))
		longest, sum = max(longest, square), sum+square
	}
	ridgeFreeDescent(t, im, s, t.Number("eta", 0x1p-4, 1), s.lambda/2*(float64(n)*longest-sum))
}

// ridgeEqualNormsLongStep drops the hypothesis η ≤ 1 of tokens of equal norm:
// many tokens hardly move, the one they pull is overrelaxed and grows.
func ridgeEqualNormsLongStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 7, 12), t.Size("d", 1, 2)
	y := t.Matrix("Y", n, d, []gen.Kind{gen.EqualNorm}, -1, -1)
	if t.Bool("one alone") {
		for i := 2; i < n; i++ {
			copy(y.Row(i), y.Row(1))
		}
	}
	s := ridgeScene[T]{newScene[T](t, y, matrix{}), t.Power("lambda", 4, 8)}
	next, _, eps := s.scene.step(t, im, t.Number("eta", 1.75, 2))
	rise, bound := s.rise(next, eps)
	t.Within("F after the step without a sink above F before", rise, bound)
}

// ridgeFreeDescent checks that the step without a sink lowers F by as much as
// it guarantees for E₁; extra bounds what tokens of not quite equal norm add.
func ridgeFreeDescent[T spec.Float](t *Trial, im *spec.Implementation[T], s ridgeScene[T], eta, extra float64) {
	next, exact, eps := s.scene.step(t, im, eta)
	rise, bound := s.rise(next, eps)
	plain := ridgeScene[T]{s.scene, 0}
	decrease := plain.decrease(exact, eta)
	_, loss := plain.gainOfStep(t, exact, eta)
	t.Within("F after the step without a sink above F before less the decrease of E₁", rise+decrease, bound+loss+extra)
	t.Informative(-rise > bound+loss+extra)
}

func ridgeOfNothing[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := ridgeScene[T]{drawScene[T](t, 1, 17), 0}
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, eta)
	want, _, bound := s.scene.step(t, im, eta)
	near(t, "step with λ = 0", next, want, plus(eps, bound))
	t.Informative(exceeds(reference.Sub(want, s.y), plus(eps, bound), 4))
}

func ridgeOfHugeLambda[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := ridgeScene[T]{drawScene[T](t, 1, 17), t.Power("lambda", 4, 30)}
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, eta)
	g := reference.Kernel(s.y, s.a)
	d, pulled := reference.Degrees(g), reference.Times(g, absolute(s.y))
	told := false
	for i := range s.y.Rows {
		for k := range s.y.Cols {
			x := s.y.At(i, k)
			limit := eta * pulled.At(i, k) / (d[i] + s.lambda)
			judge := gamma(40*(s.y.Rows+s.y.Cols+20)) * (math.Abs(x)*(1+eta) + limit)
			t.Within(at("distance from (1−η)Y beyond ηG|Y|/(D+λ)", i, k),
				math.Abs(next.At(i, k)-(1-eta)*x)-limit, eps.At(i, k)+judge)
			told = told || limit+eps.At(i, k) < math.Abs(eta*x)/4
		}
	}
	t.Informative(told)
	t.Sometimes("λ above 2^20", s.lambda > 0x1p20)
}

func ridgePermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawRidge[T](t, 2, 17)
	order := permutation(t, "token", s.y.Rows)
	p := s.at(t, permuteRows(s.y, order))
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, eta)
	permuted, _, _ := p.step(t, im, eta)
	f, bound := s.energy(t, im), 2*s.bounds.RidgeValue(s.lambda)
	t.Near("F of permuted tokens", p.energy(t, im), f, bound)
	near(t, "step of permuted tokens", permuted, permuteRows(next, order), scaled(permuteRows(eps, order), 2))
	t.Informative(math.Abs(f) > 4*bound && exceeds(reference.Sub(next, s.y), eps, 8))
}

// signedPermutation draws a permutation of d channels with signs and returns
// the function that applies it to rows, with its signs or without.
func signedPermutation(t *Trial, d int) func(m matrix, signed bool) matrix {
	order, signs := permutation(t, "channel", d), t.Int("signs", 0, 1<<d-1)
	return func(m matrix, signed bool) matrix {
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
}

func ridgeSignedPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := ridgeScene[T]{drawPlainScene[T](t, 1, 9), t.Power("lambda", -7, 4)}
	turn := signedPermutation(t, s.y.Cols)
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, eta)
	turned, _, _ := s.at(t, turn(s.y, true)).step(t, im, eta)
	near(t, "step of turned tokens", turned, turn(next, true), scaled(turn(eps, false), 2))
	t.Informative(exceeds(reference.Sub(next, s.y), eps, 8))
}

func ridgeTranslation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 4), t.Size("d", 1, 4)
	// Multiples of 1/8 and small integers: the sums are exact.
	y := t.Matrix("Y", n, d, []gen.Kind{gen.Zero, gen.Coarse}, -1, 0)
	shift := t.Matrix("shift", 1, d, []gen.Kind{gen.One, gen.Ints}, 0, 4)
	moved := spec.Convert[float64](y)
	for i := range n {
		for k := range d {
			moved.Set(i, k, y.At(i, k)+shift.At(0, k))
		}
	}
	s := ridgeScene[T]{newScene[T](t, y, matrix{}), t.Power("lambda", -7, 4)}
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, eta)
	movedNext, _, movedEps := s.at(t, moved).step(t, im, eta)
	for i := range n {
		for k := range d {
			want := next.At(i, k) + shift.At(0, k)
			t.Near(at("(Y+t)⁺", i, k), movedNext.At(i, k), want, eps.At(i, k)+movedEps.At(i, k)+unit64*math.Abs(want))
		}
	}
}
