package reference_test

import (
	"math"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// TestAttentionOptionsByHand works one query with logits 0 over keys with the
// values 1, 10 and 100 by hand for each option.
func TestAttentionOptionsByHand(t *testing.T) {
	none := float32(math.Inf(-1))
	for _, c := range []struct {
		name string
		opt  spec.AttentionOptions
		want float64
	}{
		{"bias", spec.AttentionOptions{Bias: spec.GridOf(1, []float32{none, 0, 0}, 3)}, 55},
		{"short bias", spec.AttentionOptions{Bias: spec.GridOf(1, []float32{0.5, 0.5}, 2)}, 5.5},
		{"bias of unequal weights", spec.AttentionOptions{Bias: spec.GridOf(1, []float32{0, float32(math.Log(3)), none}, 1, 1, 3)},
			(1 + 10*math.Exp(float64(float32(math.Log(3))))) / (1 + math.Exp(float64(float32(math.Log(3)))))},
		{"bias beside a cap", spec.AttentionOptions{Softcap: 0.5, Bias: spec.GridOf(1, []float32{0, 2, none}, 3)}, (1 + 10*math.Exp(2)) / (1 + math.Exp(2))},
		{"window", spec.AttentionOptions{Window: &spec.Window{Left: 1, Right: 0}, Offset: 2}, 55},
		{"length", spec.AttentionOptions{KeyLengths: []int{2}}, 5.5},
		{"offset of the batch", spec.AttentionOptions{Causal: true, Offsets: []int{spec.BottomRight(1, 3)}, Bias: spec.GridOf(1, []float32{none, 0, 0}, 3)}, 55},
		{"sink", spec.AttentionOptions{Sinks: []float32{0}}, 111.0 / 4},
		{"slope", spec.AttentionOptions{Slopes: []float32{2}, KeyLengths: []int{2}}, (1 + 10*math.Exp(2)) / (1 + math.Exp(2))},
		{"dropout", spec.AttentionOptions{Keep: spec.GridOf(1, []bool{true, false}, 2), KeepScale: 1.5}, 0.5},
		{"packed", spec.AttentionOptions{Sequences: &spec.Sequences{Queries: []int{0, 0, 1}, Keys: []int{0, 1, 3}}}, 55},
		{"packed, causal", spec.AttentionOptions{Causal: true, Sequences: &spec.Sequences{Queries: []int{0, 0, 1}, Keys: []int{0, 1, 3}}}, 10},
		{"short mask", spec.AttentionOptions{Mask: spec.GridOf(1, []bool{false, true}, 2)}, 10},
	} {
		q, k := oneHead([]float64{1}), oneHead([]float64{0}, []float64{0}, []float64{0})
		v := oneHead([]float64{1}, []float64{10}, []float64{100})
		c.opt.Scale = 1
		for _, im := range []*spec.Implementation[float64]{reference.Implementation(), precise.Implementation()} {
			dst := spec.NewTensor[float64](1, 1, 1, 1)
			im.Attention.Attend(dst, q, k, v, &c.opt)
			if got := dst.Data[0]; !(math.Abs(got-c.want) <= 16*0x1p-53*c.want) {
				t.Errorf("%s, %s: got %v, want %v", im.Name, c.name, got, c.want)
			}
		}
	}
}
