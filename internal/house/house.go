// Package house holds the rules of the repository that no compiler checks: who
// may import whom, what every claim must come with, and which files must agree.
// Each rule is a function that returns what is wrong, one sentence each, so
// that the tests can also show it broken rules.
package house

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/attest/internal/mutant"
	"example.com/attest/spec"
)

// mutantsPerClaim is how many different faults must be known to break a claim.
const mutantsPerClaim = 2

var wellFormedID = regexp.MustCompile(`^[A-Z]{3}-[0-9]{3}$`)

// Claims returns what is wrong with the table of claims by itself: IDs, names,
// the parts that each kind needs, hypotheses and the refuted claims behind
// them, operations, sources.
func Claims(claims []spec.Claim, bibliography []spec.Reference) []string {
	var wrong []string
	complain := func(c spec.Claim, format string, args ...any) {
		wrong = append(wrong, string(c.ID)+": "+fmt.Sprintf(format, args...))
	}
	kinds := map[spec.ID]spec.Kind{}
	names := map[string]spec.ID{} // within a group: its letters are the namespace
	for _, c := range claims {
		if _, ok := kinds[c.ID]; ok {
			complain(c, "the ID is used twice")
		}
		kinds[c.ID] = c.Kind
		letters, _, _ := strings.Cut(string(c.ID), "-")
		name := letters + "." + c.Name
		if other, ok := names[name]; ok {
			complain(c, "the name %q is that of %s", c.Name, other)
		}
		names[name] = c.ID
	}
	for _, c := range claims {
		for text, bad := range map[string]bool{
			"the ID is not of the form ABC-123":           !wellFormedID.MatchString(string(c.ID)),
			"the name is empty or has a space":            c.Name == "" || strings.Contains(c.Name, " "),
			"the kind is none of spec.Kinds":              !slices.Contains(spec.Kinds, c.Kind),
			"the statement is no sentence":                !strings.HasSuffix(c.Statement, "."),
			"no domain":                                   c.Domain == "",
			"no source":                                   len(c.Sources) == 0,
			"no operation":                                len(c.On) == 0,
			"no bound":                                    c.Bound == "" && c.Kind != spec.Refuted && c.Kind != spec.Approximation,
			"refuted without a counterexample":            c.Kind == spec.Refuted && c.Counterexample == nil,
			"a counterexample although it is not refuted": c.Kind != spec.Refuted && c.Counterexample != nil,
			"an operation that no Implementation has":     unknownOperation(c.On),
		} {
			if bad {
				complain(c, "%s", text)
			}
		}
		for _, h := range c.Given {
			if kind, ok := kinds[h.Without]; !ok || kind != spec.Refuted {
				complain(c, "the hypothesis %q names %q, which is no refuted claim", h.Text, h.Without)
			}
		}
		for _, s := range c.Sources {
			if !slices.ContainsFunc(bibliography, func(r spec.Reference) bool { return r.Key == s.Key }) {
				complain(c, "the source %q is not in the bibliography", s.Key)
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

func unknownOperation(names []string) (unknown bool) {
	defer func() { unknown = recover() != nil }()
	new(spec.Implementation[float32]).Missing(names...)
	return false
}

// Derivations returns the claims whose own derivation is under no heading of
// the documents.
func Derivations(claims []spec.Claim, headings []string) []string {
	var wrong []string
	for _, c := range claims {
		for _, s := range c.Sources {
			if s.Key == "attest" && !slices.Contains(headings, s.Where) {
				wrong = append(wrong, fmt.Sprintf("%s: no document has the section %q", c.ID, s.Where))
			}
		}
	}
	return wrong
}

// Headings returns the section titles (level 2) of Markdown documents.
func Headings(documents ...string) []string {
	var out []string
	for _, d := range documents {
		for line := range strings.Lines(d) {
			if title, ok := strings.CutPrefix(line, "## "); ok {
				out = append(out, strings.TrimSpace(title))
			}
		}
	}
	return out
}

// Complete returns the claims without a property and the properties without a
// claim, or with two.
func Complete(claims []spec.Claim, properties []spec.ID) []string {
	var wrong []string
	for _, c := range claims {
		if !slices.Contains(properties, c.ID) {
			wrong = append(wrong, string(c.ID)+": no property")
		}
	}
	for i, id := range properties {
		if !slices.ContainsFunc(claims, func(c spec.Claim) bool { return c.ID == id }) {
			wrong = append(wrong, string(id)+": a property without a claim")
		}
		if slices.Contains(properties[:i], id) {
			wrong = append(wrong, string(id)+": two properties")
		}
	}
	return wrong
}

// Mutants returns the claims that too few mutants name, and the mutants that
// are not what they should be.
func Mutants(claims []spec.Claim, mutants []mutant.Mutant) []string {
	var wrong []string
	kills := map[spec.ID]int{}
	names := map[string]bool{}
	for _, m := range mutants {
		for text, bad := range map[string]bool{
			"the name is used twice":                 names[m.Name],
			"no name":                                m.Name == "",
			"no fault":                               m.Fault == "",
			"it names no claim":                      len(m.Kills) == 0,
			"it must set one of Change and Change32": (m.Change == nil) == (m.Change32 == nil),
		} {
			if bad {
				wrong = append(wrong, fmt.Sprintf("mutant %s: %s", m.Name, text))
			}
		}
		names[m.Name] = true
		for i, id := range m.Kills {
			if !slices.ContainsFunc(claims, func(c spec.Claim) bool { return c.ID == id }) {
				wrong = append(wrong, fmt.Sprintf("mutant %s: no claim %s", m.Name, id))
			}
			if slices.Contains(m.Kills[:i], id) {
				wrong = append(wrong, fmt.Sprintf("mutant %s names %s twice", m.Name, id))
				continue
			}
			kills[id]++
		}
	}
	for _, c := range claims {
		if n := kills[c.ID]; n < mutantsPerClaim {
			wrong = append(wrong, fmt.Sprintf("%s: %d of at least %d mutants", c.ID, n, mutantsPerClaim))
		}
	}
	slices.Sort(wrong)
	return wrong
}
