package spec

import (
	"fmt"
	"slices"
	"strings"
)

// ID names a claim. IDs are never renumbered and never used again.
type ID string

// Kind says what sort of sentence a claim is and hence how it is judged.
type Kind string

const (
	Identity      Kind = "identity"      // two exact expressions are equal; judged within rounding
	Bound         Kind = "bound"         // a quantity stays within stated limits
	Descent       Kind = "descent"       // an energy does not rise, and falls by at least a stated amount
	Equivalence   Kind = "equivalence"   // an implementation computes the stated function
	Metamorphic   Kind = "metamorphic"   // outputs for related inputs are related
	Approximation Kind = "approximation" // a rate is measured and reported, never asserted
	Refuted       Kind = "refuted"       // the statement is false: a counterexample must be found in every run
)

// Kinds lists every kind.
var Kinds = []Kind{Identity, Bound, Descent, Equivalence, Metamorphic, Approximation, Refuted}

// Claim is one sentence of the law.
type Claim struct {
	ID        ID
	Name      string // conclusion_of_hypotheses
	Kind      Kind
	Statement string // one sentence with its formula
	Domain    string // what the symbols range over
	Given     []Hypothesis
	Bound     string // how far rounding may go, in words or as a formula
	Sources   []Source
	// On lists the operations of Implementation that the claim speaks of, as
	// "Interaction.Step". An implementation without one of them does not
	// support the claim.
	On []string
	// Counterexample is set for refuted claims alone: the smallest one known.
	Counterexample *Counterexample
}

// Hypothesis is a condition that the claim needs. Without names the refuted
// claim that shows the need: the same statement with this condition dropped.
type Hypothesis struct {
	Text    string
	Without ID
}

// Source cites the bibliography.
type Source struct {
	Key   string // a key of Bibliography
	Where string // section, equation or what is taken from it
}

// Counterexample is an explicit case that breaks a refuted statement. The
// names are those under which the claim's property asks for its values.
type Counterexample struct {
	Sizes    map[string]int
	Numbers  map[string]float64     // step sizes, radii, …
	Matrices map[string][][]float64 // rows
	Words    map[string]string      // named choices
	Excess   float64                // by how much the statement fails there, in exact arithmetic
}

// Claims returns the table of claims in the order of their IDs' groups.
func Claims() []Claim { return slices.Clone(claims) }

var claims = slices.Concat(
	interactionClaims,
	ridgeClaims,
	maskedClaims,
	headsClaims,
	sphereClaims,
	hopfieldClaims,
	feedForwardClaims,
	proxClaims,
	alternatingClaims,
	layerClaims,
	asymmetricClaims,
	energyClaims,
	attentionClaims,
	attentionBiasClaims,
	attentionMergeClaims,
	attentionSoftcapClaims,
	attentionWindowClaims,
	attentionSinkClaims,
	attentionDropoutClaims,
	attentionLayoutClaims,
	attentionSequencesClaims,
	attentionQKClaims,
	attentionCacheClaims,
	attentionLimitsClaims,
	gradientClaims,
	gradientFurtherClaims,
	softmaxClaims,
	normClaims,
	linearClaims,
	rmsClaims,
	ropeClaims,
	gatedClaims,
	positionClaims,
	residualClaims,
	multiHeadClaims,
	blockClaims,
	equivalenceClaims,
	determinismClaims,
	determinismFormClaims,
)

// OptIn reports whether the claim is tried only on implementations that declare
// a level of determinism: one that does not has nothing missing.
func (c Claim) OptIn() bool {
	return slices.ContainsFunc(c.On, func(name string) bool { return strings.HasPrefix(name, "Determinism.") })
}

// ClaimByID returns the claim with the given ID. The error names the ID and how
// to list those that exist.
func ClaimByID(id ID) (Claim, error) {
	if at, ok := places[id]; ok {
		return claims[at], nil
	}
	return Claim{}, fmt.Errorf("no claim %q: 'attest claims' lists them", id)
}

// places has the place of each claim in the table.
var places = func() map[ID]int {
	m := make(map[ID]int, len(claims))
	for k, c := range claims {
		m[c.ID] = k
	}
	return m
}()
