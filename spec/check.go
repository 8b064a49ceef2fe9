package spec

import "unsafe"

// CheckDestination panics with a constant text when dst is not rows×cols, its
// view does not fit its data, or it shares memory with an input. Operations
// that write a matrix call it before the first write.
func CheckDestination[T Float](dst Matrix[T], rows, cols int, inputs ...Matrix[T]) {
	dst.CheckShape("dst", rows, cols)
	for _, in := range inputs {
		if meet(dst.Data, dst.span(), in.Data, in.span()) {
			panic("attest: dst shares memory with an input")
		}
	}
}

// span returns the number of elements from the first of the view to its last.
func (m Matrix[T]) span() int {
	if m.Rows == 0 || m.Cols == 0 {
		return 0
	}
	return (m.Rows-1)*m.Stride + m.Cols
}

// meet reports whether the first lenA elements of a and the first lenB of b
// share memory.
func meet[T Float](a []T, lenA int, b []T, lenB int) bool {
	if lenA == 0 || lenB == 0 {
		return false
	}
	return uintptr(unsafe.Pointer(&a[0])) <= uintptr(unsafe.Pointer(&b[lenB-1])) &&
		uintptr(unsafe.Pointer(&b[0])) <= uintptr(unsafe.Pointer(&a[lenA-1]))
}

// CheckTokens panics with a constant text when tokens Y or weights A do not fit
// one another or their views do not fit their data.
func CheckTokens[T Float](y, a Matrix[T]) {
	y.Check("Y")
	if !a.IsZero() {
		a.CheckShape("A", y.Cols, a.Cols)
	}
}

// CheckInteraction panics with a constant text when the operands of an
// operation of Interaction that writes a rows×cols destination do not fit.
// Further inputs besides Y and A must only be apart from dst.
func CheckInteraction[T Float](dst Matrix[T], cols int, y, a Matrix[T], more ...Matrix[T]) {
	CheckTokens(y, a)
	for _, m := range more {
		m.CheckShape("V", y.Rows, y.Cols)
	}
	CheckDestination(dst, y.Rows, cols, append(more, y, a)...)
}
