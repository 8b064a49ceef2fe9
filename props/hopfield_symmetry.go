package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// both runs energies and steps, and has their bounds.
func (s hopfieldScene[T]) both(t *Trial, im *spec.Implementation[T], eta float64) (e, next, boundE, bound matrix) {
	return s.energy(t, im), s.step(t, im, eta), s.energyBound(t), s.stepBound(t, eta)
}

// telling says whether energies and steps are far from zero and from the states.
func (s hopfieldScene[T]) telling(t *Trial, e, next, boundE, bound matrix) {
	t.Informative(exceeds(e, boundE, 8) && exceeds(reference.Sub(next, s.q), bound, 8))
	t.Sometimes("a hidden pattern", s.hides())
}

func hopfieldPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 5, 2, 65)
	order := permutation(t, "pattern", s.k.Rows)
	var visible []bool
	for _, from := range order {
		if s.visible != nil {
			visible = append(visible, s.visible[from])
		}
	}
	eta := t.Number("eta", 0x1p-4, 2)
	e, next, boundE, bound := s.both(t, im, eta)
	permuted := s.among(permuteRows(s.k, order), visible)
	near(t, "E among permuted patterns", permuted.energy(t, im), e, plus(boundE, permuted.energyBound(t)))
	near(t, "step among permuted patterns", permuted.step(t, im, eta), next, plus(bound, permuted.stepBound(t, eta)))
	s.telling(t, e, next, boundE, bound)
}

func hopfieldSignedPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 5, 1, 33)
	turn := signedPermutation(t, s.q.Cols)
	eta := t.Number("eta", 0x1p-4, 2)
	e, next, boundE, bound := s.both(t, im, eta)
	turned := s.at(turn(s.q, true)).among(turn(s.k, true), s.visible)
	near(t, "E of turned states", turned.energy(t, im), e, plus(boundE, turned.energyBound(t)))
	near(t, "step of turned states", turned.step(t, im, eta), turn(next, true), plus(turn(bound, false), turned.stepBound(t, eta)))
	s.telling(t, e, next, boundE, bound)
}

// rotation is a product of two reflections I − 2wwᵀ/‖w‖².
type rotation struct{ w [2][]float64 }

func drawRotation(t *Trial, d int) (r rotation) {
	for n, name := range []string{"first mirror", "second mirror"} {
		r.w[n] = t.Matrix(name, 1, d, []gen.Kind{gen.Normal, gen.Ints, gen.OneHot}, 0, 0).Row(0)
	}
	return r
}

// of returns xR.
func (r rotation) of(x []float64) []float64 {
	return mirrored(mirrored(x, r.w[0]), r.w[1])
}

// rows returns XR as computed here, and how far the elements of what T holds of it
// may be from XR: a reflection in float64 errs by less than (2d+8)u₆₄ of the norm
// of the row, which it keeps, times 2, and rounding by u of the element.
func rotated[T spec.Float](r rotation, x matrix) (out, off matrix) {
	out, off = spec.NewMatrix[float64](x.Rows, x.Cols), spec.NewMatrix[float64](x.Rows, x.Cols)
	for i := range x.Rows {
		copy(out.Row(i), r.of(x.Row(i)))
		norm := reference.Norm(x.Row(i))
		for k, y := range out.Row(i) {
			off.Set(i, k, 1.01*(math.Abs(y-float64(T(y)))+gamma(4*(2*x.Cols+8))*norm))
		}
	}
	return out, off
}

func hopfieldRotation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 3, 1, 17)
	r, d := drawRotation(t, s.q.Cols), s.q.Cols
	eta := t.Number("eta", 0x1p-4, 2)
	e, next, boundE, bound := s.both(t, im, eta)
	q, offQ := rotated[T](r, s.q)
	k, offK := rotated[T](r, s.k)
	turned := s.at(roundedTo[T](q)).among(roundedTo[T](k), s.visible)
	gotE, gotBoundE, got := turned.energy(t, im), turned.energyBound(t), turned.step(t, im, eta)
	exact := s.at(q).among(k, s.visible)
	gotBound := exact.stepBoundOf(t, eta, reference.RoundingOf[T](), reference.InputError{Query: asTensor(offQ), Key: asTensor(offK), Value: asTensor(offK)})
	for i := range s.q.Rows {
		size, dq := reference.Norm(s.q.Row(i)), reference.Norm(offQ.Row(i))
		var most float64
		for j := range s.k.Rows {
			if s.visible == nil || s.visible[j] {
				most = max(most, reference.Norm(s.k.Row(j))*dq+(size+dq)*reference.Norm(offK.Row(j)))
			}
		}
		moved := 1.01 * (size*dq + dq*dq/2 + most)
		t.Near(at("E of rotated states", i, 0), gotE.At(i, 0), e.At(i, 0), boundE.At(i, 0)+gotBoundE.At(i, 0)+moved+unit64*math.Abs(e.At(i, 0)))
		want := r.of(next.Row(i))
		for c := range d { // an element of xR is moved by no more than the norm of what moves x
			slip := reference.Norm(bound.Row(i)) + gamma(4*(2*d+8))*reference.Norm(next.Row(i))
			t.Near(at("step of rotated states", i, c), got.At(i, c), want[c], gotBound.At(i, c)+slip)
		}
	}
	s.telling(t, e, next, boundE, bound)
}

func hopfieldDoubled[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 5, 1, 33)
	eta := t.Number("eta", 0x1p-4, 2)
	e, next, boundE, bound := s.both(t, im, eta)
	k, visible := spec.NewMatrix[float64](2*s.k.Rows, s.k.Cols), []bool(nil)
	for j := range k.Rows {
		copy(k.Row(j), s.k.Row(j/2))
		if s.visible != nil {
			visible = append(visible, s.visible[j/2])
		}
	}
	twice := s.among(k, visible)
	lower := spec.Convert[float64](e)
	for i := range lower.Data {
		lower.Data[i] -= math.Ln2 / s.beta
		boundE.Data[i] += gamma(4) * (math.Abs(e.Data[i]) + math.Ln2/s.beta)
	}
	near(t, "E among doubled patterns", twice.energy(t, im), lower, plus(boundE, twice.energyBound(t)))
	near(t, "step among doubled patterns", twice.step(t, im, eta), next, plus(bound, twice.stepBound(t, eta)))
	s.telling(t, e, next, boundE, bound)
}
