package transformer

import "example.com/attest/spec"

var layerNorm spec.LayerNorm[float32]
