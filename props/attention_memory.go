package props

import (
	"math"

	"example.com/attest/internal/guard"
	"example.com/attest/spec"
)

// attentionMemory hands over operands that end, or begin, right at an
// unreadable page, and compares with a call in ordinary memory.
func attentionMemory[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	var s attentionScene[T]
	if t.Bool("no key") {
		s = drawEmpty[T](t, "keys")
	} else {
		// Small enough that few implementations start goroutines: a fault in one
		// of those would end the program.
		l := usual
		l.keys, l.channels = 33, 9
		s = drawAttention[T](t, l)
	}
	if t.Bool("packed") {
		s.layout = packed
	}
	side := guard.Before
	if t.Bool("behind") {
		side = guard.Behind
	}
	m := guarded[T]{t: t, layout: s.layout, side: side}
	dst := m.lend("the output", spec.Tensor[float64]{Shape: s.shapeOut()}, true)
	q, k, v := m.lend("Q", s.q, false), m.lend("K", s.k, false), m.lend("V", s.v, false)
	m.call(func() { im.Attention.Attend(dst, q, k, v, &s.opt) })
	eachElement(dst.Shape, func(b, h, i, c int) {
		x := float64(dst.At(b, h, i, c))
		t.Check(!math.IsNaN(x) || s.visible(b, h, i) == 0, "%s was not written", atTensor("output", b, h, i, c))
	})
	plain := ordinary(dst, true)
	im.Attention.Attend(plain, ordinary(q, false), ordinary(k, false), ordinary(v, false), &s.opt)
	sameTensorBits(t, "output", wideTensor(dst), wideTensor(plain))
}
