package energy

import "example.com/attest/spec"

var layer = spec.Layer[float32]{}
