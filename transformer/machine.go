package transformer

import "example.com/attest/internal/kernel"

// machine computes with the inner loops of one level.
type machine kernel.Level

// best is what this machine can do.
var best = machine(kernel.Best())
