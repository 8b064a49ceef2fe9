package energy

import "example.com/attest/spec"

var asymmetric = spec.Asymmetric[float32]{}
