package suite

import "example.com/attest/spec"

// Expected is a reviewed failure of somebody else's implementation: it violates
// the claim, and why.
type Expected struct {
	Implementation string
	Claim          spec.ID
	Reason         string
}

// ExpectedFailures lists every violation that is known and understood. This
// project's own implementations have none.
var ExpectedFailures = []Expected{
	{"gonum", "ATT-001", "a query without an allowed key gets NaN: its maximum is −Inf, and −Inf − (−Inf) is NaN"},
	{"gonum", "ATT-006", "a query without an allowed key gets NaN instead of zero"},
	{"gonum", "ATT-008", "queries before the first key get NaN instead of zero"},
	{"gonum", "ATT-017", "Gemm skips weights that underflow to 0, so a NaN value behind one is swallowed"},
	{"gonum", "ATT-022", "Gemm's dot product adds in an order that depends on the alignment of its rows: the last bit differs"},
	{"gonum", "ATT-028", "a token without an allowed key gets NaN instead of zero"},
	{"gonum", "ATT-031", "the sum of weights without an allowed key is NaN instead of the known 0"},
	{"gonum", "ATT-032", "the output without an allowed key is NaN instead of the known 0"},
	{"gonum", "ATT-033", "the output without an allowed key is NaN instead of the known 0"},
	{"gonum", "ATT-121", "the weights without an allowed key are NaN instead of the known 0, and so is their entropy"},
	{"gonum", "ATT-065", "a query without an allowed key gets NaN instead of zero"},
	{"gonum", "MHA-001", "a token without an allowed key gets NaN instead of the output bias"},
	{"gonum", "MHA-007", "the output without an allowed key is NaN instead of the known 0"},
}

// ExpectedReason returns why the named implementation is expected to violate
// the claim, and whether it is.
func ExpectedReason(implementation string, claim spec.ID) (reason string, expected bool) {
	for _, e := range ExpectedFailures {
		if e.Implementation == implementation && e.Claim == claim {
			return e.Reason, true
		}
	}
	return "", false
}
