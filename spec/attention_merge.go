package spec

// AttentionLSE is Attention that also stores, for each query, the logarithm of
// the sum of the exponentials of its logits: lse (batch×heads×m×1) is
// log Σⱼ exp xⱼ over the allowed keys j and the sink, and −Inf without any. Operands that do
// not fit panic as CheckAttentionLSE says.
type AttentionLSE[T Float] func(dst, lse, q, k, v Tensor[T], opt *AttentionOptions)

// MergeAttention joins the attentions of the same queries over two sets of keys
// that have none in common into that over their union:
//
//	lse = log(exp l₁ + exp l₂),  dst = o₁·exp(l₁−lse) + o₂·exp(l₂−lse),
//
// o₁, o₂, dst of one shape, l₁, l₂, lse of the same with one channel. A part whose
// l is −Inf is empty: the result is the other part bit for bit, whatever o holds
// for the empty one, and two empty parts give +0 and −Inf. Operands that do not
// fit panic as CheckMergeAttention says.
type MergeAttention[T Float] func(dst, lse, o1, l1, o2, l2 Tensor[T])

// CheckAttentionLSE panics with a constant text when the operands of an attention
// with row sums do not fit, as CheckAttention does. lse must be apart from dst
// too.
func CheckAttentionLSE[T Float](dst, lse, q, k, v Tensor[T], opt *AttentionOptions) {
	CheckAttention(dst, q, k, v, opt)
	lse.Check("lse")
	if lse.Shape != rowShape(dst) {
		panic("attest: lse is not batch×heads×queries×1")
	}
	if !lse.distinct() {
		panic("attest: lse overlaps itself")
	}
	if overlap(lse, dst) || overlap(lse, q) || overlap(lse, k) || overlap(lse, v) ||
		holds(opt, q.Shape[0], q.Shape[1], q.Shape[2], lse.memory()) {
		panic("attest: lse shares memory with another operand")
	}
}

// CheckMergeAttention panics with a constant text when the operands of a merge do
// not fit one another or their views do not fit their data. dst and lse must be
// distinct in their elements and apart from each other and from the inputs.
func CheckMergeAttention[T Float](dst, lse, o1, l1, o2, l2 Tensor[T]) {
	dst.Check("dst")
	lse.Check("lse")
	o1.Check("the first output")
	l1.Check("the first lse")
	o2.Check("the second output")
	l2.Check("the second lse")
	switch {
	case o1.Shape != dst.Shape || o2.Shape != dst.Shape:
		panic("attest: the parts differ from dst in their shape")
	case l1.Shape != rowShape(dst) || l2.Shape != rowShape(dst) || lse.Shape != rowShape(dst):
		panic("attest: lse is not batch×heads×queries×1")
	case !dst.distinct():
		panic("attest: dst overlaps itself")
	case !lse.distinct():
		panic("attest: lse overlaps itself")
	case overlap(dst, lse):
		panic("attest: lse shares memory with another operand")
	}
	for _, in := range []Tensor[T]{o1, l1, o2, l2} {
		if overlap(dst, in) {
			panic("attest: dst shares memory with an input")
		}
		if overlap(lse, in) {
			panic("attest: lse shares memory with another operand")
		}
	}
}

// rowShape is the shape of one number for each row of t.
func rowShape[T Float](t Tensor[T]) [4]int {
	return [4]int{t.Shape[0], t.Shape[1], t.Shape[2], 1}
}
