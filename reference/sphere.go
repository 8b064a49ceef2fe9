package reference

import "example.com/attest/spec"

var sphere = spec.Sphere[float64]{}
