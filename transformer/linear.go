package transformer

import "example.com/attest/spec"

var (
	linear spec.Linear[float32]
	relu   spec.ReLU[float32]
)
