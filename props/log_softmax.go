package props

import (
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

func logSoftmaxProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "SMX-010", Run: logSoftmaxValue[T]},
		{Claim: "SMX-011", Run: logSoftmaxSum[T]},
		{Claim: "SMX-012", Run: logSoftmaxDistance[T]},
		{Claim: "SMX-013", Run: logSoftmaxOfWeight[T]},
		{Claim: "SMX-014", Run: logSoftmaxShift[T](13)},
		{Claim: "SMX-015", Run: logSoftmaxShift[T](70)},
		{Claim: "SMX-016", Run: logSoftmaxMasked[T]},
		{Claim: "SMX-017", Run: logSoftmaxPermutation[T]},
		{Claim: "SMX-018", Run: logSoftmaxNaN[T]},
	}
}

// logSoftmaxOf runs the implementation on the logits x.
func logSoftmaxOf[T spec.Float](t *Trial, im *spec.Implementation[T], x []float64) []float64 {
	in := input[T](t, "x", spec.MatrixOf(x))
	out := output[T](t, "log-weights", 1, len(x))
	im.LogSoftmax(out.Row(0), in.Row(0))
	return wide(out).Row(0)
}

func logSoftmaxValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawLogits(t, 1, 65)
	left := maskLogits(t, x)
	b := softmaxBounds[T](t, x)
	got, want := logSoftmaxOf(t, im, x), make([]float64, len(x))
	t.Oracle.LogSoftmax(want, x)
	for j := range x {
		bound := b.LogWeight(x, j)
		if !math.IsInf(want[j], 0) {
			bound += unit64 * math.Abs(want[j])
		}
		t.Near(at("log-weight", 0, j), got[j], want[j], bound)
	}
	t.Informative(left > 1)
	t.Sometimes("a masked logit", left > 0 && left < len(x))
	t.Sometimes("n > 16", len(x) > 16)
}

func logSoftmaxSum[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawLogits(t, 1, 129)
	b := softmaxBounds[T](t, x)
	var sum, err float64
	for j, y := range logSoftmaxOf(t, im, x) {
		e := b.LogWeight(x, j)
		t.Within(at("log-weight above 0", 0, j), y, e)
		p := math.Exp(y)
		sum += p
		err += p*math.Expm1(e) + gamma(len(x)+4)*p
	}
	t.Near("sum of the exponentials", sum, 1, err)
	t.Informative(len(x) > 1)
}

func logSoftmaxDistance[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 1, 65)
	x := t.Matrix("x", 1, n, []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.Heavy, gen.OneHot}, 4, 17).Row(0)
	b := softmaxBounds[T](t, x)
	top, told := slices.Max(x), false
	for j, y := range logSoftmaxOf(t, im, x) {
		e := b.LogWeight(x, j) + gamma(4)*(top-x[j]+math.Log(float64(n)))
		t.Within(at("log-weight above its distance", 0, j), y-(x[j]-top), e)
		t.Within(at("log-weight below its distance less log n", 0, j), (x[j]-top)-math.Log(float64(n))-y, e)
		told = told || top-x[j] > 800 // the weight is 0 in float64
	}
	t.Informative(told)
}

// logSoftmaxOfWeight asserts that the logarithm of a computed weight is its
// log-weight.
func logSoftmaxOfWeight[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 9)
	x := t.Matrix("x", 1, n, []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, 0, 11).Row(0)
	b := softmaxBounds[T](t, x)
	p, y := softmaxOf(t, im, x), logSoftmaxOf(t, im, x)
	for j := range x {
		t.Require(!math.IsInf(y[j], 0) && !math.IsNaN(y[j]), "log-weight %d is %v", j, y[j])
		t.Near(at("log of weight", 0, j), math.Log(p[j]), y[j], b.LogWeight(x, j)+2*b.Relative(j)+gamma(4)*math.Abs(y[j]))
	}
}

// logSoftmaxShift compares the log-weights of x and x + c for c up to 2^hi.
func logSoftmaxShift[T spec.Float](hi int) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		n := t.Size("n", 2, 65)
		// Multiples of 1/16 up to 16 take 9 bits: a shift by up to 2¹⁴ in steps
		// of 1/16 is exact in float32.
		x := t.Matrix("x", 1, n, []gen.Kind{gen.Coarse, gen.Ints}, -2, 2).Row(0)
		c := t.Power("c", 0, hi)
		if t.Bool("negative") {
			c = -c
		}
		moved := make([]float64, n)
		for j := range x {
			moved[j] = float64(T(x[j] + c))
		}
		b := softmaxBounds[T](t, x)
		y, z := logSoftmaxOf(t, im, x), logSoftmaxOf(t, im, moved)
		told := false
		for j := range x {
			t.Near(at("log-weight", 0, j), z[j], y[j], 2*b.LogWeight(x, j))
			told = told || math.Abs(y[j]+math.Log(float64(n))) > 8*b.LogWeight(x, j)
		}
		t.Informative(told)
		if hi == 13 {
			t.Sometimes("a shift by more than 100", math.Abs(c) > 100)
		}
	}
}

func logSoftmaxMasked[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, kept, left := drawMaskedLogits(t)
	var alone []float64
	if left > 0 {
		alone = logSoftmaxOf(t, im, kept)
	}
	b := softmaxBounds[T](t, kept)
	k := 0
	for j, y := range logSoftmaxOf(t, im, x) {
		if math.IsInf(x[j], -1) {
			t.Bits(at("log-weight of −Inf", 0, j), y, x[j])
			continue
		}
		t.Near(at("log-weight", 0, j), y, alone[k], 2*b.LogWeight(kept, k))
		k++
	}
	t.Informative(left < len(x))
	t.Sometimes("all masked", left == 0)
	t.Sometimes("some masked", left > 0 && left < len(x))
}

func logSoftmaxPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawLogits(t, 2, 129)
	maskLogits(t, x)
	order := permutation(t, "logit", len(x))
	moved := permuteRows(spec.Column(x...), order).Data
	b := softmaxBounds[T](t, x)
	y, z := logSoftmaxOf(t, im, x), logSoftmaxOf(t, im, moved)
	told := false
	for j, from := range order {
		t.Near(at("log-weight", 0, j), z[j], y[from], 2*b.LogWeight(x, from))
		told = told || math.Abs(y[j]-y[from]) > 8*(b.LogWeight(x, from)+b.LogWeight(x, j))
	}
	t.Informative(told)
}

func logSoftmaxNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawLogits(t, 1, 65)
	maskLogits(t, x)
	place := t.Int("place", 0, len(x)-1)
	what := t.Word("what", "NaN", "+Inf")
	x[place] = math.NaN()
	if what == "+Inf" {
		x[place] = math.Inf(1)
	}
	for j, y := range logSoftmaxOf(t, im, x) {
		t.Check(math.IsNaN(y), "log-weight %d is %v although logit %d is %s", j, y, place, what)
	}
	t.Sometimes("+Inf", what == "+Inf")
	t.Sometimes("NaN behind the first logit", what == "NaN" && place > 0)
}
