package transformer

import (
	"example.com/attest/energy"
	"example.com/attest/internal/kernel"
)

// machine computes with the inner loops of one level.
type machine kernel.Level

// best is what this machine can do.
var best = machine(kernel.Best())

// energy returns m as the energies know it: they have the activations.
func (m machine) energy() energy.Machine { return energy.Machine{Level: kernel.Level(m)} }
