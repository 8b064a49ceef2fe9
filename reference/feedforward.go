package reference

import "example.com/attest/spec"

var feedForward = spec.FeedForward[float64]{}
