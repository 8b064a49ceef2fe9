package bench

import (
	"errors"
	"fmt"
)

// Contestant is an implementation that computes cases.
type Contestant interface {
	// Load gets ready for the case, computes it once and returns the result, and
	// in a few words how, if there are several ways. The error wraps
	// ErrUnsupported when the contestant does not offer the case.
	Load(c Case, x *Operands) (out []float32, how string, err error)
	// Sample computes the loaded case again and again for at least that many
	// seconds, once at least.
	Sample(seconds float64) (Sample, error)
}

// ErrUnsupported says that a contestant does not offer a case.
var ErrUnsupported = errors.New("not offered")

// Sample is a number of computations and how long they took together.
type Sample struct {
	Times int
	Time
}

// Entry is a contestant with its name in the tables.
type Entry struct {
	Name    string
	Peer    bool // somebody else's
	Threads int  // 0: as many as the case says
	Contestant
}

func (e Entry) threads(c Case) int {
	if e.Threads > 0 {
		return e.Threads
	}
	return c.Threads
}

// Missing is an entry that was not measured, and why.
type Missing struct {
	Name string
	Err  error
}

// Measured is what the rounds of one entry gave.
type Measured struct {
	Entry
	Threads int
	How     string
	Seconds []float64 // for one computation
	Percent []float64 // of the peak probed beside the sample
	Waiting []float64 // time by the clock over processor time
	err     error
}

// Result is a contest over one case.
type Result struct {
	Case     Case
	Measured []Measured
	Missing  []Missing
	Peak     float64 // flops a second, the median of the probes
	Stream   float64 // bytes a second, the median of the probes
}

// Contest has the entries compute the case in rounds: each round takes one
// sample of each entry, beginning with another one each time. An entry whose
// result check rejects is not measured.
type Contest struct {
	Rounds  int
	Seconds float64 // of a sample, at least
	Probe   Probe
	Check   func(c Case, x *Operands, out []float32) error
	// Done is called when an entry has got ready, and after each of its samples.
	Done func(what string)
}

// Run measures the case.
func (k *Contest) Run(c Case, entries []Entry) Result {
	r := Result{Case: c}
	x := NewOperands(c)
	var in []*Measured
	for _, e := range entries {
		m := &Measured{Entry: e, Threads: e.threads(c)}
		if m.err = k.load(c, x, m); m.err == nil {
			in = append(in, m)
		} else {
			r.Missing = append(r.Missing, Missing{e.Name, m.err})
		}
		k.Done(c.Name() + ", " + e.Name)
	}
	var peaks, streams []float64
	for round := range k.Rounds {
		for step := range in {
			m := in[(round+step)%len(in)]
			if m.err != nil {
				continue
			}
			peak, stream := k.probe(c, x, m.Threads)
			peaks, streams = append(peaks, peak/float64(m.Threads)), append(streams, stream)
			m.sample(c, k.Seconds, peak, stream)
			k.Done(c.Name() + ", " + m.Name)
		}
	}
	for _, m := range in {
		if m.err == nil {
			r.Measured = append(r.Measured, *m)
		} else {
			r.Missing = append(r.Missing, Missing{m.Name, m.err})
		}
	}
	r.Peak, r.Stream = Median(peaks), Median(streams)
	return r
}

// load has the entry compute the case once and checks the result, for gradients
// that of a small case first, since all of them take the reference long.
func (k *Contest) load(c Case, x *Operands, m *Measured) error {
	if c.Kind == Backward && c.Keys > fewTokens {
		small := c
		small.Queries, small.Keys = fewTokens, fewTokens
		if err := k.load(small, NewOperands(small), m); err != nil {
			return err
		}
	}
	out, how, err := m.Load(c, x)
	if err != nil {
		return err
	}
	m.How = how
	if c.Kind == Backward && c.Keys > fewTokens {
		return nil
	}
	if err := k.Check(c, x, out); err != nil {
		return fmt.Errorf("the result is wrong: %w", err)
	}
	return nil
}

// fewTokens is the size of a case all gradients of which are checked.
const fewTokens = 40

// probe returns the peak of the threads and the rate of reading.
func (k *Contest) probe(c Case, x *Operands, threads int) (peak, stream float64) {
	on(threads, func() { peak = k.Probe.Peak(threads) })
	on(1, func() { stream = k.Probe.Stream(x.Memory) })
	return peak, stream
}

// sample takes one sample.
func (m *Measured) sample(c Case, seconds, peak, stream float64) {
	var s Sample
	if s, m.err = m.Sample(seconds); m.err != nil {
		return
	}
	each := s.Of(c.Threads) / float64(s.Times)
	share := c.Flops() / each / peak
	if c.MemoryBound() {
		share = c.Bytes() / each / stream
	}
	m.Seconds = append(m.Seconds, each)
	m.Percent = append(m.Percent, 100*share)
	m.Waiting = append(m.Waiting, s.Wall/s.CPU)
}
