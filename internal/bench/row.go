package bench

import (
	"cmp"
	"slices"
)

// Portable names the implementation that others are compared with when results
// of several runs are.
const Portable = "portable"

// Row is the result of one implementation in one case. A ratio is how many times
// less time this implementation took, the median over the rounds; 0 stands for
// nothing to compare with.
type Row struct {
	Case            string  `json:"case"`
	Implementation  string  `json:"implementation"`
	Threads         int     `json:"threads"`
	GFlops          float64 `json:"gflops"`
	PercentOfPeak   float64 `json:"percent_of_peak"`
	RatioToBestPeer float64 `json:"ratio_to_best_peer"`
	BestPeer        string  `json:"best_peer"`
	RatioToPortable float64 `json:"ratio_to_portable"`
}

// Rows returns a row for each entry that was measured.
func (r *Result) Rows() []Row {
	best, portable := r.BestPeer(), r.Find(Portable)
	var rows []Row
	for k := range r.Measured {
		m := &r.Measured[k]
		row := Row{Case: r.Case.Name(), Implementation: m.Name, Threads: m.Threads,
			GFlops:        r.Case.Flops() / Median(m.Seconds) / 1e9,
			PercentOfPeak: Median(m.Percent)}
		if best != nil {
			row.BestPeer, row.RatioToBestPeer = best.Name, Ratio(best, m)
		}
		if portable != nil {
			row.RatioToPortable = Ratio(portable, m)
		}
		rows = append(rows, row)
	}
	return rows
}

// BestPeer returns the peer with the least median time, nil without one.
func (r *Result) BestPeer() *Measured { return r.best(true) }

// BestOwn returns the same of this project's own.
func (r *Result) BestOwn() *Measured { return r.best(false) }

func (r *Result) best(peer bool) *Measured {
	var best *Measured
	for k := range r.Measured {
		if m := &r.Measured[k]; m.Peer == peer && (best == nil || Median(m.Seconds) < Median(best.Seconds)) {
			best = m
		}
	}
	return best
}

// Find returns the entry of that name on as many threads as the case asks for.
func (r *Result) Find(name string) *Measured {
	for k := range r.Measured {
		if m := &r.Measured[k]; m.Name == name && m.Threads == r.Case.Threads {
			return m
		}
	}
	return nil
}

// Ratio returns the median over the rounds of a's time over b's.
func Ratio(a, b *Measured) float64 {
	ratios := make([]float64, len(b.Seconds))
	for k := range ratios {
		ratios[k] = a.Seconds[k] / b.Seconds[k]
	}
	return Median(ratios)
}

// Median returns the middle of x, the mean of the two in the middle for an even
// number and 0 for none.
func Median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := slices.SortedFunc(slices.Values(x), cmp.Compare[float64])
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
