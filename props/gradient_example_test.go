package props_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"example.com/attest/props"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// TestBackwardKernel plugs a backward pass in.
func TestBackwardKernel(t *testing.T) {
	props.TestAttentionBackward(t, spec.AttentionFunc[float32](transformer.Attend), transformer.AttendBackward, spec.AllBackwardAbilities())
}

// TestSavedBackward lets a backward pass take output and log-sum-exps from its own
// forward pass: weights are exp(x − lse) there, and D is dOut·O.
func TestSavedBackward(t *testing.T) {
	im := transformer.Implementation()
	saved := &spec.Implementation[float32]{Name: "saved", Attention: im.Attention, AttentionAbilities: im.AttentionAbilities, Profile: im.Profile,
		BackwardAbilities: im.BackwardAbilities, BackwardProfile: im.Profile,
		AttentionBackward: func(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
			spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
			s := dOut.Shape
			out, lse := spec.NewTensor[float32](s[0], s[1], s[2], s[3]), spec.NewTensor[float32](s[0], s[1], s[2], 1)
			transformer.AttendLSE(out, lse, q, k, v, opt)
			transformer.AttendBackwardFrom(dst, dOut, out, lse, q, k, v, opt)
		}}
	for _, p := range props.Properties[float32]() {
		if c, err := spec.ClaimByID(p.Claim); err != nil || !strings.HasPrefix(string(p.Claim), "GRD") || c.Kind == spec.Refuted {
			continue
		}
		if r := props.Run(p, saved, props.Oracle[float32](), props.Options{Cases: props.UsualCases()}); !r.Verdict.OK() {
			t.Error(r.Message())
		}
	}
}

// grouped has the gradients of an attention, with keys and values that several
// query heads share: each head stores its dK and dV, and the last one stays.
func grouped(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
	for b := range q.Shape[0] {
		for g := range k.Shape[1] {
			zero(dst.Key, b, g)
			zero(dst.Value, b, g)
		}
		for h := range q.Shape[1] {
			g := spec.KeyHead(h, q.Shape[1], k.Shape[1])
			zero(dst.Query, b, h)
			zero(dst.Key, b, g) // the fault
			zero(dst.Value, b, g)
			for i := range q.Shape[2] {
				gradientsOfOne(dst, dOut, q, k, v, opt, b, h, g, i)
			}
		}
	}
}

func zero(x spec.Tensor[float32], b, h int) {
	for i := range x.Shape[2] {
		for c := range x.Shape[3] {
			x.Set(b, h, i, c, 0)
		}
	}
}

// gradientsOfOne adds what one query owes to all gradients.
func gradientsOfOne(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions, b, h, g, i int) {
	n := k.Shape[2]
	a, dP, top := make([]float64, n), make([]float64, n), math.Inf(-1)
	for j := range n {
		for c := range q.Shape[3] {
			a[j] += float64(q.At(b, h, i, c)) * float64(k.At(b, g, j, c)) * opt.Scale
		}
		for c := range v.Shape[3] {
			dP[j] += float64(dOut.At(b, h, i, c)) * float64(v.At(b, g, j, c))
		}
		if sees(opt, i, j) {
			top = max(top, a[j])
		}
	}
	var sum, mean float64
	for j := range n {
		if sees(opt, i, j) {
			a[j] = math.Exp(a[j] - top)
			sum, mean = sum+a[j], mean+a[j]*dP[j]
		}
	}
	add := func(x spec.Tensor[float32], h, i, c int, y float64) { x.Set(b, h, i, c, x.At(b, h, i, c)+float32(y)) }
	for j := range n {
		if !sees(opt, i, j) {
			continue
		}
		w := a[j] / sum
		dX := w * (dP[j] - mean/sum) * opt.Scale
		for c := range q.Shape[3] {
			add(dst.Query, h, i, c, dX*float64(k.At(b, g, j, c)))
			add(dst.Key, g, j, c, dX*float64(q.At(b, h, i, c)))
		}
		for c := range v.Shape[3] {
			add(dst.Value, g, j, c, w*float64(dOut.At(b, h, i, c)))
		}
	}
}

// A backward pass in which the query heads of a group overwrite the gradients of
// the keys that they share is caught.
func ExampleCheckAttentionBackward() {
	for _, r := range props.CheckAttentionBackward(nil, grouped, spec.BackwardAbilities{}, props.Options{Cases: 20}) {
		if r.Verdict == props.Violated { // the first of many
			fmt.Println(r.Claim.ID, r.Claim.Name, "is violated")
			fmt.Println(r.Failure.What)
			for _, e := range r.Example {
				if e.Name == "group" || e.Name == "Q" || e.Name == "K" || e.Name == "V" || e.Name == "dOut" {
					fmt.Println(e.Name, "=", e.Value)
				}
			}
			break
		}
	}
	// Output:
	// GRD-002 key_gradient_is_scaled_sum_of_queries is violated
	// dK[0,0,0,0]
	// group = 2
	// Q = [1; 0]
	// K = [0; 0]
	// V = [0; 1]
	// dOut = [1; 0]
}
