package energy

import "sync"

// tournament lets each tile meet every other and itself: in round r tile i meets
// tile (r−i) mod n. A pair may start when both its tiles are through with the
// rounds before, whoever else is not.
type tournament struct {
	sync.Mutex
	change sync.Cond // of what follows
	rounds []int     // that each tile is through with
	ready  [][2]int
	left   int // tiles that have rounds to go
}

func newTournament(n int) *tournament {
	t := &tournament{rounds: make([]int, n), left: n}
	t.change.L = t
	for i := n - 1; i >= 0; i-- {
		if j := (n - i) % n; i <= j {
			t.ready = append(t.ready, [2]int{i, j})
		}
	}
	return t
}

// next returns a pair i ≤ j that is ready, after waiting for one if need be; ok is
// false when all have been played or m's context is done.
func (t *tournament) next(m Machine) (i, j int, ok bool) {
	t.Lock()
	defer t.Unlock()
	for len(t.ready) == 0 && t.left > 0 {
		t.change.Wait()
	}
	if m.ended() {
		t.left, t.ready = 0, nil
		t.change.Broadcast()
	}
	last := len(t.ready) - 1
	if last < 0 {
		return 0, 0, false
	}
	i, j = t.ready[last][0], t.ready[last][1]
	t.ready = t.ready[:last]
	return i, j, true
}

// done says that a pair is through, which may make the next pairs of both ready.
func (t *tournament) done(i, j int) {
	t.Lock()
	defer t.Unlock()
	t.advance(i)
	if i != j {
		t.advance(j)
	}
}

// advance brings tile i to its next round.
func (t *tournament) advance(i int) {
	t.rounds[i]++
	n, round := len(t.rounds), t.rounds[i]
	if round == n {
		if t.left--; t.left == 0 {
			t.change.Broadcast()
		}
		return
	}
	if j := (round + n - i) % n; t.rounds[j] == round {
		t.ready = append(t.ready, [2]int{min(i, j), max(i, j)})
		t.change.Signal()
	}
}
