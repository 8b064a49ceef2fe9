package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func asymmetricProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ASY-001", Run: asymmetricApply[T]},
		{Claim: "ASY-002", Run: asymmetricLoopZero[T](true)},
		{Claim: "ASY-003", Run: asymmetricLoopZero[T](false)},
		{Claim: "ASY-004", Run: asymmetricLoopValue[T]},
		{Claim: "ASY-005", Run: asymmetricLift[T]},
		{Claim: "ASY-006", Run: asymmetricLiftTwice[T]},
		{Claim: "ASY-007", Run: asymmetricLiftSquare[T]},
		{Claim: "ASY-008", Run: asymmetricDilate[T]},
		{Claim: "ASY-009", Run: asymmetricDilation[T]},
		{Claim: "ASY-010", Run: asymmetricDilationOfAny[T]},
		{Claim: "ASY-011", Run: asymmetricPrecondition[T]},
		{Claim: "ASY-012", Run: asymmetricProduct[T]},
		{Claim: "ASY-013", Run: asymmetricProductOfSingular[T]},
		{Claim: "ASY-014", Run: asymmetricDescent[T](gen.Uniform, 0)},
		{Claim: "ASY-015", Run: asymmetricDescent[T](gen.Ints, 1)},
		{Claim: "ASY-016", Run: asymmetricRealEigenvalues[T]},
		{Claim: "ASY-017", Run: equilibriumValue[T]},
		{Claim: "ASY-018", Run: equilibriumDescent[T](equilibriumCase{symmetric: true, above: -1, positive: true, guaranteed: true})},
		{Claim: "ASY-019", Run: equilibriumDescent[T](equilibriumCase{symmetric: true, above: -8, positive: true})},
		{Claim: "ASY-020", Run: equilibriumDescent[T](equilibriumCase{above: -1, positive: true})},
		{Claim: "ASY-021", Run: equilibriumDescent[T](equilibriumCase{symmetric: true, above: -1})},
		{Claim: "ASY-022", Run: equilibriumOfResidual[T]},
		{Claim: "ASY-023", Run: equilibriumContracts[T]},
		{Claim: "ASY-024", Run: equilibriumNonexpansive[T]},
		{Claim: "ASY-025", Run: loopOfGradient[T]},
		{Claim: "ASY-026", Run: loopOfStep[T]},
		{Claim: "ASY-027", Run: attentionMapValue[T]},
		{Claim: "ASY-028", Run: loopOfAttentionMap[T](true, false)},
		{Claim: "ASY-029", Run: loopOfAttentionMap[T](false, false)},
		{Claim: "ASY-030", Run: loopOfAttentionMap[T](true, true)},
	}
}

func applied[T spec.Float](t *Trial, im *spec.Implementation[T], y, w matrix) matrix {
	out := output[T](t, "YW", y.Rows, y.Cols)
	im.Asymmetric.Apply(out, input[T](t, "Y", y), input[T](t, "W", w))
	return wide(out)
}

func asymmetricApply[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	d := t.Size("d", 1, 17)
	y := t.Matrix("Y", t.Size("n", 1, 9), d, gen.Numbers, -2, 2)
	w := t.Matrix("W", d, d, gen.Numbers, -2, 1)
	want := spec.NewMatrix[float64](y.Rows, d)
	t.Oracle.Asymmetric.Apply(want, y, w)
	bound := reference.ApplyBound(y, w, reference.RoundingOf[T]())
	near(t, "YW", applied(t, im, y, w), want, bound)
	t.Informative(exceeds(want, bound, 8))
}

// symmetrized returns w with its lower triangle replaced by the upper one.
func symmetrized(w matrix) matrix {
	w = spec.Convert[float64](w)
	for i := range w.Rows {
		for j := range i {
			w.Set(i, j, w.At(j, i))
		}
	}
	return w
}

// parallelogramLoop returns ∮⟨y−yW, dy⟩ round p, p+a, p+a+b, p+b, with yW
// from the implementation, the bound of its rounding and the size of its terms.
// On a straight edge a linear field is integrated exactly by its value at the
// midpoint. The corners are multiples of 1/4 times a power of two, so that the
// midpoints are exact.
func parallelogramLoop[T spec.Float](t *Trial, im *spec.Implementation[T], w, p, a, b matrix) (loop, bound, size float64) {
	d := w.Rows
	mid, edges := spec.NewMatrix[float64](4, d), spec.NewMatrix[float64](4, d)
	for k := range d {
		x, y, z := p.At(0, k), a.At(0, k), b.At(0, k)
		for i, v := range []float64{x + y/2, x + y + z/2, x + y/2 + z, x + z/2} {
			mid.Set(i, k, v)
		}
		for i, v := range []float64{y, z, -y, -z} {
			edges.Set(i, k, v)
		}
	}
	field := reference.Sub(mid, applied(t, im, mid, w))
	loop, size = reference.Inner(field, edges)
	_, bound = reference.Inner(reference.ApplyBound(mid, w, reference.RoundingOf[T]()), edges)
	return loop, bound + gamma(4*d+2)*size, size
}

func drawLoop(t *Trial) (w, p, a, b matrix) {
	d := t.Size("d", 2, 5)
	coarse := []gen.Kind{gen.Coarse, gen.Ints}
	w = t.Matrix("W", d, d, gen.Numbers, -2, 1)
	corners := func(name string) matrix { return t.Matrix(name, 1, d, coarse, -2, 2) }
	return w, corners("p"), corners("a"), corners("b")
}

// asymmetricLoopZero checks that the loop integral is zero, for symmetric W or
// for any.
func asymmetricLoopZero[T spec.Float](symmetric bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		w, p, a, b := drawLoop(t)
		if symmetric {
			w = symmetrized(w)
		}
		loop, bound, size := parallelogramLoop(t, im, w, p, a, b)
		t.Near("∮⟨y−yW, dy⟩", loop, 0, bound)
		t.Informative(size > 64*bound)
	}
}

func asymmetricLoopValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	w, p, a, b := drawLoop(t)
	loop, bound, _ := parallelogramLoop(t, im, w, p, a, b)
	ba, baSize := reference.Inner(reference.Times(b, w), a)
	ab, abSize := reference.Inner(reference.Times(a, w), b)
	bound += gamma(2*w.Rows+2) * (baSize + abSize)
	t.Near("∮⟨y−yW, dy⟩", loop, ba-ab, bound)
	t.Informative(math.Abs(ba-ab) > 8*bound)
}

func lifted[T spec.Float](t *Trial, im *spec.Implementation[T], w matrix) matrix {
	out := output[T](t, "Lift(W)", 2*w.Rows, 2*w.Rows)
	im.Asymmetric.Lift(out, input[T](t, "W", w))
	return wide(out)
}

// embedded returns [y, 0], or [0, y] if second.
func embedded(y matrix, second bool) matrix {
	out := spec.NewMatrix[float64](y.Rows, 2*y.Cols)
	half := out.Columns(0, y.Cols)
	if second {
		half = out.Columns(y.Cols, 2*y.Cols)
	}
	for i := range y.Rows {
		copy(half.Row(i), y.Row(i))
	}
	return out
}

func sameTranspose(t *Trial, what string, m matrix) {
	t.SameBits(what+" transposed", reference.Transpose(m), m)
}

func drawLift(t *Trial) (y, w matrix) {
	d := t.Size("d", 1, 9)
	return t.Matrix("Y", t.Size("n", 1, 5), d, gen.Numbers, -2, 2), t.Matrix("W", d, d, gen.Numbers, -2, 1)
}

func asymmetricLift[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	y, w := drawLift(t)
	lift := lifted(t, im, w)
	sameTranspose(t, "Lift(W)", lift)
	want := embedded(reference.Times(y, w), true)
	t.SameBits("[y,0]·Lift(W)", reference.Times(embedded(y, false), lift), want)
	t.Informative(reference.Norm(want.Data) > 0)
}

func asymmetricLiftTwice[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	y, w := drawLift(t)
	lift, wt := lifted(t, im, w), reference.Transpose(w)
	twice := func(m matrix) matrix { return reference.Times(reference.Times(m, lift), lift) }
	want := embedded(reference.Times(reference.Times(y, w), wt), false)
	t.SameBits("[y,0]·Lift(W)²", twice(embedded(y, false)), want)
	t.SameBits("[0,y]·Lift(W)²", twice(embedded(y, true)), embedded(reference.Times(reference.Times(y, wt), w), true))
	t.Informative(reference.Norm(want.Data) > 0)
}

func asymmetricLiftSquare[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	y, w := drawLift(t)
	lift := lifted(t, im, w)
	twice := reference.Times(reference.Times(embedded(y, false), lift), lift)
	square := embedded(reference.Times(reference.Times(y, w), w), false)
	size := reference.Times(reference.Times(absolute(embedded(y, false)), absolute(lift)), absolute(lift))
	near(t, "[y,0]·Lift(W)²", twice, square, scaled(size, 2*gamma(3*w.Rows)))
}

func dilated[T spec.Float](t *Trial, im *spec.Implementation[T], w matrix) matrix {
	out := output[T](t, "dilation", 2*w.Rows, 2*w.Rows)
	im.Asymmetric.Dilate(out, input[T](t, "W", w))
	return wide(out)
}

// drawContraction draws W with ‖W‖₂ ≤ 1, often 1 itself.
func drawContraction(t *Trial) matrix {
	d := t.Size("d", 1, 5)
	shrink := -int(math.Ceil(math.Log2(float64(d))/2)) - 1
	w := t.Matrix("W", d, d, []gen.Kind{gen.OneHot, gen.Coarse, gen.Uniform, gen.Normal, gen.Ints}, shrink, 0)
	norm := reference.SpectralNormSquared(w)
	if norm > 1 {
		t.Undecidable()
	}
	t.Sometimes("‖W‖ = 1", norm == 1)
	t.Sometimes("‖W‖ < 1", norm > 0 && norm < 0.9)
	return w
}

func asymmetricDilate[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	w := drawContraction(t)
	want := spec.NewMatrix[float64](2*w.Rows, 2*w.Rows)
	t.Oracle.Asymmetric.Dilate(want, w)
	bound := reference.DilationBound(w, reference.RoundingOf[T]())
	near(t, "dilation", dilated(t, im, w), want, bound)
	t.Informative(exceeds(want, bound, 8))
}

func asymmetricDilation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	w := drawContraction(t)
	j := dilated(t, im, w)
	sameTranspose(t, "dilation", j)
	for i := range w.Rows {
		for k := range w.Rows {
			t.Bits(at("block W", i, k), j.At(i, w.Rows+k), w.At(i, k))
		}
	}
	orthogonal(t, j, reference.DilationBound(w, reference.RoundingOf[T]()))
	t.Informative(reference.Norm(w.Data) > 0)
}

// orthogonal checks J·J = I where each element of J is off by at most e from a
// symmetric orthogonal matrix, so that J·J is by at most |J|e + e|J| + e².
func orthogonal(t *Trial, j, e matrix) {
	abs := absolute(j)
	square, size := reference.Times(j, j), reference.Times(abs, abs)
	left, right, both := reference.Times(abs, e), reference.Times(e, abs), reference.Times(e, e)
	for i := range j.Rows {
		for k := range j.Cols {
			want := 0.0
			if i == k {
				want = 1
			}
			t.Near(at("J·J", i, k), square.At(i, k), want,
				left.At(i, k)+right.At(i, k)+both.At(i, k)+gamma(j.Rows+1)*size.At(i, k))
		}
	}
}

func asymmetricDilationOfAny[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	d := t.Size("d", 1, 3)
	w := t.Matrix("W", d, d, []gen.Kind{gen.Ints, gen.Coarse}, 0, 1)
	orthogonal(t, dilated(t, im, w), reference.DilationBound(w, reference.RoundingOf[T]()))
}

// eigenpair holds drawn eigenvectors (columns of V) and eigenvalues of a
// matrix W = V diag(omega) V⁻¹, with what an implementation makes of them.
type eigenpair struct {
	v      matrix
	omega  []float64
	h, q   matrix
	hb, qb matrix // the bounds of h and q
}

// drawEigen draws V = I + a small matrix and d eigenvalues.
func drawEigen[T spec.Float](t *Trial, im *spec.Implementation[T], kind gen.Kind, exponent int) eigenpair {
	d := t.Size("d", 1, 5)
	tilt := t.Matrix("tilt", d, d, []gen.Kind{gen.Coarse, gen.Uniform, gen.Normal}, -3, -1)
	v := spec.NewMatrix[float64](d, d)
	for i := range d {
		for k := range d {
			v.Set(i, k, tilt.At(i, k))
		}
		v.Set(i, i, float64(float32(1+tilt.At(i, i))))
	}
	omega := t.Matrix("omega", 1, d, []gen.Kind{kind, gen.Coarse}, exponent, exponent)
	return precondition(t, im, v, omega.Row(0))
}

func precondition[T spec.Float](t *Trial, im *spec.Implementation[T], v matrix, omega []float64) eigenpair {
	hb, qb, ok := reference.PreconditionBound(v, omega, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	d := v.Rows
	h, q := output[T](t, "H", d, d), output[T](t, "Q", d, d)
	im.Asymmetric.Precondition(h, q, input[T](t, "V", v), spec.Convert[T](spec.MatrixOf(omega)).Row(0))
	return eigenpair{v, omega, wide(h), wide(q), hb, qb}
}

func asymmetricPrecondition[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEigen(t, im, gen.Uniform, 0)
	d := e.v.Rows
	h, q := spec.NewMatrix[float64](d, d), spec.NewMatrix[float64](d, d)
	t.Oracle.Asymmetric.Precondition(h, q, e.v, e.omega)
	near(t, "H", e.h, h, e.hb)
	near(t, "Q", e.q, q, e.qb)
	t.Informative(exceeds(h, e.hb, 8) && exceeds(q, e.qb, 8))
}

// product checks HQV = V diag(1−omega), that is HQ = I − W. With H off by hb
// and Q by qb the left side is off by (hb·|Q| + |H|·qb + hb·qb)|V|.
func (e eigenpair) product(t *Trial) {
	d := e.v.Rows
	times3 := func(x, y, z matrix) matrix { return reference.Times(reference.Times(x, y), z) }
	h, q, v := absolute(e.h), absolute(e.q), absolute(e.v)
	got, size := times3(e.h, e.q, e.v), times3(h, q, v)
	a, b, c := times3(e.hb, q, v), times3(h, e.qb, v), times3(e.hb, e.qb, v)
	for i := range d {
		for k := range d {
			bound := 1.01*(a.At(i, k)+b.At(i, k)+c.At(i, k)) + gamma(3*d+2)*(size.At(i, k)+v.At(i, k)*(1+math.Abs(e.omega[k])))
			t.Near(at("HQV", i, k), got.At(i, k), e.v.At(i, k)*(1-e.omega[k]), bound)
		}
	}
}

func asymmetricProduct[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEigen(t, im, gen.Uniform, 0)
	sameTranspose(t, "H", e.h)
	sameTranspose(t, "Q", e.q)
	e.product(t)
	values, _ := reference.SymmetricEigen(e.q)
	for _, x := range values {
		t.Check(x > 0, "Q has the eigenvalue %v", x)
	}
	t.Informative(e.v.Rows > 1)
	t.Sometimes("one channel", e.v.Rows == 1)
}

func asymmetricProductOfSingular[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	v := t.Matrix("V", 2, 2, []gen.Kind{gen.Ints, gen.One, gen.OneHot}, 0, 0)
	omega := t.Matrix("omega", 1, 2, []gen.Kind{gen.Coarse}, 0, 0).Row(0)
	h, q := output[T](t, "H", 2, 2), output[T](t, "Q", 2, 2)
	im.Asymmetric.Precondition(h, q, input[T](t, "V", v), spec.Convert[T](spec.MatrixOf(omega)).Row(0))
	square, _ := reference.Inner(v, v)
	// The relative error is below 1 wherever the columns are independent.
	t.Within("‖Q‖_F", reference.Norm(wide(q).Data), 2*(2+square))
}

// asymmetricDescent checks that E(y) = ½yHyᵀ falls by
// ½Σ(1−ω)²(1+ω)c², c = yV, under y → y − yHQ. Where that is negative the
// statement is that E does not rise.
func asymmetricDescent[T spec.Float](kind gen.Kind, exponent int) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		e := drawEigen(t, im, kind, exponent)
		d := e.v.Rows
		y := t.Matrix("y", 1, d, gen.Numbers, -2, 2)
		var decrease, size float64
		for k, c := range reference.Times(y, e.v).Row(0) {
			cs := reference.Times(absolute(y), absolute(e.v)).At(0, k)
			w := (1 - e.omega[k]) * (1 - e.omega[k]) / 2
			decrease += w * (1 + e.omega[k]) * c * c
			size += w * (1 + math.Abs(e.omega[k])) * cs * cs
		}
		decrease = max(0, decrease)
		h, q := absolute(e.h), absolute(e.q)
		g := reference.Times(y, e.h)
		next := reference.Sub(y, reference.Times(g, e.q))
		// g is off by |y|hb, the move by that through |Q| and by |g|qb.
		gb := reference.Times(absolute(y), e.hb)
		for k := range gb.Data {
			gb.Data[k] += gamma(d+1) * reference.Times(absolute(y), h).Data[k]
		}
		moved, viaQ := reference.Times(gb, q), reference.Times(absolute(g), e.qb)
		cross, judge := reference.Times(gb, e.qb), reference.Times(absolute(g), q)
		slip := spec.NewMatrix[float64](1, d)
		for k := range slip.Data {
			slip.Data[k] = 1.01*(moved.Data[k]+viaQ.Data[k]+cross.Data[k]) + gamma(d+2)*judge.Data[k] + unit64*math.Abs(next.Data[k])
		}
		before, beforeBound := quadraticForm(y, e.h, e.hb, scaled(slip, 0))
		after, afterBound := quadraticForm(next, e.h, e.hb, slip)
		bound := beforeBound + afterBound + gamma(2*d+12)*size
		t.Within("½yHyᵀ after the step above that before less the decrease", after-before+decrease, bound)
		t.Informative(decrease > bound)
	}
}

// quadraticForm returns ½xHxᵀ and its error when H is off by hb and x by slip:
// ½|x|hb|x| + |x||H|slip + ½slip|H|slip, and the rounding of the sum.
func quadraticForm(x, h, hb, slip matrix) (value, bound float64) {
	value, _ = reference.Inner(reference.Times(x, h), x)
	ax, ah := absolute(x), absolute(h)
	size, _ := reference.Inner(reference.Times(ax, ah), ax)
	inH, _ := reference.Inner(reference.Times(ax, hb), ax)
	inX, _ := reference.Inner(reference.Times(ax, ah), slip)
	both, _ := reference.Inner(reference.Times(slip, ah), slip)
	return value / 2, 1.01*(inH/2+inX+both/2) + gamma(2*x.Cols+2)*size
}

// asymmetricRealEigenvalues asks of 2×2 matrices what HQ with H symmetric and Q
// positive definite implies: W is similar to I − Q^{1/2}HQ^{1/2}, which is
// symmetric, so that (w₁₁−w₂₂)² + 4w₁₂w₂₁ ≥ 0.
func asymmetricRealEigenvalues[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	drawn := t.Matrix("W", 2, 2, []gen.Kind{gen.Ints, gen.Coarse}, 0, 0)
	unit := spec.MatrixOf([]float64{1, 0}, []float64{0, 1})
	w := applied(t, im, unit, drawn)
	b := reference.ApplyBound(unit, drawn, reference.RoundingOf[T]())
	gap := w.At(0, 0) - w.At(1, 1)
	bound := 2*math.Abs(gap)*(b.At(0, 0)+b.At(1, 1)) + 4*(math.Abs(w.At(0, 1))*b.At(1, 0)+math.Abs(w.At(1, 0))*b.At(0, 1)) +
		gamma(8)*(gap*gap+4*math.Abs(w.At(0, 1)*w.At(1, 0)))
	t.Within("−((w₁₁−w₂₂)² + 4w₁₂w₂₁)", -(gap*gap + 4*w.At(0, 1)*w.At(1, 0)), 1.01*bound)
}
