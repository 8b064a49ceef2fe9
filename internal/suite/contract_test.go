package suite_test

import (
	"math"
	"testing"

	"example.com/attest/internal/kernel"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// TestFunctionsWithinBounds requires of what internal/kernel says its functions
// err at most that it is what the bounds of activations allow.
func TestFunctionsWithinBounds(t *testing.T) {
	r := reference.RoundingOf[float32]()
	for act, f := range map[spec.Activation]kernel.Function{
		spec.ActReLU: kernel.ReLU, spec.ActSigmoid: kernel.Sigmoid, spec.ActSiLU: kernel.SiLU, spec.ActTanh: kernel.Tanh,
		spec.ActGELU: kernel.GELU, spec.ActGELUTanh: kernel.GELUTanh, spec.ActSoftplus: kernel.Softplus,
	} {
		for k := -1 << 16; k <= 1<<16; k++ {
			x := float64(k) / 512
			err := f.ErrorOf(x)*math.Abs(reference.Activate(x, act)) + 0x1p-149*(1+math.Abs(x))
			if bound := reference.ActivationBound(x, act, r); !(err <= bound) {
				t.Fatalf("%s(%v) errs by up to %g, and its bound is %g", act, x, err, bound)
			}
		}
	}
	if !(kernel.ExpError <= 4*r.Unit) {
		t.Errorf("exponentials err by up to %g, and 4u are allowed", kernel.ExpError)
	}
}
