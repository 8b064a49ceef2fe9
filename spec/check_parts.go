package spec

// CheckSoftmax panics with a constant text when the operands of a softmax, or of
// its logarithm, do not fit one another: unequal lengths, or memory shared other than whole.
func CheckSoftmax[T Float](dst, x []T) { CheckElementwise(dst, x) }

// CheckLayerNorm panics with a constant text when the operands of LayerNorm do
// not fit one another, or dst shares memory with an input and is not src.
func CheckLayerNorm[T Float](dst, src Matrix[T], gain, shift []T) {
	src.Check("src")
	CheckLength("gain", gain, src.Cols)
	CheckLength("shift", shift, src.Cols)
	checkRows(dst, src)
	CheckApart(dst.memory(), gain)
	CheckApart(dst.memory(), shift)
}

// checkRows is CheckShape for a dst of the shape of src that may be src itself
// and nothing else of it.
func checkRows[T Float](dst, src Matrix[T]) {
	dst.CheckShape("dst", src.Rows, src.Cols)
	if dst.Stride == src.Stride {
		CheckInPlace(dst.memory(), src.memory())
	} else {
		CheckApart(dst.memory(), src.memory())
	}
}

// CheckRMSNorm panics with a constant text when the operands of RMSNorm do not
// fit one another, or dst shares memory with an input and is not src.
func CheckRMSNorm[T Float](dst, src Matrix[T], gain []T) {
	src.Check("src")
	CheckLength("gain", gain, src.Cols)
	checkRows(dst, src)
	CheckApart(dst.memory(), gain)
}

// CheckRope panics with a constant text when the operands of Rope do not fit one
// another, or dst shares memory with src and is not src.
func CheckRope[T Float](dst, src Matrix[T], r Rotary) {
	src.Check("src")
	r.Check(src.Cols)
	checkRows(dst, src)
}

// CheckPositions panics with a constant text when dst's view does not fit its
// data or the base is not above 1.
func CheckPositions[T Float](dst Matrix[T], base float64) {
	dst.Check("dst")
	if !(base > 1) {
		panic("attest: the base of the positions is not above 1")
	}
}

// CheckResidual panics with a constant text when the operands of a residual sum
// do not fit one another, or dst shares memory with an input and is not x.
func CheckResidual[T Float](dst, x, y Matrix[T]) {
	x.Check("X")
	y.CheckShape("Y", x.Rows, x.Cols)
	checkRows(dst, x)
	CheckApart(dst.memory(), y.memory())
}

// CheckGated panics with a constant text when the operands of a gated layer do
// not fit one another, dst shares memory with an input, or act is no activation.
func CheckGated[T Float](dst, x, gate, up, down Matrix[T], act Activation) {
	x.Check("X")
	gate.CheckShape("gate", x.Cols, gate.Cols)
	up.CheckShape("up", x.Cols, gate.Cols)
	down.CheckShape("down", gate.Cols, down.Cols)
	CheckDestination(dst, x.Rows, down.Cols, x, gate, up, down)
	CheckActivation(act)
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
