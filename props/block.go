package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func blockProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "BLK-001", Run: blockValue[T]("pre", false), Cases: 0.5},
		{Claim: "BLK-002", Run: blockValue[T]("post", false), Cases: 0.5},
		{Claim: "BLK-003", Run: blockValue[T]("pre", true), Cases: 0.5},
		{Claim: "BLK-004", Run: blockValue[T]("post", true), Cases: 0.5},
		{Claim: "BLK-005", Run: blockComposition[T]},
		{Claim: "BLK-006", Run: blockSilent[T]("pre")},
		{Claim: "BLK-007", Run: blockSilent[T]("post")},
		{Claim: "BLK-008", Run: blockNormalized[T]("post")},
		{Claim: "BLK-009", Run: blockNormalized[T]("pre")},
		{Claim: "BLK-010", Run: blockPrefix[T](true)},
		{Claim: "BLK-011", Run: blockPrefix[T](false)},
		{Claim: "BLK-012", Run: blockOrder[T]("plain")},
		{Claim: "BLK-013", Run: blockOrder[T]("rotary")},
		{Claim: "BLK-014", Run: blockOrder[T]("causal")},
		{Claim: "BLK-015", Run: blockAlone[T]},
		{Claim: "BLK-016", Run: blockCached[T]},
		{Claim: "BLK-017", Run: blockNaN[T]},
		{Claim: "BLK-018", Run: blockHiddenMemory[T]},
		{Claim: "BLK-019", Run: blockEmptyMemory[T]("pre")},
		{Claim: "BLK-020", Run: blockEmptyMemory[T]("post")},
		{Claim: "BLK-021", Run: blockScaled[T]},
		{Claim: "BLK-022", Run: blockScaledFixed[T]},
		{Claim: "BLK-023", Run: blockMemoryOrder[T]},
	}
}

// transformerScene is a drawn block: its operands and options.
type transformerScene[T spec.Float] struct {
	x, memory   matrix
	w           spec.BlockWeights[float64]
	self, cross spec.AttentionOptions
	bare        bool // hand over what no token may see as it is
}

// blockParts says what drawTransformer draws.
type blockParts struct {
	tokens  int               // at least
	order   string            // "pre", "post" or, empty, either
	rotary  bool              // perhaps
	crossed string            // "never", "always" or, empty, perhaps
	wild    bool              // perhaps tokens that are far apart, far from the origin or tiny
	acts    []spec.Activation // of the feed-forward branch; nil for all
}

// drawTransformer draws a block whose options mask nothing.
func drawTransformer[T spec.Float](t *Trial, p blockParts) transformerScene[T] {
	m, d := t.Size("m", max(1, p.tokens), 7), t.Size("d", 2, 9)
	s := transformerScene[T]{x: drawStreamOf(t, m, d, p.wild)}
	s.w.PostNorm = p.order == "post" || p.order == "" && t.Bool("post-norm")
	s.w.Self = drawMultiHeadWeights(t, "", d, d, d, p.rotary)
	s.w.SelfNorm, s.w.ForwardNorm = drawNorm(t, "self ", d), drawNorm(t, "forward ", d)
	s.w.Forward = drawForward(t, d, p.acts)
	s.self.Scale = spec.DefaultScale(s.w.Self.Query.W.Cols / s.w.Self.Heads)
	if p.crossed == "always" || p.crossed == "" && t.Bool("with memory") {
		s.memory = t.Matrix("memory", t.Size("n", 1, 9), t.Size("e", 1, 9), calmKinds, -1, 1)
		cross := drawMultiHeadWeights(t, "cross ", d, s.memory.Cols, d, false)
		s.w.Cross, s.w.CrossNorm = &cross, drawNorm(t, "cross ", d)
		s.cross.Scale = spec.DefaultScale(cross.Query.W.Cols / cross.Heads)
	}
	return s
}

// drawStreamOf draws tokens, wild ones in every other case if wished: errors of
// the stream then meet norms of rows that are nearly constant, or nothing but
// eps.
func drawStreamOf(t *Trial, m, d int, wild bool) matrix {
	kinds := []gen.Kind{gen.Heavy, gen.Translated, gen.NearDuplicates, gen.Clustered, gen.OneHot}
	stream := "calm"
	if wild {
		stream = t.Word("stream", "calm", "wide", "calm", "tiny")
	}
	t.Classify(stream+" stream", true)
	switch stream {
	case "wide":
		return t.Matrix("X", m, d, kinds, -12, 12)
	case "tiny":
		return t.Matrix("X", m, d, kinds, -140, -60)
	}
	return t.Matrix("X", m, d, calmKinds, -1, 1)
}

// drawNorm draws a norm of either kind.
func drawNorm(t *Trial, prefix string, d int) spec.Norm[float64] {
	kinds := []gen.Kind{gen.Uniform, gen.One, gen.Normal, gen.Coarse}
	n := spec.Norm[float64]{Kind: spec.NormKind(t.Word(prefix+"norm", string(spec.LayerNormKind), string(spec.RMSNormKind))),
		Gain: t.Matrix(prefix+"gain", 1, d, kinds, 0, 1).Row(0), Eps: t.Power(prefix+"eps", -20, -4)}
	if n.Kind == spec.LayerNormKind {
		n.Shift = t.Matrix(prefix+"shift", 1, d, kinds, -2, 0).Row(0)
	}
	return n
}

// drawForward draws a feed-forward branch with one of the activations, any gate
// if there are none.
func drawForward(t *Trial, d int, acts []spec.Activation) spec.ForwardWeights[float64] {
	hidden, gated := t.Size("hidden", 1, 9), t.Bool("gated")
	if acts == nil {
		acts = spec.GateActivations
	}
	f := spec.ForwardWeights[float64]{Activation: drawActivation(t, acts)}
	f.Up = drawProjection(t, "up", d, hidden, !gated && t.Bool("biased up"))
	f.Down = drawProjection(t, "down", hidden, d, !gated && t.Bool("biased down"))
	if gated {
		f.Gate = t.Weights("Wgate", d, hidden)
	}
	return f
}

// decoder makes the block a decoder's: each token sees itself and those before it.
func (s transformerScene[T]) decoder() transformerScene[T] {
	s.self.Causal = true
	return s
}

// run calls the implementation without a cache.
func (s transformerScene[T]) run(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "output", s.x.Rows, s.x.Cols)
	s.call(t, im, out, nil)
	return wide(out)
}

func (s transformerScene[T]) call(t *Trial, im *spec.Implementation[T], out spec.Matrix[T], cache *spec.Cache[T]) {
	if !s.bare {
		if cache == nil {
			_, s.self = hiddenMemory[T](t, s.x, s.w.Self.Heads, s.x.Rows, s.self)
		}
		if s.w.Cross != nil {
			s.memory, s.cross = hiddenMemory[T](t, s.memory, s.w.Cross.Heads, s.x.Rows, s.cross)
		}
	}
	self, cross := attentionScene[T]{opt: s.self}.lend(t), attentionScene[T]{opt: s.cross}.lend(t)
	im.Block(out, input[T](t, "X", s.x), input[T](t, "memory", s.memory), s.lend(t), &self, &cross, cache)
}

// lend hands the weights to an implementation.
func (s transformerScene[T]) lend(t *Trial) *spec.BlockWeights[T] {
	f := s.w.Forward
	w := &spec.BlockWeights[T]{PostNorm: s.w.PostNorm, Self: *lendMultiHead[T](t, &s.w.Self),
		Forward: spec.ForwardWeights[T]{Activation: f.Activation, Gate: input[T](t, "gate", f.Gate),
			Up: lendProjection[T](t, "up", f.Up), Down: lendProjection[T](t, "down", f.Down)},
		SelfNorm: lendNorm[T](t, "self ", s.w.SelfNorm), ForwardNorm: lendNorm[T](t, "forward ", s.w.ForwardNorm)}
	if s.w.Cross != nil {
		w.Cross, w.CrossNorm = lendMultiHead[T](t, s.w.Cross), lendNorm[T](t, "cross ", s.w.CrossNorm)
	}
	return w
}

// bound returns the bound on each output and ends the trial where there is none.
func (s transformerScene[T]) bound(t *Trial, im *spec.Implementation[T]) matrix {
	b, ok := reference.BlockBound(s.x, s.memory, &s.w, &s.self, &s.cross, im.Profile, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return b
}

// agree requires got, which the implementation computed for s, to lie within both
// bounds of want, which it computed for another block.
func (s transformerScene[T]) agree(t *Trial, im *spec.Implementation[T], got, want, boundWant matrix) {
	bound := plus(s.bound(t, im), boundWant)
	near(t, "output", got, want, bound)
	t.Informative(exceeds(reference.Sub(want, s.x), bound, 8))
}

// blockValue draws encoders, or decoders with or without a memory.
func blockValue[T spec.Float](order string, decoder bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s := drawTransformer[T](t, blockParts{order: order, rotary: true, wild: true, crossed: map[bool]string{false: "never", true: ""}[decoder]})
		if decoder {
			s = s.decoder()
		} else {
			s.self = drawOptions(t, im, &s.w.Self, s.x.Rows, s.x.Rows)
		}
		if s.w.Cross != nil && t.Bool("cross masked") {
			x := t.Matrix("cross mask", s.x.Rows, s.memory.Rows, []gen.Kind{gen.Coarse, gen.One, gen.Uniform}, 0, 0)
			s.cross.Mask = newMask(x.Rows, x.Cols, func(i, j int) bool { return x.At(i, j) > -0.25 })
		}
		if s.w.Cross != nil && im.AttentionAbilities.KeyLengths && t.Bool("cross length") {
			s.cross.KeyLengths = []int{t.Int("length of memory", 0, 8) % (s.memory.Rows + 1)}
		}
		bound, want := s.bound(t, im), spec.NewMatrix[float64](s.x.Rows, s.x.Cols)
		t.Oracle.Block(want, s.x, s.memory, &s.w, &s.self, &s.cross, nil)
		near(t, "output", s.run(t, im), want, bound)
		t.Informative(exceeds(reference.Sub(want, s.x), bound, 8))
		t.Sometimes("gated", !s.w.Forward.Gate.IsZero())
		t.Sometimes("not gated", s.w.Forward.Gate.IsZero())
		t.Sometimes("LayerNorm, then RMSNorm", s.w.SelfNorm.Kind == spec.LayerNormKind && s.w.ForwardNorm.Kind == spec.RMSNormKind)
		t.Sometimes("RMSNorm, then LayerNorm", s.w.SelfNorm.Kind == spec.RMSNormKind && s.w.ForwardNorm.Kind == spec.LayerNormKind)
		t.Sometimes("rotary embedding", s.w.Self.Rotary != nil)
		t.Sometimes("fewer heads of keys", s.w.Self.KeyHeads < s.w.Self.Heads)
		t.Sometimes("more tokens than one", s.x.Rows > 1)
		t.Sometimes("memory", !decoder || s.w.Cross != nil)
	}
}

// blockComposition composes the implementation's own parts by hand.
func blockComposition[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTransformer[T](t, blockParts{rotary: true, wild: true})
	s.self = drawOptions(t, im, &s.w.Self, s.x.Rows, s.x.Rows)
	got, want := s.run(t, im), s.composed(t, im)
	if im.ComposedBlock {
		t.SameBits("output", got, want)
		t.Informative(reference.Norm(reference.Sub(want, s.x).Data) > 0)
	} else {
		s.agree(t, im, got, want, s.bound(t, im))
	}
	t.Sometimes("memory", s.w.Cross != nil)
	t.Sometimes("post-norm", s.w.PostNorm)
	t.Sometimes("pre-norm", !s.w.PostNorm)
}

func (s transformerScene[T]) composed(t *Trial, im *spec.Implementation[T]) matrix {
	m, d := s.x.Rows, s.x.Cols
	w := s.lend(t)
	norm := func(h matrix, n spec.Norm[T]) matrix {
		out := output[T](t, "N", m, d)
		applyNorm(im, out, input[T](t, "h", h), n)
		return wide(out)
	}
	attend := func(memory matrix, w *spec.MultiHeadWeights[T], opt *spec.AttentionOptions) func(h matrix) matrix {
		return func(h matrix) matrix {
			out, x := output[T](t, "attention", m, d), input[T](t, "h", h)
			y := x
			if !memory.IsZero() {
				y = input[T](t, "memory", memory)
			}
			im.MultiHead(out, x, y, w, opt)
			return wide(out)
		}
	}
	sublayer := func(x matrix, n spec.Norm[T], f func(h matrix) matrix) matrix {
		out, h := output[T](t, "sum", m, d), x
		if !s.w.PostNorm {
			h = norm(x, n)
		}
		im.Residual(out, input[T](t, "stream", x), input[T](t, "branch", f(h)))
		if s.w.PostNorm {
			return norm(wide(out), n)
		}
		return wide(out)
	}
	x := sublayer(s.x, w.SelfNorm, attend(matrix{}, &w.Self, &s.self))
	if s.w.Cross != nil {
		x = sublayer(x, w.CrossNorm, attend(s.memory, w.Cross, &s.cross))
	}
	return sublayer(x, w.ForwardNorm, func(h matrix) matrix {
		out, f := output[T](t, "feed-forward", m, d), w.Forward
		if !f.Gate.IsZero() {
			im.Gated(out, input[T](t, "h", h), f.Gate, f.Up.W, f.Down.W, f.Activation)
			return wide(out)
		}
		hidden := spec.NewMatrix[T](m, f.Up.W.Cols)
		im.Linear(hidden, input[T](t, "h", h), f.Up.W, f.Up.Bias)
		im.Prox.Apply(hidden.Data, hidden.Data, f.Activation)
		im.Linear(out, hidden, f.Down.W, f.Down.Bias)
		return wide(out)
	})
}

// silent returns s with branches that are zero: no output weights, no biases
// there.
func (s transformerScene[T]) silent() transformerScene[T] {
	mute := func(p *spec.Projection[float64]) {
		*p = spec.Projection[float64]{W: spec.NewMatrix[float64](p.W.Rows, p.W.Cols)}
	}
	mute(&s.w.Self.Output)
	mute(&s.w.Forward.Down)
	if s.w.Cross != nil {
		cross := *s.w.Cross
		mute(&cross.Output)
		s.w.Cross = &cross
	}
	return s
}

func blockSilent[T spec.Float](order string) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var s transformerScene[T]
		if order == "pre" {
			s = drawTransformer[T](t, blockParts{order: order, rotary: true})
		} else {
			s = drawSmallTransformer[T](t, true)
		}
		s = s.silent()
		y := s.run(t, im)
		for i := range y.Rows {
			for k := range y.Cols {
				t.Near(at("output", i, k), y.At(i, k), s.x.At(i, k), 0)
			}
		}
		t.Informative(reference.Norm(s.x.Data) > 0)
	}
}

// drawSmallTransformer draws a block of few numbers, for searches: one head, one hidden
// unit, RMSNorm without gains, ReLU.
func drawSmallTransformer[T spec.Float](t *Trial, post bool) transformerScene[T] {
	m, d := t.Int("m", 1, 3), t.Int("d", 1, 2)
	kinds := []gen.Kind{gen.OneHot, gen.Ints, gen.Coarse}
	project := func(name string, in, out int) spec.Projection[float64] {
		return spec.Projection[float64]{W: t.Matrix(name, in, out, kinds, 0, 0)}
	}
	s := transformerScene[T]{x: t.Matrix("X", m, d, []gen.Kind{gen.Ints, gen.Coarse, gen.One}, 0, 1), self: spec.AttentionOptions{Scale: 1}}
	s.w.PostNorm = post
	s.w.SelfNorm = plainNorm(spec.RMSNormKind, d, t.Power("eps", -3, 0))
	s.w.ForwardNorm = s.w.SelfNorm
	s.w.Self = spec.MultiHeadWeights[float64]{Query: project("WQ", d, d), Key: project("WK", d, d), Value: project("WV", d, d),
		Output: project("WO", d, d), Heads: 1, KeyHeads: 1}
	s.w.Forward = spec.ForwardWeights[float64]{Activation: spec.ActReLU, Up: project("up", d, 1), Down: project("down", 1, d)}
	return s
}

// blockNormalized asserts that the rows of the output are those of the last norm
// without gain and shift: their mean is 0 for LayerNorm, and their squares add to
// less than d by a share that eps explains.
func blockNormalized[T spec.Float](order string) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var s transformerScene[T]
		if order == "post" {
			s = drawTransformer[T](t, blockParts{order: order, rotary: true})
			s.w.ForwardNorm = plainNorm(s.w.ForwardNorm.Kind, s.x.Cols, s.w.ForwardNorm.Eps)
		} else {
			s = drawSmallTransformer[T](t, false)
		}
		bound, y, told := s.bound(t, im), s.run(t, im), false
		for i := range y.Rows {
			var sum, slip float64
			for k, v := range y.Row(i) {
				sum += v
				slip += bound.At(i, k) + gamma(y.Cols)*math.Abs(v)
			}
			if s.w.ForwardNorm.Kind == spec.LayerNormKind {
				t.Near(at("sum of row", i, 0), sum, 0, slip)
			}
			squares, err := normSquares(y.Row(i), bound.Row(i))
			t.Within(at("sum of squares of row above d", i, 0), squares-float64(y.Cols), err)
			told = told || squares > 8*err
		}
		t.Informative(told)
	}
}
