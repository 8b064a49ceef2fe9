package suite_test

import (
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// TestLaw tries every claim on the reference and on the float32 side, and those
// about operations that each level of machine has for itself at the other levels.
func TestLaw(t *testing.T) {
	t.Run("reference", func(t *testing.T) {
		im, oracle := suite.Reference()
		tryAll(t, im, oracle, props.UsualCases())
	})
	t.Run("float32", func(t *testing.T) {
		im, oracle := suite.Float32()
		tryAll(t, im, oracle, props.UsualCases())
	})
	levels, oracle := suite.Float32Levels()
	for _, im := range levels {
		t.Run(im.Name, func(t *testing.T) { tryAll(t, im, oracle, props.UsualCases()/4) })
	}
}

// TestLevels requires that the levels offer what they are tried for.
func TestLevels(t *testing.T) {
	levels, _ := suite.Float32Levels()
	for _, im := range levels {
		if missing := im.Missing("Attention", "AttentionLSE", "AttentionQK"); len(missing) > 0 {
			t.Errorf("%s has no %v", im.Name, missing)
		}
	}
}

// tryAll tries every claim, at a level of machine those about what it offers.
func tryAll[T spec.Float](t *testing.T, im *spec.Implementation[T], oracle *spec.Implementation[float64], cases int) {
	opt, err := props.OptionsFromEnv(props.Options{Cases: cases})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range props.Properties[T]() {
		claim, err := spec.ClaimByID(p.Claim)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(im.Name, "/") && len(im.Missing(claim.On...)) > 0 {
			continue
		}
		t.Run(string(p.Claim), func(t *testing.T) {
			t.Parallel()
			r := props.Run(p, im, oracle, opt)
			t.Logf("%s: %d cases, %.0f %% informative, ratio %.3g %s", r.Verdict, r.Cases, 100*r.InformativeShare(), r.Ratio, r.RatioAt)
			if !r.Verdict.OK() {
				t.Error(r.Message())
			}
		})
	}
}
