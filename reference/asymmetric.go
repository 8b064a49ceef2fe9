package reference

import "example.com/attest/spec"

var asymmetric = spec.Asymmetric[float64]{}
