package transformer

import "example.com/attest/spec"

var softmax spec.Softmax[float32]
