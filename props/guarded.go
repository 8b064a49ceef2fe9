package props

import (
	"math"
	"slices"
	"unsafe"

	"example.com/attest/internal/guard"
	"example.com/attest/spec"
)

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

// ordinary returns a copy of x, of nothing for an output, in memory that is not
// guarded, begins as many bytes behind a multiple of 64 and is full of ones.
func ordinary[T spec.Float](x spec.Tensor[T], output bool) spec.Tensor[T] {
	const line = 64
	size := unsafe.Sizeof(*new(T))
	memory := slices.Repeat([]T{1}, x.Span()+guard.Canary+int(line/size))
	from := func(data []T) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(data))) }
	at := int((from(x.Data) - from(memory)) % line / size)
	view := x
	view.Data = memory[at:][:x.Span()]
	if !output {
		copyTensor(view, x)
	}
	return view
}
