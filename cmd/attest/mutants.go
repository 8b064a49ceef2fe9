package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"example.com/attest/internal/mutant"
	"example.com/attest/props"
)

// mutantRow is what became of one mutant.
type mutantRow struct {
	Mutant   string   `json:"mutant"`
	KilledBy []string `json:"killed_by"`
	Cases    int      `json:"cases"` // the most that one of its claims needed
	Survived bool     `json:"survived"`

	fault, model string
	detail       []string
	survivors    []string
}

func runMutants(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("attest mutants", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print an array of objects: mutant, killed_by, cases, survived")
	cases := fs.Int("n", 200, "cases within which a claim must reject its mutant")
	seedText := fs.String("seed", "1", `seed of the run, a number or "random"`)
	if status, ok := parse(fs, args, stderr); !ok {
		return status
	}
	seed, err := props.ParseSeed(*seedText)
	if err != nil || *cases < 1 {
		fmt.Fprintf(stderr, "attest mutants: -seed %s -n %d: want a number or \"random\", and at least one case\n", *seedText, *cases)
		return statusUsage
	}
	rows := tryMutants(mutant.All(), props.Options{Cases: *cases, Seed: seed}, newProgress(stderr))
	survivors := 0
	for _, r := range rows {
		if r.Survived {
			survivors++
		}
	}
	if *asJSON {
		if status := writeJSON(stdout, stderr, "attest mutants", rows); status != statusOK {
			return status
		}
	} else {
		printMutants(stdout, rows)
		fmt.Fprintf(stdout, "\n%d mutants, %d killed by every claim they name, %d survived (seed %d)\n", len(rows), len(rows)-survivors, survivors, seed)
	}
	if survivors > 0 {
		return statusBad
	}
	return statusOK
}

func tryMutants(all []mutant.Mutant, opt props.Options, p *progress) []mutantRow {
	rows := make([]mutantRow, len(all))
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for k := range next {
				rows[k] = mutantRowOf(all[k], mutant.Try(all[k], opt))
				p.done(all[k].Name)
			}
		})
	}
	p.start(len(all))
	for k := range all {
		next <- k
	}
	close(next)
	wg.Wait()
	p.end()
	return rows
}

func mutantRowOf(m mutant.Mutant, deaths []mutant.Death) mutantRow {
	r := mutantRow{Mutant: m.Name, KilledBy: []string{}, fault: m.Fault, model: m.Model}
	for _, d := range deaths {
		if !d.Killed {
			r.Survived = true
			r.survivors = append(r.survivors, fmt.Sprintf("%s: %s after %d cases", d.Claim, d.Verdict, d.Cases))
			continue
		}
		r.KilledBy = append(r.KilledBy, string(d.Claim))
		r.detail = append(r.detail, fmt.Sprintf("%s:%d", d.Claim, d.Cases))
		r.Cases = max(r.Cases, d.Cases)
	}
	return r
}

func printMutants(w io.Writer, rows []mutantRow) {
	width := len("mutant")
	for _, r := range rows {
		width = max(width, len(r.Mutant))
	}
	fmt.Fprintf(w, "%-*s  killed by claim:cases\n", width, "mutant")
	for _, r := range rows {
		fmt.Fprintf(w, "%-*s  %s\n", width, r.Mutant, strings.Join(r.detail, " "))
		fmt.Fprintf(w, "%-*s    %s", width, "", r.fault)
		if r.model != "" {
			fmt.Fprintf(w, " (%s)", r.model)
		}
		fmt.Fprintln(w)
		for _, s := range r.survivors {
			fmt.Fprintf(w, "%-*s  SURVIVES %s\n", width, "", s)
		}
	}
}
