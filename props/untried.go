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

// missingOf returns what is missing for each of ps.
func missingOf[T spec.Float](ps []Property[T], im *spec.Implementation[T]) []string {
	needs := make([]string, len(ps))
	for k, p := range ps {
		needs[k] = missing(p, im)
	}
	return needs
}

// notTried lists the claims of ps for which something is missing, a line for each
// such need, "" if there are none.
func notTried[T spec.Float](ps []Property[T], needs []string) string {
	var order []string
	claims := map[string]string{}
	for k, need := range needs {
		if need == "" {
			continue
		}
		if claims[need] == "" {
			order = append(order, need)
		}
		claims[need] += " " + string(ps[k].Claim)
	}
	var b strings.Builder
	for _, need := range order {
		fmt.Fprintf(&b, "%s:%s\n", need, claims[need])
	}
	return strings.TrimSuffix(b.String(), "\n")
}
