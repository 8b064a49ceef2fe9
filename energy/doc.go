// Package energy has the energies, their gradients and their steps in float32:
// the optimised side that the law is tried on. Token pairs are visited in
// tiles, symmetric pairs once, and scratch memory grows with the tokens times
// their channels, never with the pairs.
//
// Squared distances are taken from differences of tokens, never from a Gram
// matrix, so that a common translation costs no accuracy.
//
// A Machine says which inner loops run, on how many threads and until when. The
// number of threads changes no bit of any result: tiles meet in the rounds of a
// tournament, and what belongs to a tile is added to in their order.
//
// For 16 pairs and one channel the loops with 512-bit vectors spend one
// subtraction and one fused multiply-add on the distance, one subtraction and two
// fused multiply-adds on both gradients: three fused multiply-adds for six
// operations of the equations, so that shares of the peak count what is useful
// and what the multipliers do alike. Exponentials take some 13 more for each 16
// pairs, which leaves 94 % of the peak at 64 channels.
package energy

import (
	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

type matrix = spec.Matrix[float32]

// Implementation returns the operations of this package on the fastest machine.
func Implementation() *spec.Implementation[float32] { return Fastest().Implementation() }

// ImplementationAt returns the operations of this package with the inner loops of
// one level, which this machine must be able to run.
func ImplementationAt(level kernel.Level) *spec.Implementation[float32] {
	return Machine{Level: level}.Implementation()
}
