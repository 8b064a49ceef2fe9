package energy

import "example.com/attest/spec"

var alternating = spec.Alternating[float32]{}
