package precise

import "example.com/attest/spec"

var (
	linear spec.Linear[float64]
	relu   spec.ReLU[float64]
)
