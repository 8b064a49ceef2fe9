package props_test

import (
	"strings"
	"testing"
	"unsafe"

	"example.com/attest/internal/guard"
	"example.com/attest/props"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// TestMemoryCatchesMisuse plants what ATT-026 must see of a kernel.
func TestMemoryCatchesMisuse(t *testing.T) {
	lent, err := guard.New[float64](1, guard.Behind)
	if err != nil {
		t.Skip(err) // no such memory on this system
	}
	lent.Free()
	sound := reference.Implementation().Attention
	for _, c := range []struct {
		name   string
		attend func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions)
		want   string
	}{
		{"leaves the output as it was", func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {}, "output[0,0,0,0] was not written"},
		{"changes the first query", func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			sound.Attend(dst, q, k, v, opt)
			q.Data[0]++
		}, "the memory of Q was changed, 0 elements from its start"},
		{"changes the third word of the values", func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			sound.Attend(dst, q, k, v, opt)
			if len(v.Data) > 2 {
				v.Data[2] = 1e9
			}
		}, "the memory of V was changed, 2 elements from its start"},
		{"reads a word too many", func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			sound.Attend(dst, q, k, v, opt)
			if len(k.Data) > 0 {
				sink = *(*float64)(unsafe.Add(unsafe.Pointer(&k.Data[len(k.Data)-1]), 8))
			}
		}, "an operand was left: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := tryClaim(t, "ATT-026", func(im *spec.Implementation[float64]) { im.Attention = spec.AttentionFunc[float64](c.attend) }, props.Options{})
			if r.Verdict != props.Violated || !strings.HasPrefix(r.Failure.What, c.want) {
				t.Errorf("%s: %+v, want %q", r.Verdict, r.Failure, c.want)
			}
		})
	}
	if r := tryClaim(t, "ATT-026", func(*spec.Implementation[float64]) {}, props.Options{}); r.Verdict != props.Holds {
		t.Error(r.Message())
	}
}

var sink float64 // so that the word is read
