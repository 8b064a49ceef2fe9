package precise

import "example.com/attest/spec"

var masked = spec.Masked[float64]{}
