package props

import "example.com/attest/spec"

// gradientValue compares one of the gradients of an attention without further
// options.
func gradientValue[T spec.Float](which int) func(t *Trial, im *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		l := gradientSizes
		l.zeroScale, l.large = true, true
		s := drawGradient[T](t, l)
		only := func(g gradients) (out gradients) {
			*out.all()[which] = *g.all()[which]
			return out
		}
		bound, want := only(s.errors(t, im)), only(s.exact(t.Oracle, im))
		nearGradients(t, s.run(t, im), want, bound)
		t.Informative(want.tells(bound))
		t.Sometimes("more than 64 keys", s.k.Shape[2] > 64)
		t.Sometimes("grouped heads", s.q.Shape[1] > s.k.Shape[1])
		t.Sometimes("a query without an allowed key", s.visible(0, 0, 0) == 0)
		s.sometimesLarge(t)
	}
}

// value compares all gradients, and says that the case tells if they differ from
// those of plain.
func (s gradientScene[T]) value(t *Trial, im *spec.Implementation[T], plain gradientScene[T]) {
	bound := s.errors(t, im)
	nearGradients(t, s.run(t, im), s.exact(t.Oracle, im), bound)
	t.Informative(s.apartFrom(plain, im, bound))
}

func biasGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	s.drawSharedBias(t, im)
	s.drawOptions(t, im.BackwardAbilities.AttentionAbilities)
	bound, want := s.errors(t, im), s.exact(t.Oracle, im)
	nearGradients(t, s.run(t, im), want, bound)
	t.Informative(gradients{bias: want.bias}.tells(gradients{bias: bound.bias}))
}

// drawSharedBias draws a bias with axes and keys as the implementation takes them.
func (s *gradientScene[T]) drawSharedBias(t *Trial, im *spec.Implementation[T]) {
	axes, keys := s.drawAxes(t, im.BackwardAbilities.AttentionAbilities, "bias")
	if im.BackwardAbilities.Broadcast {
		t.Sometimes("a bias that batches share", axes != "batch" && axes != "batch alone" && s.q.Shape[0] > 1)
	}
	s.opt.Bias = s.drawBias(t, axes, keys, biasKinds, -2, 2)
}

func sinkGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	s.opt.Sinks = s.drawSinks(t)
	s.drawOptions(t, im.BackwardAbilities.AttentionAbilities)
	bound, want := s.errors(t, im), s.exact(t.Oracle, im)
	nearGradients(t, s.run(t, im), want, bound)
	t.Informative(gradients{sinks: want.sinks}.tells(gradients{sinks: bound.sinks}))
	plain := s.changed(func(s *attentionScene[T]) { s.opt.Sinks = nil })
	t.Informative(s.apartFrom(plain, im, bound))
}

func cappedGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	s.opt.Softcap = t.Power("softcap", -2, 4)
	s.drawOptions(t, im.BackwardAbilities.AttentionAbilities)
	s.value(t, im, s.changed(func(s *attentionScene[T]) { s.opt.Softcap = 0 }))
}

func windowGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.large = true
	s := drawGradient[T](t, l)
	s.opt.Window = drawWindow(t)
	s.drawOptions(t, im.BackwardAbilities.AttentionAbilities)
	s.value(t, im, s.changed(func(s *attentionScene[T]) { s.opt.Window, s.opt.KeyLengths, s.opt.Offsets = nil, nil, nil }))
	s.sometimesGrids(t, im.BackwardAbilities.AttentionAbilities)
}

func slopedGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	s.opt.Slopes = s.drawSlopes(t)
	s.drawOptions(t, im.BackwardAbilities.AttentionAbilities)
	s.value(t, im, s.changed(func(s *attentionScene[T]) { s.opt.Slopes = nil }))
}

func keptGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	s.opt.Keep = s.drawFlags(t, im.BackwardAbilities.AttentionAbilities, "keep", 0)
	s.opt.KeepScale = t.Power("keep scale", 0, 1)
	s.drawOptions(t, im.BackwardAbilities.AttentionAbilities)
	s.value(t, im, s.changed(func(s *attentionScene[T]) { s.opt.Keep = nil }))
}

// emptyGradientValue draws an attention one of whose sizes is zero.
func emptyGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := withOutputGradient(t, drawEmpty[T](t, t.Word("empty", "keys", "dHead", "queries", "dValue", "batch", "heads")), valueKinds)
	nearGradients(t, s.run(t, im), s.exact(t.Oracle, im), s.errors(t, im))
	t.Informative(true) // a panic or a write would tell
	t.Sometimes("gradients of values for lack of channels", s.q.Shape[3] == 0)
	t.Sometimes("keys without a query", s.q.Shape[2] == 0 && s.k.Shape[2] > 0)
}

// packedGradientValue draws packed sequences, and whatever else the implementation
// takes.
func packedGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	packed := drawPacked[T](t, 9)
	packed.drawOptions(t, im.BackwardAbilities.AttentionAbilities)
	s := withOutputGradient(t, packed, valueKinds)
	s.value(t, im, s.changed(func(s *attentionScene[T]) { *s = s.unpacked() }))
}
