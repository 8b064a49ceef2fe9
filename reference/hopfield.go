package reference

import "example.com/attest/spec"

var hopfield = spec.Hopfield[float64]{Energy: HopfieldEnergy, Step: HopfieldStep}

// Retrieval returns the options of the attention that retrieves patterns for m
// states: the scale β, and a mask that all states share.
func Retrieval(m int, visible []bool, beta float64) *spec.AttentionOptions {
	opt := &spec.AttentionOptions{Scale: beta}
	if visible != nil {
		opt.Mask = spec.GridOf(m, visible, len(visible))
	}
	return opt
}

// oneHead returns m as a tensor of one batch and head, without copying.
func oneHead(m matrix) tensor {
	return tensor{Data: m.Data, Shape: [4]int{1, 1, m.Rows, m.Cols}, Stride: [4]int{0, 0, m.Stride, 1}}
}

// HopfieldEnergy stores ‖qᵢ‖²/2 − lseᵢ/β, lseᵢ = log Σⱼ exp(β⟨kⱼ, qᵢ⟩) with the
// largest logit subtracted first.
func HopfieldEnergy(dst, q, k matrix, visible []bool, beta float64) {
	spec.CheckHopfieldEnergy(dst, q, k, visible)
	opt := Retrieval(q.Rows, visible, beta)
	for i := range q.Rows {
		lse := lseOf(Logits(oneHead(q), oneHead(k), opt, 0, 0, i), opt, 0, 0, i)
		dst.Set(i, 0, Dot(q.Row(i), q.Row(i))/2-lse/beta)
	}
}

// HopfieldStep stores (1−η)qᵢ + η Σⱼ aⱼkⱼ, a the softmax of the logits β⟨kⱼ, qᵢ⟩.
func HopfieldStep(dst, q, k matrix, visible []bool, beta, eta float64) {
	spec.CheckHopfieldStep(dst, q, k, visible)
	Attention(oneHead(dst), oneHead(q), oneHead(k), oneHead(k), Retrieval(q.Rows, visible, beta))
	for i := range q.Rows {
		for c, x := range q.Row(i) {
			dst.Set(i, c, (1-eta)*x+eta*dst.At(i, c))
		}
	}
}
