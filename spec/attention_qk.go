package spec

// QKStage names a stage of the products of queries and keys on their way to
// weights. The numbers are those of the ONNX attribute qk_matmul_output_mode in
// opset 25; earlier texts had 1 and 2 the other way round.
type QKStage int

const (
	QKScaled  QKStage = iota // Scale·q·k of every key, allowed or not
	QKCapped                 // what Softcap makes of that
	QKLogits                 // with Slopes and Bias added; −Inf for a key that is not allowed
	QKWeights                // the softmax of these and the sink, before Keep; +0 for a key that is not allowed
)

// AttentionQK is Attention that also stores what the products of queries and keys
// are at a stage: qk is batch×heads×m×n. At the first two stages keys are used
// whether they are allowed or not, each for its own products; from QKLogits on
// keys that no query may see are not. The weights of a query without an allowed
// key are all +0. Operands that do not fit panic as CheckAttentionQK says.
type AttentionQK[T Float] func(dst, qk, q, k, v Tensor[T], stage QKStage, opt *AttentionOptions)

// CheckAttentionQK panics with a constant text when the operands of an attention
// with products do not fit, as CheckAttention does. qk must be distinct in its
// elements and apart from dst and the inputs.
func CheckAttentionQK[T Float](dst, qk, q, k, v Tensor[T], stage QKStage, opt *AttentionOptions) {
	CheckAttention(dst, q, k, v, opt)
	qk.Check("qk")
	switch {
	case qk.Shape != [4]int{q.Shape[0], q.Shape[1], q.Shape[2], k.Shape[2]}:
		panic("attest: qk is not batch×heads×queries×keys")
	case stage < QKScaled || stage > QKWeights:
		panic("attest: unknown stage of queries times keys")
	case !qk.distinct():
		panic("attest: qk overlaps itself")
	case overlap(qk, dst) || overlap(qk, q) || overlap(qk, k) || overlap(qk, v),
		holds(opt, q.Shape[0], q.Shape[1], q.Shape[2], qk.memory()):
		panic("attest: qk shares memory with another operand")
	}
}
