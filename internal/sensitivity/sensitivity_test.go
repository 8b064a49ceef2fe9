package sensitivity

import (
	"math"
	"reflect"
	"testing"
)

// row returns the row of a rule.
func row(t *testing.T, g Group, rule string) Row {
	t.Helper()
	for _, r := range g.Rows {
		if r.Rule == rule {
			return r
		}
	}
	t.Fatalf("%s has no rule %s", g.Name, rule)
	return Row{}
}

// step is the ratio of one δ that is tried to the next.
var step = math.Pow(10, 1./perDecade)

// TestMixed requires what the rules' definitions imply: this project's bound
// rejects no correct result, and a relative tolerance sees no fault of a row
// smaller than itself, less what the kernel's own error may add to it.
func TestMixed(t *testing.T) {
	g := Mixed(16, 3)
	if r := row(t, g, "attest"); r.Rejected+r.NoBound > 0 || r.Seen[FaultRow].Cases != 16 || r.Seen[FaultRow].Unseen > 0 {
		t.Errorf("attest: %+v", r)
	}
	for rule, relative := range map[string]float64{"ONNX": 1e-3, "MLX": 1e-4, "JAX": 1e-2, "ggml": math.Sqrt(5e-4)} {
		seen := row(t, g, rule).Seen[FaultRow]
		if seen.Cases == seen.Unseen || !(seen.Least >= relative/step) {
			t.Errorf("%s: a fault of %g is seen", rule, seen.Least)
		}
	}
	if again := Mixed(16, 3); !reflect.DeepEqual(g, again) {
		t.Error("the same cases measured twice differ")
	}
}

// TestSmallest compares what is found step by step with the bound solved for δ:
// some element's error err + δ·got leaves the bound.
func TestSmallest(t *testing.T) {
	for k := range 4 {
		s := mixedCase(9, k)
		got, want := smallest(s, Rules[0], FaultRow), math.Inf(1)
		cols := s.got.Shape[3]
		for e := len(s.got.Data) - cols; e < len(s.got.Data); e++ {
			x := float64(s.got.Data[e])
			if x == 0 {
				continue
			}
			err := (x - s.want.Data[e]) * math.Copysign(1, x)
			want = min(want, (s.bound.Data[e]-err)/math.Abs(x))
		}
		if want < 0x1p-20 {
			continue // rounding to float32 hides or helps it
		}
		if !(got >= want/step && got <= want*step*step) {
			t.Errorf("case %d: rejected from %g on, the bound says %g", k, got, want)
		}
	}
}

// TestGrowing requires the loss with length that docs/sensitivity.md speaks of.
func TestGrowing(t *testing.T) {
	short, long := row(t, Growing(16, 3, 1), "attest"), row(t, Growing(256, 3, 1), "attest")
	if short.Rejected+long.Rejected > 0 || !(long.Seen[FaultRow].Median > 2*short.Seen[FaultRow].Median) {
		t.Errorf("16 keys %+v, 256 keys %+v", short, long)
	}
}
