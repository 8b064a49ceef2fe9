package props

import (
	"math"
	"runtime"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// interactionOutOfSight has a few tokens near one another among many that see
// nobody.
func interactionOutOfSight[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	near, d := t.Size("n", 2, 9), t.Size("d", 1, 9)
	few := t.Matrix("Y", near, d, []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse}, -2, 0)
	for _, x := range few.Data {
		if math.Abs(x) > 16 {
			t.Undecidable()
		}
	}
	n := near + t.Int("far", 0, 140)
	first, apart := t.Int("first", 0, n-1), t.Int("apart", 1, n/near)
	all, places := spec.NewMatrix[float64](n, d), make([]int, near)
	isNear := make([]bool, n)
	for i := range n {
		all.Set(i, 0, float64(64*(i+1)))
	}
	for k := range places {
		places[k] = (first + k*apart) % n
		isNear[places[k]] = true
		copy(all.Row(places[k]), few.Row(k))
	}
	t.Sometimes("more than 64 tokens", n > 64)

	small, large := newScene[T](t, few, matrix{}), scene[T]{y: all}
	want, bound := t.Oracle.Interaction.Energy(few, matrix{}), small.bounds.Value()
	t.Near("E₁", large.energy(t, im, all), want, bound+unit64*math.Abs(want))
	telling := math.Abs(want) > 8*bound

	gradient, wantGradient := large.gradient(t, im), spec.NewMatrix[float64](near, d)
	t.Oracle.Interaction.Gradient(wantGradient, few, matrix{})
	eta := t.Number("eta", 0, 2)
	next := output[T](t, "Y⁺", n, d)
	im.Interaction.Step(next, input[T](t, "Y", all), spec.Matrix[T]{}, T(eta))
	wantNext := spec.NewMatrix[float64](near, d)
	t.Oracle.Interaction.Step(wantNext, few, matrix{}, eta)
	gradientBound, stepBound := small.bounds.Gradient(), small.bounds.Step(eta)
	for k, i := range places {
		for c := range d {
			t.Near(at("∇E", i, c), gradient.At(i, c), wantGradient.At(k, c), gradientBound.At(k, c)+unit64*math.Abs(wantGradient.At(k, c)))
			t.Near(at("Y⁺", i, c), float64(next.At(i, c)), wantNext.At(k, c), stepBound.At(k, c)+unit64*math.Abs(wantNext.At(k, c)))
		}
	}
	for i := range n {
		for c := 0; c < d && !isNear[i]; c++ {
			t.Check(gradient.At(i, c) == 0, "∇E[%d,%d] of a token that sees nobody is %g", i, c, gradient.At(i, c))
			t.Bits(at("Y⁺", i, c), float64(next.At(i, c)), all.At(i, c))
		}
	}
	t.Informative(telling && exceeds(reference.Sub(wantNext, few), stepBound, 4))
}

// bitsOfThreadsInEnergies has so many tokens that threads share the work.
func bitsOfThreadsInEnergies[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Int("n", 230, 260), t.Int("d", 16, 20)
	s := scene[T]{y: t.Matrix("Y", n, d, []gen.Kind{gen.Normal, gen.Uniform}, -3, -2)}
	with := func(procs int) (energy float64, gradient, next matrix) {
		threads.Lock()
		defer threads.Unlock()
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		out := output[T](t, "Y⁺", n, d)
		im.Interaction.Step(out, input[T](t, "Y", s.y), spec.Matrix[T]{}, 1)
		return s.energy(t, im, s.y), s.gradient(t, im), wide(out)
	}
	energy, gradient, next := with(1)
	for _, procs := range []int{2, 3, 8} {
		e, g, y := with(procs)
		t.Bits("E₁", e, energy)
		t.SameBits("∇E", g, gradient)
		t.SameBits("Y⁺", y, next)
	}
	t.Informative(energy < -1 && exceeds(reference.Sub(next, s.y), matrix{Rows: n, Cols: d, Data: make([]float64, n*d), Stride: d}, 1))
}
