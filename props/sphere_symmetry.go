package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// sphereNorm checks that every token of a result has norm R, in each of the
// three steps: elements share the error (d/2+4)u of their common factor, and
// each rounds twice more. A token that stays has the norm that it had.
func sphereNorm[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSphere[T](t, true, 1, 17)
	var next matrix
	if t.Bool("attention") {
		h := headScene[T]{s.y, drawSquare(t, "M", s.y.Cols), drawSquare(t, "V", s.y.Cols), s.radius, t.Number("c", 0, 4)}
		next, _ = h.call(t, im)
	} else {
		next, _ = s.call(t, im, t.Number("eta", 0x1p-4, 2))
	}
	for i := range s.y.Rows {
		own := math.Abs(reference.Norm(s.y.Row(i)) - s.radius)
		k := float64(s.y.Cols)/2 + 6
		bound := 1.01*k*(spec.Unit[T]()+unit64)*s.radius + own
		t.Near(at("norm of token", i, 0), reference.Norm(next.Row(i)), s.radius, bound)
	}
	t.Informative(exceeds(reference.Sub(next, s.y), scaled(absolute(s.y), 0x1p-10), 1))
}

// sphereZeroDirection checks that tokens whose direction is exactly zero keep
// their bits: tokens at the origin, and heads whose values vanish, c = 0.
func sphereZeroDirection[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 9), t.Size("d", 1, 9)
	radius := t.Power("R", -3, 1)
	var next, y matrix
	switch t.Word("step", "plain", "weighted", "head") {
	case "head":
		y = t.Matrix("Y", n, d, sphereKinds, 0, 0)
		zero := spec.NewMatrix[float64](d, d)
		next, _ = headScene[T]{y, drawSquare(t, "M", d), zero, radius, 0}.call(t, im)
	case "weighted":
		y = spec.NewMatrix[float64](n, d)
		next, _ = sphereScene[T]{newScene[T](t, y, t.Weights("A", d, t.Size("p", 1, 9))), radius}.call(t, im, t.Number("eta", 0, 1))
	default:
		y = spec.NewMatrix[float64](n, d)
		next, _ = sphereScene[T]{newScene[T](t, y, matrix{}), radius}.call(t, im, t.Number("eta", 0, 1))
	}
	for i := range n {
		for k := range d {
			t.Check(next.At(i, k) == y.At(i, k), "token %d has direction zero and moves: got %v want %v", i, next.At(i, k), y.At(i, k))
		}
	}
}

// either is one of the three steps, drawn.
type either[T spec.Float] struct {
	sphereScene[T]
	head bool
	m, v matrix
	x    float64 // η, or c of a head
}

func drawEither[T spec.Float](t *Trial, weighted bool, maxTokens int) either[T] {
	e := either[T]{sphereScene: drawSphere[T](t, weighted, 2, maxTokens), head: t.Bool("head")}
	if e.head && weighted {
		e.m, e.v = drawSquare(t, "M", e.y.Cols), drawSquare(t, "V", e.y.Cols)
	}
	e.x = t.Number("eta or c", 0x1p-4, 1)
	return e
}

// stepOf runs the step at other tokens.
func (e either[T]) stepOf(t *Trial, im *spec.Implementation[T], y matrix) (next, bound matrix) {
	if e.head {
		next, _, bound = headScene[T]{y, e.m, e.v, e.radius, e.x}.step(t, im)
		return next, bound
	}
	next, _, bound = sphereScene[T]{newScene[T](t, y, e.a), e.radius}.step(t, im, e.x)
	return next, bound
}

func spherePermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEither[T](t, true, 17)
	order := permutation(t, "token", e.y.Rows)
	next, eps := e.stepOf(t, im, e.y)
	permuted, _ := e.stepOf(t, im, permuteRows(e.y, order))
	near(t, "step of permuted tokens", permuted, permuteRows(next, order), scaled(permuteRows(eps, order), 2))
	t.Informative(exceeds(reference.Sub(next, e.y), eps, 8))
}

func sphereSignedPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEither[T](t, false, 9)
	turn := signedPermutation(t, e.y.Cols)
	next, eps := e.stepOf(t, im, e.y)
	turned, _ := e.stepOf(t, im, turn(e.y, true))
	near(t, "step of turned tokens", turned, turn(next, true), scaled(turn(eps, false), 2))
	t.Informative(exceeds(reference.Sub(next, e.y), eps, 8))
}

func sphereDuplicates[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEither[T](t, true, 17)
	n := e.y.Rows
	i := t.Int("i", 0, n-1)
	j := (i + t.Int("apart", 1, n-1)) % n
	y := spec.Convert[float64](e.y)
	copy(y.Row(j), y.Row(i))
	next, eps := e.stepOf(t, im, y)
	for k := range y.Cols {
		t.Near(at("duplicate", j, k), next.At(j, k), next.At(i, k), eps.At(i, k)+eps.At(j, k))
	}
	t.Informative(exceeds(reference.Sub(next, y), eps, 8))
}

// sphereAntipodes checks that two opposite tokens do not move: the direction is
// a positive multiple of the token, (1−η) + η(1−g)/(1+g) > 0. On the sphere only
// up to rounding, they may move by what it takes to reach it.
func sphereAntipodes[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	radius := t.Power("R", -3, 1)
	one := onSphere[T](t.Matrix("Y", 1, t.Size("d", 1, 9), []gen.Kind{gen.Normal, gen.Coarse, gen.Ints}, 0, 0), radius)
	y := spec.NewMatrix[float64](2, one.Cols)
	for k, x := range one.Row(0) {
		y.Set(0, k, x)
		y.Set(1, k, -x)
	}
	s := sphereScene[T]{newScene[T](t, y, matrix{}), radius}
	next, _, eps := s.step(t, im, t.Number("eta", 0x1p-4, 1))
	off := math.Abs(reference.Norm(one.Row(0))-radius) + gamma(one.Cols+4)*radius
	bound := spec.NewMatrix[float64](2, one.Cols)
	for k := range bound.Data {
		bound.Data[k] = eps.Data[k] + off
	}
	near(t, "opposite tokens", next, y, bound)
	t.Informative(reference.Norm(bound.Data) < radius/8)
}

// sphereResidualAlone checks that a head whose values vanish leaves tokens on
// the sphere where they are, for every c > 0.
func sphereResidualAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	h := drawHead[T](t, 1, 17, 0x1p-4, 4)
	h.m, h.v = drawSquare(t, "M", h.y.Cols), spec.NewMatrix[float64](h.y.Cols, h.y.Cols)
	next, _, eps := h.step(t, im)
	for i := range h.y.Rows {
		off := math.Abs(reference.Norm(h.y.Row(i))-h.radius) + gamma(h.y.Cols+4)*h.radius
		for k := range h.y.Cols {
			t.Near(at("token", i, k), next.At(i, k), h.y.At(i, k), eps.At(i, k)+off)
		}
	}
}
