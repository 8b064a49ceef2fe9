package precise

import "example.com/attest/spec"

var heads = spec.Heads[float64]{}
