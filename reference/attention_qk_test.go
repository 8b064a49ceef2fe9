package reference_test

import (
	"math"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// TestAttentionQKByHand works the products of the query 2 with the keys 1, −1 and
// 3, the last one masked, by hand at each stage.
func TestAttentionQKByHand(t *testing.T) {
	q, k := oneHead([]float64{2}), oneHead([]float64{1}, []float64{-1}, []float64{3})
	v := oneHead([]float64{1}, []float64{10}, []float64{100})
	none := math.Inf(-1)
	e := math.Exp(4*math.Tanh(0.25)*2 - 0.5) // of the difference of the first two logits
	for stage, want := range [][]float64{
		spec.QKScaled:  {1, -1, 3},
		spec.QKCapped:  {4 * math.Tanh(0.25), -4 * math.Tanh(0.25), 4 * math.Tanh(0.75)},
		spec.QKLogits:  {4 * math.Tanh(0.25), -4*math.Tanh(0.25) + 0.5, none},
		spec.QKWeights: {e / (1 + e), 1 / (1 + e), 0},
	} {
		opt := &spec.AttentionOptions{Scale: 0.5, Softcap: 4, Bias: spec.GridOf(1, []float32{0, 0.5}, 2)}
		for _, im := range []*spec.Implementation[float64]{reference.Implementation(), precise.Implementation()} {
			dst, qk := spec.NewTensor[float64](1, 1, 1, 1), spec.NewTensor[float64](1, 1, 1, 3)
			im.AttentionQK(dst, qk, q, k, v, spec.QKStage(stage), opt)
			for j, x := range qk.Data {
				if !(x == want[j] || math.Abs(x-want[j]) <= 16*0x1p-53*math.Abs(want[j])) {
					t.Errorf("%s, stage %d, key %d: got %v, want %v", im.Name, stage, j, x, want[j])
				}
			}
			if got, want := dst.Data[0], (e+10)/(1+e); !(math.Abs(got-want) <= 16*0x1p-53*want) {
				t.Errorf("%s, stage %d: output %v, want %v", im.Name, stage, got, want)
			}
		}
	}
}
