package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// task is one claim on one implementation.
type task struct {
	claim          spec.Claim
	implementation string
	run            func(props.Options) *props.Result
}

func tasksOf[T spec.Float](im *spec.Implementation[T], oracle *spec.Implementation[float64]) []task {
	var out []task
	for _, p := range props.Properties[T]() {
		c, err := spec.ClaimByID(p.Claim)
		if err != nil {
			panic(err)
		}
		out = append(out, task{c, im.Name, func(opt props.Options) *props.Result { return props.Run(p, im, oracle, opt) }})
	}
	return out
}

// implementation is one that the command knows: its tasks, and whether it is
// meant to offer every operation.
type implementation struct {
	name  string
	own   bool
	tasks func() []task
}

var implementations = []implementation{
	{"reference", true, func() []task { return tasksOf(suite.Reference()) }},
	{"float32", true, func() []task { return tasksOf(suite.Float32()) }},
	{"gonum", false, func() []task { return tasksOf(suite.Gonum()) }},
}

type checkFlags struct {
	run, impl, seed, json, dir string
	cases                      int
	verbose                    bool
	duration                   time.Duration
}

func runCheck(args []string, stdout, stderr io.Writer) int {
	var f checkFlags
	fs := flag.NewFlagSet("attest check", flag.ContinueOnError)
	fs.StringVar(&f.run, "run", "", "try the claims alone whose ID or name matches this regular expression")
	fs.StringVar(&f.impl, "impl", "", "try this implementation alone: "+strings.Join(implementationNames(), ", "))
	fs.IntVar(&f.cases, "n", props.DefaultCases, "cases a claim")
	fs.DurationVar(&f.duration, "for", 0, "go on with fresh cases for at least this long")
	fs.StringVar(&f.seed, "seed", "1", `seed of the run, a number or "random"`)
	fs.StringVar(&f.json, "json", "", "also write the results as JSON to this file (- for standard output instead of the table)")
	fs.BoolVar(&f.verbose, "v", false, "after the table, print for each claim the classes of case met and where the worst errors were")
	fs.StringVar(&f.dir, "dir", filepath.Join("testdata", "attest"), "counterexamples are stored here and tried first from here")
	if status, ok := parse(fs, args, stderr); !ok {
		return status
	}
	tasks, own, seed, err := f.plan()
	if err != nil {
		fmt.Fprintf(stderr, "attest check: %v\n", err)
		return statusUsage
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	context.AfterFunc(ctx, cancel) // a second interrupt ends the process
	c := &checker{flags: f, tasks: tasks, own: own, opt: props.Options{Cases: f.cases, Seed: seed}, progress: newProgress(stderr)}
	c.runAll(ctx)
	return c.report(ctx.Err() != nil, stdout, stderr)
}

func implementationNames() []string {
	var names []string
	for _, im := range implementations {
		names = append(names, im.name)
	}
	return names
}

// plan turns the flags into tasks; an error names the flag and the remedy.
func (f *checkFlags) plan() (tasks []task, own map[string]bool, seed uint64, err error) {
	pattern, err := regexp.Compile(f.run)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("-run: %w", err)
	}
	if f.cases < 1 {
		return nil, nil, 0, fmt.Errorf("-n %d: want at least one case", f.cases)
	}
	if f.duration < 0 {
		return nil, nil, 0, fmt.Errorf("-for %s: want a positive duration", f.duration)
	}
	if seed, err = props.ParseSeed(f.seed); err != nil {
		return nil, nil, 0, fmt.Errorf("-seed %s: %w", f.seed, err)
	}
	if f.impl != "" && !slices.Contains(implementationNames(), f.impl) {
		return nil, nil, 0, fmt.Errorf("-impl %s: no such implementation: take one of %s", f.impl, strings.Join(implementationNames(), ", "))
	}
	own = map[string]bool{}
	for _, im := range implementations {
		if f.impl != "" && im.name != f.impl {
			continue
		}
		own[im.name] = im.own
		for _, t := range im.tasks() {
			if pattern.MatchString(string(t.claim.ID)) || pattern.MatchString(t.claim.Name) {
				tasks = append(tasks, t)
			}
		}
	}
	if len(tasks) == 0 {
		return nil, nil, 0, fmt.Errorf("-run %s: no claim has such an ID or name: 'attest claims' lists them", f.run)
	}
	return tasks, own, seed, nil
}

type checker struct {
	flags    checkFlags
	tasks    []task
	own      map[string]bool
	opt      props.Options
	progress *progress

	results []*props.Result // by task; nil where not tried
	errs    []error
}

// runAll tries every task, and again with fresh cases until the wanted duration
// has passed or the run is interrupted.
func (c *checker) runAll(ctx context.Context) {
	start := time.Now()
	c.results, c.errs = make([]*props.Result, len(c.tasks)), make([]error, len(c.tasks))
	for round := 0; ctx.Err() == nil && (round == 0 || time.Since(start) < c.flags.duration); round++ {
		c.round(ctx, round, start)
	}
	c.progress.end()
}

func (c *checker) round(ctx context.Context, round int, start time.Time) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for k := range next {
				c.try(k, round)
			}
		})
	}
	c.progress.start(len(c.tasks))
	for k := range c.tasks {
		if ctx.Err() != nil || round > 0 && time.Since(start) >= c.flags.duration {
			break
		}
		next <- k
	}
	close(next)
	wg.Wait()
}

func (c *checker) try(k, round int) {
	t, opt := c.tasks[k], c.opt
	opt.First = round * opt.Cases
	before := c.results[k]
	switch {
	case before != nil && (before.Verdict == props.Violated || before.Verdict == props.Unsupported):
		return // more cases change nothing
	case round == 0:
		stored, err := props.ReadCounterexample(props.CounterexampleFile(c.flags.dir, t.implementation, t.claim.ID), t.claim.ID)
		if err != nil {
			c.errs[k] = err
			return
		}
		if stored != nil {
			opt.Replay = stored.Values
		}
		if _, expected := suite.ExpectedReason(t.implementation, t.claim.ID); expected {
			// A known failure may be rare: look for it longer before it counts
			// as mended.
			opt.Cases = max(opt.Cases, 20*props.DefaultCases)
		}
	}
	r := t.run(opt)
	if before != nil {
		r.Merge(before)
	}
	c.results[k] = r
	c.progress.done(string(t.claim.ID) + " " + t.implementation)
}

// verdict says whether the result of a task is as it should be, and a note for
// the reader.
func (c *checker) verdict(r *props.Result) (ok bool, note string) {
	known, expected := suite.ExpectedReason(r.Implementation, r.Claim.ID)
	switch {
	case expected && r.Verdict == props.Violated:
		return true, "known: " + known
	case expected && r.Verdict != props.Unsupported:
		return false, fmt.Sprintf("listed as a known failure (%s), but the verdict is %s: strike it from the list", known, r.Verdict)
	case r.Verdict == props.Unsupported:
		return !c.own[r.Implementation] || r.Claim.OptIn(), r.Reason
	}
	return r.Verdict.OK(), r.Reason
}

// resultRow is the stored form of a result.
type resultRow struct {
	Claim          spec.ID       `json:"claim"`
	Implementation string        `json:"implementation"`
	Verdict        props.Verdict `json:"verdict"`
	Cases          int           `json:"cases"`
	Informative    int           `json:"informative"`
	Ratio          float64       `json:"ratio"` // largest err/bound
	RatioAt        string        `json:"ratio_at"`
	RatioCase      int           `json:"ratio_case"`
	Deviation      float64       `json:"deviation"` // largest err/σ
	DeviationAt    string        `json:"deviation_at"`
	Judged         int           `json:"judged"` // outputs held against their σ
	Suspects       int           `json:"suspects"`

	Classes map[string]int `json:"classes"` // cases of each
	Reason  string         `json:"reason"`
	Seed    uint64         `json:"seed"`
}

func jsonOf(r *props.Result) resultRow {
	return resultRow{r.Claim.ID, r.Implementation, r.Verdict, r.Cases, r.Informative, r.Ratio, r.RatioAt, r.RatioCase,
		r.Deviation, r.DeviationAt, r.Judged, r.Suspects, r.Classes, r.Reason, r.Seed}
}

func (c *checker) report(interrupted bool, stdout, stderr io.Writer) int {
	status := statusOK
	if !interrupted && !slices.ContainsFunc(c.results, func(r *props.Result) bool { return r == nil || r.Verdict != props.Unsupported }) {
		fmt.Fprintf(stderr, "attest check: nothing was tried: -impl %s offers no operation that the claims of -run %s are about\n", c.flags.impl, c.flags.run)
		status = statusBad
	}
	for _, err := range c.errs {
		if err != nil {
			fmt.Fprintf(stderr, "attest check: %v\n", err)
			status = statusBad
		}
	}
	if c.flags.json != "" {
		rows := []resultRow{}
		for _, r := range c.results {
			if r != nil {
				rows = append(rows, jsonOf(r))
			}
		}
		if s := writeJSONFile(c.flags.json, stdout, stderr, "attest check", rows); s != statusOK {
			status = s
		}
	}
	out := stdout
	if c.flags.json == "-" {
		out = io.Discard
	}
	c.printTable(out)
	if c.flags.verbose {
		c.printDetails(out)
	}
	if !c.printFailures(out, stderr) {
		status = statusBad
	}
	c.printSummary(out, interrupted)
	if interrupted {
		status = statusBad
	}
	return status
}

func writeJSONFile(file string, stdout, stderr io.Writer, name string, v any) int {
	if file == "-" {
		return writeJSON(stdout, stderr, name, v)
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return writeThrough(file, stderr, name, v) // a device or a pipe must stay one
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".attest-*")
	if err != nil {
		fmt.Fprintf(stderr, "%s: -json %s: %v\n", name, file, err)
		return statusBad
	}
	defer os.Remove(tmp.Name())
	status := writeJSON(tmp, stderr, name, v)
	if err := tmp.Close(); err == nil && status == statusOK {
		err = os.Chmod(tmp.Name(), 0o644)
		if err == nil {
			err = os.Rename(tmp.Name(), file)
		}
		if err != nil {
			fmt.Fprintf(stderr, "%s: -json %s: %v\n", name, file, err)
			return statusBad
		}
	}
	return status
}

// writeThrough writes JSON to what is there under that name.
func writeThrough(file string, stderr io.Writer, name string, v any) int {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		fmt.Fprintf(stderr, "%s: -json %s: %v\n", name, file, err)
		return statusBad
	}
	defer f.Close()
	return writeJSON(f, stderr, name, v)
}
