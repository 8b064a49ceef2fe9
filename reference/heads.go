package reference

import "example.com/attest/spec"

var heads = spec.Heads[float64]{}
