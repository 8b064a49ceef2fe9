package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// channelScene is a scene whose weights are A = diag(√s), with a ridge on the
// tokens themselves: F(X) = E₁(X√s) + λ‖X‖²/2.
type channelScene[T spec.Float] struct {
	scene[T]
	s      []float64
	lambda float64
}

func drawChannels[T spec.Float](t *Trial, maxTokens int) channelScene[T] {
	n, d := t.Size("n", 1, maxTokens), t.Size("d", 1, 9)
	x := t.Tokens("X", n, d)
	s := absolute(t.Matrix("s", 1, d, []gen.Kind{gen.One, gen.Coarse, gen.Uniform, gen.Ints, gen.Iota}, -2, 1)).Data
	return channelScene[T]{newScene[T](t, x, reference.ChannelWeights(s)), s, t.Power("lambda", -7, 4)}
}

func (c channelScene[T]) step(t *Trial, im *spec.Implementation[T], eta float64) (next, want, bound matrix) {
	out := output[T](t, "X⁺", c.y.Rows, c.y.Cols)
	s := make([]T, len(c.s))
	for k := range s {
		s[k] = T(c.s[k])
	}
	im.Ridge.ChannelStep(out, input[T](t, "X", c.y), s, T(c.lambda), T(eta))
	want = spec.NewMatrix[float64](c.y.Rows, c.y.Cols)
	t.Oracle.Ridge.ChannelStep(want, c.y, c.s, c.lambda, eta)
	return wide(out), want, c.bounds.RidgeChannelStep(c.s, c.lambda, eta)
}

func ridgeChannelStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawChannels[T](t, 33)
	if t.Bool("no ridge") {
		c.lambda = 0
	}
	next, want, eps := c.step(t, im, t.Number("eta", 0x1p-4, 4))
	near(t, "X⁺", next, want, eps)
	t.Informative(exceeds(reference.Sub(want, c.y), eps, 8))
	for k := range c.s {
		t.Sometimes("a channel of weight 0", c.s[k] == 0)
		t.Sometimes("a channel of weight above 1", c.s[k] > 1)
	}
}

// rise returns how much F rises from X to next, and what rounding may add: the
// slack of E₁ under A and that of the ridge, which is on X itself.
func (c channelScene[T]) rise(next, eps matrix) (rise, bound float64) {
	square := func(x matrix) float64 { return reference.Dot(x.Data, x.Data) }
	rise = reference.InteractionEnergy(next, c.a) - reference.InteractionEnergy(c.y, c.a) +
		c.lambda/2*(square(next)-square(c.y))
	return rise, slack(c.y, next, c.a, eps) + ridgeSlack(c.y, next, matrix{}, eps, c.lambda)
}

// gainOfStep returns the exact decrease of F by the step with η ≠ 0,
//
//	(1/η − ½)Σₖᵢ(sₖDᵢ+λ)δᵢₖ² + ½⟨δA, GδA⟩ + KL,
//
// its first sum alone, and what evaluating them loses.
func (c channelScene[T]) gainOfStep(t *Trial, exact matrix, eta float64) (value, first, bound float64) {
	if eta == 0 {
		return 0, 0, 0
	}
	d := reference.Degrees(reference.Kernel(c.y, c.a))
	p, q := make([]float64, len(d)), make([]float64, len(d))
	for i := range d {
		p[i], q[i] = (1/eta-0.5)*c.lambda, (1/eta-0.5)*d[i]
		for k := range c.s {
			x := exact.At(i, k) - c.y.At(i, k)
			first += (1/eta - 0.5) * (c.s[k]*d[i] + c.lambda) * x * x
		}
	}
	value, bound = c.gain(t, exact, c.bounds64().RidgeChannelStep(c.s, c.lambda, eta), p, q)
	return value, first, bound
}

func ridgeChannelIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawChannels[T](t, 9)
	eta := t.Number("eta", 0x1p-4, 4)
	next, exact, eps := c.step(t, im, eta)
	rise, bound := c.rise(next, eps)
	gain, _, loss := c.gainOfStep(t, exact, eta)
	t.Near("decrease of F", -rise, gain, bound+loss)
	t.Informative(math.Abs(rise) > 8*(bound+loss))
}

func ridgeChannelDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawChannels[T](t, 17)
	eta := t.Number("eta", 0x1p-4, 2)
	next, exact, eps := c.step(t, im, eta)
	rise, bound := c.rise(next, eps)
	_, first, loss := c.gainOfStep(t, exact, eta)
	t.Within("F after the step above F before less the guaranteed decrease", rise+first, bound+loss)
	t.Informative(-rise > bound+loss)
	t.Sometimes("η above 1", eta > 1)
}

func ridgeChannelsAlike[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := ridgeScene[T]{drawPlainScene[T](t, 1, 17), t.Power("lambda", -7, 4)}
	ones := make([]float64, s.y.Cols)
	for k := range ones {
		ones[k] = 1
	}
	c := channelScene[T]{newScene[T](t, s.y, reference.ChannelWeights(ones)), ones, s.lambda}
	eta := t.Number("eta", 0x1p-4, 2)
	want, _, bound := s.step(t, im, eta)
	next, _, eps := c.step(t, im, eta)
	near(t, "channel step with s = 1", next, want, plus(eps, bound))
	t.Informative(exceeds(reference.Sub(want, s.y), plus(eps, bound), 4))
}

// ridgeOneSink checks that the step whose sink is that of one channel k, λ/sₖ,
// in every channel lowers F; the step with a sink for each channel must.
func ridgeOneSink[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	const d = 2
	n := t.Size("n", 3, 6)
	x := t.Matrix("X", n, d, []gen.Kind{gen.Ints, gen.Iota, gen.Translated}, 0, 2)
	if t.Bool("flat") {
		for i := range n {
			x.Set(i, 0, 0)
		}
	}
	s := []float64{t.Power("s0", 6, 20), t.Power("s1", -1, 0)}
	c := channelScene[T]{newScene[T](t, x, reference.ChannelWeights(s)), s, t.Power("lambda", -1, 1)}
	eta := t.Number("eta", 0x1p-4, 2)
	next, _, eps := c.step(t, im, eta)
	rise, bound := c.rise(next, eps)
	t.Require(rise <= bound, "F rises by %v even with a sink for each channel", rise)
	one := ridgeScene[T]{c.scene, float64(float32(c.lambda / s[t.Int("k", 0, d-1)]))}
	one.a = roundTo32(one.a)
	next, _, eps = one.step(t, im, eta)
	rise, bound = c.rise(next, eps)
	t.Within("F after the step with one sink above F before", rise, bound)
}
