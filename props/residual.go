package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func residualProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "RES-001", Run: residualValue[T]},
		{Claim: "RES-002", Run: residualZero[T]},
		{Claim: "RES-003", Run: residualCommutes[T]},
		{Claim: "RES-004", Run: residualAssociates[T](true)},
		{Claim: "RES-005", Run: residualAssociates[T](false)},
	}
}

var residualKinds = []gen.Kind{gen.Normal, gen.Uniform, gen.Heavy, gen.Ints, gen.Coarse, gen.Iota}

// added runs the implementation.
func added[T spec.Float](t *Trial, im *spec.Implementation[T], x, y matrix) matrix {
	out := output[T](t, "X+Y", x.Rows, x.Cols)
	im.Residual(out, input[T](t, "X", x), input[T](t, "Y", y))
	return wide(out)
}

func drawStream(t *Trial) (x, y matrix) {
	n, d := t.Size("n", 1, 9), t.Size("d", 1, 65)
	return t.Matrix("X", n, d, residualKinds, -8, 8), t.Matrix("Y", n, d, residualKinds, -8, 8)
}

func residualValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, y := drawStream(t)
	// Numbers of 24 bits whose sum does not fit into those of T.
	apart := int(-math.Log2(spec.Unit[T]())) - 24
	x = scaled(x, math.Ldexp(1, t.Int("apart", apart, apart+20)))
	want := spec.NewMatrix[float64](x.Rows, x.Cols)
	t.Oracle.Residual(want, x, y)
	got, rounded := added(t, im, x, y), false
	for i := range x.Rows {
		for k := range x.Cols {
			// A sum rounded to float64 and then to float32 is rounded once in
			// effect: 53 bits are more than twice 24.
			s := float64(T(want.At(i, k)))
			t.Bits(at("X+Y", i, k), got.At(i, k), s)
			rounded = rounded || s-x.At(i, k) != y.At(i, k)
		}
	}
	t.Informative(rounded)
}

func residualZero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, _ := drawStream(t)
	zero := spec.NewMatrix[float64](x.Rows, x.Cols)
	t.SameBits("X+0", added(t, im, x, zero), x)
	t.SameBits("0+X", added(t, im, zero, x), x)
	t.Informative(reference.Norm(x.Data) > 0)
}

func residualCommutes[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, y := drawStream(t)
	t.SameBits("Y+X", added(t, im, y, x), added(t, im, x, y))
	t.Informative(math.Abs(reference.Norm(x.Data)-reference.Norm(y.Data)) > 0)
}

// residualAssociates compares (X+Y)+Z with X+(Y+Z), for numbers whose sums are
// exact or for any.
func residualAssociates[T spec.Float](exact bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		n, d := t.Size("n", 1, 5), t.Size("d", 1, 33)
		// Multiples of 1/4 up to 2¹³: every sum of three is exact in float32.
		kinds, lo, hi := []gen.Kind{gen.Ints, gen.Coarse}, 0, 11
		if !exact {
			kinds, lo, hi = []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, -30, 60
		}
		x, y, z := t.Matrix("X", n, d, kinds, lo, hi), t.Matrix("Y", n, d, kinds, lo, hi), t.Matrix("Z", n, d, kinds, lo, hi)
		first, last := added(t, im, added(t, im, x, y), z), added(t, im, x, added(t, im, y, z))
		for i := range n {
			for k := range d {
				t.Near(at("X+(Y+Z)", i, k), last.At(i, k), first.At(i, k), 0)
			}
		}
		t.Informative(reference.Norm(x.Data) > 0 && reference.Norm(z.Data) > 0)
	}
}
