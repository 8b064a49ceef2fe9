package energy

import "example.com/attest/spec"

var sphere = spec.Sphere[float32]{}
