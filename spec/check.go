package spec

import "unsafe"

// CheckDestination panics with a constant text when dst is not rows×cols, its
// view does not fit its data, or the range of memory that it spans meets that
// of an input. Operations that write a matrix call it before the first write.
func CheckDestination[T Float](dst Matrix[T], rows, cols int, inputs ...Matrix[T]) {
	dst.CheckShape("dst", rows, cols)
	for _, in := range inputs {
		CheckApart(dst.memory(), in.memory())
	}
}

// CheckApart panics with a constant text when the memory of a destination meets
// that of an input.
func CheckApart[T Float](dst, in []T) {
	if meet(dst, len(dst), in, len(in)) {
		panic("attest: dst shares memory with an input")
	}
}

// CheckInPlace panics with a constant text when the memory of a destination
// meets that of an input that it may be, and is not the same.
func CheckInPlace[T Float](dst, in []T) {
	if len(dst) > 0 && len(in) > 0 && &dst[0] == &in[0] {
		return
	}
	if meet(dst, len(dst), in, len(in)) {
		panic("attest: dst overlaps an input and is not the same")
	}
}

// CheckLength panics with a text that names the vector when it has not n
// elements.
func CheckLength[T Float](name string, x []T, n int) {
	if len(x) != n {
		panic("attest: " + name + " has the wrong length")
	}
}

// memory returns the elements of Data from the first of the view to its last.
func (m Matrix[T]) memory() []T { return m.Data[:m.span()] }

// span returns the number of elements from the first of the view to its last.
func (m Matrix[T]) span() int {
	if m.Rows == 0 || m.Cols == 0 {
		return 0
	}
	return (m.Rows-1)*m.Stride + m.Cols
}

// meet reports whether the first lenA elements of a and the first lenB of b
// share memory.
func meet[A, B any](a []A, lenA int, b []B, lenB int) bool {
	if lenA == 0 || lenB == 0 {
		return false
	}
	endA := uintptr(unsafe.Pointer(&a[lenA-1])) + unsafe.Sizeof(a[0])
	endB := uintptr(unsafe.Pointer(&b[lenB-1])) + unsafe.Sizeof(b[0])
	return uintptr(unsafe.Pointer(&a[0])) < endB && uintptr(unsafe.Pointer(&b[0])) < endA
}

// CheckTokens panics with a constant text when tokens Y or weights A do not fit
// one another or their views do not fit their data.
func CheckTokens[T Float](y, a Matrix[T]) {
	y.Check("Y")
	checkWeights("A", a, y.Cols, a.Cols)
}

// checkWeights is CheckShape for weights, which may be the zero Matrix.
func checkWeights[T Float](name string, a Matrix[T], rows, cols int) {
	if !a.IsZero() {
		a.CheckShape(name, rows, cols)
	}
}

// CheckInteraction panics with a constant text when the operands of an
// operation of Interaction that writes a rows×cols destination do not fit.
// Further inputs besides Y and A have the shape of Y.
func CheckInteraction[T Float](dst Matrix[T], cols int, y, a Matrix[T], more ...Matrix[T]) {
	CheckTokens(y, a)
	for _, m := range more {
		m.CheckShape("V", y.Rows, y.Cols)
	}
	CheckDestination(dst, y.Rows, cols, append(more, y, a)...)
}
