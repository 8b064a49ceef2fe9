package props

import (
	"math"
	"slices"

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
	m := guarded[T]{t: t, layout: s.layout, side: side}
	dst := m.lend("the output", spec.Tensor[float64]{Shape: s.shapeOut()}, true)
	q, k, v := m.lend("Q", s.q, false), m.lend("K", s.k, false), m.lend("V", s.v, false)
	m.call(func() { im.Attention.Attend(dst, q, k, v, &s.opt) })
	eachElement(dst.Shape, func(b, h, i, c int) {
		x := float64(dst.At(b, h, i, c))
		t.Check(!math.IsNaN(x) || s.visible(b, h, i) == 0, "%s was not written", atTensor("output", b, h, i, c))
	})
}

// guarded lends operands in memory that an unreadable page is adjacent to.
type guarded[T spec.Float] struct {
	t      *Trial
	layout layout
	side   guard.Side
	check  []func()
}

// lend returns a copy of x, nothing but NaN for an output.
func (m *guarded[T]) lend(name string, x tensor, output bool) spec.Tensor[T] {
	t, view := m.t, place[T](x.Shape, m.layout)
	lent, err := guard.New[T](view.Span(), m.side)
	if err != nil {
		t.Undecidable()
	}
	t.guards = append(t.guards, func() string { lent.Free(); return "" })
	for k := range lent.Whole {
		lent.Whole[k] = T(math.NaN())
	}
	view.Data = lent.Data
	if !output {
		copyTensor(view, x)
	}
	before := slices.Clone(lent.Whole)
	m.check = append(m.check, func() {
		if output {
			outside := outsideWritten(name, lent, before, view)
			t.Check(outside == "", "%s", outside)
			return
		}
		k := firstChange(lent.Whole, before)
		t.Check(k < 0, "the memory of %s was changed, %d elements from its start", name, k-lent.Offset)
	})
	return view
}

// call runs f, which must touch nothing but what was lent to it.
func (m *guarded[T]) call(f func()) {
	fault := guard.Fault(f)
	m.t.Check(fault == "", "an operand was left: %s", fault)
	for _, c := range m.check {
		c()
	}
}
