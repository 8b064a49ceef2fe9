package energy_test

import (
	"math"
	"testing"

	"example.com/attest/energy"
	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// TestHopfieldBitsOfThreads compares retrieval of states and patterns whose products
// several threads share, at every level, with that on one thread.
func TestHopfieldBitsOfThreads(t *testing.T) {
	const m, n, d = 70, 1500, 64
	q, k := tokens(m, d, 1), tokens(n, d, 2)
	visible := make([]bool, n)
	for j := range visible {
		visible[j] = j%7 != 0
	}
	for _, level := range kernel.Levels() {
		run := func(threads int) []float32 {
			on := energy.Machine{Level: level, Threads: threads}
			e, next := spec.NewMatrix[float32](m, 1), spec.NewMatrix[float32](m, d)
			on.HopfieldEnergy(e, q, k, visible, 0.25)
			on.HopfieldStep(next, q, k, visible, 0.25, 0.75)
			return append(e.Data, next.Data...)
		}
		one := run(1)
		for i, x := range run(4) {
			if x != one[i] {
				t.Errorf("%v: number %d: %v on four threads, %v on one", level, i, x, one[i])
				break
			}
		}
	}
}

// TestHopfieldOfNothing retrieves with sizes of 0.
func TestHopfieldOfNothing(t *testing.T) {
	for _, c := range []struct {
		m, n, d      int
		energy, next float64
	}{
		{2, 0, 3, math.Inf(1), 0}, {0, 3, 2, 0, 0}, {2, 3, 0, -math.Log(3) / 2, 0}, {2, 0, 0, math.Inf(1), 0}, {0, 0, 0, 0, 0},
	} {
		q, k := spec.NewMatrix[float32](c.m, c.d), spec.NewMatrix[float32](c.n, c.d)
		e, next := spec.NewMatrix[float32](c.m, 1), spec.NewMatrix[float32](c.m, c.d)
		for i := range q.Data {
			q.Data[i] = 1
		}
		energy.Fastest().HopfieldEnergy(e, q, k, nil, 2)
		energy.Fastest().HopfieldStep(next, q, k, nil, 2, 1)
		for _, x := range e.Data {
			if x != float32(c.energy) {
				t.Errorf("%+v: energy %v", c, x)
			}
		}
		for _, x := range next.Data {
			if x != float32(c.next) {
				t.Errorf("%+v: step %v", c, x)
			}
		}
	}
}
