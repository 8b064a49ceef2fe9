package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func linearProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "LIN-001", Run: linearValue[T]},
		{Claim: "LIN-002", Run: linearAdditive[T]},
		{Claim: "LIN-003", Run: linearRows[T]},
		{Claim: "LIN-004", Run: linearZeroRow[T]},
		{Claim: "LIN-005", Run: linearIntegers[T]},
		{Claim: "LIN-006", Run: linearNaN[T]},
		{Claim: "LIN-007", Run: reluValue[T]},
		{Claim: "LIN-008", Run: reluIdempotent[T]},
		{Claim: "LIN-009", Run: reluAdditive[T]},
	}
}

// linearCase is a drawn linear layer without its input.
type linearCase[T spec.Float] struct {
	w    matrix
	bias []float64
}

// drawLinear draws W (d×p) and, half of the time, a bias.
func drawLinear[T spec.Float](t *Trial, d, p int, kinds []gen.Kind, lo, hi int) linearCase[T] {
	c := linearCase[T]{w: t.Matrix("W", d, p, kinds, lo, hi)}
	if t.Bool("biased") {
		c.bias = t.Matrix("bias", 1, p, kinds, lo, hi).Row(0)
	}
	t.Sometimes("bias", c.bias != nil)
	t.Sometimes("no bias", c.bias == nil)
	return c
}

// drawLinearSizes draws n, d and p, some of them beyond the blocks of a fast kernel.
func drawLinearSizes(t *Trial, minRows int) (n, d, p int) {
	n, d, p = t.Size("n", minRows, 17), t.Size("d", 1, 129), t.Size("p", 1, 17)
	if t.Bool("wide") {
		p = t.Size("p wide", 63, 129)
	} else if t.Bool("square") {
		p = d
	}
	t.Sometimes("p > 64", p > 64)
	t.Sometimes("W square", p == d && d > 1)
	return n, d, p
}

// layer runs the implementation on X.
func (c linearCase[T]) layer(t *Trial, im *spec.Implementation[T], x matrix) matrix {
	out := output[T](t, "Y", x.Rows, c.w.Cols)
	var bias []T
	if c.bias != nil {
		bias = input[T](t, "bias", spec.MatrixOf(c.bias)).Row(0)
	}
	im.Linear(out, input[T](t, "X", x), input[T](t, "W", c.w), bias)
	return wide(out)
}

func (c linearCase[T]) bound(x matrix) matrix {
	return reference.LinearBound(x, c.w, c.bias, reference.RoundingOf[T]())
}

var linearKinds = []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.Heavy, gen.OneHot, gen.Iota}

func linearValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d, p := drawLinearSizes(t, 1)
	x := t.Matrix("X", n, d, linearKinds, -4, 4)
	c := drawLinear[T](t, d, p, linearKinds, -4, 4)
	want := spec.NewMatrix[float64](n, p)
	t.Oracle.Linear(want, x, c.w, c.bias)
	bound := c.bound(x)
	near(t, "Y", c.layer(t, im, x), want, bound)
	t.Informative(exceeds(want, bound, 8))
}

func linearAdditive[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d, p := drawLinearSizes(t, 1)
	exact := []gen.Kind{gen.Coarse, gen.Ints, gen.Iota, gen.OneHot}
	x, z := t.Matrix("X", n, d, exact, -2, 2), t.Matrix("X′", n, d, exact, -2, 2)
	sum := reference.Sub(x, scaled(z, -1))
	c := drawLinear[T](t, d, p, linearKinds, -4, 4)
	a, b, both := c.layer(t, im, x), c.layer(t, im, z), c.layer(t, im, sum)
	ab, bb, sb := c.bound(x), c.bound(z), c.bound(sum)
	told := false
	for i := range n {
		for l := range p {
			var bias float64
			if c.bias != nil {
				bias = c.bias[l]
			}
			got, want := both.At(i, l)+bias, a.At(i, l)+b.At(i, l)
			size := math.Abs(both.At(i, l)) + math.Abs(bias) + math.Abs(a.At(i, l)) + math.Abs(b.At(i, l))
			bound := ab.At(i, l) + bb.At(i, l) + sb.At(i, l) + gamma(2)*size
			t.Near(at("L(X+X′) + b", i, l), got, want, bound)
			told = told || math.Abs(a.At(i, l)) > 8*bound && math.Abs(b.At(i, l)) > 8*bound
		}
	}
	t.Informative(told)
}

func linearRows[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d, p := drawLinearSizes(t, 2)
	x := t.Matrix("X", n, d, linearKinds, -4, 4)
	c := drawLinear[T](t, d, p, linearKinds, -4, 4)
	bound := c.bound(x)
	bad := t.Int("bad row", 0, n-1)
	poisoned := spec.Convert[float64](x)
	for k := range d {
		poisoned.Set(bad, k, math.NaN())
		if t.Bool("infinite") {
			poisoned.Set(bad, k, math.Inf(1))
		}
	}
	y := c.layer(t, im, poisoned)
	told := false
	for i := range n {
		if i == bad {
			continue
		}
		row, limit := spec.MatrixOf(y.Row(i)), scaled(spec.MatrixOf(bound.Row(i)), 2)
		near(t, "row among others", row, c.layer(t, im, spec.MatrixOf(x.Row(i))), limit)
		told = told || exceeds(row, limit, 8)
	}
	t.Informative(told)
}

func linearZeroRow[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d, p := drawLinearSizes(t, 1)
	x := spec.Convert[float64](t.Matrix("X", n, d, linearKinds, -4, 4))
	c := drawLinear[T](t, d, p, linearKinds, -4, 60)
	zero := t.Int("zero row", 0, n-1)
	clear(x.Row(zero))
	for l, v := range c.layer(t, im, x).Row(zero) {
		want := 0.0
		if c.bias != nil {
			want = c.bias[l]
		}
		t.Check(v == want, "a row of zeros gives %v in column %d, not %v", v, l, want)
	}
	t.Informative(reference.Norm(c.w.Data) > 0)
}

func linearIntegers[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d, p := drawLinearSizes(t, 1)
	x := t.Matrix("X", n, d, []gen.Kind{gen.Ints, gen.OneHot, gen.One}, 0, 3)
	c := drawLinear[T](t, d, p, []gen.Kind{gen.Ints, gen.OneHot, gen.One}, 0, 3)
	y := c.layer(t, im, x)
	seen := false
	for i := range n {
		for l := range p {
			var want int
			for k := range d {
				want += int(x.At(i, k)) * int(c.w.At(k, l))
			}
			if c.bias != nil {
				want += int(c.bias[l])
			}
			// Adding +0 leaves the sign of a zero out of it.
			t.Bits(at("Y", i, l), y.At(i, l)+0, float64(want))
			seen = seen || want != 0
		}
	}
	t.Informative(seen)
}

func linearNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d, p := drawLinearSizes(t, 1)
	kinds := []gen.Kind{gen.Zero, gen.OneHot, gen.Ints, gen.Normal}
	x := spec.Convert[float64](t.Matrix("X", n, d, kinds, -2, 2))
	c := drawLinear[T](t, d, p, kinds, -2, 2)
	c.w = spec.Convert[float64](c.w)
	inW := t.Bool("in W")
	i, k, l := t.Int("i", 0, n-1), t.Int("k", 0, d-1), t.Int("l", 0, p-1)
	if inW {
		c.w.Set(k, l, math.NaN())
	} else {
		x.Set(i, k, math.NaN())
	}
	y := c.layer(t, im, x)
	for r := range n {
		for q := range p {
			want := inW && q == l || !inW && r == i
			t.Check(math.IsNaN(y.At(r, q)) == want, "output (%d, %d) is %v with NaN in W: %v at i=%d k=%d l=%d", r, q, y.At(r, q), inW, i, k, l)
		}
	}
	t.Sometimes("NaN in W", inW)
	t.Sometimes("NaN in X", !inW)
}

// reluOf runs the implementation on x.
func reluOf[T spec.Float](t *Trial, im *spec.Implementation[T], x []float64) []float64 {
	in, out := input[T](t, "x", spec.MatrixOf(x)), output[T](t, "relu", 1, len(x))
	im.ReLU(out.Row(0), in.Row(0))
	return wide(out).Row(0)
}

func reluValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := t.Matrix("x", 1, t.Size("n", 1, 65), gen.Numbers, -120, 100).Row(0)
	tiny := spec.Tiny[T]()
	for j := range x {
		// Every third element is one of the special numbers.
		if j%3 == 0 {
			special := []float64{math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), tiny, -tiny, 0}
			x[j] = special[(j/3+t.Int("special", 0, len(special)-1))%len(special)]
		}
	}
	got, want := reluOf(t, im, x), make([]float64, len(x))
	t.Oracle.ReLU(want, x)
	for j := range x {
		t.Bits(at("relu", 0, j), got[j], want[j])
	}
	t.Sometimes("−0", math.Float64bits(x[0]) == 1<<63)
	t.Sometimes("NaN", math.IsNaN(x[0]))
	t.Sometimes("−Inf", math.IsInf(x[0], -1))
}

func reluIdempotent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := t.Matrix("x", 1, t.Size("n", 1, 65), gen.Numbers, -20, 20)
	k := t.Int("k", -8, 8)
	once := reluOf(t, im, x.Row(0))
	twice := reluOf(t, im, once)
	raised := reluOf(t, im, scaled(x, math.Ldexp(1, k)).Row(0))
	negated := reluOf(t, im, scaled(x, -1).Row(0))
	positive, negative := false, false
	for j, v := range x.Row(0) {
		t.Bits(at("relu of relu", 0, j), twice[j], once[j])
		t.Bits(at("relu of 2ᵏx", 0, j), raised[j], math.Ldexp(once[j], k))
		t.Check(once[j]-negated[j] == v, "relu(x) − relu(−x) is %v for x = %v", once[j]-negated[j], v)
		positive, negative = positive || v > 0, negative || v < 0
	}
	t.Informative(positive || negative)
	t.Sometimes("both signs", positive && negative)
}

// reluAdditive asserts that a linear layer followed by ReLU is additive.
func reluAdditive[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d, p := t.Size("n", 1, 4), t.Size("d", 1, 4), t.Size("p", 1, 4)
	exact := []gen.Kind{gen.Coarse, gen.Ints}
	x, z := t.Matrix("X", n, d, exact, -2, 2), t.Matrix("X′", n, d, exact, -2, 2)
	c := linearCase[T]{w: t.Matrix("W", d, p, exact, -2, 2)}
	sum := reference.Sub(x, scaled(z, -1))
	through := func(m matrix) matrix {
		y := c.layer(t, im, m)
		return spec.MatrixOf(reluOf(t, im, y.Data))
	}
	a, b, both := through(x), through(z), through(sum)
	ab, bb, sb := c.bound(x), c.bound(z), c.bound(sum)
	for j, v := range both.Data {
		want := a.Data[j] + b.Data[j]
		t.Near(at("ReLU(L(X+X′))", j/p, j%p), v, want, ab.Data[j]+bb.Data[j]+sb.Data[j]+gamma(1)*want)
	}
}
