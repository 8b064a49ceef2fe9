package reference

import "example.com/attest/spec"

var layerNorm spec.LayerNorm[float64]
