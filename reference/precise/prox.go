package precise

import "example.com/attest/spec"

var prox = spec.Prox[float64]{}
