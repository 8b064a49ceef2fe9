package spec

// CheckSoftmax panics with a constant text when the operands of a softmax do
// not fit one another: unequal lengths, or memory shared other than whole.
func CheckSoftmax[T Float](dst, x []T) { CheckElementwise(dst, x) }

// CheckLayerNorm panics with a constant text when the operands of LayerNorm do
// not fit one another, or dst shares memory with an input and is not src.
func CheckLayerNorm[T Float](dst, src Matrix[T], gain, shift []T) {
	src.Check("src")
	CheckLength("gain", gain, src.Cols)
	CheckLength("shift", shift, src.Cols)
	dst.CheckShape("dst", src.Rows, src.Cols)
	if dst.Stride == src.Stride {
		CheckInPlace(dst.memory(), src.memory())
	} else {
		CheckApart(dst.memory(), src.memory())
	}
	CheckApart(dst.memory(), gain)
	CheckApart(dst.memory(), shift)
}

// CheckLinear panics with a constant text when the operands of Linear do not
// fit one another, or dst shares memory with an input.
func CheckLinear[T Float](dst, x, w Matrix[T], bias []T) {
	x.Check("X")
	w.CheckShape("W", x.Cols, w.Cols)
	if bias != nil {
		CheckLength("bias", bias, w.Cols)
	}
	CheckDestination(dst, x.Rows, w.Cols, x, w)
	CheckApart(dst.memory(), bias)
}
