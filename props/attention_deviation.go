package props

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// nearWant requires every output to lie within its bound of want, and counts
// those that are suspect.
func (s attentionScene[T]) nearWant(t *Trial, im *spec.Implementation[T], got, want, bound tensor) {
	nearTensor(t, "output", got, want, bound)
	sigma := reference.AttentionDeviation(s.q, s.k, s.v, &s.opt, im.Profile, reference.RoundingOf[T]())
	eachElement(want.Shape, func(b, h, i, c int) {
		if x, deviation := want.At(b, h, i, c), sigma.At(b, h, i, c); deviation > 0 {
			err := math.Abs(got.At(b, h, i, c)-x) - unit64*math.Abs(x) // want is rounded, too
			t.deviates(func() string { return atTensor("output", b, h, i, c) }, max(0, err), deviation)
		}
	})
}

// suspectLSE counts the log-sum-exps that are suspect.
func (s attentionScene[T]) suspectLSE(t *Trial, im *spec.Implementation[T], got, want tensor) {
	sigma := reference.AttentionLSEDeviation(s.q, s.k, &s.opt, im.Profile, reference.RoundingOf[T]())
	eachElement(want.Shape, func(b, h, i, c int) {
		if x, deviation := want.At(b, h, i, c), sigma.At(b, h, i, c); deviation > 0 {
			err := math.Abs(got.At(b, h, i, c)-x) - unit64*math.Abs(x)
			t.deviates(func() string { return atTensor("lse", b, h, i, c) }, max(0, err), deviation)
		}
	})
}

// deviates notes an error whose standard deviation is sigma.
func (t *Trial) deviates(what func() string, err, sigma float64) {
	t.judged++
	r := err / sigma
	if r > reference.SuspectFrom {
		t.suspects++
	}
	if r > t.deviation {
		t.deviation, t.deviationAt = r, what()
	}
}
