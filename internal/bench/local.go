package bench

import "runtime"

// Local is a contestant of this process.
type Local struct {
	// Make returns a function that computes the case and the place where it
	// leaves the result; a nil function if the case is not offered.
	Make func(c Case, x *Operands) (compute func(), out []float32)
	// Threads overrides those of the case, if it is not 0.
	Threads int

	compute func()
	threads int
}

// Load implements Contestant.
func (l *Local) Load(c Case, x *Operands) (out []float32, how string, err error) {
	l.compute, out = l.Make(c, x)
	if l.compute == nil {
		return nil, "", ErrUnsupported
	}
	l.threads = c.Threads
	if l.Threads > 0 {
		l.threads = l.Threads
	}
	on(l.threads, l.compute)
	return out, "", nil
}

// Sample implements Contestant. Garbage of the others is collected before.
func (l *Local) Sample(seconds float64) (s Sample, err error) {
	runtime.GC()
	on(l.threads, func() {
		watch := start()
		for s.Wall < seconds {
			l.compute()
			s.Times++
			s.Time = watch.stop()
		}
	})
	return s, nil
}
