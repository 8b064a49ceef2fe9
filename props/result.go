package props

import (
	"fmt"
	"slices"
	"strings"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// Verdict is the outcome of trying a claim on an implementation.
type Verdict string

const (
	Holds       Verdict = "Holds"       // no case violated it, and enough of them could have
	Violated    Verdict = "Violated"    // a case did: a proof of fault, given the declared rounding
	Vacuous     Verdict = "Vacuous"     // too few cases could tell, or a demanded class was never met
	Suspect     Verdict = "Suspect"     // no case violated it, but more errors are beyond ten standard deviations than chance allows
	Unsupported Verdict = "Unsupported" // the implementation does not offer the operation
	Refuted     Verdict = "Refuted"     // a refuted claim: a counterexample was found and the stored one still breaks it
	Measured    Verdict = "Measured"    // an approximation: its rate is reported
)

// OK reports whether the verdict is one that a run may end with.
func (v Verdict) OK() bool { return v == Holds || v == Refuted || v == Measured }

// Result is what a run of one claim on one implementation found.
type Result struct {
	Claim          spec.Claim
	Implementation string
	Verdict        Verdict
	Reason         string // why it is not Holds, in one line
	Seed           uint64
	Cases          int     // tried
	Informative    int     // of these, able to tell
	Ratio          float64 // largest err/bound
	RatioAt        string
	RatioCase      int            // the number of the case that it is of
	Classes        map[string]int // how many cases were of each, demanded ones with 0 too
	Judged         int            // outputs held against the standard deviation σ of their error
	Suspects       int            // of these, beyond ten σ
	SuspectCase    int            // the number of the first case with one
	Deviation      float64        // largest err/σ
	DeviationAt    string
	Rates          []float64 // of an approximation
	Case           int       // the number of the case that failed
	Failure        *Failure
	Example        gen.Record // the failing (or refuting) case, reduced
}

// InformativeShare returns the share of cases that could tell.
func (r *Result) InformativeShare() float64 {
	if r.Cases == 0 {
		return 0
	}
	return float64(r.Informative) / float64(r.Cases)
}

// Message describes a violation on one screen: claim, implementation, where,
// quantity, case, hypotheses, source. It does not include the replay line,
// which depends on who ran the property.
func (r *Result) Message() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s by %s", r.Claim.ID, r.Claim.Name, strings.ToLower(string(r.Verdict)), r.Implementation)
	if r.Failure == nil {
		fmt.Fprintf(&b, ": %s\n", r.Reason)
	} else {
		fmt.Fprintf(&b, ": %s", r.Failure.What)
		if r.Failure.Err != 0 || r.Failure.Bound != 0 {
			fmt.Fprintf(&b, ": err %.3g, bound %.3g", r.Failure.Err, r.Failure.Bound)
			if r.Failure.Bound > 0 {
				fmt.Fprintf(&b, " (ratio %.3g)", r.Failure.Err/r.Failure.Bound)
			}
		}
		b.WriteByte('\n')
		if r.Failure.Detail != "" {
			fmt.Fprintf(&b, "  %s\n", r.Failure.Detail)
		}
	}
	if r.Example != nil {
		fmt.Fprintf(&b, "  case %s\n", r.Example)
	}
	if r.Claim.Kind == spec.Refuted {
		b.WriteString("  the claim is refuted: its statement is false, and a sound implementation breaks it on the stored counterexample\n")
	}
	fmt.Fprintf(&b, "  claim: %s\n", r.Claim.Statement)
	b.WriteString("  given: " + r.Claim.Domain)
	for _, h := range r.Claim.Given {
		b.WriteString("; " + h.Text)
	}
	for i, s := range r.Claim.Sources {
		if i == 0 {
			b.WriteString("\n  source: ")
		} else {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "[%s] %s", s.Key, s.Where)
	}
	b.WriteByte('\n')
	return b.String()
}

// RateSummary gives the least, the median and the largest measured rate.
func (r *Result) RateSummary() string {
	if len(r.Rates) == 0 {
		return ""
	}
	s := slices.Sorted(slices.Values(r.Rates))
	return fmt.Sprintf("median %.3g, from %.3g to %.3g", s[len(s)/2], s[0], s[len(s)-1])
}

// Merge adds what an earlier run of the same claim on other cases found. A
// violation of either stays.
func (r *Result) Merge(before *Result) {
	if before.Verdict == Violated {
		*r = *before
		return
	}
	r.Cases += before.Cases
	r.Informative += before.Informative
	if before.Ratio > r.Ratio {
		r.Ratio, r.RatioAt, r.RatioCase = before.Ratio, before.RatioAt, before.RatioCase
	}
	if before.Suspects > 0 {
		r.SuspectCase = before.SuspectCase
	}
	r.Judged, r.Suspects = r.Judged+before.Judged, r.Suspects+before.Suspects
	if before.Deviation > r.Deviation {
		r.Deviation, r.DeviationAt = before.Deviation, before.DeviationAt
	}
	for name, n := range before.Classes {
		r.Classes[name] += n
	}
	r.Rates = append(r.Rates, before.Rates...)
	if r.Verdict == Vacuous && before.Verdict.OK() && wilson(r.Informative, r.Cases) >= MinInformativeShare {
		r.Verdict, r.Reason = before.Verdict, ""
	}
	if r.Verdict == Holds || r.Verdict == Suspect {
		r.Verdict, r.Reason = Holds, ""
		r.suspect()
	}
}

// suspectRate is the share of outputs that may be suspect.
const suspectRate = 1e-4

// suspect makes a claim that holds Suspect when chance does not explain how many
// outputs are.
func (r *Result) suspect() {
	if wilsonLow(r.Suspects, r.Judged) > suspectRate {
		r.Verdict, r.Case = Suspect, r.SuspectCase
		r.Reason = fmt.Sprintf("%s; more than 1 in 10⁴ is more than independent roundings explain", r.SuspectSummary())
	}
}

// SuspectSummary says how many outputs are suspect, and where; empty if none is.
func (r *Result) SuspectSummary() string {
	if r.Suspects == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d outputs are within the bound but beyond ten standard deviations, first in case %d; the worst is %.3g σ, %s",
		r.Suspects, r.Judged, r.SuspectCase, r.Deviation, r.DeviationAt)
}
