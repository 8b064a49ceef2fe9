package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"example.com/attest/internal/sensitivity"
	"example.com/attest/props"
)

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
	mixed, growing := sensitivity.All(*cases, seed)
	if *asJSON {
		return writeJSON(stdout, stderr, "attest sensitivity", append([]sensitivity.Group{mixed}, growing...))
	}
	printSensitivity(stdout, mixed, growing, seed)
	return statusOK
}

// printSensitivity prints both tables and the rules.
func printSensitivity(w io.Writer, mixed sensitivity.Group, growing []sensitivity.Group, seed uint64) {
	first, second := sensitivity.Tables(mixed, growing)
	fmt.Fprintf(w, "%d mixed cases (seed %d):\n\n", mixed.Cases, seed)
	printAligned(w, first)
	fmt.Fprintf(w, "\nnormal operands, 64 channels, n keys: median fault of a row seen\n\n")
	printAligned(w, second)
	fmt.Fprintln(w)
	for _, r := range sensitivity.Rules {
		fmt.Fprintf(w, "%s: %s\n", r.Name, r.Text)
	}
}

// printAligned prints the table with each column as wide as its widest cell.
func printAligned(w io.Writer, table [][]string) {
	width := make([]int, len(table[0]))
	for _, line := range table {
		for k, cell := range line {
			width[k] = max(width[k], utf8.RuneCountInString(cell))
		}
	}
	for _, line := range table {
		var b strings.Builder
		for k, cell := range line {
			b.WriteString(cell + strings.Repeat(" ", width[k]-utf8.RuneCountInString(cell)+2))
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}
