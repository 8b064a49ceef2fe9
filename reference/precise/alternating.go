package precise

import "example.com/attest/spec"

var alternating = spec.Alternating[float64]{}
