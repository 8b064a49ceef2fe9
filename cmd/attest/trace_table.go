package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"example.com/attest/internal/tensorfile"
)

// termSummary describes one term at one layer over all sentences.
type termSummary struct {
	mean, low, median, high float64 // low and high: the quartiles
	values                  []float64
	risen                   int // sentences whose term rose at this layer
}

// layerSummary describes all terms at one layer; layer 0 is before the first.
type layerSummary [termCount]termSummary

func summarize(curves [][]*energyPoint) []layerSummary {
	out := make([]layerSummary, len(curves[0]))
	for layer := range out {
		for term := range termCount {
			s := &out[layer][term]
			for _, c := range curves {
				s.values = append(s.values, c[layer].value[term])
				s.mean += c[layer].value[term] / float64(len(curves))
				if layer > 0 && rises(c[layer-1], c[layer], term) {
					s.risen++
				}
			}
			slices.Sort(s.values)
			s.low, s.median, s.high = quantile(s.values, 0.25), quantile(s.values, 0.5), quantile(s.values, 0.75)
		}
	}
	return out
}

// quantile returns the p-quantile of sorted values, interpolated between the
// two nearest.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-1)
	k := min(i+1, len(sorted)-1)
	return sorted[i] + (at-float64(i))*(sorted[k]-sorted[i])
}

// share returns the risen sentences in percent.
func (s *termSummary) share() float64 { return 100 * float64(s.risen) / float64(len(s.values)) }

// tableTerms is the order of the columns: the total first.
var tableTerms = []int{totalTerm, interactionTerm, ridgeTerm, formTerm, distanceTerm}

// printTrace prints what was followed, and a line a layer: mean, median and
// share of rising sentences of the total, mean and share of each term.
func printTrace(w io.Writer, o *traceOptions, sentences []tensorfile.Named, layers []layerSummary) {
	tokens, d := 0, sentences[0].Matrix.Cols
	for _, s := range sentences {
		tokens += s.Matrix.Rows
	}
	p := o.width
	if p == 0 {
		p = d
	}
	fmt.Fprintf(w, "%d sentences, %d tokens, d=%d p=%d, eta1=%g eta2=%g relu=%t ridge=%g\n",
		len(sentences), tokens, d, p, o.eta1, o.eta2, o.relu, o.ridge)
	fmt.Fprintf(w, "untrained weights of seed %d; steps by %s, energies by the reference\n", o.seed, o.implementation)
	fmt.Fprintf(w, "up: share of sentences whose energy rises at this layer, beyond the rounding of the energy\n")
	if o.implementation == "float32" {
		fmt.Fprintf(w, "float32 steps jitter by their own rounding: near rest a rise may be no more than that\n")
	}
	fmt.Fprintln(w)

	fmt.Fprintf(w, "%5s  %-27s", "", "total")
	for _, term := range tableTerms[1:] {
		fmt.Fprintf(w, "  %-16s", termNames[term])
	}
	fmt.Fprintf(w, "\n%5s  %10s %10s %5s", "layer", "mean", "median", "up")
	for range tableTerms[1:] {
		fmt.Fprintf(w, "  %10s %5s", "mean", "up")
	}
	fmt.Fprintln(w)
	for layer := range layers {
		fmt.Fprintf(w, "%5d", layer)
		for _, term := range tableTerms {
			s := &layers[layer][term]
			fmt.Fprintf(w, "  %10.4g", s.mean)
			if term == totalTerm {
				fmt.Fprintf(w, " %10.4g", s.median)
			}
			if layer == 0 {
				fmt.Fprintf(w, " %5s", "-")
			} else {
				fmt.Fprintf(w, " %4.0f%%", s.share())
			}
		}
		fmt.Fprintln(w)
	}
}

// writeTraceCSV writes a line for each sentence and layer: the terms, the total,
// how far rounding may have carried the total, and whether it rose.
func writeTraceCSV(w io.Writer, sentences []tensorfile.Named, curves [][]*energyPoint) error {
	out := csv.NewWriter(w)
	head := append([]string{"sentence", "tokens", "layer"}, termNames[:]...)
	if err := out.Write(append(head, "rounding", "rises")); err != nil {
		return err
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	for i, c := range curves {
		for layer, p := range c {
			line := []string{sentences[i].Name, strconv.Itoa(sentences[i].Matrix.Rows), strconv.Itoa(layer)}
			for _, x := range p.value {
				line = append(line, number(x))
			}
			up := layer > 0 && rises(c[layer-1], p, totalTerm)
			if err := out.Write(append(line, number(p.rounding[totalTerm]), strconv.FormatBool(up))); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
