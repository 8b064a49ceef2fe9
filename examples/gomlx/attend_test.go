package gomlx

import (
	"testing"

	"example.com/attest/props"
	"example.com/attest/spec"
	"github.com/gomlx/gomlx/pkg/core/tensors"
)

// violatedByBoth are reviewed failures of both ways.
var violatedByBoth = map[spec.ID]string{
	"ATT-026": "attention without keys panics: DotGeneral sizes must be positive",
	"ATT-037": "attention without keys panics: DotGeneral sizes must be positive",
	"ATT-038": "a row of which a mask of numbers hides every key with −Inf becomes NaN; one of truth values gives 0",
	"ATT-040": "the same: −Inf − (−Inf) is NaN where no key is left",
	"ATT-043": "the same",
	"ATT-065": "the same",
}

// violatedByDecomposed are those of the second way alone.
var violatedByDecomposed = map[spec.ID]string{
	"ATT-007": "a hidden key gets the weight 0, and 0 times the NaN of its value is NaN",
	"ATT-017": "the same: NaN reaches queries that may not see it",
	"ATT-001": hiddenNaN,
	"ATT-002": hiddenNaN,
	"ATT-003": hiddenNaN,
	"ATT-005": hiddenNaN,
	"ATT-006": hiddenNaN,
	"ATT-012": hiddenNaN,
	"ATT-014": hiddenNaN,
	"ATT-015": hiddenNaN,
	"ATT-021": hiddenNaN,
	"ATT-025": hiddenNaN,
	"ATT-027": hiddenNaN,
	"ATT-078": hiddenNaN,
	"ATT-108": hiddenNaN,
	"ATT-111": hiddenNaN,
	"ATT-112": hiddenNaN,
	"ATT-121": hiddenNaN,
}

// hiddenNaN is why claims about anything fail: most of their cases hold NaN or
// infinities where no query may look.
const hiddenNaN = "the same: what no query may see is not finite in most cases"

// TestAttend tries the claims on both ways: exactly those above are violated.
func TestAttend(t *testing.T) {
	t.Run("fused", func(t *testing.T) { try(t, fused, violatedByBoth) })
	t.Run("decomposed", func(t *testing.T) { try(t, decomposed, violatedByBoth, violatedByDecomposed) })
}

func try(t *testing.T, w way, lists ...map[spec.ID]string) {
	known := map[spec.ID]string{}
	for _, list := range lists {
		for id, reason := range list {
			known[id] = reason
		}
	}
	props.Test(t, &spec.Implementation[float32]{
		Name:               t.Name(),
		Attention:          spec.AttentionFunc[float32](w.attend),
		AttentionAbilities: spec.AttentionAbilities{Broadcast: true, Bias: true},
	}, known)
}

// TestFusedLosesChannels shows why attend adds channels of zeros: the operation of
// the backend takes the shape of the queries for that of the result, and no
// complaint is heard about values of more channels. Values of fewer channels end
// the program: they are read beyond their end by another goroutine.
func TestFusedLosesChannels(t *testing.T) {
	one := grid([4]int{1, 1, 1, 1}, func(b, h, i, c int) float32 { return 1 })
	two := grid([4]int{1, 1, 1, 2}, func(b, h, i, c int) float32 { return 1 })
	for w, want := range map[way]int{fused: 1, decomposed: 2} {
		if got := w.core(1, false, one, one, two).Shape().Dimensions[3]; got != want {
			t.Errorf("decomposed %v: values of 2 channels become an output of %d, which was %d", w, got, want)
		}
	}
}

// TestWaysDisagreeOnCausality shows why attend makes a mask of causality where there
// are more keys than queries. One query, as when text is continued, sees the first of
// two keys in the one way, the law's without an offset, and both in the other.
func TestWaysDisagreeOnCausality(t *testing.T) {
	one := grid([4]int{1, 1, 1, 1}, func(b, h, i, c int) float32 { return 1 })
	two := grid([4]int{1, 1, 2, 1}, func(b, h, i, c int) float32 { return float32(i) })
	for w, want := range map[way]float32{fused: 0, decomposed: 0.5} {
		zero := grid([4]int{1, 1, 2, 1}, func(b, h, i, c int) float32 { return 0 })
		if got := tensors.MustCopyFlatData[float32](w.core(1, true, one, zero, two))[0]; got != want {
			t.Errorf("decomposed %v: the values 0 and 1 become %v, which was %v", w, got, want)
		}
	}
}
