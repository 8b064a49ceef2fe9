package props

import (
	"slices"
	"strings"
	"testing"

	"example.com/attest/spec"
)

// TestNotTried requires each claim of the front doors to be tried or to stand in
// the list of the others, under the very thing that it needs.
func TestNotTried(t *testing.T) {
	attend := spec.AttentionFunc[float32](func(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {})
	backward := func(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	}
	one := kernelOf("one", attend, spec.AttentionAbilities{Bias: true})
	two := backwardOf("two", nil, backward, spec.BackwardAbilities{})
	for _, c := range []struct {
		im     *spec.Implementation[float32]
		ps     []Property[float32]
		listed []string
	}{
		{one, kernelProperties(one), []string{
			"AttentionAbilities.Softcap: ATT-055", "AttentionAbilities.Broadcast: ATT-039", "AttentionLSE and MergeAttention: ATT-049", "Determinism.Threads: DET-001"}},
		{two, affirmed(gradientProperties[float32]()), []string{
			"Attention: GRD-012 GRD-014", "BackwardAbilities.Sinks and BackwardAbilities.SinkGradient: GRD-005"}},
		{energyImplementation(spec.Energy[float32]{Value: func(spec.Matrix[float32]) float32 { return 0 }}), affirmed(energyProperties[float32]()), []string{
			"Energies.MaxStep and Energies.Step: ENE-003"}},
		{one, affirmed(Properties[float32]()), []string{"Interaction: INT-001 INT-002"}},
	} {
		list := notTried(c.ps, missingOf(c.ps, c.im))
		for _, want := range c.listed {
			if !strings.Contains("\n"+list, "\n"+want) {
				t.Errorf("%s: no line %q in\n%s", c.im.Name, want, list)
			}
		}
		words := strings.Fields(list)
		for _, p := range c.ps {
			claim, err := spec.ClaimByID(p.Claim)
			if err != nil {
				t.Fatal(err)
			}
			if tried := len(c.im.Missing(claim.On...)) == 0; tried == slices.Contains(words, string(p.Claim)) {
				t.Errorf("%s: %s is tried: %v, and listed as not tried: %v", c.im.Name, p.Claim, tried, !tried)
			}
		}
	}
	if list := notTried(kernelProperties(one)[:1], []string{""}); list != "" {
		t.Errorf("a claim that is tried is listed: %s", list)
	}
}
