package props

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

func positionProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "POS-001", Run: positionValue[T]},
		{Claim: "POS-002", Run: positionBounded[T]},
		{Claim: "POS-003", Run: positionRotation[T]},
		{Claim: "POS-004", Run: positionNorm[T](true)},
		{Claim: "POS-005", Run: positionNorm[T](false)},
		{Claim: "POS-006", Run: positionInner[T]},
		{Claim: "POS-007", Run: positionZero[T]},
		{Claim: "POS-008", Run: positionRows[T]},
		{Claim: "POS-009", Run: positionRope[T]},
	}
}

// positionCase is a drawn table of positions.
type positionCase[T spec.Float] struct {
	n, d, offset int
	base         float64
}

func drawPositions[T spec.Float](t *Trial, d int) positionCase[T] {
	return positionCase[T]{n: t.Size("n", 1, 9), d: d, offset: drawOffset(t), base: drawBase(t)}
}

// at returns the case with another number of rows and offset.
func (c positionCase[T]) at(n, offset int) positionCase[T] {
	c.n, c.offset = n, offset
	return c
}

func (c positionCase[T]) run(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "PE", c.n, c.d)
	im.Positions(out, c.offset, c.base)
	return wide(out)
}

func (c positionCase[T]) bound(i, channel int) float64 {
	return reference.PositionsBound(c.offset+i, channel, c.d, c.base, reference.RoundingOf[T]())
}

// told reports whether a position other than 0 is among the rows.
func (c positionCase[T]) told() bool { return c.n > 1 || c.offset != 0 }

func positionValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawPositions[T](t, t.Size("d", 1, 65))
	want := spec.NewMatrix[float64](c.n, c.d)
	t.Oracle.Positions(want, c.offset, c.base)
	y := c.run(t, im)
	for i := range c.n {
		for k := range c.d {
			bound := c.bound(i, k) + unit64
			if spec.Unit[T]() != unit64 { // the oracle's angles are float64, too
				bound += reference.PositionsBound(c.offset+i, k, c.d, c.base, rounding64)
			}
			t.Near(at("PE", i, k), y.At(i, k), want.At(i, k), bound)
		}
	}
	t.Informative(c.told())
	t.Sometimes("odd d", c.d%2 == 1 && c.d > 1)
}

func positionBounded[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawPositions[T](t, t.Size("d", 1, 129))
	y := c.run(t, im)
	top := 0.0
	for i := range c.n {
		for k, v := range y.Row(i) {
			t.Within(at("size of channel above 1", i, k), math.Abs(v)-1, 2*spec.Unit[T]())
			top = max(top, math.Abs(v))
		}
	}
	t.Informative(top > 0.5)
}

func positionRotation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawPositions[T](t, 2*t.Size("pairs", 1, 33))
	s := t.Int("s", -1<<19, 1<<19)
	if t.Bool("near shift") {
		s %= 64
	}
	m := c.at(c.n, c.offset+s)
	y, moved := c.run(t, im), m.run(t, im)
	for i := range c.n {
		for k := 0; k < c.d; k += 2 {
			sin, cos := math.Sincos(reference.Angle(s, k/2, c.d, c.base))
			judge := reference.PositionsBound(s, k, c.d, c.base, rounding64)*math.Sqrt2 + gamma(3)
			turned := []float64{y.At(i, k)*cos + y.At(i, k+1)*sin, y.At(i, k+1)*cos - y.At(i, k)*sin}
			for part, want := range turned {
				t.Near(at("PE(p+s)", i, k+part), moved.At(i, k+part), want, m.bound(i, k)+1.01*(math.Sqrt2*c.bound(i, k)+judge))
			}
		}
	}
	t.Informative(s != 0 && c.told())
}

// positionNorm asserts ‖PE(p)‖² = d/2, with d even or any.
func positionNorm[T spec.Float](even bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var d int
		if even {
			d = 2 * t.Size("pairs", 1, 65)
		} else {
			d = t.Size("d", 1, 9)
		}
		c := drawPositions[T](t, d)
		y := c.run(t, im)
		for i := range c.n {
			var sum float64
			for _, v := range y.Row(i) {
				sum += v * v
			}
			// Sine and cosine are off by 2u each of themselves: their squares by 4u.
			bound := float64(d) / 2 * (1.01*4*spec.Unit[T]() + gamma(d+1))
			t.Near(at("squared norm of row", i, 0), sum, float64(d)/2, bound)
		}
		t.Informative(c.told())
	}
}

func positionInner[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawPositions[T](t, 2*t.Size("pairs", 1, 33)).at(1, t.Int("p", -1<<20, 1<<20))
	apart := t.Int("apart", -512, 512)
	m := c.at(1, c.offset+apart)
	y, z := c.run(t, im), m.run(t, im)
	var got, want, bound float64
	for k := range c.d {
		v, w := y.At(0, k), z.At(0, k)
		got += v * w
		bound += math.Abs(v)*m.bound(0, k) + math.Abs(w)*c.bound(0, k) + c.bound(0, k)*m.bound(0, k) + gamma(c.d+1)*math.Abs(v*w)
		if k%2 == 0 {
			want += math.Cos(reference.Angle(apart, k/2, c.d, c.base))
			bound += reference.PositionsBound(apart, k, c.d, c.base, rounding64) + gamma(c.d+1)
		}
	}
	t.Near("inner product", got, want, bound)
	t.Informative(apart != 0 && math.Abs(want) > 8*bound)
}

func positionZero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawPositions[T](t, t.Size("d", 1, 129))
	row := t.Int("row", 0, c.n-1)
	c.offset = -row
	for k, v := range c.run(t, im).Row(row) {
		t.Bits(at("PE(0)", 0, k), v, float64(k%2))
	}
	t.Sometimes("a negative offset", row > 0)
}

func positionRows[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawPositions[T](t, t.Size("d", 1, 65))
	y := c.run(t, im)
	row := t.Int("row", 0, c.n-1)
	alone := c.at(1, c.offset+row)
	t.SameBits("row by itself", alone.run(t, im), spec.MatrixOf(y.Row(row)))
	t.Informative(row > 0)
}

func positionRope[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	pairs := t.Size("pairs", 1, 33)
	c := drawPositions[T](t, 2*pairs).at(1, t.Int("p", -1<<20, 1<<20))
	x := spec.NewMatrix[float64](1, c.d)
	for k := range pairs {
		x.Set(0, 2*k+1, 1)
	}
	r := spec.Rotary{Layout: spec.InterleavedLayout, Dims: c.d, Offset: -c.offset, Base: c.base}
	y, z := c.run(t, im), ropeOf(t, im, x, r)
	bound := ropeBound[T](x, r)
	for k := range c.d {
		t.Near(at("PE", 0, k), y.At(0, k), z.At(0, k), c.bound(0, k)+bound.At(0, k))
	}
	t.Informative(c.offset != 0)
}
