package props_test

import (
	"fmt"
	"math"
	"testing"

	"example.com/attest/props"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// TestKernel plugs two kernels in: one that takes all options, and one of which
// only two are of interest.
func TestKernel(t *testing.T) {
	t.Run("float32", func(t *testing.T) {
		props.TestAttention(t, spec.AttentionFunc[float32](transformer.Attend), spec.AllAttentionAbilities())
	})
	t.Run("reference", func(t *testing.T) {
		props.TestAttention(t, spec.AttentionFunc[float64](reference.Attention), spec.AttentionAbilities{Bias: true, Softcap: true})
	})
}

// unrolled is an attention whose sums take four keys at a time and leave out
// what remains: right for 4, 8 or 64 keys.
func unrolled(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttention(dst, q, k, v, opt)
	n := k.Shape[2] - k.Shape[2]%4 // the fault
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				attendOne(dst, q, k, v, opt, n, b, h, i)
			}
		}
	}
}

// attendOne stores the output of one query over the first n keys.
func attendOne(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions, n, b, h, i int) {
	g := spec.KeyHead(h, q.Shape[1], k.Shape[1])
	logits, top := make([]float64, n), math.Inf(-1)
	for j := range n {
		for c := range q.Shape[3] {
			logits[j] += float64(q.At(b, h, i, c)) * float64(k.At(b, g, j, c)) * opt.Scale
		}
		if sees(opt, i, j) {
			top = max(top, logits[j])
		}
	}
	for c := range v.Shape[3] {
		var sum, den float64
		for j, x := range logits {
			if sees(opt, i, j) {
				w := math.Exp(x - top)
				sum, den = sum+w*float64(v.At(b, g, j, c)), den+w
			}
		}
		if den != 0 {
			sum /= den
		}
		dst.Set(b, h, i, c, float32(sum))
	}
}

// sees reports whether query i may attend to key j.
func sees(opt *spec.AttentionOptions, i, j int) bool {
	return (!opt.Causal || j-i <= opt.Offset) && (opt.Mask == nil || opt.Mask.Data[i*opt.Mask.Stride+j])
}

// A kernel that drops the last keys when their number is not a multiple of four
// is caught, with a case that a person can read.
func ExampleCheckAttention() {
	for _, r := range props.CheckAttention(spec.AttentionFunc[float32](unrolled), spec.AttentionAbilities{}, props.Options{Cases: 20}) {
		if r.Verdict == props.Violated { // the first of many
			fmt.Println(r.Claim.ID, r.Claim.Name, "is violated")
			fmt.Println(r.Failure.What)
			for _, e := range r.Example {
				if e.Name == "n" || e.Name == "Q" || e.Name == "K" || e.Name == "V" {
					fmt.Println(e.Name, "=", e.Value)
				}
			}
			break
		}
	}
	// Output:
	// ATT-001 attention_is_softmax_average_of_values is violated
	// output[0,0,0,0]
	// n = 2
	// Q = [0]
	// K = [0; 0]
	// V = [0; 1]
}
