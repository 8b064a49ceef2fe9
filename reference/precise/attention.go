package precise

import "example.com/attest/spec"

var (
	attention spec.Attention[float64]
	multiHead spec.MultiHead[float64]
)
