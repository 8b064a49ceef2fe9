package props

import (
	"testing"

	"example.com/attest/spec"
)

// TestSequenceOfShortGrids requires a sequence alone to have the elements of grids
// that are its own, and no more keys than they have.
func TestSequenceOfShortGrids(t *testing.T) {
	for keys := range 6 {
		s := attentionScene[float64]{layout: headsFirst, q: spec.NewTensor[float64](1, 2, 4, 1), k: spec.NewTensor[float64](1, 1, 5, 1), v: spec.NewTensor[float64](1, 1, 5, 1)}
		s.opt.Sequences = &spec.Sequences{Queries: []int{0, 1, 4}, Keys: []int{0, 2, 5}}
		s.opt.Mask = newGrid(s, "queries", keys, true, func(_, _, i, j int) bool { return (i+j)%2 == 0 })
		s.opt.Bias = newBias(s, "batch", keys, func(_, h, i, j int) float64 { return float64(100*h + 10*i + j) })
		s.opt.Keep = newGrid(s, "batch", keys, true, func(_, h, i, j int) bool { return (h+i+j)%3 > 0 })
		s.opt.KeepScale = 2
		for n := range 2 {
			alone, rows := s.sequence(n)
			eachElement([4]int{1, 2, len(rows), alone.k.Shape[2]}, func(b, h, i, j int) {
				all := s.opt.Sequences.Keys[n] + j
				if got, want := alone.opt.Allowed(b, h, i, j), all < keys && s.opt.Allowed(b, h, rows[i], all); got != want {
					t.Errorf("%d keys, sequence %d: query %d sees key %d: %v, not %v", keys, n, i, j, got, want)
				}
				if all < keys && alone.opt.BiasAt(b, h, i, j) != s.opt.BiasAt(b, h, rows[i], all) {
					t.Errorf("%d keys, sequence %d: bias (%d, %d) is %v", keys, n, i, j, alone.opt.BiasAt(b, h, i, j))
				}
				if got, want := alone.opt.KeepFactor(b, h, i, j), s.opt.KeepFactor(b, h, rows[i], all); got != want {
					t.Errorf("%d keys, sequence %d: factor (%d, %d) is %v, not %v", keys, n, i, j, got, want)
				}
			})
		}
	}
}
