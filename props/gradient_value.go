package props

import (
	"example.com/attest/spec"
)

// gradientValue compares one of the gradients of an attention without further
// options.
func gradientValue[T spec.Float](which int) func(t *Trial, im *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		l := gradientSizes
		l.zeroScale = true
		switch t.Int("blocks", 0, 7) { // of keys, of queries
		case 6:
			l.leastKeys, l.keys, l.queries, l.channels = 66, 150, 4, 3
		case 7:
			l.leastQueries, l.queries, l.keys, l.channels = 49, 60, 4, 3
		}
		s := drawGradient[T](t, l)
		only := func(g gradients) (out gradients) {
			*out.all()[which] = *g.all()[which]
			return out
		}
		bound, want := only(s.errors(t, im)), only(s.exact(t.Oracle, im))
		nearGradients(t, s.run(t, im), want, bound)
		t.Informative(want.tells(bound))
		t.Sometimes("more than 64 keys", s.k.Shape[2] > 64)
		t.Sometimes("more than 48 queries", s.q.Shape[2] > 48)
		t.Sometimes("grouped heads", s.q.Shape[1] > s.k.Shape[1])
		t.Sometimes("a query without an allowed key", s.visible(0, 0, 0) == 0)
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
	bound, want := s.errors(t, im), s.exact(t.Oracle, im)
	nearGradients(t, s.run(t, im), want, bound)
	t.Informative(gradients{bias: want.bias}.tells(gradients{bias: bound.bias}))
}

// drawSharedBias draws a bias with axes and keys as the implementation takes them.
func (s *gradientScene[T]) drawSharedBias(t *Trial, im *spec.Implementation[T]) {
	axes, keys := "batch", s.k.Shape[2]
	if im.BackwardAbilities.Broadcast {
		axes = t.Word("bias axes", "batch", "heads", "queries", "keys")
		keys -= t.Int("bias shorter by", 0, 6) % keys
		t.Sometimes("a bias that batches share", axes != "batch" && s.q.Shape[0] > 1)
	}
	s.opt.Bias = s.drawBias(t, axes, keys, biasKinds, -2, 2)
}

func sinkGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	s.opt.Sinks = s.drawSinks(t)
	bound, want := s.errors(t, im), s.exact(t.Oracle, im)
	nearGradients(t, s.run(t, im), want, bound)
	t.Informative(gradients{sinks: want.sinks}.tells(gradients{sinks: bound.sinks}))
	plain := s.changed(func(s *attentionScene[T]) { s.opt.Sinks = nil })
	t.Informative(s.apartFrom(plain, im, bound))
}

func cappedGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	if im.BackwardAbilities.Bias && t.Bool("biased") {
		s.opt.Bias = s.drawBias(t, "batch", s.k.Shape[2], exactKinds, -1, 2)
	}
	plain := s
	s.opt.Softcap = t.Power("softcap", -2, 4)
	s.value(t, im, plain)
}

func windowGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	plain := s
	s.opt.Window = drawWindow(t)
	if im.BackwardAbilities.KeyLengths && t.Bool("with lengths") {
		for _, length := range s.drawEach(t, "length", 0, 33) {
			s.opt.KeyLengths = append(s.opt.KeyLengths, length%(s.k.Shape[2]+1))
		}
	}
	if im.BackwardAbilities.Offsets && t.Bool("with offsets") {
		s.opt.Offsets = s.drawEach(t, "offset", -3, 12)
	}
	s.value(t, im, plain)
}

func slopedGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	plain := s
	slopes, times := spec.AlibiSlopes(s.q.Shape[1]), []float64{1, 8}[t.Int("steep", 0, 1)]
	s.opt.Slopes = s.eachHead(func(h int) float64 { return times * float64(slopes[h]) })
	s.value(t, im, plain)
}

func keptGradientValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	if can := im.BackwardAbilities; can.Bias && t.Bool("biased") {
		s.opt.Bias = s.drawBias(t, "batch", s.k.Shape[2], exactKinds, -1, 2)
	}
	if im.BackwardAbilities.Softcap && t.Bool("capped") {
		s.opt.Softcap = t.Power("softcap", 0, 4)
	}
	if im.BackwardAbilities.Sinks && t.Bool("with sinks") {
		s.opt.Sinks = s.drawSinks(t)
	}
	plain := s
	s.opt.Keep, _ = s.drawKeep(t)
	s.opt.KeepScale = t.Power("keep scale", 0, 1)
	s.value(t, im, plain)
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
	can := *im
	can.AttentionAbilities = im.BackwardAbilities.AttentionAbilities
	packed := drawPacked[T](t, 9)
	packed.drawPackedRules(t, &can)
	packed.drawRest(t, &can)
	s := withOutputGradient(t, packed, valueKinds)
	s.value(t, im, s.changed(func(s *attentionScene[T]) { *s = s.unpacked() }))
}
