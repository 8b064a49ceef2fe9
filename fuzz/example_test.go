package fuzz_test

import (
	"fmt"

	"example.com/attest/fuzz"
)

// The arguments of a fuzz target choose a claim of its groups and a case of it.
func ExampleTry() {
	for _, r := range fuzz.Try(fuzz.Args{N: 7, M: 8, D: 9, Kind: 6, Exponent: 1, Seed: 1}, "ATT") {
		fmt.Println(r.Claim.ID, r.Implementation, r.Cases, r.Failure == nil)
	}
	// Output:
	// ATT-001 reference 1 true
	// ATT-001 float32 1 true
}
