package suite_test

import (
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

func TestStress(t *testing.T) {
	im, o := suite.Reference()
	stress(t, im, o)
	im32, o := suite.Float32()
	stress(t, im32, o)
}

func stress[T spec.Float](t *testing.T, im *spec.Implementation[T], oracle *spec.Implementation[float64]) {
	for _, p := range props.Properties[T]() {
		if !strings.HasPrefix(string(p.Claim), "ATT") {
			continue
		}
		for seed := uint64(11); seed < 14; seed++ {
			r := props.Run(p, im, oracle, props.Options{Cases: 2000, Seed: seed})
			t.Logf("%s %s %s: %d cases, %.0f %% informative, ratio %.3g %s", im.Name, p.Claim, r.Verdict, r.Cases, 100*r.InformativeShare(), r.Ratio, r.RatioAt)
			if !r.Verdict.OK() {
				t.Error(r.Message())
			}
		}
	}
}
