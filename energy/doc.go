// Package energy has the energies, their gradients and their steps in float32:
// the optimised side that the law is tried on. Token pairs are visited in
// tiles, symmetric pairs once, and scratch memory grows with the tokens times
// their channels, never with the pairs.
//
// Squared distances are taken from differences of tokens, never from a Gram
// matrix, so that a common translation costs no accuracy.
package energy

import "example.com/attest/spec"

type matrix = spec.Matrix[float32]

// Implementation returns the operations of this package.
func Implementation() *spec.Implementation[float32] {
	return &spec.Implementation[float32]{
		Name:        "float32",
		Interaction: interaction,
		Ridge:       ridge,
		Masked:      masked,
		Heads:       heads,
		Sphere:      sphere,
		FeedForward: feedForward,
		Prox:        prox,
		Alternating: alternating,
		Layer:       layer,
		Asymmetric:  asymmetric,
	}
}
