package spec_test

import (
	"testing"

	"example.com/attest/spec"
)

// TestHeadsOf reads 2 batches of 3 tokens with 2 heads of 2 channels.
func TestHeadsOf(t *testing.T) {
	data := make([]float64, 2*3*2*2)
	for k := range data {
		data[k] = float64(k)
	}
	x := spec.HeadsOf(data, 2, 3, 2, 2)
	for _, c := range []struct{ b, h, i, c, want int }{{0, 0, 0, 1, 1}, {0, 1, 0, 0, 2}, {0, 0, 1, 0, 4}, {1, 0, 0, 0, 12}, {1, 1, 2, 1, 23}} {
		if got := x.At(c.b, c.h, c.i, c.c); got != float64(c.want) {
			t.Errorf("[%d,%d,%d,%d] is %v, want %d", c.b, c.h, c.i, c.c, got, c.want)
		}
	}
	if text := panicText(func() { spec.HeadsOf(data[1:], 2, 3, 2, 2) }); text != "attest: data is shorter than its view" {
		t.Errorf("too little data: %q", text)
	}
}
