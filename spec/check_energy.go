package spec

// The functions of this file panic with a constant text when the operands of
// one operation do not fit one another, their views do not fit their data, or a
// destination shares memory with an input. Every implementation of this project
// calls them before the first write, so that all refuse the same with the same
// words.

// CheckChannels checks the operands of Ridge.ChannelStep.
func CheckChannels[T Float](dst, x Matrix[T], s []T) {
	x.Check("X")
	CheckLength("s", s, x.Cols)
	CheckDestination(dst, x.Rows, x.Cols, x)
	CheckApart(dst.memory(), s)
}

// CheckFrozen checks the operands of Masked.FrozenStep.
func CheckFrozen[T Float](dst, y, x Matrix[T]) {
	y.Check("Y")
	x.CheckShape("X", x.Rows, y.Cols)
	CheckDestination(dst, y.Rows, y.Cols, y, x)
}

// CheckCausal checks the operands of Masked.CausalStep.
func CheckCausal[T Float](dst, y Matrix[T]) {
	y.Check("Y")
	CheckDestination(dst, y.Rows, y.Cols, y)
}

// CheckSymmetric checks the operands of Masked.SymmetricStep.
func CheckSymmetric[T Float](dst, y, k Matrix[T]) {
	y.Check("Y")
	k.CheckShape("K", y.Rows, y.Rows)
	CheckDestination(dst, y.Rows, y.Cols, y, k)
}

// CheckSphere checks the operands of Sphere.AttentionStep.
func CheckSphere[T Float](dst, y, m, v Matrix[T]) {
	y.Check("Y")
	checkWeights("M", m, y.Cols, y.Cols)
	checkWeights("V", v, y.Cols, y.Cols)
	CheckDestination(dst, y.Rows, y.Cols, y, m, v)
}

// CheckHopfieldEnergy checks the operands of Hopfield.Energy.
func CheckHopfieldEnergy[T Float](dst, q, k Matrix[T], visible []bool) {
	checkHopfield(dst, 1, q, k, visible)
}

// CheckHopfieldStep checks the operands of Hopfield.Step.
func CheckHopfieldStep[T Float](dst, q, k Matrix[T], visible []bool) {
	checkHopfield(dst, q.Cols, q, k, visible)
}

func checkHopfield[T Float](dst Matrix[T], cols int, q, k Matrix[T], visible []bool) {
	q.Check("Q")
	k.CheckShape("K", k.Rows, q.Cols)
	if visible != nil && len(visible) != k.Rows {
		panic("attest: visible has not an element for each pattern")
	}
	CheckDestination(dst, q.Rows, cols, q, k)
}

// CheckFeedForward checks the inputs of the operations of FeedForward.
func CheckFeedForward[T Float](y, w, b Matrix[T]) {
	y.Check("Y")
	w.CheckShape("W", y.Cols, y.Cols)
	b.CheckShape("B", y.Rows, y.Cols)
}

// CheckFeedForwardStep checks the operands of the operations of FeedForward
// that write, and of Prox.Step.
func CheckFeedForwardStep[T Float](dst, y, w, b Matrix[T]) {
	CheckFeedForward(y, w, b)
	CheckDestination(dst, y.Rows, y.Cols, y, w, b)
}

// CheckLayer checks the inputs of the operations of Layer.
func CheckLayer[T Float](y, a, w, b Matrix[T]) {
	CheckTokens(y, a)
	CheckFeedForward(y, w, b)
}

// CheckLayerStep checks the operands of the steps of Layer.
func CheckLayerStep[T Float](dst, y, a, w, b Matrix[T]) {
	CheckLayer(y, a, w, b)
	CheckDestination(dst, y.Rows, y.Cols, y, a, w, b)
}

// CheckElementwise checks the operands of an elementwise function: ReLU.
func CheckElementwise[T Float](dst, src []T) {
	CheckLength("dst", dst, len(src))
	CheckInPlace(dst, src)
}

// CheckAlternating checks the operands of the steps of Alternating.
func CheckAlternating[T Float](dst, y Matrix[T], f, g Quadratic[T]) {
	d := y.Cols
	y.CheckShape("y", 1, d)
	f.K.CheckShape("Kf", d, d)
	f.B.CheckShape("bf", 1, d)
	g.K.CheckShape("Kg", d, d)
	g.B.CheckShape("bg", 1, d)
	CheckDestination(dst, 1, d, y, f.K, f.B, g.K, g.B)
}

// CheckRegion checks the operands of Alternating.Region.
func CheckRegion[T Float](y, yf, yh Matrix[T]) {
	y.CheckShape("y", 1, y.Cols)
	yf.CheckShape("yf", 1, y.Cols)
	yh.CheckShape("yh", 1, y.Cols)
}

// CheckApply checks the operands of Asymmetric.Apply.
func CheckApply[T Float](dst, y, w Matrix[T]) {
	y.Check("Y")
	w.CheckShape("W", y.Cols, y.Cols)
	CheckDestination(dst, y.Rows, y.Cols, y, w)
}

// CheckLift checks the operands of Asymmetric.Lift and Dilate.
func CheckLift[T Float](dst, w Matrix[T]) {
	w.CheckShape("W", w.Rows, w.Rows)
	CheckDestination(dst, 2*w.Rows, 2*w.Rows, w)
}

// CheckPrecondition checks the operands of Asymmetric.Precondition.
func CheckPrecondition[T Float](h, q, v Matrix[T], omega []T) {
	d := v.Rows
	v.CheckShape("V", d, d)
	CheckLength("omega", omega, d)
	h.CheckShape("H", d, d)
	q.CheckShape("Q", d, d)
	CheckDestination(h, d, d, v, q)
	CheckDestination(q, d, d, v)
	CheckApart(h.memory(), omega)
	CheckApart(q.memory(), omega)
}

// CheckEquilibrium checks the operands of Asymmetric.EquilibriumStep.
func CheckEquilibrium[T Float](dst, x, w, b Matrix[T]) {
	x.Check("X")
	w.CheckShape("W", x.Cols, x.Cols)
	b.CheckShape("b", 1, x.Cols)
	CheckDestination(dst, x.Rows, x.Cols, x, w, b)
}

// CheckAttentionMap checks the operands of Asymmetric.AttentionMap.
func CheckAttentionMap[T Float](dst, x, a Matrix[T]) {
	x.Check("X")
	a.CheckShape("A", x.Cols, x.Cols)
	CheckDestination(dst, x.Rows, x.Cols, x, a)
}
