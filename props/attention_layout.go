package props

import (
	"math"

	"example.com/attest/internal/guard"
	"example.com/attest/spec"
)

func attentionLayoutProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-078", Run: headsWithinTokens[T]},
		{Claim: "ATT-079", Run: headsReshaped[T]},
	}
}

// runWithinTokens calls the implementation with all tensors as view makes them of
// numbers in the order batch, token, head, channel, and returns what the output's
// numbers are in that order.
func (s attentionScene[T]) runWithinTokens(t *Trial, im *spec.Implementation[T], view func(data []T, batch, tokens, heads, channels int) spec.Tensor[T]) tensor {
	of := func(m guard.Memory[T], shape [4]int) spec.Tensor[T] {
		return view(m.Data, shape[0], shape[2], shape[1], shape[3])
	}
	numbers := func(name string, shape [4]int) (guard.Memory[T], spec.Tensor[T]) {
		m := lend(t, name, shape[0]*shape[1]*shape[2]*shape[3], T(math.NaN()))
		return m, spec.HeadsOf(m.Data, shape[0], shape[2], shape[1], shape[3])
	}
	in := func(name string, x tensor) spec.Tensor[T] {
		m, numbers := numbers(name, x.Shape)
		copyTensor(numbers, x)
		watch(t, name, m)
		return of(m, x.Shape)
	}
	opt := s.lend(t)
	m, out := numbers("output", s.shapeOut())
	im.Attention.Attend(of(m, s.shapeOut()), in("Q", s.q), in("K", s.k), in("V", s.v), &opt)
	return wideTensor(out)
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
