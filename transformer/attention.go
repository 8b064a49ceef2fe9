package transformer

import "example.com/attest/spec"

var (
	attention spec.Attention[float32]
	multiHead spec.MultiHead[float32]
)
