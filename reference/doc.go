// Package reference is the oracle: float64, slow, and a literal transcription
// of the equations, one equation one function. Nothing here is clever; where an
// equation can be written in two ways, the one that rounds better is taken and
// the doc comment says which. Sums run left to right.
//
// The reference shares no arithmetic with the packages it judges. It is itself
// judged by reference/precise, which evaluates the same equations with
// math/big, and by finite differences and hand-worked numbers in its tests.
package reference

import "example.com/attest/spec"

// Implementation returns the reference as an implementation of the law.
func Implementation() *spec.Implementation[float64] {
	return &spec.Implementation[float64]{
		Name:        "reference",
		Interaction: interaction,
		Ridge:       ridge,
		Masked:      masked,
		Heads:       heads,
		Sphere:      sphere,
		Hopfield:    hopfield,
		FeedForward: feedForward,
		Prox:        prox,
		Alternating: alternating,
		Layer:       layer,
		Asymmetric:  asymmetric,
		Attention:   attention,
		MultiHead:   multiHead,
		Softmax:     softmax,
		LayerNorm:   layerNorm,
		Linear:      linear,
		ReLU:        relu,
		LogSoftmax:  logSoftmax,
		RMSNorm:     rmsNorm,
		Rope:        rope,
		Gated:       gated,
		Positions:   positions,
		Residual:    residual,
		Block:       block,

		AttentionLSE:    attentionLSE,
		MergeAttention:  mergeAttention,
		AttentionQK:     attentionQK,
		PagedAttention:  pagedAttention,
		CachedAttention: cachedAttention,

		AttentionBackward: attentionBackward,
		BackwardAbilities: spec.AllBackwardAbilities(),

		AttentionAbilities: spec.AllAttentionAbilities(),
		ComposedBlock:      true,
		Determinism:        spec.AllDeterminism(),
	}
}
