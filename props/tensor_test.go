package props

import (
	"math"
	"slices"
	"testing"

	"example.com/attest/internal/guard"
)

// TestPlace requires every layout to give each element a place of its own, with
// gaps that a write would be noticed in.
func TestPlace(t *testing.T) {
	shape := [4]int{2, 3, 4, 5}
	for name, l := range map[string]layout{"packed": packed, "heads first": headsFirst, "tokens first": tokensFirst, "sparse": sparse} {
		x := place[float32](shape, l)
		used := make([]bool, x.Span())
		eachElement(shape, func(b, h, i, c int) {
			k := x.Index(b, h, i, c)
			if used[k] {
				t.Fatalf("%s: element (%d,%d,%d,%d) shares its place", name, b, h, i, c)
			}
			used[k] = true
		})
		if gaps := x.Span() - 2*3*4*5; (gaps == 0) != (name == "packed") {
			t.Errorf("%s: %d words of gaps", name, gaps)
		}
		m := guard.Memory[float32]{Whole: make([]float32, x.Span()+2), Offset: 1}
		x.Data = m.Whole[1 : 1+x.Span()]
		before := slices.Clone(m.Whole)
		eachElement(shape, func(b, h, i, c int) { x.Set(b, h, i, c, 1) })
		if s := outsideWritten("x", m, before, x); s != "" {
			t.Errorf("%s: %s, though only elements were", name, s)
		}
		for k := range m.Whole {
			if m.Whole[k] == 0 {
				m.Whole[k] = float32(math.NaN())
				if outsideWritten("x", m, before, x) == "" {
					t.Errorf("%s: a write at %d passes", name, k-1)
				}
				m.Whole[k] = 0
			}
		}
	}
}

// TestGather reverses one axis twice.
func TestGather(t *testing.T) {
	x := tensorLike([4]int{2, 2, 3, 2}, func(b, h, i, c int) float64 { return float64(1000*b + 100*h + 10*i + c) })
	y := gather(x, 2, []int{2, 1, 0})
	if got := y.At(1, 0, 0, 1); got != 1021 {
		t.Errorf("got %v, want 1021", got)
	}
	z := gather(y, 2, []int{2, 1, 0})
	eachElement(x.Shape, func(b, h, i, c int) {
		if z.At(b, h, i, c) != x.At(b, h, i, c) {
			t.Errorf("(%d,%d,%d,%d) differs", b, h, i, c)
		}
	})
}
