package bench

import "time"

// Time is how long something took, in seconds: by the clock, and added up over
// the processors that worked on it.
type Time struct{ Wall, CPU float64 }

// Of returns the time by which work on a number of threads is judged: on one,
// what other programs do in between does not count.
func (t Time) Of(threads int) float64 {
	if threads == 1 {
		return t.CPU
	}
	return t.Wall
}

// stopwatch is a moment to count from.
type stopwatch struct {
	wall time.Time
	cpu  time.Duration
}

func start() stopwatch { return stopwatch{time.Now(), cpuTime()} }

func (s stopwatch) stop() Time {
	cpu := cpuTime() - s.cpu
	return Time{Wall: time.Since(s.wall).Seconds(), CPU: cpu.Seconds()}
}
