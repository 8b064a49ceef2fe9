package props_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/attest/props"
	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// ids returns the claims that were tried, and those that come back Unsupported; it
// requires none to be refuted.
func ids(t *testing.T, results []*props.Result) (tried, unsupported []spec.ID) {
	t.Helper()
	for _, r := range results {
		if r.Claim.Kind == spec.Refuted {
			t.Errorf("%s, which is refuted, comes back %s", r.Claim.ID, r.Verdict)
		}
		if r.Verdict == props.Unsupported {
			unsupported = append(unsupported, r.Claim.ID)
		} else {
			tried = append(tried, r.Claim.ID)
		}
	}
	return tried, unsupported
}

// TestCheck requires a result for every claim, in order, and Unsupported for
// operations that are not offered.
func TestCheck(t *testing.T) {
	results := props.Check(&spec.Implementation[float64]{Name: "none"}, props.Options{Cases: 1})
	claims := spec.Claims()
	if len(results) != len(claims) {
		t.Fatalf("%d results for %d claims", len(results), len(claims))
	}
	for k, r := range results {
		if r.Claim.ID != claims[k].ID || r.Verdict != props.Unsupported || !strings.HasPrefix(r.Reason, "none does not offer ") {
			t.Errorf("%s: %s, %s", r.Claim.ID, r.Verdict, r.Reason)
		}
	}
}

// TestCheckOfKernels requires the claims that a kernel alone can be tried on with
// the options that it takes, and the others to come back Unsupported.
func TestCheckOfKernels(t *testing.T) {
	oracle := reference.Implementation()
	opt := props.Options{Cases: 1, NoReduce: true}
	forward, not := ids(t, props.CheckAttention(oracle.Attention, spec.AttentionAbilities{Window: true}, opt))
	if !slices.Contains(forward, "ATT-001") || !slices.Contains(forward, "ATT-061") || slices.Contains(forward, "ATT-055") || slices.Contains(forward, "GRD-001") {
		t.Errorf("claims about attention: %v", forward)
	}
	if !slices.Contains(not, "ATT-055") || !slices.Contains(not, "ATT-047") || !slices.Contains(not, "DET-001") || slices.Contains(not, "INT-001") {
		t.Errorf("claims about attention that are not tried: %v", not)
	}
	takes := spec.BackwardAbilities{SinkGradient: true, AttentionAbilities: spec.AttentionAbilities{Sinks: true}}
	alone, not := ids(t, props.CheckAttentionBackward(nil, oracle.AttentionBackward, takes, opt))
	both, _ := ids(t, props.CheckAttentionBackward(oracle.Attention, oracle.AttentionBackward, takes, opt))
	if !slices.Contains(alone, "GRD-001") || !slices.Contains(alone, "GRD-005") || len(both) <= len(alone) || slices.Contains(both, "ATT-001") {
		t.Errorf("claims about gradients: %v, and with a forward pass %v", alone, both)
	}
	if !slices.Contains(not, "GRD-004") || !slices.Contains(not, "GRD-012") {
		t.Errorf("claims about gradients that are not tried: %v", not)
	}
	energy := spec.Energy[float64]{
		Value:    func(y matrix) float64 { return reference.Dot(y.Row(0), y.Row(0)) / 2 },
		Gradient: func(dst, y matrix) { copy(dst.Row(0), y.Row(0)) },
		Tokens:   [2]int{1, 1}, Channels: [2]int{2, 2}, // the smallest ranges that are ranges
	}
	results := props.CheckEnergy(energy, opt)
	if tried, not := ids(t, results); !slices.Contains(tried, "ENE-001") || !slices.Contains(not, "ENE-003") || results[0].Implementation != "energy" {
		t.Errorf("claims about an energy: %v", results)
	}
	energy.Name = "square"
	if results := props.CheckEnergy(energy, opt); results[0].Implementation != "square" {
		t.Errorf("the name is %s", results[0].Implementation)
	}
}

// TestPropertyOf requires the property of a claim, and an error that names one
// that is none.
func TestPropertyOf(t *testing.T) {
	if p, err := props.PropertyOf[float32]("ATT-003"); err != nil || p.Claim != "ATT-003" {
		t.Error(p, err)
	}
	if p, err := props.PropertyOf[float32]("ATT-000"); err == nil || !strings.Contains(err.Error(), "ATT-000") || p.Run != nil {
		t.Error(p, err)
	}
	defer func() {
		if x := recover(); x != "attest: property without claim: "+errorOf("ATT-000") {
			t.Errorf("panic %v", x)
		}
	}()
	props.Run(props.Property[float64]{Claim: "ATT-000"}, reference.Implementation(), nil, props.Options{})
}

func errorOf(id spec.ID) string {
	_, err := spec.ClaimByID(id)
	return err.Error()
}

// TestMessage compares the parts of a message, in their order.
func TestMessage(t *testing.T) {
	claim := spec.Claim{ID: "X-001", Name: "all_is_well", Statement: "All is well.", Domain: "everywhere",
		Given: []spec.Hypothesis{{Text: "it is day"}, {Text: "it is dry"}}, Sources: []spec.Source{{Key: "a", Where: "p. 1"}, {Key: "b", Where: "p. 2"}}}
	const about = "  claim: All is well.\n  given: everywhere; it is day; it is dry\n  source: [a] p. 1; [b] p. 2\n"
	refuted := claim
	refuted.Kind = spec.Refuted
	example := gen.Record{{Name: "n", Value: gen.Int(3)}}
	for _, c := range []struct {
		result props.Result
		want   string
	}{
		{props.Result{Verdict: props.Vacuous, Reason: "no case could tell"}, "X-001 all_is_well vacuous by im: no case could tell\n" + about},
		{props.Result{Verdict: props.Violated, Failure: &props.Failure{What: "out[1]", Err: 3, Bound: 2, Detail: "got 5 want 2"}, Example: example},
			"X-001 all_is_well violated by im: out[1]: err 3, bound 2 (ratio 1.5)\n  got 5 want 2\n  case n=3\n" + about},
		{props.Result{Verdict: props.Violated, Failure: &props.Failure{What: "out[1]", Err: 3}}, "X-001 all_is_well violated by im: out[1]: err 3, bound 0\n" + about},
		{props.Result{Verdict: props.Violated, Failure: &props.Failure{What: "out[1]", Bound: 2}}, "X-001 all_is_well violated by im: out[1]: err 0, bound 2 (ratio 0)\n" + about},
		{props.Result{Verdict: props.Violated, Failure: &props.Failure{What: "wrong"}}, "X-001 all_is_well violated by im: wrong\n" + about},
		{props.Result{Claim: refuted, Verdict: props.Refuted, Failure: &props.Failure{What: "out"}}, "X-001 all_is_well refuted by im: out\n" +
			"  the claim is refuted: its statement is false, and a sound implementation breaks it on the stored counterexample\n" + about},
	} {
		if c.result.Claim.ID == "" {
			c.result.Claim = claim
		}
		c.result.Implementation = "im"
		if got := c.result.Message(); got != c.want {
			t.Errorf("%s\nwant\n%s", got, c.want)
		}
	}
	for v, ok := range map[props.Verdict]bool{props.Holds: true, props.Refuted: true, props.Measured: true, props.Violated: false, props.Vacuous: false, props.Suspect: false, props.Unsupported: false} {
		if v.OK() != ok {
			t.Errorf("a run may end with %s: %v", v, v.OK())
		}
	}
}
