package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func equivalenceProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "EQV-001", Run: attentionIsStep[T](true)},
		{Claim: "EQV-002", Run: attentionIsStep[T](false)},
		{Claim: "EQV-003", Run: normChannelIsStep[T]},
		{Claim: "EQV-004", Run: residualIsStep[T]},
		{Claim: "EQV-005", Run: nullKeyIsRidge[T]},
		{Claim: "EQV-006", Run: layerIsUnfolded[T]},
		{Claim: "EQV-007", Run: attentionDescent[T](false)},
		{Claim: "EQV-008", Run: attentionDescent[T](true)},
		{Claim: "EQV-009", Run: headsAreConcat[T]},
		{Claim: "EQV-010", Run: cacheIsFrozen[T]},
		{Claim: "EQV-011", Run: softmaxIsKernel[T]},
	}
}

// attended is an attention of one head and batch: the exact operands, what
// rounding them to T cost, and the implementation's output.
type attended struct {
	out, bound matrix
}

// attend runs the implementation's attention on matrices of which q and k are
// rounded to T here; v must hold numbers of T. The bound counts that rounding
// and the attention's own.
func attend[T spec.Float](t *Trial, im *spec.Implementation[T], q, k, v matrix) attended {
	opt := &spec.AttentionOptions{Scale: 1}
	dst := output[T](t, "attention", q.Rows, v.Cols)
	im.Attention.Attend(asTensor(dst), asTensor(input[T](t, "Q", q)), asTensor(input[T](t, "K", k)), asTensor(input[T](t, "V", v)), opt)
	off := func(m matrix) spec.Tensor[float64] {
		return asTensor(scaled(absolute(reference.Sub(wide(spec.Convert[T](m)), m)), 1+0x1p-40))
	}
	bound, ok := reference.AttentionBound(asTensor(q), asTensor(k), asTensor(v), opt, im.Profile, reference.RoundingOf[T](),
		reference.InputError{Query: off(q), Key: off(k)})
	if !ok {
		t.Undecidable()
	}
	return attended{wide(dst), asMatrix(bound)}
}

// asTensor returns a matrix as a tensor of one batch and head, without copying.
func asTensor[T spec.Float](m spec.Matrix[T]) spec.Tensor[T] {
	return spec.Tensor[T]{Data: m.Data, Shape: [4]int{1, 1, m.Rows, m.Cols}, Stride: [4]int{len(m.Data), len(m.Data), m.Stride, 1}}
}

// asMatrix is the way back.
func asMatrix[T spec.Float](x spec.Tensor[T]) spec.Matrix[T] {
	return spec.Matrix[T]{Rows: x.Shape[2], Cols: x.Shape[3], Stride: x.Stride[2], Data: x.Data}
}

// withChannels returns m with further channels.
func withChannels(m matrix, channels ...func(i int) float64) matrix {
	out := spec.NewMatrix[float64](m.Rows, m.Cols+len(channels))
	for i := range m.Rows {
		copy(out.Row(i), m.Row(i))
		for c, f := range channels {
			out.Set(i, m.Cols+c, f(i))
		}
	}
	return out
}

func constant(x float64) func(int) float64 { return func(int) float64 { return x } }

// halfNorm returns ‖mᵢ‖²/2 as a function of the row.
func halfNorm(m matrix) func(i int) float64 {
	return func(i int) float64 { return reference.Dot(m.Row(i), m.Row(i)) / 2 }
}

// normChannel returns queries (uᵢ, 1) and keys (uⱼ, −‖uⱼ‖²/2).
func normChannel(u matrix) (q, k matrix) {
	half := halfNorm(u)
	return withChannels(u, constant(1)), withChannels(u, func(j int) float64 { return -half(j) })
}

// normDrift bounds by how much the ordinary softmax and softmax_β of tokens
// whose norms are equal only up to rounding differ in row i and channel c: the
// weights by a factor of at most e^{±(max−min)‖y‖²}.
func normDrift(y matrix) matrix {
	lo, hi := math.Inf(1), 0.0
	for i := range y.Rows {
		s := reference.Dot(y.Row(i), y.Row(i))
		lo, hi = min(lo, s), max(hi, s)
	}
	g := reference.Kernel(y, matrix{})
	d := reference.Degrees(g)
	out := spec.NewMatrix[float64](y.Rows, y.Cols)
	for i := range y.Rows {
		for c := range y.Cols {
			var o, spread float64
			for j := range y.Rows {
				o += g.At(i, j) / d[i] * y.At(j, c)
			}
			for j := range y.Rows {
				spread += g.At(i, j) / d[i] * math.Abs(y.At(j, c)-o)
			}
			out.Set(i, c, math.Expm1(hi-lo+gamma(y.Cols+2)*hi)*spread)
		}
	}
	return out
}

// drawEqualNorms draws tokens of one norm, up to rounding.
func drawEqualNorms(t *Trial, name string, n, d int) matrix {
	return t.Matrix(name, n, d, []gen.Kind{gen.EqualNorm, gen.OneHot}, -1, 1)
}

func attentionIsStep[T spec.Float](equal bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		n, d := t.Size("n", 2, 17), t.Size("d", 1, 9)
		var y matrix
		if equal {
			y = drawEqualNorms(t, "Y", n, d)
		} else {
			y = t.Matrix("Y", n, d, []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, -1, 0)
		}
		s := newScene[T](t, y, matrix{})
		a := attend(t, im, y, y, y)
		next, _, eps := s.step(t, im, 1)
		drift := normDrift(y)
		for i := range n {
			for c := range d {
				bound := a.bound.At(i, c) + eps.At(i, c)
				if equal {
					bound += drift.At(i, c)
				}
				t.Near(at("attention", i, c), a.out.At(i, c), next.At(i, c), bound)
			}
		}
		t.Informative(exceeds(reference.Sub(next, y), a.bound, 8))
	}
}

func normChannelIsStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 17)
	q, k := normChannel(reference.Times(s.y, s.a))
	a := attend(t, im, q, k, s.y)
	next, _, eps := s.step(t, im, 1)
	near(t, "attention with norm channel", a.out, next, plus(a.bound, eps))
	t.Informative(exceeds(reference.Sub(next, s.y), a.bound, 8))
}

func residualIsStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPlainScene[T](t, 1, 17)
	eta := t.Number("eta", 0, 2)
	q, k := normChannel(s.y)
	a := attend(t, im, q, k, s.y)
	next, _, eps := s.step(t, im, eta)
	u := spec.Unit[T]()
	bound, got := scaled(a.bound, eta), spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	for i := range got.Rows {
		for c := range got.Cols {
			// The residual connection as the Transformer computes it, in T.
			keep, add := T(1-eta)*T(s.y.At(i, c)), T(eta)*T(a.out.At(i, c))
			got.Set(i, c, float64(keep+add))
			size := math.Abs(float64(keep)) + math.Abs(float64(add))
			bound.Set(i, c, bound.At(i, c)+1.01*u*(3*size+math.Abs(1-eta)*math.Abs(s.y.At(i, c)))+4*spec.Tiny[T]())
		}
	}
	near(t, "residual attention", got, next, plus(bound, eps))
	t.Informative(exceeds(reference.Sub(next, s.y), bound, 8))
}

func nullKeyIsRidge[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPlainScene[T](t, 1, 17)
	lambda := t.Power("lambda", -4, 3)
	half := halfNorm(s.y)
	n, d := s.y.Rows, s.y.Cols
	// Queries (yᵢ, 1, ‖yᵢ‖²/2); keys (yⱼ, −‖yⱼ‖²/2, 0) and the null key
	// (0, log λ, 1) with value 0.
	q := withChannels(s.y, constant(1), half)
	k := spec.NewMatrix[float64](n+1, d+2)
	v := spec.NewMatrix[float64](n+1, d)
	for j := range n {
		copy(k.Row(j), s.y.Row(j))
		copy(v.Row(j), s.y.Row(j))
		k.Set(j, d, -half(j))
	}
	k.Set(n, d, math.Log(lambda))
	k.Set(n, d+1, 1)
	a := attend(t, im, q, k, v)
	out := output[T](t, "Y⁺", n, d)
	im.Ridge.Step(out, input[T](t, "Y", s.y), spec.Matrix[T]{}, T(lambda), 1)
	next, eps := wide(out), s.bounds.RidgeStep(lambda, 1)
	near(t, "attention with null key", a.out, next, plus(a.bound, eps))
	t.Informative(exceeds(next, plus(a.bound, eps), 8))
}

func layerIsUnfolded[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 9), t.Size("d", 1, 9)
	s := newScene[T](t, t.Tokens("Y", n, d), matrix{})
	w := symmetric(t.Matrix("W", d, d, []gen.Kind{gen.Coarse, gen.Ints, gen.OneHot, gen.Normal}, -2, 0))
	row := t.Matrix("B", 1, d, []gen.Kind{gen.Coarse, gen.Ints, gen.One, gen.Normal}, -1, 0)
	b := spec.NewMatrix[float64](n, d)
	bias := make([]T, d)
	for i := range n {
		copy(b.Row(i), row.Row(0))
	}
	for c, x := range row.Row(0) {
		bias[c] = T(x)
	}
	q, k := normChannel(s.y)
	a := attend(t, im, q, k, s.y)

	lin := output[T](t, "linear", n, d)
	im.Linear(lin, input[T](t, "attention", a.out), input[T](t, "-W", scaled(w, -1)), bias)
	for i := range n {
		im.ReLU(lin.Row(i), lin.Row(i))
	}
	// ReLU is 1-Lipschitz: the error before it bounds the error after it.
	bound := plus(reference.Times(a.bound, absolute(w)), reference.LinearBound(a.out, w, row.Row(0), reference.RoundingOf[T]()))

	out := output[T](t, "Y⁺", n, d)
	im.Layer.Step(out, input[T](t, "Y", s.y), spec.Matrix[T]{}, input[T](t, "W", w), input[T](t, "B", b), 1, 1, true)
	next, eps := wide(out), reference.NewLayerBounds(s.bounds, s.y, w, b).Step(1, 1)
	near(t, "ReLU(linear(attention))", wide(lin), next, plus(bound, eps))
	t.Informative(exceeds(next, plus(bound, eps), 8))
}

// symmetric returns (M+Mᵀ)/2 with its elements rounded to float32.
func symmetric(m matrix) matrix {
	out := spec.NewMatrix[float64](m.Rows, m.Cols)
	for i := range m.Rows {
		for j := range m.Cols {
			out.Set(i, j, float64(float32((m.At(i, j)+m.At(j, i))/2)))
		}
	}
	return out
}

// attentionDescent checks that a pass of ordinary attention lowers E₁, by the
// guaranteed amount for tokens of equal norm.
func attentionDescent[T spec.Float](equal bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		d := t.Size("d", 1, 9)
		var y matrix
		if equal {
			y = drawEqualNorms(t, "Y", t.Size("n", 2, 17), d)
		} else {
			y = t.Matrix("Y", t.Size("n", 3, 6), d, []gen.Kind{gen.Ints, gen.Coarse}, 0, 1)
		}
		s := newScene[T](t, y, matrix{})
		a := attend(t, im, y, y, y)
		eps, decrease := a.bound, 0.0
		if equal {
			eps = plus(a.bound, normDrift(y))
			exact := spec.NewMatrix[float64](y.Rows, y.Cols)
			t.Oracle.Interaction.Step(exact, y, matrix{}, 1)
			decrease = s.degreeNorm(exact) / 2
		}
		bound := slack(y, a.out, matrix{}, eps) + gamma(300)*decrease
		rise := reference.InteractionEnergy(a.out, matrix{}) - reference.InteractionEnergy(y, matrix{})
		t.Within("E₁ after attention above E₁ before less the guaranteed decrease", rise+decrease, bound)
		t.Informative(math.Abs(rise) > bound)
	}
}

func headsAreConcat[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, heads, per := t.Size("n", 1, 9), t.Int("heads", 1, 3), t.Int("per", 1, 4)
	y := spec.NewMatrix[float64](n, heads*per)
	cuts := []int{0}
	drift := spec.NewMatrix[float64](n, heads*per)
	eps := spec.NewMatrix[float64](n, heads*per)
	for h := range heads {
		part := drawEqualNorms(t, "Y"+string(rune('1'+h)), n, per)
		dr, st := normDrift(part), newScene[T](t, part, matrix{}).bounds.Step(1)
		for i := range n {
			copy(y.Row(i)[h*per:], part.Row(i))
			copy(drift.Row(i)[h*per:], dr.Row(i))
			copy(eps.Row(i)[h*per:], st.Row(i))
		}
		cuts = append(cuts, (h+1)*per)
	}
	eye := gen.Fill{Kind: gen.OneHot}.Matrix(y.Cols, y.Cols)
	opt := &spec.AttentionOptions{Scale: 1}
	got := output[T](t, "multi-head", n, y.Cols)
	id := spec.Projection[float64]{W: eye}
	w := &spec.MultiHeadWeights[float64]{Query: id, Key: id, Value: id, Output: id, Heads: heads, KeyHeads: heads}
	x := input[T](t, "Y", y)
	im.MultiHead(got, x, x, lendMultiHead[T](t, w), opt)
	bound, ok := reference.MultiHeadBound(y, y, w, opt, im.Profile, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	want := output[T](t, "Y⁺", n, y.Cols)
	im.Heads.ConcatStep(want, input[T](t, "Y", y), cuts, 1)
	near(t, "multi-head attention", wide(got), wide(want), plus(bound, drift, eps))
	t.Informative(exceeds(reference.Sub(wide(want), y), plus(bound, drift, eps), 8))
}

func cacheIsFrozen[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 0, 16), t.Size("d", 1, 9)
	all := t.Tokens("Y", n+1, d) // the query is the last row, the others are the cache
	s := newScene[T](t, all, matrix{})
	q, k := normChannel(all)
	last := func(m matrix) matrix {
		return matrix{Rows: 1, Cols: m.Cols, Stride: m.Cols, Data: m.Row(n)}
	}
	a := attend(t, im, last(q), k, all)
	cache := all
	cache.Rows = n
	out := output[T](t, "y⁺", 1, d)
	im.Masked.FrozenStep(out, input[T](t, "y", last(all)), input[T](t, "X", spec.Convert[float64](cache)), 1)
	// With the query as the last token, its row of the full step's bound is the
	// frozen step's.
	eps := last(s.bounds.Step(1))
	near(t, "attention over the cache", a.out, wide(out), plus(a.bound, eps))
	t.Informative(exceeds(reference.Sub(wide(out), last(all)), plus(a.bound, eps), 8) || n == 0)
}

func softmaxIsKernel[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 17)
	n := s.y.Rows
	weights, bound := s.weights(t, im), s.bounds.Weights()
	u := spec.Unit[T]()
	for i := range n {
		logits := spec.NewMatrix[float64](1, n)
		for j := range n {
			logits.Set(0, j, -reference.HalfSquaredDistance(s.y, s.a, i, j))
		}
		got := output[T](t, "softmax", 1, n)
		im.Softmax(got.Row(0), input[T](t, "logits", logits).Row(0))
		sb := reference.NewSoftmaxBounds(logits.Row(0), reference.RoundingOf[T]())
		if !sb.Decidable() {
			t.Undecidable()
		}
		exact := reference.SoftmaxRow(logits.Row(0))
		for j := range n {
			// Rounding each logit to T, and the judge's own, moves a weight by a
			// factor of e^{±2(u+γ) max z}.
			var far float64
			for _, x := range logits.Row(0) {
				far = max(far, -x)
			}
			slip := math.Expm1(2*(u+gamma(s.y.Cols+s.a.Cols+8))*far) * exact[j]
			t.Near(at("softmax", i, j), float64(got.At(0, j)), weights.At(i, j), sb.Weight(j)+bound.At(i, j)+slip)
		}
	}
	t.Informative(n > 1)
}
