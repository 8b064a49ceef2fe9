package energy_test

import (
	"testing"

	"example.com/attest/energy"
	"example.com/attest/spec"
)

// TestMaskedWrongShapesPanic has the mistakes that the masked steps refuse.
func TestMaskedWrongShapesPanic(t *testing.T) {
	y, narrow := spec.NewMatrix[float32](3, 2), spec.NewMatrix[float32](3, 1)
	dst, k := spec.NewMatrix[float32](3, 2), spec.NewMatrix[float32](3, 3)
	for _, c := range []struct {
		name, text string
		run        func()
	}{
		{"frozen keys", "attest: X has the wrong shape", func() { energy.Fastest().FrozenStep(dst, y, narrow, 1) }},
		{"frozen dst", "attest: dst has the wrong shape", func() { energy.Fastest().FrozenStep(narrow, y, y, 1) }},
		{"causal dst", "attest: dst has the wrong shape", func() { energy.Fastest().CausalStep(narrow, y, 1) }},
		{"causal alias", "attest: dst shares memory with an input", func() { energy.Fastest().CausalStep(y, y, 1) }},
		{"symmetric K", "attest: K has the wrong shape", func() { energy.SymmetricStep(dst, y, y, 1) }},
		{"symmetric sound", "", func() { energy.SymmetricStep(dst, y, k, 1) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if got := recover(); got != nil && got != c.text || got == nil && c.text != "" {
					t.Errorf("panicked with %v, not %q", got, c.text)
				}
			}()
			c.run()
		})
	}
}
