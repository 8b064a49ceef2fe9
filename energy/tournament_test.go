package energy

import (
	"context"
	"sync"
	"testing"
)

// TestTournament requires every pair once, the pairs of a tile one after the
// other, and in the same order whatever the threads.
func TestTournament(t *testing.T) {
	for n := range 20 {
		var want [][]int
		for threads := range 5 {
			var mu sync.Mutex
			busy, met := make([]bool, n), make([][]int, n)
			enter := func(i int, in bool) {
				mu.Lock()
				defer mu.Unlock()
				if busy[i] == in {
					t.Errorf("n=%d: two pairs of tile %d at a time", n, i)
				}
				busy[i] = in
			}
			Machine{Threads: threads}.eachPair(n, threads*threadWork, func(_, i, j int) {
				enter(i, true)
				if i != j {
					enter(j, true)
					met[j] = append(met[j], i)
					enter(j, false)
				}
				met[i] = append(met[i], j)
				enter(i, false)
			})
			for i := range met {
				if len(met[i]) != n {
					t.Errorf("n=%d, %d threads: tile %d meets %v", n, threads, i, met[i])
				}
				seen := make([]bool, n)
				for k, j := range met[i] {
					if seen[j] {
						t.Errorf("n=%d: tile %d meets %d twice", n, i, j)
					}
					seen[j] = true
					if want != nil && want[i][k] != j {
						t.Errorf("n=%d, %d threads: tile %d meets %v, with one thread %v", n, threads, i, met[i], want[i])
					}
				}
			}
			want = met
		}
	}
}

// TestTournamentEnds requires that no pair begins after the context is done.
func TestTournamentEnds(t *testing.T) {
	for threads := 1; threads < 4; threads++ {
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		pairs := 0
		m := Machine{Threads: threads, Context: ctx}
		m.eachPair(10, threads*threadWork, func(_, i, j int) {
			mu.Lock()
			defer mu.Unlock()
			if pairs++; pairs == 5 {
				cancel()
			}
		})
		if pairs < 5 || pairs > 5+threads-1 {
			t.Errorf("%d pairs visited by %d threads, the fifth ended it", pairs, threads)
		}
	}
}
