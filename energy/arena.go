package energy

import "sync"

// arena is memory for the copies and sums of one operation, kept for the next.
type arena struct {
	data         []float32
	used, wanted int
}

var arenas = sync.Pool{New: func() any { return new(arena) }}

func newArena() *arena { return arenas.Get().(*arena) }

// free ends the use of everything taken.
func (a *arena) free() {
	if a.wanted > len(a.data) {
		a.data = make([]float32, a.wanted)
	}
	a.used, a.wanted = 0, 0
	arenas.Put(a)
}

// take returns n elements of any value, apart from all others by whole cache
// lines.
func (a *arena) take(n int) []float32 {
	const line = 16
	size := roundUp(n, line)
	a.wanted += size
	if a.used+size > len(a.data) {
		return make([]float32, n)
	}
	a.used += size
	return a.data[a.used-size:][:n:n]
}

// zeros is take for zeros.
func (a *arena) zeros(n int) []float32 {
	x := a.take(n)
	clear(x)
	return x
}
