package energy

import "example.com/attest/spec"

var masked = spec.Masked[float32]{}
