package props

import (
	"math"

	"example.com/attest/internal/guard"
	"example.com/attest/spec"
)

// attentionMemory hands over operands that end, or begin, right at an
// unreadable page.
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
	var check []func()
	lend := func(name string, x tensor, output bool) spec.Tensor[T] {
		view := place[T](x.Shape, s.layout)
		m, err := guard.New[T](view.Span(), side)
		if err != nil {
			t.Undecidable()
		}
		t.guards = append(t.guards, func() string { m.Free(); return "" })
		for k := range m.Whole {
			m.Whole[k] = T(math.NaN())
		}
		view.Data = m.Data
		if !output {
			copyTensor(view, x)
			before := append([]T(nil), m.Whole...)
			check = append(check, func() {
				k := firstDifference(m.Whole, before)
				t.Check(k < 0, "the memory of %s was changed, %d elements from its start", name, k-m.Offset)
			})
		} else {
			check = append(check, func() {
				outside := outsideWritten(name, m.Whole, m.Offset, view)
				t.Check(outside == "", "%s", outside)
			})
		}
		return view
	}
	dst := lend("the output", spec.Tensor[float64]{Shape: s.shapeOut()}, true)
	q, k, v := lend("Q", s.q, false), lend("K", s.k, false), lend("V", s.v, false)
	fault := guard.Fault(func() { im.Attention.Attend(dst, q, k, v, &s.opt) })
	t.Check(fault == "", "an operand was left: %s", fault)
	for _, c := range check {
		c()
	}
	eachElement(dst.Shape, func(b, h, i, c int) {
		x := float64(dst.At(b, h, i, c))
		t.Check(!math.IsNaN(x) || s.visible(b, h, i) == 0, "%s was not written", atTensor("output", b, h, i, c))
	})
}
