package precise

import "example.com/attest/spec"

var ridge = spec.Ridge[float64]{}
