package energy

import "example.com/attest/spec"

var feedForward = spec.FeedForward[float32]{}
