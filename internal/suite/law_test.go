package suite_test

import (
	"testing"

	"example.com/attest/internal/kernel"
	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// TestLaw tries every claim on the reference and on the float32 side.
func TestLaw(t *testing.T) {
	t.Run("reference", func(t *testing.T) {
		im, oracle := suite.Reference()
		tryAll(t, im, oracle, props.UsualCases())
	})
	t.Run("float32", func(t *testing.T) {
		im, oracle := suite.Float32()
		tryAll(t, im, oracle, props.UsualCases())
	})
}

// TestLevels tries every claim on the float32 side at the levels that TestLaw
// does not use.
func TestLevels(t *testing.T) {
	for _, level := range kernel.Levels()[1:] {
		t.Run(level.String(), func(t *testing.T) {
			im, oracle := suite.Float32At(level)
			tryAll(t, im, oracle, props.DefaultCases/4)
		})
	}
}

func tryAll[T spec.Float](t *testing.T, im *spec.Implementation[T], oracle *spec.Implementation[float64], cases int) {
	opt, err := props.OptionsFromEnv(props.Options{Cases: cases})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range props.Properties[T]() {
		t.Run(string(p.Claim), func(t *testing.T) {
			t.Parallel()
			r := props.Run(p, im, oracle, opt)
			t.Logf("%s: %d cases, %.0f %% informative, ratio %.3g %s", r.Verdict, r.Cases, 100*r.InformativeShare(), r.Ratio, r.RatioAt)
			if !r.Verdict.OK() && !(r.Verdict == props.Unsupported && r.Claim.OptIn()) {
				t.Error(r.Message())
			}
		})
	}
}
