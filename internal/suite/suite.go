// Package suite names the implementations that the command and the tests try
// the law on, each with the oracle that judges it.
package suite

import (
	"example.com/attest/energy"
	"example.com/attest/internal/kernel"
	"example.com/attest/props"
	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// Reference returns the float64 reference and its judge.
func Reference() (im, oracle *spec.Implementation[float64]) {
	im = reference.Implementation()
	im.Energies = props.EnergiesOf(im)
	return im, precise.Implementation()
}

// Float32 returns this project's float32 side, energies and Transformer
// together, and its judge.
func Float32() (im *spec.Implementation[float32], oracle *spec.Implementation[float64]) {
	return Float32At(kernel.Best())
}

// Float32At is Float32 with the inner loops of one level, which is part of the
// name if it is not the best.
func Float32At(level kernel.Level) (im *spec.Implementation[float32], oracle *spec.Implementation[float64]) {
	im = energy.ImplementationAt(level)
	if level != kernel.Best() {
		im.Name += "/" + level.String()
	}
	t := transformer.ImplementationAt(level)
	im.Attention, im.MultiHead, im.AttentionAbilities, im.Profile = t.Attention, t.MultiHead, t.AttentionAbilities, t.Profile
	im.AttentionBackward, im.BackwardAbilities, im.BackwardProfile = t.AttentionBackward, t.BackwardAbilities, t.BackwardProfile
	im.AttentionLSE, im.MergeAttention, im.AttentionQK = t.AttentionLSE, t.MergeAttention, t.AttentionQK
	im.PagedAttention, im.CachedAttention = t.PagedAttention, t.CachedAttention
	energies := im.Determinism.Energies
	im.Determinism = t.Determinism
	im.Determinism.Energies = energies
	im.Softmax, im.LayerNorm, im.Linear, im.ReLU = t.Softmax, t.LayerNorm, t.Linear, t.ReLU
	im.LogSoftmax, im.RMSNorm, im.Rope = t.LogSoftmax, t.RMSNorm, t.Rope
	im.Gated, im.Positions, im.Residual = t.Gated, t.Positions, t.Residual
	im.Block, im.ComposedBlock = t.Block, t.ComposedBlock
	im.Energies = props.EnergiesOf(im)
	return im, reference.Implementation()
}
