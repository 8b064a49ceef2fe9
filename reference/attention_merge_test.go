package reference_test

import (
	"math"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// TestMergeByHand merges the mean of two keys with a third of the same logit,
// and compares the log-sum-exps with log 2 and log 3.
func TestMergeByHand(t *testing.T) {
	near := func(got, want float64) bool { return math.Abs(got-want) <= 16*0x1p-53*math.Abs(want) }
	for _, im := range []*spec.Implementation[float64]{reference.Implementation(), precise.Implementation()} {
		one := func() spec.Tensor[float64] { return spec.NewTensor[float64](1, 1, 1, 1) }
		q, opt := oneHead([]float64{1}), &spec.AttentionOptions{Scale: 1}
		o1, l1, o2, l2, o, l := one(), one(), one(), one(), one(), one()
		im.AttentionLSE(o1, l1, q, oneHead([]float64{0}, []float64{0}), oneHead([]float64{1}, []float64{10}), opt)
		im.AttentionLSE(o2, l2, q, oneHead([]float64{0}), oneHead([]float64{100}), opt)
		im.MergeAttention(o, l, o1, l1, o2, l2)
		if !near(o1.Data[0], 5.5) || !near(l1.Data[0], math.Ln2) || l2.Data[0] != 0 {
			t.Errorf("%s: parts %v and %v, %v and %v", im.Name, o1.Data, l1.Data, o2.Data, l2.Data)
		}
		if !near(o.Data[0], 37) || !near(l.Data[0], math.Log(3)) {
			t.Errorf("%s: merged %v and %v", im.Name, o.Data, l.Data)
		}
	}
}
