package spec_test

import (
	"testing"

	"example.com/attest/spec"
)

// TestGridOf reads grids of one to four axes: each element tells its place in
// the data.
func TestGridOf(t *testing.T) {
	data := make([]int, 2*3*4*5)
	for k := range data {
		data[k] = k
	}
	for _, c := range []struct {
		axes []int
		want func(b, h, i, j int) int
	}{
		{[]int{5}, func(_, _, _, j int) int { return j }},
		{[]int{4, 5}, func(_, _, i, j int) int { return i*5 + j }},
		{[]int{3, 4, 5}, func(_, h, i, j int) int { return (h*4+i)*5 + j }},
		{[]int{2, 3, 4, 5}, func(b, h, i, j int) int { return ((b*3+h)*4+i)*5 + j }},
		{[]int{2, 1, 4, 5}, func(b, _, i, j int) int { return (b*4+i)*5 + j }},
		{[]int{2, 3, 1, 5}, func(b, h, _, j int) int { return (b*3+h)*5 + j }},
		{[]int{1, 3, 1, 5}, func(_, h, _, j int) int { return h*5 + j }},
	} {
		g := spec.GridOf(4, data, c.axes...)
		g.Check("grid", 2, 3, 4, 5)
		for k := range 2 * 3 * 4 * 5 {
			b, h, i, j := k/60, k/20%3, k/5%4, k%5
			if got, row := g.At(b, h, i, j), g.Row(b, h, i)[j]; got != c.want(b, h, i, j) || row != got {
				t.Errorf("axes %v: [%d,%d,%d,%d] is %d and %d in the row, want %d", c.axes, b, h, i, j, got, row, c.want(b, h, i, j))
			}
		}
	}
	for _, axes := range [][]int{nil, {1, 1, 1, 1, 1}} {
		if text := panicText(func() { spec.GridOf(1, data, axes...) }); text != "attest: a grid has one to four axes" {
			t.Errorf("%d axes: %q", len(axes), text)
		}
	}
}
