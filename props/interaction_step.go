package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

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
		next := output[T](t, "Y⁺", n, 1)
		im.Interaction.Step(next, input[T](t, "Y", y), spec.Matrix[T]{}, 1)
		var sum float64
		for i := range n {
			x := float64(next.At(i, 0))
			sum += x * x
		}
		return math.Sqrt(sum / n)
	}
	t.Rate(math.Log2(after(spread) / after(spread/2)))
}
