package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime returns what all threads of this process have computed so far.
func cpuTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic("attest: no clock of the process: " + err.Error())
	}
	return time.Duration(t.Nano())
}
