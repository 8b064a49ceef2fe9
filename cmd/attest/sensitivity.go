package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"example.com/attest/internal/sensitivity"
	"example.com/attest/props"
)

// keyCounts are the numbers of keys at which the growth of the bound is shown.
var keyCounts = []int{32, 128, 512, 2048}

const sensitivityHelp = `usage: attest sensitivity [flags]

For identical cases, how many correct float32 results a rule of comparison
rejects, and the smallest relative fault that it sees: of a whole row of the
output, and of one weight. The correct results are those of this project's
float32 kernel. What the numbers mean and do not: docs/sensitivity.md.

`

func runSensitivity(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("attest sensitivity", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print an array of groups of cases: group, cases, rules")
	cases := fs.Int("n", 80, "cases; an eighth as many for each length")
	seedText := fs.String("seed", "1", `seed of the cases, a number or "random"`)
	fs.Usage = func() {
		fmt.Fprint(stderr, sensitivityHelp)
		fs.PrintDefaults()
	}
	if status, ok := parse(fs, args, stderr); !ok {
		return status
	}
	seed, err := props.ParseSeed(*seedText)
	if err != nil || *cases < 1 {
		fmt.Fprintf(stderr, "attest sensitivity: -seed %s -n %d: want a number or \"random\", and at least one case\n", *seedText, *cases)
		return statusUsage
	}
	groups := []sensitivity.Group{sensitivity.Mixed(*cases, seed)}
	for _, n := range keyCounts {
		groups = append(groups, sensitivity.Growing(n, (*cases+7)/8, seed))
	}
	if *asJSON {
		return writeJSON(stdout, stderr, "attest sensitivity", groups)
	}
	printSensitivity(stdout, groups, seed)
	return statusOK
}

// printSensitivity prints a line a rule: for the first group what it rejects and
// sees, for the others the median fault of a row that it sees.
func printSensitivity(w io.Writer, groups []sensitivity.Group, seed uint64) {
	mixed := groups[0]
	fmt.Fprintf(w, "%d cases (seed %d): smallest fault seen, median (range)\n\n", mixed.Cases, seed)
	fmt.Fprintf(w, "%-18s  %8s  %8s  %-34s  %s\n", "rule", "rejected", "no bound", "of a row", "of a weight")
	for _, r := range mixed.Rows {
		fmt.Fprintf(w, "%-18s  %8d  %8d  %-34s  %s\n", r.Rule, r.Rejected, r.NoBound,
			faultRange(r.Seen[sensitivity.FaultRow]), faultRange(r.Seen[sensitivity.FaultWeight]))
	}
	fmt.Fprintf(w, "\nnormal operands, 64 channels: median fault of a row seen, by the number n of keys\n\n%-18s", "rule")
	for _, n := range keyCounts {
		fmt.Fprintf(w, "  %8s", fmt.Sprintf("n=%d", n))
	}
	fmt.Fprintln(w)
	for k, r := range mixed.Rows {
		line := fmt.Sprintf("%-18s", r.Rule)
		for _, g := range groups[1:] {
			line += fmt.Sprintf("  %8s", median(g.Rows[k].Seen[sensitivity.FaultRow]))
		}
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
	for _, r := range sensitivity.Rules {
		fmt.Fprintf(w, "%s: %s\n", r.Name, r.Text)
	}
}

func median(r sensitivity.Range) string {
	switch {
	case r.Cases == 0:
		return "-"
	case r.Median == 0:
		return ">100"
	}
	return fmt.Sprintf("%.1e", r.Median)
}

func faultRange(r sensitivity.Range) string {
	if r.Cases == 0 || r.Unseen == r.Cases {
		return median(r)
	}
	s := fmt.Sprintf("%s (%.1e .. %.1e)", median(r), r.Least, r.Most)
	if r.Unseen > 0 {
		s += fmt.Sprintf(" %d unseen", r.Unseen)
	}
	return strings.TrimSpace(s)
}
