package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"example.com/attest/internal/bench"
)

// printBench prints a line for each case and implementation of ours, with the
// ratio to each of the others, and what could not be measured.
func printBench(w io.Writer, results []bench.Result, missing []bench.Missing) {
	names := columns(results)
	table := [][]string{append([]string{"case", "level", "threads", "GF/s", "GB/s", "% of peak"}, names...)}
	for k := range results {
		r := &results[k]
		for n := range r.Measured {
			if m := &r.Measured[n]; !m.Peer {
				table = append(table, append(measuredCells(r, m), ratioCells(r, m, names)...))
			}
		}
	}
	printAligned(w, table)
	fmt.Fprintln(w, "\nA column on the right: how many times less time than that, the median of the rounds; * is the best peer.\nPeak is that of fused multiply-adds; for decode, of reading memory.")
	printScaling(w, results)
	printMachine(w, results)
	for _, m := range missing {
		fmt.Fprintf(w, "%s is missing: %v\n", m.Name, m.Err)
	}
	for k := range results {
		for _, m := range results[k].Missing {
			if !errors.Is(m.Err, bench.ErrUnsupported) {
				fmt.Fprintf(w, "%s, %s: %v\n", results[k].Case.Name(), m.Name, m.Err)
			}
		}
	}
}

// printScaling says how much less time several threads took than one.
func printScaling(w io.Writer, results []bench.Result) {
	for k := range results {
		r := &results[k]
		for n := range r.Measured {
			one := &r.Measured[n]
			if one.Threads == 1 && r.Case.Threads > 1 {
				if many := r.Find(one.Name); many != nil {
					fmt.Fprintf(w, "%s: %s takes %.2f times less time than on one thread, by the clock.\n", r.Case.Name(), one.Name, bench.Ratio(one, many))
				}
			}
		}
	}
}

// columns returns who is compared with: the portable level and the peers.
func columns(results []bench.Result) []string {
	names := []string{bench.Portable}
	for k := range results {
		for _, m := range results[k].Measured {
			if m.Peer && !slices.Contains(names, m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	return names
}

func measuredCells(r *bench.Result, m *bench.Measured) []string {
	seconds := bench.Median(m.Seconds)
	return []string{r.Case.Name(), m.Name, fmt.Sprint(m.Threads),
		fmt.Sprintf("%.1f", r.Case.Flops()/seconds/1e9), fmt.Sprintf("%.2g", r.Case.Bytes()/seconds/1e9),
		fmt.Sprintf("%.0f", bench.Median(m.Percent))}
}

func ratioCells(r *bench.Result, m *bench.Measured, names []string) []string {
	cells := make([]string, len(names))
	best := r.BestPeer()
	for k, name := range names {
		other := r.Find(name)
		if other == nil {
			continue
		}
		cells[k] = fmt.Sprintf("%.2f", bench.Ratio(other, m))
		if other == best {
			cells[k] += "*"
		}
	}
	return cells
}

// printMachine says what the probes found, how busy the machine was, and in which
// of their ways the peers computed.
func printMachine(w io.Writer, results []bench.Result) {
	var peak, stream, waiting []float64
	for _, r := range results {
		peak = append(peak, r.Peak)
		if r.Case.MemoryBound() {
			stream = append(stream, r.Stream)
		}
		for _, m := range r.Measured {
			if m.Threads == 1 {
				waiting = append(waiting, m.Waiting...)
			}
		}
	}
	fmt.Fprintf(w, "Peak of a thread %.4g GF/s", bench.Median(peak)/1e9)
	if len(stream) > 0 {
		fmt.Fprintf(w, ", reading the keys and values of decode %.3g to %.3g GB/s", slices.Min(stream)/1e9, slices.Max(stream)/1e9)
	}
	fmt.Fprintf(w, "; samples of one thread took %.2f times their processor time.\n", bench.Median(waiting))
	for _, r := range results {
		var ways []string
		for _, m := range r.Measured {
			if m.How != "" {
				ways = append(ways, m.Name+" "+m.How)
			}
		}
		if len(ways) > 0 {
			fmt.Fprintf(w, "%s: %s\n", r.Case.Name(), strings.Join(ways, "; "))
		}
	}
}
