package suite_test

import (
	"runtime"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// TestGonum tries the law on attention composed from gonum: exactly the claims
// that are listed as expected failures fail, the others hold.
func TestGonum(t *testing.T) {
	im, oracle := suite.Gonum()
	for _, p := range props.Properties[float32]() {
		claim, err := spec.ClaimByID(p.Claim)
		if err != nil {
			t.Fatal(err)
		}
		if len(im.Missing(claim.On...)) > 0 {
			continue
		}
		t.Run(string(p.Claim), func(t *testing.T) {
			t.Parallel()
			r := props.Run(p, im, oracle, props.Options{Cases: 300})
			reason, expected := suite.ExpectedReason(im.Name, p.Claim)
			t.Logf("%s: %d cases, %.0f %% informative, ratio %.3g", r.Verdict, r.Cases, 100*r.InformativeShare(), r.Ratio)
			switch {
			case expected && r.Verdict.OK() && runtime.GOARCH != "amd64":
				t.Logf("%s fails on amd64 alone, where gonum's products are in assembly", p.Claim)
			case expected && r.Verdict.OK():
				t.Errorf("expected to fail (%s), but: %s", reason, r.Verdict)
			case !expected && !r.Verdict.OK():
				t.Error(r.Message())
			}
		})
	}
}
