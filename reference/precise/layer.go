package precise

import "example.com/attest/spec"

var layer = spec.Layer[float64]{}
