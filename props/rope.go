package props

import (
	"math"
	"strconv"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func ropeProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ROP-001", Run: ropeValue[T]},
		{Claim: "ROP-002", Run: ropeNorms[T]},
		{Claim: "ROP-003", Run: ropeZero[T]},
		{Claim: "ROP-004", Run: ropeInner[T]},
		{Claim: "ROP-005", Run: ropeOffsets[T]},
		{Claim: "ROP-006", Run: ropeUntouched[T]},
		{Claim: "ROP-007", Run: ropeLayouts[T](true)},
		{Claim: "ROP-008", Run: ropeScale[T]},
		{Claim: "ROP-009", Run: ropeSingleAngles[T]},
		{Claim: "ROP-010", Run: ropeLayouts[T](false)},
		{Claim: "ROP-011", Run: ropeRows[T]},
	}
}

var ropeKinds = []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.Heavy, gen.OneHot, gen.Iota}

// drawBase draws the base of the frequencies.
func drawBase(t *Trial) float64 {
	base, err := strconv.ParseFloat(t.Word("base", "10", "500", "10000", "1000000"), 64)
	if err != nil {
		panic(err)
	}
	return base
}

// drawOffset draws a position near 0 or up to 2²⁰.
func drawOffset(t *Trial) int {
	hi := 33
	if t.Word("reach", "near", "far") == "far" {
		hi = 1 << 20
		t.Sometimes("far positions", true)
	}
	return t.Int("offset", 0, hi)
}

// drawRotary draws a layout, a base and an offset for that many pairs.
func drawRotary(t *Trial, pairs int) spec.Rotary {
	layout := spec.Layout(t.Word("layout", string(spec.HalfLayout), string(spec.InterleavedLayout)))
	t.Sometimes("half layout", layout == spec.HalfLayout)
	t.Sometimes("interleaved layout", layout == spec.InterleavedLayout)
	return spec.Rotary{Layout: layout, Dims: 2 * pairs, Offset: drawOffset(t), Base: drawBase(t)}
}

// drawRopeRows draws rows of pairs that are turned and a rest that is not.
func drawRopeRows(t *Trial, minRest int) (x matrix, pairs int) {
	n, pairs := t.Size("n", 1, 5), t.Size("pairs", 1, 33)
	rest := t.Int("rest", minRest, 5)
	return t.Matrix("X", n, 2*pairs+rest, ropeKinds, -4, 4), pairs
}

// ropeOf runs the implementation.
func ropeOf[T spec.Float](t *Trial, im *spec.Implementation[T], x matrix, r spec.Rotary) matrix {
	out := output[T](t, "Y", x.Rows, x.Cols)
	im.Rope(out, input[T](t, "X", x), r)
	return wide(out)
}

func ropeBound[T spec.Float](x matrix, r spec.Rotary) matrix {
	return reference.RopeBound(x, r, reference.RoundingOf[T]())
}

// judgeRope bounds the error of the oracle's rotation: nothing where it is
// precise, and as much as the implementation's own where both form angles in
// float64.
func judgeRope[T spec.Float](x matrix, r spec.Rotary) matrix {
	if spec.Unit[T]() == unit64 {
		return spec.NewMatrix[float64](x.Rows, x.Cols)
	}
	return reference.RopeBound(x, r, rounding64)
}

// moves reports whether some row of n from the offset on is not at position 0.
func moves(r spec.Rotary, n int) bool { return n > 1 || r.Offset != 0 }

func ropeValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, pairs := drawRopeRows(t, 0)
	r := drawRotary(t, pairs)
	want := spec.NewMatrix[float64](x.Rows, x.Cols)
	t.Oracle.Rope(want, x, r)
	bound := ropeBound[T](x, r)
	near(t, "Y", ropeOf(t, im, x, r), want, plus(bound, judgeRope[T](x, r)))
	t.Informative(moves(r, x.Rows) && exceeds(reference.Sub(want, x), bound, 8))
	t.Sometimes("some channels not turned", x.Cols > r.Dims)
}

func ropeNorms[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, pairs := drawRopeRows(t, 0)
	r := drawRotary(t, pairs)
	y := ropeOf(t, im, x, r)
	told := false
	for i := range x.Rows {
		for k := range pairs {
			a, b := r.Pair(k)
			norm := math.Hypot(x.At(i, a), x.At(i, b))
			bound := 1.01*math.Sqrt2*4*spec.Unit[T]()*norm + gamma(8)*norm + 6*spec.Tiny[T]()
			t.Near(at("norm of pair", i, k), math.Hypot(y.At(i, a), y.At(i, b)), norm, bound)
			told = told || norm > 8*bound
		}
	}
	t.Informative(told && moves(r, x.Rows))
}

func ropeZero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, pairs := drawRopeRows(t, 0)
	r := drawRotary(t, pairs)
	row := t.Int("row", 0, x.Rows-1)
	r.Offset = -row
	y := ropeOf(t, im, x, r)
	t.SameBits("row at position 0", spec.MatrixOf(y.Row(row)), spec.MatrixOf(x.Row(row)))
	t.Informative(reference.Norm(x.Row(row)) > 0)
	t.Sometimes("a negative offset", row > 0)
}

func ropeInner[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	pairs := t.Size("pairs", 1, 17)
	q, k := t.Matrix("q", 1, 2*pairs, ropeKinds, -2, 2), t.Matrix("k", 1, 2*pairs, ropeKinds, -2, 2)
	r := drawRotary(t, pairs)
	apart, by := t.Int("apart", -64, 64), t.Int("by", -1<<19, 1<<19)
	inner := func(shift int) (value, bound float64) {
		a, b := r, r
		a.Offset += shift
		b.Offset += shift + apart
		y, z := ropeOf(t, im, q, a), ropeOf(t, im, k, b)
		ye, ze := ropeBound[T](q, a), ropeBound[T](k, b)
		for c := range y.Cols {
			v, w := y.At(0, c), z.At(0, c)
			value += v * w
			bound += math.Abs(v)*ze.At(0, c) + math.Abs(w)*ye.At(0, c) + ye.At(0, c)*ze.At(0, c) + gamma(y.Cols+1)*math.Abs(v*w)
		}
		return value, bound
	}
	here, hereBound := inner(0)
	there, thereBound := inner(by)
	t.Near("inner product", there, here, hereBound+thereBound)
	t.Informative(by != 0 && math.Abs(here) > 8*(hereBound+thereBound))
}

func ropeOffsets[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	pairs := t.Size("pairs", 1, 33)
	x := t.Matrix("X", 1, 2*pairs, ropeKinds, -4, 4)
	first := drawRotary(t, pairs)
	second, both := first, first
	second.Offset = t.Int("second offset", -1<<19, 1<<19)
	if t.Bool("back") {
		second.Offset = -first.Offset
	}
	both.Offset += second.Offset
	y := ropeOf(t, im, x, first)
	bound := plus(scaled(ropeBound[T](x, first), 1.01*math.Sqrt2), plus(ropeBound[T](y, second), ropeBound[T](x, both)))
	got := ropeOf(t, im, y, second)
	near(t, "rope after rope", got, ropeOf(t, im, x, both), bound)
	t.Informative(first.Offset != 0 && second.Offset != 0 && exceeds(reference.Sub(y, got), bound, 8))
	t.Sometimes("there and back", both.Offset == 0 && first.Offset != 0)
}

func ropeUntouched[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, pairs := drawRopeRows(t, 1)
	r := drawRotary(t, pairs)
	y := ropeOf(t, im, x, r)
	poisoned := spec.Convert[float64](x)
	for i := range x.Rows {
		for c := r.Dims; c < x.Cols; c++ {
			t.Bits(at("channel beyond Dims", i, c), y.At(i, c), x.At(i, c))
			poisoned.Set(i, c, math.NaN())
		}
	}
	z := ropeOf(t, im, poisoned, r)
	for i := range x.Rows {
		for c := range r.Dims {
			t.Bits(at("channel beside NaN beyond Dims", i, c), z.At(i, c), y.At(i, c))
		}
	}
	t.Informative(moves(r, x.Rows) && reference.Norm(x.Data) > 0)
}

// ropeLayouts compares the two layouts, with the channels permuted or not.
func ropeLayouts[T spec.Float](permuted bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var x matrix
		var pairs int
		if permuted {
			x, pairs = drawRopeRows(t, 0)
		} else {
			n, rest := t.Size("n", 1, 2), t.Int("rest", 0, 1)
			pairs = t.Size("pairs", 1, 4)
			x = t.Matrix("X", n, 2*pairs+rest, []gen.Kind{gen.Ints, gen.Coarse, gen.OneHot}, 0, 1)
		}
		r := spec.Rotary{Layout: spec.InterleavedLayout, Dims: 2 * pairs, Offset: drawOffset(t), Base: drawBase(t)}
		h := r
		h.Layout = spec.HalfLayout
		order := make([]int, x.Cols) // half channel c is interleaved channel order[c]
		for c := range order {
			order[c] = c
		}
		if permuted {
			for k := range pairs {
				order[k], order[k+pairs] = 2*k, 2*k+1
			}
		}
		turned := reference.Transpose(permuteRows(reference.Transpose(x), order))
		y, z := ropeOf(t, im, x, r), ropeOf(t, im, turned, h)
		bound := plus(ropeBound[T](x, r), ropeBound[T](turned, h))
		for i := range x.Rows {
			for c, from := range order {
				if permuted {
					t.Bits(at("channel", i, from), z.At(i, c), y.At(i, from))
				} else {
					t.Near(at("channel", i, c), y.At(i, c), z.At(i, c), bound.At(i, c))
				}
			}
		}
		t.Informative(moves(r, x.Rows) && reference.Norm(x.Data) > 0 && pairs > 1)
	}
}

func ropeScale[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, pairs := drawRopeRows(t, 0)
	r := drawRotary(t, pairs)
	c := math.Ldexp(1, t.Int("k", -12, 12))
	if t.Bool("negative") {
		c = -c
	}
	y, z := ropeOf(t, im, x, r), ropeOf(t, im, scaled(x, c), r)
	for i := range x.Rows {
		for k := range x.Cols {
			t.Near(at("rope of scaled rows", i, k), z.At(i, k), c*y.At(i, k), 0)
		}
	}
	t.Informative(c != 1 && reference.Norm(x.Data) > 0)
	t.Sometimes("negative", c < 0)
}

// ropeSingleAngles asserts that an angle formed in float32 turns (1, 0) where it
// belongs. That the implementation turns it there is required apart.
func ropeSingleAngles[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	pairs := t.Size("pairs", 1, 8)
	k, p := t.Int("k", 0, pairs-1), t.Int("p", 0, 1<<20)
	r := spec.Rotary{Layout: spec.InterleavedLayout, Dims: 2 * pairs, Offset: p, Base: 10000}
	x := spec.NewMatrix[float64](1, r.Dims)
	x.Set(0, 2*k, 1)
	y := ropeOf(t, im, x, r)
	bound := ropeBound[T](x, r).At(0, 2*k) + gamma(4)
	exact := reference.Angle(p, k, r.Dims, r.Base)
	t.Require(math.Abs(y.At(0, 2*k)-math.Cos(exact)) <= bound+reference.AngleBound(p, k, r.Dims, r.Base), "(1, 0) is not turned to position %d", p)
	omega := float32(reference.Angle(1, k, r.Dims, r.Base))
	angle := float64(float32(p) * omega)
	t.Near("cosine", math.Cos(angle), y.At(0, 2*k), 4*0x1p-24+bound)
}

func ropeRows[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, pairs := drawRopeRows(t, 0)
	r := drawRotary(t, pairs)
	y := ropeOf(t, im, x, r)
	row, pair := t.Int("row", 0, x.Rows-1), t.Int("pair", 0, pairs-1)
	a, b := r.Pair(pair)
	alone := r
	alone.Offset += row
	single := spec.MatrixOf(x.Row(row))
	single.Set(0, a, math.NaN())
	z := ropeOf(t, im, single, alone)
	for c, v := range z.Row(0) {
		if c == a || c == b {
			t.Check(math.IsNaN(v), "channel %d of a pair that holds NaN is %v", c, v)
			continue
		}
		t.Bits(at("row by itself", row, c), v, y.At(row, c))
	}
	t.Informative(r.Offset+row != 0 && pairs > 1 && reference.Norm(x.Row(row)) > 0)
	t.Sometimes("a row behind the first", row > 0)
}
