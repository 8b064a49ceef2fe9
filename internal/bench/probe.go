package bench

import (
	"runtime"
	"sync"

	"example.com/attest/internal/kernel"
)

// Probe says what the machine can do at this moment.
type Probe interface {
	// Peak returns operations a second of fused multiply-adds on the threads.
	Peak(threads int) float64
	// Stream returns bytes a second of reading x from one end to the other.
	Stream(x []float32) float64
}

// Machine probes with the instructions of its best level.
type Machine struct{ Level kernel.Level }

// rounds of multiply-adds between two looks at the clock: less than 100 µs.
const rounds = 5000

// Peak takes the best of a few probes, each of a millisecond or two: a probe can
// be disturbed and never helped.
func (m Machine) Peak(threads int) float64 {
	best := 0.0
	for range 4 {
		var done sync.WaitGroup
		flops := make([]float64, threads)
		watch := start()
		for k := range threads {
			done.Go(func() {
				for range 20 {
					flops[k] += float64(m.Level.FMA(rounds))
				}
			})
		}
		done.Wait()
		sum := 0.0
		for _, f := range flops {
			sum += f
		}
		best = max(best, sum/watch.stop().Of(threads))
	}
	return best
}

// Stream reads x twice and takes the better time.
func (m Machine) Stream(x []float32) float64 {
	const piece = 1 << 16 // elements between two places where this goroutine can be stopped
	best, sum := 0.0, float32(0)
	for range 2 {
		watch := start()
		for k := 0; k < len(x); k += piece {
			sum += m.Level.Read(x[k:min(k+piece, len(x))])
		}
		best = max(best, 4*float64(len(x))/watch.stop().Of(1))
	}
	runtime.KeepAlive(sum) // it is computed
	return best
}

// on runs f with as many threads for goroutines as are asked for.
func on(threads int, f func()) {
	before := runtime.GOMAXPROCS(threads)
	defer runtime.GOMAXPROCS(before)
	f()
}
