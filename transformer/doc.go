// Package transformer has the parts of a Transformer in float32:
// attention with an online softmax, multi-head attention, softmax and its
// logarithm, LayerNorm and RMSNorm, linear, ReLU and gated layers, rotary and
// sinusoidal positions, residual sums, and whole blocks of these.
package transformer

import (
	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// Implementation returns the operations of this package.
func Implementation() *spec.Implementation[float32] { return ImplementationAt(kernel.Best()) }

// ImplementationAt returns the operations of this package with the inner loops of
// one level, which this machine must be able to run.
func ImplementationAt(level kernel.Level) *spec.Implementation[float32] {
	at, attention := machine(level), NewAttention(level.Attention())
	blocks := composed{at, attention}
	return &spec.Implementation[float32]{
		Name:       "float32",
		Attention:  attention,
		MultiHead:  blocks.MultiHead,
		Softmax:    at.Softmax,
		LayerNorm:  at.LayerNorm,
		Linear:     at.Linear,
		ReLU:       at.ReLU,
		LogSoftmax: at.LogSoftmax,
		RMSNorm:    at.RMSNorm,
		Rope:       rope,
		Gated:      at.Gated,
		Positions:  positions,
		Residual:   at.Residual,
		Block:      blocks.Block,

		AttentionLSE:    attention.AttendLSE,
		MergeAttention:  mergeAttention,
		AttentionQK:     attention.AttendQK,
		PagedAttention:  attention.AttendPaged,
		CachedAttention: attention.AttendCached,
		Profile:         profile,

		AttentionBackward: NewBackward(level.Backward()).AttendBackward,
		BackwardAbilities: spec.AllBackwardAbilities(),
		BackwardProfile:   backwardProfile,

		AttentionAbilities: spec.AllAttentionAbilities(),
		ComposedBlock:      true,
		Determinism:        determinism,
	}
}
