package energy

import "example.com/attest/spec"

var ridge = spec.Ridge[float32]{}
