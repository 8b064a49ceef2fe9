package props

import (
	"fmt"
	"math"
	"slices"

	"example.com/attest/spec"
)

type tensor = spec.Tensor[float64]

// tensorOf returns the view of m, whose rows are the tokens of all heads of all
// batches, as a tensor; it shares memory with m.
func tensorOf(m matrix, batch, heads, tokens int) tensor {
	return tensor{Data: m.Data, Shape: [4]int{batch, heads, tokens, m.Cols},
		Stride: [4]int{heads * tokens * m.Stride, tokens * m.Stride, m.Stride, 1}}
}

// tensorLike returns a new tensor of the given shape with element
// (b, h, i, c) = f(b, h, i, c).
func tensorLike(shape [4]int, f func(b, h, i, c int) float64) tensor {
	x := spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3])
	eachElement(shape, func(b, h, i, c int) { x.Set(b, h, i, c, f(b, h, i, c)) })
	return x
}

// mapTensor returns f of each element of x.
func mapTensor(x tensor, f func(e float64) float64) tensor {
	return tensorLike(x.Shape, func(b, h, i, c int) float64 { return f(x.At(b, h, i, c)) })
}

// unsignedZeros returns x with +0 for −0.
func unsignedZeros(x tensor) tensor {
	return mapTensor(x, func(e float64) float64 { return e + 0 })
}

// withNaN returns x with NaN at one place.
func withNaN(x tensor, at [4]int) tensor {
	return tensorLike(x.Shape, func(b, h, i, c int) float64 {
		if [4]int{b, h, i, c} == at {
			return math.NaN()
		}
		return x.At(b, h, i, c)
	})
}

// drawPlace draws a place in a tensor of the given shape.
func drawPlace(t *Trial, name string, shape [4]int) [4]int {
	return [4]int{t.Int(name+" batch", 0, 1) % shape[0], t.Int(name+" head", 0, 5) % shape[1],
		t.Int(name+" token", 0, 96) % shape[2], t.Int(name+" channel", 0, 16) % shape[3]}
}

// eachElement calls f for every index of a tensor of the given shape.
func eachElement(shape [4]int, f func(b, h, i, c int)) {
	for b := range shape[0] {
		for h := range shape[1] {
			for i := range shape[2] {
				for c := range shape[3] {
					f(b, h, i, c)
				}
			}
		}
	}
}

// gather returns the tensor whose axis has the elements of x at the given
// places, in that order.
func gather(x tensor, axis int, places []int) tensor {
	shape := x.Shape
	shape[axis] = len(places)
	return tensorLike(shape, func(b, h, i, c int) float64 {
		at := [4]int{b, h, i, c}
		at[axis] = places[at[axis]]
		return x.At(at[0], at[1], at[2], at[3])
	})
}

// span returns lo, lo+1, … hi−1.
func span(lo, hi int) []int {
	var out []int
	for i := lo; i < hi; i++ {
		out = append(out, i)
	}
	return out
}

// layout says where the elements of a tensor lie: the order of the axes from
// the outermost to the innermost and how much is left free behind each.
type layout struct {
	order [4]int
	gap   [4]int
	// repeated is 1 more than the axis along which all elements are one; 0 is none.
	repeated int
}

var (
	packed      = layout{order: [4]int{0, 1, 2, 3}}
	headsFirst  = layout{order: [4]int{0, 1, 2, 3}, gap: [4]int{2, 5, 3, 0}}
	tokensFirst = layout{order: [4]int{0, 2, 1, 3}, gap: [4]int{2, 1, 5, 0}}
	sparse      = layout{order: [4]int{0, 1, 2, 3}, gap: [4]int{2, 5, 3, 1}}
	// channelsFirst has the tokens next to one another, as keys are often kept.
	channelsFirst = layout{order: [4]int{0, 1, 3, 2}, gap: [4]int{2, 1, 0, 3}}
)

// place returns a tensor of the given shape in which nothing is set.
func place[T spec.Float](shape [4]int, l layout) spec.Tensor[T] {
	x := spec.Tensor[T]{Shape: shape}
	step := 1
	for k := 3; k >= 0; k-- {
		axis := l.order[k]
		if axis == l.repeated-1 {
			continue
		}
		step += l.gap[axis]
		x.Stride[axis] = step
		step *= max(1, shape[axis])
	}
	return x
}

// drawLayout draws the layout in which all tensors of the case are handed over.
func drawLayout(t *Trial) layout {
	if t.Bool("tokens first") {
		return tokensFirst
	}
	return headsFirst
}

// inputTensor hands x to an implementation: converted to T, in the given layout
// or one of its own, and watched: after the trial it must still hold the same
// bits.
func inputTensor[T spec.Float](t *Trial, name string, x tensor, l layout) spec.Tensor[T] {
	in := place[T](x.Shape, t.lie(name, l))
	m := lend(t, name, in.Span(), T(t.slack()))
	in.Data = m.Data
	copyTensor(in, x)
	watch(t, name, m)
	return in
}

// copyTensor converts the elements of src into dst.
func copyTensor[T, U spec.Float](dst spec.Tensor[T], src spec.Tensor[U]) {
	eachElement(src.Shape, func(b, h, i, c int) { dst.Set(b, h, i, c, T(src.At(b, h, i, c))) })
}

// outputTensor returns a destination filled with NaN. After the trial the gaps
// and the memory around it must be untouched.
func outputTensor[T spec.Float](t *Trial, name string, shape [4]int, l layout) spec.Tensor[T] {
	out := place[T](shape, t.lie(name, l))
	m := lend(t, name, out.Span(), T(t.slack()))
	out.Data = m.Data
	eachElement(shape, func(b, h, i, c int) { out.Set(b, h, i, c, T(math.NaN())) })
	before := slices.Clone(m.Whole)
	t.guards = append(t.guards, func() string { return outsideWritten(name, m, before, out) })
	return out
}

// wideTensor returns a gapless copy of x with elements of type float64.
func wideTensor[T spec.Float](x spec.Tensor[T]) tensor {
	out := spec.NewTensor[float64](x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3])
	copyTensor(out, x)
	return out
}

// nearTensor requires every element of got to lie within its bound of want. NaN
// is near NaN: which outputs may be NaN is for other claims to say.
func nearTensor(t *Trial, what string, got, want, bound tensor) {
	eachElement(want.Shape, func(b, h, i, c int) {
		x, y, e := got.At(b, h, i, c), want.At(b, h, i, c), bound.At(b, h, i, c)
		if !math.IsNaN(y) {
			e += unit64 * math.Abs(y)
		}
		t.near(func() string { return atTensor(what, b, h, i, c) }, x, y, e)
	})
}

// sameTensorBits requires two tensors to be equal bit for bit.
func sameTensorBits(t *Trial, what string, got, want tensor) {
	eachElement(want.Shape, func(b, h, i, c int) {
		t.bits(func() string { return atTensor(what, b, h, i, c) }, got.At(b, h, i, c), want.At(b, h, i, c))
	})
}

func atTensor(what string, b, h, i, c int) string {
	return fmt.Sprintf("%s[%d,%d,%d,%d]", what, b, h, i, c)
}

// addTensors returns x + y.
func addTensors(x, y tensor) tensor {
	return tensorLike(x.Shape, func(b, h, i, c int) float64 { return x.At(b, h, i, c) + y.At(b, h, i, c) })
}
