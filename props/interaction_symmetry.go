package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

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
