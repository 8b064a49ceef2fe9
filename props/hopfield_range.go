package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// hopfieldLevels are what bounds of the energy of one state are made of.
type hopfieldLevels struct {
	half, top, logN float64 // ‖q‖²/2, maxⱼ⟨kⱼ, q⟩, log(n)/β
	longest         float64 // maxⱼ‖kⱼ‖²/2
	judge           float64 // rounding of sums of these
}

func (s hopfieldScene[T]) levels(i int) hopfieldLevels {
	seen, qi := s.seen(), s.q.Row(i)
	l := hopfieldLevels{half: reference.Dot(qi, qi) / 2, top: math.Inf(-1), logN: math.Log(float64(seen.Rows)) / s.beta}
	size := l.half + l.logN
	for j := range seen.Rows {
		k := seen.Row(j)
		l.top, l.longest = max(l.top, reference.Dot(k, qi)), max(l.longest, reference.Dot(k, k)/2)
		size = max(size, reference.Dot(absRow(k), absRow(qi))+l.half+l.logN)
	}
	l.judge = gamma(s.q.Cols+8) * (size + l.longest)
	return l
}

func hopfieldWithinLogN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	m, d := t.Size("m", 1, 9), t.Size("d", 1, 9)
	s := drawPatterns[T](t, 1, 65, d, -2, 24)
	s.q = t.Matrix("Q", m, d, gen.Tokens, -2, 24)
	e, eps := s.energy(t, im), s.rangeBound(t)
	var largest float64
	told := false
	for i := range m {
		l := s.levels(i)
		bound := eps.At(i, 0) + l.judge
		t.Within(at("E above ‖q‖²/2 − max⟨k, q⟩", i, 0), e.At(i, 0)-(l.half-l.top), bound)
		t.Within(at("E below ‖q‖²/2 − max⟨k, q⟩ − log(n)/β", i, 0), l.half-l.top-l.logN-e.At(i, 0), bound)
		largest = max(largest, s.beta*math.Abs(l.top))
		told = told || l.half+math.Abs(l.top) > 8*bound+l.logN
	}
	t.Informative(told)
	t.Sometimes("logits of which the exponential overflows", largest > 1000)
	t.Sometimes("logits beyond 2³⁰", largest > 0x1p30)
}

func hopfieldBoundedBelow[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 9, 1, 33)
	if t.Bool("at a pattern") { // the longest reaches the bound, alone
		s.q = spec.Convert[float64](s.q)
		for i := range s.q.Rows {
			copy(s.q.Row(i), s.k.Row(i%s.k.Rows))
		}
	}
	e, eps := s.energy(t, im), s.rangeBound(t)
	for i := range s.q.Rows {
		l := s.levels(i)
		t.Within(at("E below −½max‖k‖² − log(n)/β", i, 0), -l.longest-l.logN-e.At(i, 0), eps.At(i, 0)+l.judge)
		t.Informative(l.longest+l.logN > 8*(eps.At(i, 0)+l.judge))
	}
}

// hopfieldLogSumExpBelow drops the term ‖q‖²/2.
func hopfieldLogSumExpBelow[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 2, 1, 5)
	e, eps := s.energy(t, im), s.rangeBound(t)
	for i := range s.q.Rows {
		l := s.levels(i)
		t.Require(e.At(i, 0) >= -l.longest-l.logN-eps.At(i, 0)-l.judge, "E is not bounded below by the longest pattern")
		t.Within(at("log-sum-exp below −½max‖k‖² − log(n)/β", i, 0), -l.longest-l.logN-(e.At(i, 0)-l.half), eps.At(i, 0)+l.judge)
	}
}

// hopfieldHull checks a step with lo ≤ η ≤ hi in the direction w. Within the hull
// of q and the patterns ⟨w, x⟩ is at most the largest of theirs, with η = 1 of the
// patterns' alone.
func hopfieldHull[T spec.Float](lo, hi float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		maxStates, maxPatterns, maxExponent := 5, 33, 12
		if hi > 1 {
			maxStates, maxPatterns, maxExponent = 2, 3, 0
		}
		m, d := t.Size("m", 1, maxStates), t.Size("d", 1, 9)
		s := drawPatterns[T](t, 1, maxPatterns, d, -2, maxExponent)
		s.q = t.Matrix("Q", m, d, gen.Tokens, -2, maxExponent)
		w := t.Matrix("W", 1, d, []gen.Kind{gen.OneHot, gen.Ints, gen.Normal}, 0, 0).Row(0)
		eta, seen, r := t.Number("eta", lo, hi), s.seen(), reference.RoundingOf[T]()
		next := s.step(t, im, eta)
		for i := range m {
			limit, size := math.Inf(-1), 0.0
			if eta != 1 {
				limit = reference.Dot(w, s.q.Row(i))
			}
			for j := range seen.Rows {
				limit = max(limit, reference.Dot(w, seen.Row(j)))
				size = max(size, reference.Dot(absRow(w), absRow(seen.Row(j))))
			}
			bound := gamma(d+4) * (size + 2*reference.Dot(absRow(w), absRow(s.q.Row(i))) + math.Abs(limit))
			for k := range d {
				var most float64
				for j := range seen.Rows {
					most = max(most, math.Abs(seen.At(j, k)))
				}
				bound += math.Abs(w[k]) * reference.HopfieldHullBound(seen.Rows, s.q.At(i, k), most, eta, r)
			}
			t.Within(at("⟨w, q⁺⟩ beyond the hull", i, 0), reference.Dot(w, next.Row(i))-limit, bound)
			t.Informative(size > 64*bound)
		}
		if hi <= 1 {
			t.Sometimes("η = 1", eta == 1)
		}
	}
}
