package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// hopfieldStoredIsFixed takes the patterns for states.
func hopfieldStoredIsFixed[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPatterns[T](t, 1, 5, t.Size("d", 1, 3), -2, 1)
	s.q = s.seen()
	near(t, "step from a stored pattern", s.step(t, im, 1), s.q, s.stepBound(t, 1))
}

func hopfieldOnePattern[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 9, 1, 9)
	only := t.Int("visible pattern", 0, 8) % s.k.Rows
	if s.visible = nil; s.k.Rows > 1 {
		s.visible = make([]bool, s.k.Rows)
		s.visible[only] = true
	}
	eta, k := t.Number("eta", -1, 4), s.k.Row(only)
	e, next, boundE, bound := s.both(t, im, eta)
	for i := range s.q.Rows {
		var apart float64
		for c, x := range s.q.Row(i) {
			apart += (x - k[c]) * (x - k[c]) / 2
			want := (1-eta)*x + eta*k[c]
			t.Near(at("step towards the only pattern", i, c), next.At(i, c), want, bound.At(i, c)+gamma(4)*(math.Abs((1-eta)*x)+math.Abs(eta*k[c])))
		}
		own := reference.Dot(k, k) / 2
		t.Near(at("E of the only pattern", i, 0), e.At(i, 0), apart-own, boundE.At(i, 0)+gamma(s.q.Cols+6)*(apart+own))
	}
	all := spec.NewMatrix[float64](s.q.Rows, s.q.Cols)
	for i := range all.Rows {
		copy(all.Row(i), k)
	}
	there := s.at(all)
	near(t, "step from the only pattern", there.step(t, im, 1), all, there.stepBound(t, 1))
	s.telling(t, e, next, boundE, bound)
}

// drawHiding draws a scene with a hidden pattern, and at least one that is not.
func drawHiding[T spec.Float](t *Trial) hopfieldScene[T] {
	s := drawHopfield[T](t, 1, 5, 2, 65)
	if !s.hides() {
		s.visible = make([]bool, s.k.Rows)
		for j := range s.visible {
			s.visible[j] = true
		}
		s.visible[t.Int("hidden", 0, 64)%s.k.Rows] = false
	}
	return s
}

func hopfieldHiddenUnused[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHiding[T](t)
	eta, poison := t.Number("eta", 0x1p-4, 2), drawPoison(t)
	poisoned := s.among(s.filled(poison), s.visible)
	next := s.step(t, im, eta)
	t.SameBits("E with other hidden patterns", poisoned.energy(t, im), s.energy(t, im))
	t.SameBits("step with other hidden patterns", poisoned.step(t, im, eta), next)
	t.Informative(exceeds(reference.Sub(next, s.q), scaled(absolute(s.q), 0x1p-10), 1))
	t.Sometimes("NaN", math.IsNaN(poison))
	t.Sometimes("an infinity", math.IsInf(poison, 0))
}

func hopfieldHiddenAbsent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHiding[T](t)
	eta := t.Number("eta", 0x1p-4, 2)
	e, next, boundE, bound := s.both(t, im, eta)
	alone := s.among(s.seen(), nil)
	near(t, "E among the visible patterns alone", alone.energy(t, im), e, plus(boundE, alone.energyBound(t)))
	near(t, "step among the visible patterns alone", alone.step(t, im, eta), next, plus(bound, alone.stepBound(t, eta)))
	s.telling(t, e, next, boundE, bound)
}

func hopfieldNothing[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	m, n, d := t.Size("m", 1, 9), t.Size("n", 0, 9), t.Size("d", 1, 9)
	s := hopfieldScene[T]{q: t.Matrix("Q", m, d, gen.Tokens, -2, 1), k: t.Matrix("K", n, d, gen.Tokens, -2, 1),
		visible: make([]bool, n), beta: t.Power("beta", -2, 2)}
	eta := t.Number("eta", -1, 4)
	if t.Bool("attention alone") {
		eta = 1
	}
	e, next, _, bound := s.both(t, im, eta)
	for i := range m {
		t.Check(math.IsInf(e.At(i, 0), 1), "E of state %d without a visible pattern is %v", i, e.At(i, 0))
		for c, x := range s.q.Row(i) {
			if eta == 1 {
				t.Check(next.At(i, c) == 0, "the attention of state %d without a visible pattern is %v", i, next.At(i, c))
			} else {
				t.Near(at("step without a visible pattern", i, c), next.At(i, c), (1-eta)*x, bound.At(i, c)+gamma(2)*math.Abs((1-eta)*x))
			}
		}
	}
	t.Informative(exceeds(s.q, bound, 8))
	t.Sometimes("η = 1", eta == 1)
	t.Sometimes("no pattern", n == 0)
}

func hopfieldNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 9, 1, 33)
	eta := t.Number("eta", 0x1p-4, 2)
	e, next := s.energy(t, im), s.step(t, im, eta)
	broken, c := s, t.Int("NaN channel", 0, 8)%s.q.Cols
	row := -1 // the only state that is NaN
	if t.Bool("in a pattern") {
		j := t.Int("NaN pattern", 0, 32) % s.k.Rows
		for s.visible != nil && !s.visible[j] {
			j = (j + 1) % s.k.Rows
		}
		broken.k = spec.Convert[float64](s.k)
		broken.k.Set(j, c, math.NaN())
	} else {
		row = t.Int("NaN state", 0, 8) % s.q.Rows
		broken.q = spec.Convert[float64](s.q)
		broken.q.Set(row, c, math.NaN())
	}
	nan := func(x matrix, i int) {
		for k, y := range x.Row(i) {
			if row < 0 || i == row {
				t.Check(math.IsNaN(y), "NaN does not reach element %d of state %d", k, i)
			}
		}
	}
	gotE, got := broken.energy(t, im), broken.step(t, im, eta)
	for i := range s.q.Rows {
		nan(gotE, i)
		nan(got, i)
		if row >= 0 && i != row {
			t.Bits(at("E beside NaN", i, 0), gotE.At(i, 0), e.At(i, 0))
			for k := range s.q.Cols {
				t.Bits(at("step beside NaN", i, k), got.At(i, k), next.At(i, k))
			}
		}
	}
	t.Informative(row < 0 || s.q.Rows > 1)
}
