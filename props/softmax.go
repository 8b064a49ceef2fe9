package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func softmaxProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "SMX-001", Run: softmaxValue[T]},
		{Claim: "SMX-002", Run: softmaxSum[T]},
		{Claim: "SMX-003", Run: softmaxShift[T](true)},
		{Claim: "SMX-004", Run: softmaxShift[T](false)},
		{Claim: "SMX-005", Run: softmaxOrder[T]},
		{Claim: "SMX-006", Run: softmaxMasked[T]},
		{Claim: "SMX-007", Run: softmaxHuge[T]},
		{Claim: "SMX-008", Run: softmaxPermutation[T]},
		{Claim: "SMX-009", Run: softmaxNaN[T]},
	}
}

// softmaxOf runs the implementation on the logits x.
func softmaxOf[T spec.Float](t *Trial, im *spec.Implementation[T], x []float64) []float64 {
	out := output[T](t, "weights", 1, len(x))
	if t.Bool("in place") { // dst may be x itself
		for j, v := range x {
			out.Set(0, j, T(v))
		}
		im.Softmax(out.Row(0), out.Row(0))
		return wide(out).Row(0)
	}
	in := input[T](t, "x", spec.MatrixOf(x))
	im.Softmax(out.Row(0), in.Row(0))
	return wide(out).Row(0)
}

// softmaxBounds returns the bounds at the logits x.
func softmaxBounds[T spec.Float](t *Trial, x []float64) *reference.SoftmaxBounds {
	b := reference.NewSoftmaxBounds(x, reference.RoundingOf[T]())
	if !b.Decidable() {
		t.Undecidable()
	}
	return b
}

// drawLogits draws n logits of typical size 2⁻² to 2⁶.
func drawLogits(t *Trial, lo, hi int) []float64 {
	n := t.Size("n", lo, hi)
	kinds := []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.Heavy, gen.Iota, gen.OneHot, gen.One}
	return t.Matrix("x", 1, n, kinds, -2, 6).Row(0)
}

// maskLogits sets some logits to −Inf, where a drawn mask says so, and returns
// how many remain.
func maskLogits(t *Trial, x []float64) (left int) {
	mask := t.Matrix("mask", 1, len(x), []gen.Kind{gen.Zero, gen.Coarse, gen.OneHot, gen.Ints}, 0, 0)
	for j, m := range mask.Row(0) {
		if m > 0 {
			x[j] = math.Inf(-1)
		} else {
			left++
		}
	}
	return left
}

func softmaxValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawLogits(t, 1, 129)
	left := maskLogits(t, x)
	b := softmaxBounds[T](t, x)
	got, want := softmaxOf(t, im, x), make([]float64, len(x))
	t.Oracle.Softmax(want, x)
	for j := range x {
		t.Near(at("weight", 0, j), got[j], want[j], b.Weight(j)+unit64*want[j])
	}
	t.Informative(left > 1)
	t.Sometimes("a masked logit", left > 0 && left < len(x))
	t.Sometimes("n > 16", len(x) > 16)
}

func softmaxSum[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawLogits(t, 1, 129)
	b := softmaxBounds[T](t, x)
	var sum float64
	for j, p := range softmaxOf(t, im, x) {
		t.Check(p >= 0, "weight %d is %v", j, p)
		t.Within(at("weight above 1", 0, j), p-1, 2*spec.Unit[T]())
		sum += p
	}
	t.Near("sum of the weights", sum, 1, b.Sum()+gamma(len(x)))
	t.Informative(len(x) > 1)
}

// softmaxShift compares the weights of x and x + c, for sums that are exact or
// for any.
func softmaxShift[T spec.Float](exact bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		n := t.Size("n", 2, 65)
		// Multiples of 1/16 up to 16 take 9 bits: a shift by up to 2¹⁴ in steps
		// of 1/16 is exact in float32.
		x := t.Matrix("x", 1, n, []gen.Kind{gen.Coarse, gen.Ints}, -2, 2).Row(0)
		hi := 13
		if !exact {
			hi = 70
		}
		c := t.Power("c", 0, hi)
		if t.Bool("negative") {
			c = -c
		}
		moved := make([]float64, n)
		for j := range x {
			moved[j] = float64(T(x[j] + c))
		}
		b := softmaxBounds[T](t, x)
		p, q := softmaxOf(t, im, x), softmaxOf(t, im, moved)
		told := false
		for j := range x {
			t.Near(at("weight", 0, j), q[j], p[j], 2*b.Weight(j))
			told = told || math.Abs(p[j]-1/float64(n)) > 8*b.Weight(j)
		}
		t.Informative(told)
		if exact {
			t.Sometimes("a shift by more than 100", math.Abs(c) > 100)
			t.Sometimes("a shift by less than −100", c < -100)
		}
	}
}

func softmaxOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawLogits(t, 2, 33)
	left := maskLogits(t, x)
	b := softmaxBounds[T](t, x)
	p := softmaxOf(t, im, x)
	told, equal := false, false
	for i := range x {
		for j := range x {
			if i == j || x[i] > x[j] {
				continue
			}
			bound := b.Order(i, j)
			t.Within(at("weight of the lower logit above that of the higher", i, j), p[i]-p[j], bound)
			told = told || p[j]-p[i] > 8*bound
			equal = equal || x[i] == x[j] && !math.IsInf(x[i], 0) && p[i] > 8*bound
		}
	}
	t.Informative(left > 0 && (told || equal))
	t.Sometimes("equal logits", equal)
}

// drawMaskedLogits draws logits of which some, or all, are −Inf; kept holds the
// others in their order, left says how many there are.
func drawMaskedLogits(t *Trial) (x, kept []float64, left int) {
	x = drawLogits(t, 1, 65)
	left = maskLogits(t, x)
	if t.Bool("all masked") {
		for j := range x {
			x[j] = math.Inf(-1)
		}
		left = 0
	}
	for _, v := range x {
		if !math.IsInf(v, -1) {
			kept = append(kept, v)
		}
	}
	return x, kept, left
}

func softmaxMasked[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, kept, left := drawMaskedLogits(t)
	var alone []float64
	if left > 0 {
		alone = softmaxOf(t, im, kept)
	}
	b := softmaxBounds[T](t, kept)
	k := 0
	for j, p := range softmaxOf(t, im, x) {
		if math.IsInf(x[j], -1) {
			t.Bits(at("weight of −Inf", 0, j), p, 0)
			continue
		}
		t.Near(at("weight", 0, j), p, alone[k], 2*b.Weight(k))
		k++
	}
	t.Informative(left < len(x))
	t.Sometimes("all masked", left == 0)
	t.Sometimes("some masked", left > 0 && left < len(x))
}

func softmaxHuge[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 1, 33)
	x := t.Matrix("x", 1, n, []gen.Kind{gen.Uniform, gen.One, gen.Coarse, gen.OneHot}, 5, 127).Row(0)
	raise := 1.0
	if spec.Unit[T]() < 0x1p-40 && t.Bool("float64 range") {
		raise = 0x1p896
	}
	sign := 1.0
	if t.Bool("negative") {
		sign = -1
	}
	top := 0.0
	for j := range x {
		x[j] *= raise * sign
		top = max(top, math.Abs(x[j]))
	}
	b := softmaxBounds[T](t, x)
	want := make([]float64, n)
	t.Oracle.Softmax(want, x)
	for j, p := range softmaxOf(t, im, x) {
		t.Near(at("weight", 0, j), p, want[j], b.Weight(j)+unit64*want[j])
	}
	t.Informative(top > 89) // exp(89) is beyond float32
	t.Sometimes("logits beyond 2¹⁰⁰", top > 0x1p100)
	t.Sometimes("all logits below −1000", sign < 0 && top > 1000)
}

func softmaxPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawLogits(t, 2, 129)
	maskLogits(t, x)
	order := permutation(t, "logit", len(x))
	moved := permuteRows(spec.Column(x...), order).Data
	b := softmaxBounds[T](t, x)
	p, q := softmaxOf(t, im, x), softmaxOf(t, im, moved)
	told := false
	for j, from := range order {
		t.Near(at("weight", 0, j), q[j], p[from], 2*b.Weight(from))
		told = told || math.Abs(p[j]-p[from]) > 8*(b.Weight(from)+b.Weight(j))
	}
	t.Informative(told)
}

func softmaxNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawLogits(t, 1, 65)
	maskLogits(t, x)
	place := t.Int("place", 0, len(x)-1)
	what := t.Word("what", "NaN", "+Inf")
	x[place] = math.NaN()
	if what == "+Inf" {
		x[place] = math.Inf(1)
	}
	for j, p := range softmaxOf(t, im, x) {
		t.Check(math.IsNaN(p), "weight %d is %v although logit %d is %s", j, p, place, what)
	}
	t.Sometimes("+Inf", what == "+Inf")
	t.Sometimes("NaN behind the first logit", what == "NaN" && place > 0)
}
