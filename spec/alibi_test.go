package spec_test

import (
	"slices"
	"testing"

	"example.com/attest/spec"
)

// TestAlibiSlopes compares with slopes worked by hand; those of 12 heads are the
// 8 of 8 heads and the first, third, fifth and seventh of 16.
func TestAlibiSlopes(t *testing.T) {
	for _, want := range [][]float32{
		{},
		{0x1p-8},
		{0x1p-4, 0x1p-8},
		{0x1p-4, 0x1p-8, 0x1p-2},
		{0x1p-2, 0x1p-4, 0x1p-6, 0x1p-8},
		{0x1p-1, 0x1p-2, 0x1p-3, 0x1p-4, 0x1p-5, 0x1p-6, 0x1p-7, 0x1p-8},
		{0x1p-1, 0x1p-2, 0x1p-3, 0x1p-4, 0x1p-5, 0x1p-6, 0x1p-7, 0x1p-8, 0.70710677, 0.35355338, 0.17677669, 0.088388346},
	} {
		if got := spec.AlibiSlopes(len(want)); !slices.Equal(got, want) {
			t.Errorf("%d heads: %v, want %v", len(want), got, want)
		}
	}
}
