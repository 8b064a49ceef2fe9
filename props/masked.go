package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func maskedProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "MSK-001", Run: maskedFrozenValue[T]},
		{Claim: "MSK-002", Run: maskedCausalValue[T]},
		{Claim: "MSK-003", Run: maskedCausalDescent[T](4, 7)},
		{Claim: "MSK-004", Run: maskedSymmetricValue[T]},
		{Claim: "MSK-005", Run: maskedFrozenIdentity[T]},
		{Claim: "MSK-006", Run: maskedFrozenDescent[T]},
		{Claim: "MSK-007", Run: maskedFrozenAnyStep[T]},
		{Claim: "MSK-008", Run: maskedCausalDescent[T](1, 3)},
		{Claim: "MSK-009", Run: maskedSymmetricDescent[T]},
		{Claim: "MSK-010", Run: maskedSemidefiniteDescent[T]},
		{Claim: "MSK-011", Run: maskedSymmetricLongStep[T]},
		{Claim: "MSK-012", Run: maskedAsymmetricDescent[T]},
		{Claim: "MSK-013", Run: maskedWeightless[T]},
		{Claim: "MSK-014", Run: maskedOnes[T]},
		{Claim: "MSK-015", Run: maskedBlocks[T]},
		{Claim: "MSK-016", Run: maskedPrefix[T]},
		{Claim: "MSK-017", Run: maskedCausalIsFrozen[T]},
		{Claim: "MSK-018", Run: maskedSymmetricIdentity[T]},
	}
}

// maskedAverage is a masked step: queries y among keys x with factors k, and the
// bounds that hold there.
type maskedAverage[T spec.Float] struct {
	y, x, k matrix
	bounds  *reference.AverageBounds
}

// newMaskedAverage ends the trial if no bound holds.
func newMaskedAverage[T spec.Float](t *Trial, y, x, k matrix, self float64) maskedAverage[T] {
	a := maskedAverage[T]{y, x, k, reference.NewAverageBounds(y, x, k, self, reference.RoundingOf[T]())}
	if !a.bounds.Decidable() {
		t.Undecidable()
	}
	return a
}

// exact returns the bounds of the judge's own arithmetic with queries at y.
func (a maskedAverage[T]) exact(y, x matrix, self float64) *reference.AverageBounds {
	return reference.NewAverageBounds(y, x, a.k, self, rounding64)
}

// frozenAverage, causalAverage and symmetricAverage are the three kinds.
func frozenAverage[T spec.Float](t *Trial, y, x matrix) maskedAverage[T] {
	return newMaskedAverage[T](t, y, x, factorsOf(y.Rows, x.Rows, func(int, int) float64 { return 1 }), 1)
}

func causalAverage[T spec.Float](t *Trial, y matrix) maskedAverage[T] {
	return newMaskedAverage[T](t, y, y, factorsOf(y.Rows, y.Rows, func(i, j int) float64 {
		if j <= i {
			return 1
		}
		return 0
	}), 0)
}

func symmetricAverage[T spec.Float](t *Trial, y, k matrix) maskedAverage[T] {
	return newMaskedAverage[T](t, y, y, k, 0)
}

// factorsOf returns the matrix of f.
func factorsOf(rows, cols int, f func(i, j int) float64) matrix {
	m := spec.NewMatrix[float64](rows, cols)
	for i := range rows {
		for j := range cols {
			m.Set(i, j, f(i, j))
		}
	}
	return m
}

func frozenStep[T spec.Float](t *Trial, im *spec.Implementation[T], y, x matrix, eta float64) matrix {
	out := output[T](t, "Y⁺", y.Rows, y.Cols)
	im.Masked.FrozenStep(out, input[T](t, "Y", y), input[T](t, "X", x), T(eta))
	return wide(out)
}

func causalStep[T spec.Float](t *Trial, im *spec.Implementation[T], y matrix, eta float64) matrix {
	out := output[T](t, "Y⁺", y.Rows, y.Cols)
	im.Masked.CausalStep(out, input[T](t, "Y", y), T(eta))
	return wide(out)
}

func symmetricStep[T spec.Float](t *Trial, im *spec.Implementation[T], y, k matrix, eta float64) matrix {
	out := output[T](t, "Y⁺", y.Rows, y.Cols)
	im.Masked.SymmetricStep(out, input[T](t, "Y", y), input[T](t, "K", k), T(eta))
	return wide(out)
}

// drawAmong draws queries and keys.
func drawAmong(t *Trial) (y, x matrix) {
	m, n, d := t.Size("m", 1, 5), t.Size("n", 1, 33), t.Size("d", 1, mostChannels(33))
	return t.Tokens("Y", m, d), t.Tokens("X", n, d)
}

// drawFactors draws K ≥ 0, symmetric or not; about half of the kinds have zeros.
func drawFactors(t *Trial, n int, symmetric bool) matrix {
	m := t.Matrix("K", n, n, []gen.Kind{gen.Ints, gen.Coarse, gen.Uniform, gen.One, gen.OneHot, gen.HalfZero}, -1, 1)
	return factorsOf(n, n, func(i, j int) float64 {
		if symmetric && j < i {
			i, j = j, i
		}
		return math.Abs(m.At(i, j))
	})
}

// drawSemidefinite draws a K that is positive semidefinite, exactly.
func drawSemidefinite(t *Trial, n int) matrix {
	switch kind := t.Word("mask", "ones", "blocks", "alibi", "gram"); kind {
	case "blocks":
		size := t.Int("block size", 1, n)
		return factorsOf(n, n, func(i, j int) float64 {
			if i/size == j/size {
				return 1
			}
			return 0
		})
	case "alibi":
		// r^|i−j| with r in quarters is exact in float32 up to |i−j| = 12.
		r := float64(t.Int("quarters", 1, 3)) / 4
		t.Sometimes("symmetric ALiBi", n > 2)
		return factorsOf(n, n, func(i, j int) float64 { return math.Pow(r, math.Abs(float64(i-j))) })
	case "gram":
		b := absolute(t.Matrix("B", n, t.Size("rank", 1, 4), []gen.Kind{gen.Ints}, 0, 0))
		t.Sometimes("a Gram matrix", true)
		return reference.Times(b, reference.Transpose(b))
	default:
		return factorsOf(n, n, func(int, int) float64 { return 1 })
	}
}

func maskedFrozenValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	y, x := drawAmong(t)
	a, eta := frozenAverage[T](t, y, x), t.Number("eta", 0x1p-4, 4)
	want, bound := spec.NewMatrix[float64](y.Rows, y.Cols), a.bounds.Step(eta)
	t.Oracle.Masked.FrozenStep(want, y, x, eta)
	near(t, "Y⁺", frozenStep(t, im, y, x, eta), want, bound)
	t.Informative(exceeds(reference.Sub(want, y), bound, 4))
	t.Sometimes("n > 16", x.Rows > 16)
}

func maskedCausalValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 1, 65)
	y := t.Tokens("Y", n, t.Size("d", 1, mostChannels(65)))
	a, eta := causalAverage[T](t, y), t.Number("eta", 0x1p-4, 2)
	want, bound := spec.NewMatrix[float64](n, y.Cols), a.bounds.Step(eta)
	t.Oracle.Masked.CausalStep(want, y, eta)
	near(t, "Y⁺", causalStep(t, im, y, eta), want, bound)
	t.Informative(exceeds(reference.Sub(want, y), bound, 4))
	t.Sometimes("n > 48", n > 48)
}

func maskedSymmetricValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 1, 65)
	y := t.Tokens("Y", n, t.Size("d", 1, mostChannels(65)))
	k := drawFactors(t, n, t.Bool("symmetric"))
	a, eta := symmetricAverage[T](t, y, k), t.Number("eta", 0x1p-4, 2)
	want, bound := spec.NewMatrix[float64](n, y.Cols), a.bounds.Step(eta)
	t.Oracle.Masked.SymmetricStep(want, y, k, eta)
	near(t, "Y⁺", symmetricStep(t, im, y, k, eta), want, bound)
	t.Informative(exceeds(reference.Sub(want, y), bound, 4))
	t.Sometimes("n > 48", n > 48)
}

func maskedWeightless[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 1, 17)
	y := t.Tokens("Y", n, t.Size("d", 1, 9))
	k := drawFactors(t, n, true)
	i := t.Int("i", 0, n-1)
	for j := range n {
		k.Set(i, j, 0)
		if !t.Bool("still seen") {
			k.Set(j, i, 0)
		}
	}
	next := symmetricStep(t, im, y, k, t.Number("eta", 0x1p-4, 2))
	for c, v := range next.Row(i) {
		t.Check(v == y.At(i, c), "token %d without weight moved from %v to %v", i, y.At(i, c), v)
	}
	t.Informative(reference.Norm(y.Row(i)) > 0)
}

func maskedOnes[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPlainScene[T](t, 2, 33)
	ones := factorsOf(s.y.Rows, s.y.Rows, func(int, int) float64 { return 1 })
	a, eta := symmetricAverage[T](t, s.y, ones), t.Number("eta", 0x1p-4, 2)
	next, _, eps := s.step(t, im, eta)
	bound := reference.Sub(eps, scaled(a.bounds.Step(eta), -1))
	near(t, "masked step", symmetricStep(t, im, s.y, ones, eta), next, bound)
	t.Informative(exceeds(reference.Sub(next, s.y), bound, 4))
}

func maskedBlocks[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 33)
	y := t.Tokens("Y", n, t.Size("d", 1, 9))
	cut := t.Int("cut", 1, n-1)
	// Tokens belong to the blocks in turn or one block after the other.
	inFirst := func(i int) bool { return i < cut }
	if t.Bool("interleaved") {
		inFirst = func(i int) bool { return i%2 == 0 }
	}
	k := factorsOf(n, n, func(i, j int) float64 {
		if inFirst(i) == inFirst(j) {
			return 1
		}
		return 0
	})
	var rows []int
	for i := range n {
		if inFirst(i) {
			rows = append(rows, i)
		}
	}
	block := spec.NewMatrix[float64](len(rows), y.Cols)
	for r, i := range rows {
		copy(block.Row(r), y.Row(i))
	}
	if t.Bool("poisoned") {
		y = spec.Convert[float64](y)
		for i := range n {
			if !inFirst(i) {
				y.Set(i, y.Cols-1, math.NaN())
			}
		}
		t.Sometimes("the other block holds NaN", true)
	}
	eta := t.Number("eta", 0x1p-4, 2)
	ones := factorsOf(len(rows), len(rows), func(int, int) float64 { return 1 })
	alone, bound := symmetricStep(t, im, block, ones, eta), scaled(symmetricAverage[T](t, block, ones).bounds.Step(eta), 2)
	next := symmetricStep(t, im, y, k, eta)
	for r, i := range rows {
		for c := range y.Cols {
			t.Near(at("token of a block", i, c), next.At(i, c), alone.At(r, c), bound.At(r, c))
		}
	}
	// A block of one token that stays tells as well: it must not move.
	t.Informative(exceeds(reference.Sub(alone, block), bound, 2) || len(rows) == 1)
}

func maskedPrefix[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 65)
	y := t.Tokens("Y", n, t.Size("d", 1, 9))
	first := n - t.Int("later tokens", 1, n-1)
	prefix := y
	prefix.Rows = first
	prefix = spec.Convert[float64](prefix)
	if t.Bool("poisoned") {
		y = spec.Convert[float64](y)
		for i := first; i < n; i++ {
			y.Set(i, 0, math.NaN())
		}
		t.Sometimes("later tokens hold NaN", true)
	}
	eta := t.Number("eta", 0x1p-4, 2)
	bound := scaled(causalAverage[T](t, prefix).bounds.Step(eta), 2)
	whole := causalStep(t, im, y, eta)
	whole.Rows = first
	alone := causalStep(t, im, prefix, eta)
	near(t, "prefix", whole, alone, bound)
	t.Informative(exceeds(reference.Sub(alone, prefix), bound, 2))
}

func maskedCausalIsFrozen[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 17)
	y := t.Tokens("Y", n, t.Size("d", 1, 9))
	a, eta := causalAverage[T](t, y), t.Number("eta", 0x1p-4, 2)
	eps := a.bounds.Step(eta)
	next := causalStep(t, im, y, eta)
	i := t.Int("i", 1, n-1)
	query, keys := spec.MatrixOf(y.Row(i)), y
	keys.Rows = i
	keys = spec.Convert[float64](keys)
	own := frozenStep(t, im, query, keys, eta)
	ownEps := frozenAverage[T](t, query, keys).bounds.Step(eta)
	row := spec.MatrixOf(next.Row(i))
	bound := reference.Sub(ownEps, scaled(spec.MatrixOf(eps.Row(i)), -1))
	near(t, "row of the causal step", row, own, bound)
	t.Informative(exceeds(reference.Sub(own, query), bound, 4))
}
