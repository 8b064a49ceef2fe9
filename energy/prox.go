package energy

import "example.com/attest/spec"

var prox = spec.Prox[float32]{}
