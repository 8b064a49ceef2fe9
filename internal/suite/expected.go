package suite

import "example.com/attest/spec"

// ExpectedFailure returns the reviewed reason why an implementation is known to
// violate a claim, and whether it is.
func ExpectedFailure(implementation string, claim spec.ID) (reason string, expected bool) {
	return "", false
}
