package props

import (
	"fmt"
	"slices"
	"strings"

	"example.com/attest/spec"
)

// missing names what the claim of p needs and im does not offer, "" if that is
// nothing: abilities and levels of determinism by their fields, a group of
// operations of which im has none by that of the group.
func missing[T spec.Float](p Property[T], im *spec.Implementation[T]) string {
	claim, err := spec.ClaimByID(p.Claim)
	if err != nil {
		panic("attest: property without claim: " + err.Error())
	}
	var names []string
	for _, name := range im.Missing(claim.On...) {
		group, _, nested := strings.Cut(name, ".")
		declared := group == "Determinism" || strings.HasSuffix(group, "Abilities")
		if nested && !declared && len(im.Missing(group)) > 0 {
			name = group
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// notTried lists the claims that need more than im offers, a line for each need,
// "" if there are none.
func notTried[T spec.Float](ps []Property[T], im *spec.Implementation[T]) string {
	var needs []string
	claims := map[string]string{}
	for _, p := range ps {
		if need := missing(p, im); need != "" {
			if claims[need] == "" {
				needs = append(needs, need)
			}
			claims[need] += " " + string(p.Claim)
		}
	}
	var b strings.Builder
	for _, need := range needs {
		fmt.Fprintf(&b, "%s:%s\n", need, claims[need])
	}
	return strings.TrimSuffix(b.String(), "\n")
}
