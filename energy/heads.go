package energy

import "example.com/attest/spec"

var heads = spec.Heads[float32]{}
