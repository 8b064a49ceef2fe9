//go:build !linux

package bench

import "time"

var began = time.Now()

// cpuTime returns the time by the clock, in the place of the processor time that
// other systems tell in other ways.
func cpuTime() time.Duration { return time.Since(began) }
