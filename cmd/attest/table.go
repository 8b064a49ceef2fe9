package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"example.com/attest/props"
	"example.com/attest/spec"
)

// printTable prints a line a claim, and in it for each implementation the
// verdict, the cases tried, the share of them that could tell, the largest
// err/bound and the largest err/σ.
func (c *checker) printTable(w io.Writer) {
	var names []string
	byClaim := map[spec.ID]map[string]*props.Result{}
	var order []spec.Claim
	for k, t := range c.tasks {
		if byClaim[t.claim.ID] == nil {
			byClaim[t.claim.ID] = map[string]*props.Result{}
			order = append(order, t.claim)
		}
		if len(names) == 0 || names[len(names)-1] != t.implementation {
			names = append(names, t.implementation)
		}
		byClaim[t.claim.ID][t.implementation] = c.results[k]
	}
	width := 0
	for _, cl := range order {
		width = max(width, len(cl.Name))
	}
	fmt.Fprintf(w, "%-7s  %-*s", "claim", width, "name")
	for _, n := range names {
		fmt.Fprintf(w, "  %-35s", n)
	}
	fmt.Fprintf(w, "\n%-7s  %-*s", "", width, "")
	for range names {
		fmt.Fprintf(w, "  %-11s %5s %5s %5s %5s", "verdict", "cases", "inf.", "ratio", "σ")
	}
	fmt.Fprintln(w)
	for _, cl := range order {
		if !slices.ContainsFunc(names, func(n string) bool { return byClaim[cl.ID][n] != nil }) {
			continue // not tried
		}
		line := fmt.Sprintf("%-7s  %-*s", cl.ID, width, cl.Name)
		for _, n := range names {
			line += "  " + c.cell(byClaim[cl.ID][n])
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

func (c *checker) cell(r *props.Result) string {
	if r == nil {
		return fmt.Sprintf("%-35s", "not tried")
	}
	verdict := string(r.Verdict)
	if r.Verdict == props.Unsupported {
		verdict = "–"
		return fmt.Sprintf("%-35s", verdict)
	}
	if ok, _ := c.verdict(r); !ok {
		verdict += "!"
	} else if r.Verdict == props.Violated {
		verdict = "(Violated)"
	}
	ratio := ""
	if r.Ratio > 0 {
		ratio = fmt.Sprintf("%.2g", r.Ratio)
		if len(ratio) > 5 {
			ratio = fmt.Sprintf("%.0e", r.Ratio)
		}
	}
	deviation := ""
	if r.Judged > 0 {
		deviation = fmt.Sprintf("%.1f", r.Deviation)
	}
	return fmt.Sprintf("%-11s %5d %4.0f%% %5s %5s", verdict, r.Cases, 100*r.InformativeShare(), ratio, deviation)
}

// printDetails prints for each result the classes of case that it met, how many
// times, and where its worst errors were.
func (c *checker) printDetails(w io.Writer) {
	fmt.Fprintln(w)
	for _, r := range c.results {
		if r == nil || r.Cases == 0 {
			continue
		}
		line := fmt.Sprintf("%s %s: %d of %d cases could tell", r.Claim.ID, r.Implementation, r.Informative, r.Cases)
		for _, name := range slices.Sorted(maps.Keys(r.Classes)) {
			line += fmt.Sprintf("; %s: %d", name, r.Classes[name])
		}
		if r.Ratio > 0 {
			line += fmt.Sprintf("; worst err/bound %.3g, %s in case %d", r.Ratio, r.RatioAt, r.RatioCase)
		}
		if r.Judged > 0 {
			line += fmt.Sprintf("; worst err/σ %.3g of %d, %s", r.Deviation, r.Judged, r.DeviationAt)
		}
		fmt.Fprintln(w, line)
	}
}

// printFailures prints what is not as it should be, each with the line that
// replays it, then known failures and measured rates. It reports whether
// everything is as it should be.
func (c *checker) printFailures(w, stderr io.Writer) bool {
	good := true
	var notes []string
	for _, r := range c.results {
		if r == nil {
			continue
		}
		ok, note := c.verdict(r)
		if s := r.SuspectSummary(); ok && s != "" {
			notes = append(notes, fmt.Sprintf("%s on %s (seed %d): %s", r.Claim.ID, r.Implementation, r.Seed, s))
		}
		switch {
		case ok && r.Verdict == props.Violated:
			notes = append(notes, fmt.Sprintf("%s on %s is %s", r.Claim.ID, r.Implementation, note))
		case ok && r.Verdict == props.Measured:
			notes = append(notes, fmt.Sprintf("%s on %s measured: %s", r.Claim.ID, r.Implementation, r.RateSummary()))
		case ok:
		case r.Verdict == props.Violated && r.Failure != nil:
			good = false
			fmt.Fprintf(w, "\n%s  replay: %s\n", r.Message(), c.replay(r))
			c.store(r, w, stderr)
		default:
			good = false
			fmt.Fprintf(w, "\n%s %s on %s: %s\n  replay: %s\n", r.Claim.ID, r.Verdict, r.Implementation, note, c.replay(r))
		}
	}
	if len(notes) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(notes, "\n"))
	}
	return good
}

func (c *checker) replay(r *props.Result) string {
	cases := c.opt.Cases
	if r.Case >= cases {
		cases = r.Case + 1
	}
	return fmt.Sprintf("go run ./cmd/attest check -run '^%s$' -impl %s -seed %d -n %d", r.Claim.ID, r.Implementation, r.Seed, cases)
}

// store keeps the counterexample of a violated result.
func (c *checker) store(r *props.Result, w, stderr io.Writer) {
	if r.Example == nil || r.Case < 0 {
		return
	}
	file := props.CounterexampleFile(c.flags.dir, r.Implementation, r.Claim.ID)
	if err := props.WriteCounterexample(file, r); err != nil {
		fmt.Fprintf(stderr, "attest check: the counterexample could not be stored: %v\n", err)
		return
	}
	fmt.Fprintf(w, "  counterexample stored in %s; later runs try it first\n", file)
}

func (c *checker) printSummary(w io.Writer, interrupted bool) {
	count := map[props.Verdict]int{}
	tried, cases := 0, 0
	for _, r := range c.results {
		if r != nil {
			count[r.Verdict]++
			tried++
			cases += r.Cases
		}
	}
	fmt.Fprintf(w, "\n%d claims × implementations on %d cases (seed %d):", tried, cases, c.opt.Seed)
	for _, v := range []props.Verdict{props.Holds, props.Refuted, props.Measured, props.Violated, props.Vacuous, props.Suspect, props.Unsupported} {
		if count[v] > 0 {
			fmt.Fprintf(w, " %d %s", count[v], v)
		}
	}
	fmt.Fprintln(w)
	if interrupted {
		fmt.Fprintf(w, "interrupted: %d of %d were tried\n", tried, len(c.tasks))
	}
}
