package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func attentionMergeProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-047", Run: lseValue[T]},
		{Claim: "ATT-048", Run: lseOfCopies[T]},
		{Claim: "ATT-049", Run: mergeUnion[T]},
		{Claim: "ATT-050", Run: mergeValue[T]},
		{Claim: "ATT-051", Run: mergeIdentity[T]},
		{Claim: "ATT-052", Run: mergeAssociative[T]},
		{Claim: "ATT-053", Run: meanOfParts[T]},
		{Claim: "ATT-054", Run: mergeOverlapping[T]},
	}
}

// part is what an attention over some of the keys gives: outputs and their
// log-sum-exps.
type part struct{ o, l tensor }

// runLSE calls the implementation for outputs and log-sum-exps.
func (s attentionScene[T]) runLSE(t *Trial, im *spec.Implementation[T]) part {
	s = s.hide(t)
	shape := s.shapeOut()
	out := outputTensor[T](t, "output", shape, s.layout)
	shape[3] = 1
	lse := outputTensor[T](t, "lse", shape, s.layout)
	opt := s.lend(t)
	im.AttentionLSE(out, lse, inputTensor[T](t, "Q", s.q, s.layout), inputTensor[T](t, "K", s.k, s.layout),
		inputTensor[T](t, "V", s.v, s.layout), &opt)
	return part{wideTensor(out), wideTensor(lse)}
}

// exact returns both results as the given implementation computes them.
func (s attentionScene[T]) exact(im *spec.Implementation[float64]) part {
	p := newPart(s.shapeOut())
	im.AttentionLSE(p.o, p.l, s.q, s.k, s.v, &s.opt)
	return p
}

func newPart(shape [4]int) part {
	return part{spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3]), spec.NewTensor[float64](shape[0], shape[1], shape[2], 1)}
}

// errors returns the bounds on both results, and ends the trial where there are
// none.
func (s attentionScene[T]) errors(t *Trial, im *spec.Implementation[T]) reference.MergeErrors {
	l, ok := reference.AttentionLSEBound(s.q, s.k, &s.opt, im.Profile, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return reference.MergeErrors{Output: s.bound(t, im), LSE: l}
}

// nearPart requires both results to lie within their bounds of want.
func nearPart(t *Trial, got, want part, e reference.MergeErrors) {
	nearTensor(t, "output", got.o, want.o, e.Output)
	eachElement(want.l.Shape, func(b, h, i, c int) {
		x := want.l.At(b, h, i, c)
		if math.IsInf(x, -1) {
			t.Bits(atTensor("lse of no key", b, h, i, c), got.l.At(b, h, i, c), x)
			return
		}
		t.Near(atTensor("lse", b, h, i, c), got.l.At(b, h, i, c), x, e.LSE.At(b, h, i, c)+unit64*math.Abs(x))
	})
}

// judge requires the outputs to be the oracle's, and where they are offered the
// outputs and log-sum-exps that come together. It returns the exact outputs and
// their bounds.
func (s attentionScene[T]) judge(t *Trial, im *spec.Implementation[T]) (want, bound tensor) {
	if im.AttentionLSE == nil {
		want, bound = s.want(t), s.bound(t, im)
		s.nearWant(t, im, s.run(t, im), want, bound)
		return want, bound
	}
	both, e := s.exact(t.Oracle), s.errors(t, im)
	s.nearWant(t, im, s.run(t, im), both.o, e.Output)
	nearPart(t, s.runLSE(t, im), both, e)
	return both.o, e.Output
}

func lseValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queries, l.keys, l.large = 9, 65, true
	s := drawAttention[T](t, l)
	s.drawOptions(t, im.AttentionAbilities)
	e, want, got := s.errors(t, im), s.exact(t.Oracle), s.runLSE(t, im)
	nearPart(t, got, want, e)
	s.suspectLSE(t, im, got.l, want.l)
	found, deaf := false, false
	eachElement(want.l.Shape, func(b, h, i, _ int) {
		x := want.l.At(b, h, i, 0)
		found = found || math.Abs(x) > 8*e.LSE.At(b, h, i, 0) && s.visible(b, h, i) > 1
		deaf = deaf || math.IsInf(x, -1)
	})
	t.Informative(found)
	t.Sometimes("a query without an allowed key", deaf)
}

func lseOfCopies[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	copies := t.Int("times", 2, 4)
	var places []int
	for range copies {
		places = append(places, span(0, s.k.Shape[2])...)
	}
	other := s.withKeys(places)
	low, high := s.runLSE(t, im), other.runLSE(t, im)
	e := addTensors(s.errors(t, im).LSE, other.errors(t, im).LSE)
	telling := false
	eachElement(low.l.Shape, func(b, h, i, c int) {
		want := low.l.At(b, h, i, c) + math.Log(float64(copies))
		bound := e.At(b, h, i, c)
		if !math.IsInf(want, -1) {
			bound += 4 * unit64 * (1 + math.Abs(want))
			telling = telling || 0.5 > 8*bound
		}
		t.Near(atTensor("lse", b, h, i, c), high.l.At(b, h, i, c), want, bound)
	})
	t.Informative(telling)
}

// merged calls the implementation's merge.
func merged[T spec.Float](t *Trial, im *spec.Implementation[T], x, y part, l layout) part {
	out, lse := outputTensor[T](t, "output", x.o.Shape, l), outputTensor[T](t, "lse", x.l.Shape, l)
	im.MergeAttention(out, lse, inputTensor[T](t, "o₁", x.o, l), inputTensor[T](t, "l₁", x.l, l),
		inputTensor[T](t, "o₂", y.o, l), inputTensor[T](t, "l₂", y.l, l))
	return part{wideTensor(out), wideTensor(lse)}
}

// mergedExactly merges by the given implementation.
func mergedExactly(im *spec.Implementation[float64], x, y part) part {
	p := newPart(x.o.Shape)
	im.MergeAttention(p.o, p.l, x.o, x.l, y.o, y.l)
	return p
}

// parts divides the keys of s into those at some places and at others.
func (s attentionScene[T]) parts(first, second []int) (x, y attentionScene[T]) {
	return s.withKeys(first), s.withKeys(second)
}

// joins requires the merge of x and y to be want within the bounds.
func joins[T spec.Float](t *Trial, im *spec.Implementation[T], x, y attentionScene[T], want part) reference.MergeErrors {
	p, q := x.exact(reference.Implementation()), y.exact(reference.Implementation())
	e := reference.MergeBound(p.o, p.l, q.o, q.l, x.errors(t, im), y.errors(t, im), reference.RoundingOf[T]())
	nearPart(t, merged(t, im, x.runLSE(t, im), y.runLSE(t, im), x.layout), want, e)
	return e
}

func mergeUnion[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	x := t.Matrix("part", 1, s.k.Shape[2], []gen.Kind{gen.Normal, gen.Coarse, gen.OneHot, gen.Uniform, gen.One}, 0, 0)
	var first, second []int
	for j := range s.k.Shape[2] {
		if x.At(0, j) > 0 {
			first = append(first, j)
		} else {
			second = append(second, j)
		}
	}
	p, q := s.parts(first, second)
	want := s.exact(t.Oracle)
	e := joins(t, im, p, q, want)
	t.Informative(s.telling(want.o, e.Output) && len(first) > 0 && len(second) > 0)
	t.Sometimes("an empty part", len(first) == 0 || len(second) == 0)
}

// drawPart draws outputs and log-sum-exps of the given shape; some of these are
// −Inf.
func drawPart(t *Trial, name string, shape [4]int) part {
	rows := shape[0] * shape[1] * shape[2]
	o := t.Matrix("o"+name, rows, shape[3], valueKinds, -2, 2)
	l := t.Matrix("l"+name, rows, 1, []gen.Kind{gen.Normal, gen.Coarse, gen.Heavy, gen.Ints, gen.Translated, gen.Zero}, 0, 3)
	empty := t.Matrix("empty"+name, rows, 1, []gen.Kind{gen.Normal, gen.Coarse, gen.Zero, gen.OneHot}, 0, 0)
	p := part{tensorOf(o, shape[0], shape[1], shape[2]), tensorOf(l, shape[0], shape[1], shape[2])}
	p.l = tensorLike(p.l.Shape, func(b, h, i, c int) float64 {
		if empty.At((b*shape[1]+h)*shape[2]+i, 0) > 0.9 {
			return math.Inf(-1)
		}
		return p.l.At(b, h, i, c)
	})
	return p
}

func drawPartShape(t *Trial) [4]int {
	return [4]int{t.Int("batch", 1, 2), t.Int("heads", 1, 3), t.Size("m", 1, 17), t.Size("dValue", 1, 17)}
}

func mergeValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	shape, l := drawPartShape(t), drawLayout(t)
	x, y := drawPart(t, "₁", shape), drawPart(t, "₂", shape)
	e := reference.MergeBound(x.o, x.l, y.o, y.l, reference.MergeErrors{}, reference.MergeErrors{}, reference.RoundingOf[T]())
	want := mergedExactly(t.Oracle, x, y)
	nearPart(t, merged(t, im, x, y, l), want, e)
	t.Informative(apart(want.o, x.o, y.o, e.Output))
}

// apart reports whether some element of want is more than 8 bounds away from
// those of both others.
func apart(want, x, y, bound tensor) bool {
	found := false
	eachElement(want.Shape, func(b, h, i, c int) {
		w, far := want.At(b, h, i, c), 8*bound.At(b, h, i, c)
		found = found || math.Abs(w-x.At(b, h, i, c)) > far && math.Abs(w-y.At(b, h, i, c)) > far
	})
	return found
}

func mergeIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	shape, l := drawPartShape(t), drawLayout(t)
	x := drawPart(t, "₁", shape)
	what := map[string]float64{"zero": 0, "NaN": math.NaN(), "+Inf": math.Inf(1), "one": 1}[t.Word("holds", "zero", "NaN", "+Inf", "one")]
	none := newPart(shape)
	none.o = mapTensor(none.o, func(float64) float64 { return what })
	none.l = mapTensor(none.l, func(float64) float64 { return math.Inf(-1) })
	y, want := none, x
	switch t.Word("empty", "second", "first", "both") {
	case "first":
		x, y = y, x
	case "both":
		x, want = none, none
	}
	want.o = tensorLike(shape, func(b, h, i, c int) float64 {
		if math.IsInf(want.l.At(b, h, i, 0), -1) {
			return 0
		}
		return want.o.At(b, h, i, c)
	})
	got := merged(t, im, x, y, l)
	sameTensorBits(t, "output", got.o, want.o)
	sameTensorBits(t, "lse", got.l, want.l)
	t.Informative(true)
}

func mergeAssociative[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	shape, l := drawPartShape(t), drawLayout(t)
	x, y, z := drawPart(t, "₁", shape), drawPart(t, "₂", shape), drawPart(t, "₃", shape)
	r, none, ref := reference.RoundingOf[T](), reference.MergeErrors{}, reference.Implementation()
	bound := func(p, q part, e, f reference.MergeErrors) reference.MergeErrors {
		return reference.MergeBound(p.o, p.l, q.o, q.l, e, f, r)
	}
	sum := func(e, f reference.MergeErrors) reference.MergeErrors {
		return reference.MergeErrors{Output: addTensors(e.Output, f.Output), LSE: addTensors(e.LSE, f.LSE)}
	}
	xy, yz := merged(t, im, x, y, l), merged(t, im, y, z, l)
	exy, eyz := bound(x, y, none, none), bound(y, z, none, none)
	nearPart(t, merged(t, im, y, x, l), xy, sum(exy, exy))
	left, right := merged(t, im, xy, z, l), merged(t, im, x, yz, l)
	e := sum(bound(mergedExactly(ref, x, y), z, exy, none), bound(x, mergedExactly(ref, y, z), none, eyz))
	nearPart(t, left, right, e)
	t.Informative(apart(left.o, xy.o, z.o, e.Output))
}

// meanOfParts compares the attention with the mean of those over the first and
// the second half of the keys.
func meanOfParts[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	n := s.k.Shape[2]
	if n%2 != 0 {
		t.Undecidable()
	}
	x, y := s.parts(span(0, n/2), span(n/2, n))
	half := func(e float64) float64 { return e / 2 }
	want := mapTensor(addTensors(x.run(t, im), y.run(t, im)), half)
	s.agree(t, im, s.run(t, im), want, mapTensor(addTensors(x.bound(t, im), y.bound(t, im)), half))
}

// mergeOverlapping merges the attention over all keys with that over the last.
func mergeOverlapping[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	n := s.k.Shape[2]
	x, y := s.parts(span(0, n), span(n-1, n))
	joins(t, im, x, y, s.exact(t.Oracle))
	t.Informative(true)
}
