package props

import (
	"example.com/attest/spec"
)

func attentionLayoutProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-078", Run: headsWithinTokens[T]},
		{Claim: "ATT-079", Run: headsReshaped[T]},
	}
}

// withinTokens returns the numbers of x in the order batch, token, head, channel.
func withinTokens[T spec.Float](x tensor) []T {
	out := filled[T](x.Shape[0] * x.Shape[1] * x.Shape[2] * x.Shape[3])
	copyTensor(spec.HeadsOf(out, x.Shape[0], x.Shape[2], x.Shape[1], x.Shape[3]), x)
	return out
}

// runWithinTokens calls the implementation with all tensors as view makes them of
// numbers in the order batch, token, head, channel, and returns what the output's
// numbers are in that order.
func (s attentionScene[T]) runWithinTokens(t *Trial, im *spec.Implementation[T], view func(data []T, batch, tokens, heads, channels int) spec.Tensor[T]) tensor {
	of := func(data []T, shape [4]int) spec.Tensor[T] {
		return view(data, shape[0], shape[2], shape[1], shape[3])
	}
	shape, opt := s.shapeOut(), s.lend(t)
	out := filled[T](shape[0] * shape[1] * shape[2] * shape[3])
	im.Attention.Attend(of(out, shape), of(withinTokens[T](s.q), s.q.Shape), of(withinTokens[T](s.k), s.k.Shape), of(withinTokens[T](s.v), s.v.Shape), &opt)
	return wideTensor(spec.HeadsOf(out, shape[0], shape[2], shape[1], shape[3]))
}

func headsWithinTokens[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.group = 2
	s := drawAttention[T](t, l)
	s.agree(t, im, s.runWithinTokens(t, im, spec.HeadsOf[T]), s.run(t, im), s.bound(t, im))
	t.Informative(s.q.Shape[2] > 1)
}

// headsReshaped reads the numbers as those of heads apart.
func headsReshaped[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	const heads = 2
	n := t.Int("tokens", 1, 4)
	s := attentionScene[T]{layout: drawLayout(t), opt: spec.AttentionOptions{Scale: 1}}
	draw := func(name string) tensor {
		m := t.Matrix(name, n, heads, exactKinds, 0, 0)
		return spec.HeadsOf(m.Data, 1, n, heads, 1)
	}
	s.q, s.k, s.v = draw("Q"), draw("K"), draw("V")
	reshaped := s.runWithinTokens(t, im, func(data []T, batch, tokens, heads, channels int) spec.Tensor[T] {
		x := spec.NewTensor[T](batch, heads, tokens, channels)
		x.Data = data
		return x
	})
	bound := s.bound(t, im)
	nearTensor(t, "output", reshaped, s.run(t, im), addTensors(bound, bound))
	t.Informative(n > 1)
}
