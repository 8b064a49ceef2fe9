package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"

	"example.com/attest/internal/bench"
	"example.com/attest/internal/kernel"
	"example.com/attest/internal/peer"
)

const benchUsage = `usage: attest bench [flags]

How fast attention, its gradient, matrix products and energies are, against
other people's implementations on this machine, in interleaved rounds. What the
numbers mean, and how to install the others: docs/bench.md.

`

// benchFlags are the flags of attest bench.
type benchFlags struct {
	run                              *regexp.Regexp
	json, against, svg, peers, setup string
	rounds, threads                  int
	seconds                          float64
}

func runBench(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("attest bench", flag.ContinueOnError)
	var f benchFlags
	pattern := fs.String("run", "", "measure the cases whose name matches this `regexp` alone")
	fs.StringVar(&f.json, "json", "", "write a row for each case and implementation into this `file`")
	fs.StringVar(&f.against, "against", "", "compare with the rows in this `file`; fail if an implementation has lost a fifth of its ratio to the portable kernel")
	fs.StringVar(&f.svg, "svg", "", "draw the roofline into this `file`")
	fs.StringVar(&f.peers, "peers", "", "measure the peers that -setup has built in this `folder` too")
	fs.StringVar(&f.setup, "setup", "", "build the peers in this `folder`, say what is missing, and measure nothing")
	fs.IntVar(&f.rounds, "rounds", 5, "`rounds`, each with one sample of each implementation")
	fs.IntVar(&f.threads, "threads", 0, "measure every case on this `number` of threads; 0: as its name says")
	fs.Float64Var(&f.seconds, "seconds", 0.1, "least `time` of a sample")
	if status, ok := parseFlags(fs, benchUsage, args, stdout, stderr); !ok {
		return status
	}
	var err error
	switch f.run, err = regexp.Compile(*pattern); {
	case err != nil:
		return badUsage(fs, fmt.Errorf("-run: %w", err), stderr)
	case f.rounds < 1 || f.threads < 0 || !(f.seconds > 0):
		return badUsage(fs, fmt.Errorf("-rounds %d -threads %d -seconds %g: want at least one round of some time", f.rounds, f.threads, f.seconds), stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if f.setup != "" {
		err = peer.Setup(ctx, f.setup, stdout)
	} else {
		err = f.measure(ctx, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "attest bench: %v\n", err)
		return statusBad
	}
	return statusOK
}

// measure runs the contests, prints them and writes what was asked for.
func (f *benchFlags) measure(ctx context.Context, stdout, stderr io.Writer) error {
	var before []bench.Row
	if f.against != "" {
		data, err := os.ReadFile(f.against)
		if err == nil {
			err = json.Unmarshal(data, &before)
		}
		if err != nil {
			return fmt.Errorf("-against: %w", err)
		}
	}
	cases := f.cases()
	if len(cases) == 0 {
		return fmt.Errorf("-run %s: no case has such a name", f.run)
	}
	entries, missing, end := f.entries(ctx)
	defer end()
	bar := newProgress(stderr)
	bar.start(len(cases) * (f.rounds + 1) * len(entries))
	contest := bench.Contest{Rounds: f.rounds, Seconds: f.seconds, Probe: bench.Machine{Level: kernel.Best()}, Check: bench.Check, Done: bar.done}
	var results []bench.Result
	for _, c := range cases {
		in := entries
		if c.Threads > 1 {
			in = append(onOneThread(), in...)
		}
		results = append(results, contest.Run(c, in))
		if ctx.Err() != nil {
			bar.end()
			return fmt.Errorf("interrupted after %d of %d cases", len(results)-1, len(cases))
		}
	}
	bar.end()
	printBench(stdout, results, missing)
	return f.conclude(results, before, stdout)
}

// conclude writes the files and compares with what was before.
func (f *benchFlags) conclude(results []bench.Result, before []bench.Row, stdout io.Writer) error {
	var rows []bench.Row
	for k := range results {
		rows = append(rows, results[k].Rows()...)
	}
	if f.json != "" {
		err := writeFile(f.json, func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "\t")
			return e.Encode(rows)
		})
		if err != nil {
			return err
		}
	}
	if f.svg != "" {
		pic, err := roofline(results)
		if err != nil {
			return err
		}
		if err := writeFile(f.svg, func(w io.Writer) error { return pic.write(w, "svg") }); err != nil {
			return err
		}
	}
	if f.against == "" {
		return nil
	}
	compared, lost := bench.Regressions(rows, before)
	switch {
	case compared == 0:
		return fmt.Errorf("-against %s: it has no case and implementation of this run", f.against)
	case len(lost) > 0:
		for _, text := range lost {
			fmt.Fprintln(stdout, text)
		}
		return fmt.Errorf("%d of %d are slower than in %s", len(lost), compared, f.against)
	}
	fmt.Fprintf(stdout, "%d compared with %s, none is slower\n", compared, f.against)
	return nil
}

// cases returns those that were asked for.
func (f *benchFlags) cases() []bench.Case {
	var out []bench.Case
	for _, c := range bench.Cases {
		if f.threads > 0 && c.Threads > 1 {
			continue // it is there already
		}
		if f.threads > 0 {
			c.Threads = f.threads
		}
		if f.run.MatchString(c.Name()) {
			out = append(out, c)
		}
	}
	return out
}
