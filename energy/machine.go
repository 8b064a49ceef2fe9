package energy

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// Machine is what operations run on. No result depends on Threads.
type Machine struct {
	// Level chooses the inner loops; this processor must be able to run them.
	Level kernel.Level
	// Threads is how many threads share long work at most; 0: all that Go uses.
	Threads int
	// Context, if set, ends work over pairs of tokens between two tiles once it is
	// done. What an operation then returns or stores is unspecified: if
	// Context.Err() is nil after an operation, its result is whole.
	Context context.Context
}

// Fastest returns the machine with the fastest loops that this processor can run.
func Fastest() Machine { return Machine{Level: kernel.Best()} }

// Implementation returns the operations of this package on m.
func (m Machine) Implementation() *spec.Implementation[float32] {
	return &spec.Implementation[float32]{
		Name:        "float32",
		Interaction: m.interaction(),
		Ridge:       m.ridge(),
		Masked:      m.masked(),
		Heads:       m.heads(),
		Sphere:      m.sphere(),
		Hopfield:    m.hopfield(),
		FeedForward: m.feedForward(),
		Prox:        m.prox(),
		Alternating: alternating,
		Layer:       m.layer(),
		Asymmetric:  m.asymmetric(),
		Determinism: spec.Determinism{Energies: true},
	}
}

// threadWork is how many differences of numbers are worth another thread: some
// ten microseconds' with vectors.
const threadWork = 1 << 19

// threads returns how many threads share so much work.
func (m Machine) threads(work int) int {
	n := m.Threads
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return max(1, min(n, work/threadWork))
}

// ended reports whether the context asks for an end.
func (m Machine) ended() bool { return m.Context != nil && m.Context.Err() != nil }

// each calls visit for k = 0, 1, …, n−1 on some threads: each takes the next k
// when it is ready for it. Threads have a number, and end early with the context.
func (m Machine) each(n, work int, visit func(thread, k int)) {
	var next atomic.Int64
	run := func(thread int) {
		for !m.ended() {
			k := int(next.Add(1)) - 1
			if k >= n {
				return
			}
			visit(thread, k)
		}
	}
	threads := m.threads(work)
	var wait sync.WaitGroup
	for thread := 1; thread < threads; thread++ {
		wait.Go(func() { run(thread) })
	}
	run(0)
	wait.Wait()
}

// eachPair calls visit for each pair i ≤ j of n tiles, i = j included. Those of
// one tile follow each other, in an order that does not depend on the threads, so
// that visit may add to what belongs to tiles i and j.
func (m Machine) eachPair(n, work int, visit func(thread, i, j int)) {
	t := newTournament(n)
	run := func(thread int) {
		for i, j, ok := t.next(m); ok; i, j, ok = t.next(m) {
			visit(thread, i, j)
			t.done(i, j)
		}
	}
	var wait sync.WaitGroup
	for thread := 1; thread < m.threads(work); thread++ {
		wait.Go(func() { run(thread) })
	}
	run(0)
	wait.Wait()
}
