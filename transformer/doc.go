// Package transformer has the parts of a Transformer in portable float32:
// attention with an online softmax, multi-head attention, softmax and its
// logarithm, LayerNorm and RMSNorm, linear, ReLU and gated layers, rotary and
// sinusoidal positions, residual sums.
package transformer

import "example.com/attest/spec"

// Implementation returns the operations of this package.
func Implementation() *spec.Implementation[float32] {
	return &spec.Implementation[float32]{
		Name:       "float32",
		Attention:  attention,
		MultiHead:  multiHead,
		Softmax:    softmax,
		LayerNorm:  layerNorm,
		Linear:     linear,
		ReLU:       relu,
		LogSoftmax: logSoftmax,
		RMSNorm:    rmsNorm,
		Rope:       rope,
		Gated:      gated,
		Positions:  positions,
		Residual:   residual,
		Block:      block,

		AttentionLSE:   attentionLSE,
		MergeAttention: mergeAttention,
		Profile:        profile,

		AttentionBackward: attentionBackward,
		BackwardAbilities: spec.AllBackwardAbilities(),
		BackwardProfile:   backwardProfile,

		AttentionAbilities: spec.AllAttentionAbilities(),
		ComposedBlock:      true,
	}
}
