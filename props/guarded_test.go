package props_test

import (
	"os"
	"strings"
	"testing"
	"unsafe"

	"example.com/attest/internal/guard"
	"example.com/attest/props"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// TestGuardedCatchesMisuse plants what ATT-026 must see of a kernel.
func TestGuardedCatchesMisuse(t *testing.T) {
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
		{"leaves the output as it was", func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {}, "output[0,0,0,0] "}, // not written, or, without a key, not as in ordinary memory
		{"leaves rows as they were that see a key", func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			each(dst.Shape, func(b, h, i, c int) {
				for j := range k.Shape[2] {
					if opt.Allowed(b, h, i, j) {
						return
					}
				}
				dst.Set(b, h, i, c, 0)
			})
		}, "output[0,0,0,0] was not written"},
		{"changes the first word of a page", func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			sound.Attend(dst, q, k, v, opt)
			if uintptr(unsafe.Pointer(&q.Data[0]))%uintptr(os.Getpagesize()) == 0 {
				q.Data[0]++
			}
		}, "the memory of Q was changed, 0 elements from its start"},
		{"changes the first word behind the start of a page", func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			sound.Attend(dst, q, k, v, opt)
			if uintptr(unsafe.Pointer(&q.Data[0]))%uintptr(os.Getpagesize()) != 0 {
				q.Data[0]++
			}
		}, "the memory of Q was changed, 0 elements from its start"},
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

// TestGuardedIsGivenBack requires the reduction of a violation, which runs the
// kernel many times, to leave no guarded memory behind.
func TestGuardedIsGivenBack(t *testing.T) {
	mappings := func() int {
		maps, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Skip(err) // not a Linux
		}
		return strings.Count(string(maps), "\n")
	}
	before := mappings()
	runs := 0
	r := tryClaim(t, "ATT-026", func(im *spec.Implementation[float64]) {
		im.Attention = spec.AttentionFunc[float64](func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) { runs++ })
	}, props.Options{})
	if after := mappings(); r.Verdict != props.Violated || after-before > runs {
		t.Errorf("%s: %d mappings after %d runs, %d before", r.Verdict, after, runs, before)
	}
}
