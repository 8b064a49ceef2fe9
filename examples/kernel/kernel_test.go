package kernel

import (
	"testing"

	"example.com/attest/props"
	"example.com/attest/spec"
)

// plug makes the kernel one that attest can try.
func plug(faulty bool) spec.AttentionFunc[float32] {
	return func(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
		o := Options{Scale: float32(opt.Scale), Softcap: float32(opt.Softcap), Causal: opt.Causal, Offset: opt.Offset}
		if opt.Mask != nil {
			o.Mask, o.MaskStride = opt.Mask.Data, opt.Mask.Stride
		}
		attend(View(dst), View(q), View(k), View(v), o, faulty)
	}
}

// takes is what the kernel takes beyond scale, mask and causal rule.
var takes = spec.AttentionAbilities{Softcap: true}

// TestKernel tries every claim about attention on the mended kernel. With go test -v
// it says which were not tried, and what the kernel would have to take for each.
func TestKernel(t *testing.T) {
	props.TestAttention(t, plug(false), takes)
}

// TestFaultIsFound tries them on the kernel as it stands: the planted fault is
// found, and its case is reduced to hardly more than the one block of keys in
// which nothing goes wrong.
func TestFaultIsFound(t *testing.T) {
	violated := 0
	for _, r := range props.CheckAttention(plug(fault), takes, props.Options{}) {
		if r.Verdict != props.Violated {
			continue
		}
		if violated == 0 {
			t.Logf("found:\n%s", r.Message())
		}
		violated++
		if r.Claim.ID == "ATT-001" {
			for _, e := range r.Example {
				if e.Name == "n" && (e.Int <= block || e.Int > 2*block) {
					t.Errorf("%s was reduced to %d keys, one block having %d", r.Claim.ID, e.Int, block)
				}
			}
		}
	}
	if violated == 0 {
		t.Error("the planted fault was not found")
	}
}
