// Package energy has the energies, their gradients and their steps in float32:
// the optimised side that the law is tried on. Token pairs are visited in
// tiles, symmetric pairs once, and scratch memory grows with the tokens times
// their channels, never with the pairs.
//
// Squared distances are taken from differences of tokens, never from a Gram
// matrix, so that a common translation costs no accuracy.
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
