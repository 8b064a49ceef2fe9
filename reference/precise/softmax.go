package precise

import "example.com/attest/spec"

var softmax spec.Softmax[float64]
