package props

import (
	"math"
	"strconv"
	"unsafe"

	"example.com/attest/internal/guard"
	"example.com/attest/spec"
)

// strideWidth hands over one operand whose last element along an axis lies beyond
// 2³¹ or 2³² elements from its first, in memory of which only those pages exist
// that hold elements. Where the system has no such memory it is 2¹⁵ or 2¹⁶.
func strideWidth[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.batch, l.keyHeads, l.leastQueries, l.leastKeys, l.leastChannels = 2, 2, 3, 3, 2
	l.queries, l.keys, l.channels, l.groups, l.noMask, l.noCausal = 6, 20, 9, 1, true, true
	s := drawAttention[T](t, l)
	s.bare = true // lengths in memory are the matter, not what hidden rows hold
	words := []string{"Q", "K", "V", "output", "mask"}
	if im.AttentionAbilities.Bias {
		words = append(words, "bias")
		s.opt.Bias = s.fullBias(func(_, _, i, j int) float64 { return float64((i+j)%3) / 4 })
	}
	operand := t.Word("operand", words...)
	if operand == "mask" {
		m, n := s.q.Shape[2], s.k.Shape[2]
		drawn := drawMask(t, m, n)
		s.opt.Mask = newMask(m, n, func(i, j int) bool { return j == 0 || drawn.At(0, 0, i, j) })
	}
	axis, power := t.Int("axis", 0, 2), t.Int("power", 31, 32)
	want := s.run(t, im)

	q, k, v := place[T](s.q.Shape, packed), place[T](s.k.Shape, packed), place[T](s.v.Shape, packed)
	out := place[T](s.shapeOut(), packed)
	for _, x := range []struct {
		name string
		to   *spec.Tensor[T]
		from tensor
	}{{"Q", &q, s.q}, {"K", &k, s.k}, {"V", &v, s.v}, {"output", &out, mapTensor(want, func(float64) float64 { return math.NaN() })}} {
		if x.name == operand {
			power = far(t, x.name, x.to, axis, power)
		} else {
			x.to.Data = make([]T, x.to.Span())
		}
		copyTensor(*x.to, x.from)
	}
	opt := s.opt
	switch operand {
	case "mask":
		opt.Mask, power = farGrid(t, operand, s, s.opt.Mask, power)
	case "bias":
		opt.Bias, power = farGrid(t, operand, s, s.opt.Bias, power)
	}
	im.Attention.Attend(out, q, k, v, &opt)
	s.agree(t, im, wideTensor(out), want, s.bound(t, im))
	t.Classify("beyond 2³¹ elements", power > 30)
	t.Classify(operand, true)
}

// vast returns memory for as many elements as 2 to the given power needs, and that
// power, or 2¹⁶ times fewer where the system has no such memory.
func vast[E guard.Element](t *Trial, name string, power int, span func(power int) int) ([]E, int) {
	if strconv.IntSize > 32 {
		if data, ok := guard.Sparse[E](&t.pool, span(power)); ok {
			end := uintptr(unsafe.Pointer(unsafe.SliceData(data))) + uintptr(len(data))*unsafe.Sizeof(data[0])
			t.lent = append(t.lent, lent{name, end})
			return data, power
		}
	}
	power -= 16
	return make([]E, span(power)), power
}

// far gives x memory in which the last element along an axis is a little more than
// 2 to the given power elements from the first, and returns the power for which
// there was memory.
func far[T spec.Float](t *Trial, name string, x *spec.Tensor[T], axis, power int) int {
	near := x.Stride[axis] * x.Shape[axis]
	x.Data, power = vast[T](t, name, power, func(power int) int {
		x.Stride[axis] = (1<<power)/(x.Shape[axis]-1) + near
		return x.Span()
	})
	return power
}

// farGrid returns a copy of a grid for s whose rows lie so far apart.
func farGrid[E guard.Element, T spec.Float](t *Trial, name string, s attentionScene[T], g *spec.Grid[E], power int) (*spec.Grid[E], int) {
	out := *g
	view := tensor{Shape: [4]int{s.q.Shape[0], s.q.Shape[1], g.Queries, g.Keys}, Stride: [4]int{g.BatchStride, g.HeadStride, 0, 1}}
	near := view.Span()
	out.Data, power = vast[E](t, name, power, func(power int) int {
		out.Stride = (1<<power)/(g.Queries-1) + near
		return out.Stride*(g.Queries-1) + near
	})
	eachElement(view.Shape, func(b, h, i, _ int) { copy(out.Row(b, h, i), g.Row(b, h, i)) })
	return &out, power
}
