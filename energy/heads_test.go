package energy

import (
	"testing"

	"example.com/attest/spec"
)

// TestHeadsAndAsymmetricPanics calls operations with operands that do not fit;
// each must panic with its text before it writes.
func TestHeadsAndAsymmetricPanics(t *testing.T) {
	m := spec.NewMatrix[float32]
	for _, tc := range []struct {
		want string
		call func(dst matrix)
	}{
		{"attest: dst has the wrong shape", func(dst matrix) { Fastest().HeadsStep(dst, m(3, 2), nil, 1) }},
		{"attest: a head's weights has the wrong shape", func(dst matrix) { Fastest().HeadsStep(dst, m(2, 2), []matrix{m(3, 1)}, 1) }},
		{"attest: a head's weights has the wrong shape", func(dst matrix) { Fastest().HeadsAverageStep(dst, m(2, 2), []matrix{m(3, 1)}, 1) }},
		{"attest: dst has the wrong shape", func(dst matrix) { Fastest().HeadsNormalizedStep(dst, m(2, 3), nil, 1) }},
		{"attest: cuts do not reach from channel 0 to the last", func(dst matrix) { Fastest().HeadsConcatStep(dst, m(2, 2), []int{0, 1}, 1) }},
		{"attest: cuts fall", func(dst matrix) { Fastest().HeadsConcatStep(dst, m(2, 2), []int{0, 2, 1, 2}, 1) }},
		{"attest: W has the wrong shape", func(dst matrix) { Fastest().ApplyWeights(dst, m(2, 2), m(2, 3)) }},
		{"attest: dst has the wrong shape", func(dst matrix) { Lift(dst, m(2, 2)) }},
		{"attest: dst has the wrong shape", func(dst matrix) { Dilate(dst, m(2, 2)) }},
		{"attest: omega has the wrong length", func(dst matrix) { Precondition(dst, m(2, 2), m(2, 2), make([]float32, 1)) }},
		{"attest: b has the wrong shape", func(dst matrix) { Fastest().EquilibriumStep(dst, m(2, 2), m(2, 2), m(2, 2), 1) }},
		{"attest: A has the wrong shape", func(dst matrix) { Fastest().AttentionMap(dst, m(2, 2), m(1, 2), true) }},
	} {
		dst := spec.MatrixOf([]float32{1, 2}, []float32{3, 4})
		func() {
			defer func() {
				if got := recover(); got != tc.want {
					t.Errorf("panic %v, want %q", got, tc.want)
				}
			}()
			tc.call(dst)
		}()
		for k, x := range dst.Data {
			if x != float32(k+1) {
				t.Errorf("%q: written before the check", tc.want)
			}
		}
	}
}
