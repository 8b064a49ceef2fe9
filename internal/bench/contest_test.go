package bench

import (
	"errors"
	"slices"
	"testing"
)

// fake computes nothing: its samples take what it is told, each in turn.
type fake struct {
	seconds []float64
	refuses error // to load
	breaks  error // at the second sample
	taken   int
}

func (f *fake) Load(Case, *Operands) ([]float32, string, error) {
	return []float32{1}, "in its way", f.refuses
}

func (f *fake) Sample(float64) (Sample, error) {
	s := f.seconds[f.taken]
	f.taken++
	if f.taken == 2 && f.breaks != nil {
		return Sample{}, f.breaks
	}
	return Sample{Times: 2, Time: Time{Wall: 4 * s, CPU: 2 * s}}, nil
}

// still is a machine that never changes.
type still struct{}

func (still) Peak(threads int) float64 { return 100 * float64(threads) }
func (still) Stream([]float32) float64 { return 10 }

var small = Case{Attention, 1, 1, 1, 5, 5, 1, false, 1} // 100 operations

func run(c Case, entries ...Entry) (r Result, done int) {
	k := Contest{Rounds: 3, Probe: still{}, Done: func(string) { done++ },
		Check: func(Case, *Operands, []float32) error { return nil }}
	return k.Run(c, entries), done
}

// TestContest has a level, the portable one and two peers take known times.
func TestContest(t *testing.T) {
	r, done := run(small,
		Entry{Name: "fast", Contestant: &fake{seconds: []float64{1, 2, 4}}},
		Entry{Name: Portable, Contestant: &fake{seconds: []float64{8, 16, 16}}},
		Entry{Name: "slow", Peer: true, Contestant: &fake{seconds: []float64{10, 10, 10}}},
		Entry{Name: "peer", Peer: true, Contestant: &fake{seconds: []float64{3, 5, 8}}})
	want := []Row{
		{small.Name(), "fast", 1, 50e-9, 50, 2.5, "peer", 8},
		{small.Name(), Portable, 1, 6.25e-9, 6.25, 0.375, "peer", 1},
		{small.Name(), "slow", 1, 10e-9, 10, 0.5, "peer", 1.6},
		{small.Name(), "peer", 1, 20e-9, 20, 1, "peer", 8.0 / 3},
	}
	if got := r.Rows(); !slices.Equal(got, want) {
		t.Errorf("rows\n%v want\n%v", got, want)
	}
	if done != 16 {
		t.Errorf("%d steps are done, want 4 to get ready and 12 samples", done)
	}
	if m := r.Measured[0]; m.How != "in its way" || Median(m.Waiting) != 2 || r.Peak != 100 || r.Stream != 10 {
		t.Errorf("%+v, peak %v, stream %v", m, r.Peak, r.Stream)
	}
	if r.BestOwn().Name != "fast" {
		t.Errorf("the best of ours is %s", r.BestOwn().Name)
	}
}

// TestContestByClock measures on two threads, beside one.
func TestContestByClock(t *testing.T) {
	c := small
	c.Threads = 2
	r, _ := run(c,
		Entry{Name: Portable, Threads: 1, Contestant: &fake{seconds: []float64{2, 2, 2}}},
		Entry{Name: Portable, Contestant: &fake{seconds: []float64{1, 1, 1}}})
	rows := r.Rows()
	if rows[0].Threads != 1 || rows[1].Threads != 2 || rows[0].RatioToPortable != 0.5 || rows[1].RatioToPortable != 1 {
		t.Errorf("%+v", rows)
	}
	if rows[1].GFlops != 50e-9 || rows[1].PercentOfPeak != 25 || r.Peak != 100 {
		t.Errorf("%+v, peak %v: want times by the clock, and the peak of two threads", rows[1], r.Peak)
	}
}

// TestContestOfMemory compares what reads little with the rate of reading.
func TestContestOfMemory(t *testing.T) {
	c := Case{Attention, 1, 1, 1, 1, 9, 1, false, 1} // 80 bytes
	r, _ := run(c, Entry{Name: Portable, Contestant: &fake{seconds: []float64{10, 10, 10}}})
	if got := r.Rows()[0].PercentOfPeak; got != 80 {
		t.Errorf("%v %% of the rate of reading, want 80", got)
	}
}

// TestContestSaysWhatIsMissing has entries that cannot, are wrong or break.
func TestContestSaysWhatIsMissing(t *testing.T) {
	broken := errors.New("broken")
	k := Contest{Rounds: 2, Probe: still{}, Done: func(string) {}, Check: func(Case, *Operands, []float32) error { return broken }}
	r := k.Run(small, []Entry{{Name: "wrong", Contestant: &fake{}}})
	if len(r.Measured) != 0 || len(r.Missing) != 1 || !errors.Is(r.Missing[0].Err, broken) {
		t.Errorf("a wrong result was measured: %+v", r)
	}
	r, _ = run(small,
		Entry{Name: "unable", Contestant: &fake{refuses: ErrUnsupported}},
		Entry{Name: "breaks", Contestant: &fake{seconds: []float64{1, 1, 1}, breaks: broken}},
		Entry{Name: Portable, Contestant: &fake{seconds: []float64{1, 1, 1}}})
	if len(r.Measured) != 1 || len(r.Missing) != 2 || !errors.Is(r.Missing[0].Err, ErrUnsupported) || !errors.Is(r.Missing[1].Err, broken) {
		t.Errorf("%+v", r)
	}
	if row := r.Rows()[0]; row.BestPeer != "" || row.RatioToBestPeer != 0 {
		t.Errorf("there is no peer, but %+v", row)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 2}, 2}, {[]float64{8, 1, 2, 3}, 2.5}} {
		if got := Median(c.x); got != c.want {
			t.Errorf("the median of %v is %v, want %v", c.x, got, c.want)
		}
	}
}
