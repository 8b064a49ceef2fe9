package fuzz

import (
	"testing"

	"example.com/attest/props"
	"example.com/attest/spec"
)

// targets maps each fuzz target to the groups of claims that it tries.
var targets = map[string][]string{
	"Attention":   {"ATT", "DET", "MHA"},
	"Gradient":    {"GRD"},
	"Softmax":     {"SMX"},
	"Norm":        {"LNM", "RMS"},
	"Linear":      {"LIN", "RES"},
	"Rope":        {"ROP"},
	"Gated":       {"GLU"},
	"Positions":   {"POS"},
	"Block":       {"BLK"},
	"Interaction": {"INT"},
	"Ridge":       {"RDG"},
	"Masked":      {"MSK"},
	"Heads":       {"HED"},
	"Sphere":      {"SPH"},
	"Hopfield":    {"HOP"},
	"FeedForward": {"FFN", "PRX"},
	"Alternating": {"AIM"},
	"Layer":       {"LAY", "EQV"},
	"Asymmetric":  {"ASY"},
	"AnyEnergy":   {"ENE"},
}

func FuzzAttention(f *testing.F)   { target(f, "Attention") }
func FuzzGradient(f *testing.F)    { target(f, "Gradient") }
func FuzzSoftmax(f *testing.F)     { target(f, "Softmax") }
func FuzzNorm(f *testing.F)        { target(f, "Norm") }
func FuzzLinear(f *testing.F)      { target(f, "Linear") }
func FuzzRope(f *testing.F)        { target(f, "Rope") }
func FuzzGated(f *testing.F)       { target(f, "Gated") }
func FuzzPositions(f *testing.F)   { target(f, "Positions") }
func FuzzBlock(f *testing.F)       { target(f, "Block") }
func FuzzInteraction(f *testing.F) { target(f, "Interaction") }
func FuzzRidge(f *testing.F)       { target(f, "Ridge") }
func FuzzMasked(f *testing.F)      { target(f, "Masked") }
func FuzzHeads(f *testing.F)       { target(f, "Heads") }
func FuzzSphere(f *testing.F)      { target(f, "Sphere") }
func FuzzHopfield(f *testing.F)    { target(f, "Hopfield") }
func FuzzFeedForward(f *testing.F) { target(f, "FeedForward") }
func FuzzAlternating(f *testing.F) { target(f, "Alternating") }
func FuzzLayer(f *testing.F)       { target(f, "Layer") }
func FuzzAsymmetric(f *testing.F)  { target(f, "Asymmetric") }
func FuzzAnyEnergy(f *testing.F)   { target(f, "AnyEnergy") }

func target(f *testing.F, name string) {
	groups := targets[name]
	for claim := range claimsOf(groups) {
		for _, e := range edges(claim) {
			f.Add(uint8(claim), e.N, e.M, e.D, e.Kind, e.Exponent, e.Number, e.Seed)
		}
	}
	f.Fuzz(func(t *testing.T, claim, n, m, d, kind, exponent, number uint8, seed uint16) {
		a := Args{Claim: claim, N: n, M: m, D: d, Kind: kind, Exponent: exponent, Number: number, Seed: seed}
		for _, r := range Try(a, groups...) {
			if r.Verdict == props.Violated {
				t.Errorf("%s\n  arguments: %+v", r.Message(), a)
			}
		}
	})
}

// edges returns committed seeds for a claim, others for each claim: seven, and
// under -short three. Fuzzing itself begins with them too.
func edges(claim int) []Args {
	count := 7
	if testing.Short() {
		count = 3
	}
	var out []Args
	for k := range count {
		out = append(out, Edges[(claim+4*k)%len(Edges)])
	}
	return out
}

// claimsOf returns the claims of the groups in the order of their properties.
func claimsOf(groups []string) []spec.ID {
	var out []spec.ID
	for _, p := range props.Properties[float64]() {
		c, err := spec.ClaimByID(p.Claim)
		if err != nil {
			panic(err)
		}
		if inGroups(c.ID, groups) && c.Kind != spec.Refuted && c.Kind != spec.Approximation {
			out = append(out, c.ID)
		}
	}
	return out
}

// TestSeedsExecute proves that each committed seed runs the property of every
// claim of its target: a case was tried, and it neither lacked the operation
// nor fell outside the property's domain.
func TestSeedsExecute(t *testing.T) {
	for name, groups := range targets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids := claimsOf(groups)
			if len(ids) == 0 {
				t.Fatalf("no claim in the groups %v", groups)
			}
			tells := map[spec.ID]bool{}
			for claim, id := range ids {
				for _, e := range edges(claim) {
					e.Claim = uint8(claim)
					for _, r := range Try(e, groups...) {
						if r.Claim.ID != id {
							t.Fatalf("claim %d is %s, not %s", claim, r.Claim.ID, id)
						}
						if r.Cases != 1 && !(r.Verdict == props.Unsupported && r.Claim.OptIn()) {
							t.Errorf("%s on %s does not run with %+v: %s", id, r.Implementation, e, r.Reason)
						}
						tells[id] = tells[id] || r.Informative > 0
					}
				}
				if !tells[id] && !testing.Short() {
					t.Errorf("no committed seed of %s can tell right from wrong", id)
				}
			}
		})
	}
}

// TestTargetsCoverClaims checks that every claim that can be fuzzed is in a
// target.
func TestTargetsCoverClaims(t *testing.T) {
	for _, c := range spec.Claims() {
		if c.Kind == spec.Refuted || c.Kind == spec.Approximation {
			continue
		}
		found := false
		for _, groups := range targets {
			found = found || inGroups(c.ID, groups)
		}
		if !found {
			t.Errorf("claim %s is in no fuzz target", c.ID)
		}
	}
}
