package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/attest/internal/bench"
)

// results is what a bench of two cases gave in which a level takes 1 and 2
// seconds, the portable one 10 and a peer 3.
func results() []bench.Result {
	measured := func(name string, peer bool, seconds float64) bench.Measured {
		return bench.Measured{Entry: bench.Entry{Name: name, Peer: peer}, Threads: 1, How: "in its way",
			Seconds: []float64{seconds}, Percent: []float64{50 / seconds}, Waiting: []float64{1.5}}
	}
	var out []bench.Result
	for k, seconds := range []float64{1, 2} {
		out = append(out, bench.Result{Case: bench.Cases[6+2*k], Peak: 8e9, Stream: 2e9,
			Measured: []bench.Measured{measured("fast", false, seconds), measured(bench.Portable, false, 10), measured("somebody", true, 3)},
			Missing:  []bench.Missing{{Name: "absent", Err: errors.New("wrong")}, {Name: "unable", Err: bench.ErrUnsupported}}})
	}
	return out
}

func TestBenchTable(t *testing.T) {
	var out bytes.Buffer
	two := bench.Result{Case: bench.Cases[0], Peak: 8e9, Stream: 2e9, Measured: []bench.Measured{
		{Entry: bench.Entry{Name: "fast"}, Threads: 1, Seconds: []float64{6, 6}, Waiting: []float64{1.5}},
		{Entry: bench.Entry{Name: "fast"}, Threads: 2, Seconds: []float64{4, 3}}}}
	two.Case.Threads = 2
	printBench(&out, append(results(), two), []bench.Missing{{Name: "stranger", Err: errors.New("not installed")}})
	for _, want := range []string{
		"decode 1,32,1,4096,128  fast      1        0.1   0.13  50         10.00     3.00*\n",
		"decode 1,32,1,4096,128  portable  1        0.0   0.013  5         1.00      0.30*\n",
		"sgemm 512               fast      1        0.1   0.0016 25        5.00      1.50*\n",
		"Peak of a thread 8 GF/s, reading the keys and values of decode 2 to 2 GB/s; samples of one thread took 1.50 times their processor time.\n",
		"stranger is missing: not installed\n",
		"attention 1,8,2048,2048,64 on 2 threads: fast takes 1.75 times less time than on one thread, by the clock.\n",
		"sgemm 512, absent: wrong\n",
		"sgemm 512: fast in its way; portable in its way; somebody in its way\n",
	} {
		if squeeze := strings.Join(strings.Fields(want), " "); !strings.Contains(squeezed(out.String()), squeeze) {
			t.Errorf("no line %q in\n%s", squeeze, out.String())
		}
	}
	if strings.Contains(out.String(), "unable") {
		t.Errorf("a case that is not offered is complained about:\n%s", out.String())
	}
}

// squeezed makes every run of spaces one space.
func squeezed(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n")
}

// TestBenchGate compares a run with an equal one, a faster one and one of other
// cases.
func TestBenchGate(t *testing.T) {
	dir := t.TempDir()
	f := benchFlags{json: filepath.Join(dir, "rows.json"), svg: filepath.Join(dir, "roofline.svg")}
	var out bytes.Buffer
	if err := f.conclude(results(), nil, &out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(f.json)
	if err != nil {
		t.Fatal(err)
	}
	var rows []bench.Row
	if err := json.Unmarshal(data, &rows); err != nil || len(rows) != 6 {
		t.Fatalf("%v: %s", err, data)
	}
	for _, key := range []string{"case", "implementation", "threads", "gflops", "percent_of_peak", "ratio_to_best_peer", "best_peer"} {
		if !bytes.Contains(data, []byte(`"`+key+`": `)) {
			t.Errorf("no key %s in %s", key, data)
		}
	}
	if svg, err := os.ReadFile(f.svg); err != nil || !bytes.Contains(svg, []byte("best peer")) {
		t.Errorf("%v: a picture without its legend", err)
	}
	f = benchFlags{against: "rows.json"}
	if err := f.conclude(results(), rows, &out); err != nil {
		t.Errorf("an equal run: %v", err)
	}
	rows[3].RatioToPortable *= 2
	err = f.conclude(results(), rows, &out)
	if err == nil || !strings.Contains(out.String(), "sgemm 512: fast is 5.00 times as fast as the portable kernel, it was 10.00 times\n") {
		t.Errorf("a run that is slower: %v\n%s", err, out.String())
	}
	if err := f.conclude(results(), rows[:0], &out); err == nil || !strings.Contains(err.Error(), "no case and implementation of this run") {
		t.Errorf("nothing to compare: %v", err)
	}
}

// TestBench measures the smallest case once; what it takes does not matter.
func TestBench(t *testing.T) {
	rows := filepath.Join(t.TempDir(), "rows.json")
	args := []string{"bench", "-run", "^attention 1,8,128,", "-rounds", "1", "-seconds", "1e-9", "-json", rows, "-peers", t.TempDir()}
	var out, complaints bytes.Buffer
	if status := run(args, &out, &complaints); status != statusOK {
		t.Fatalf("status %d: %s", status, complaints.String())
	}
	for _, want := range []string{"attention 1,8,128,128,64", "gonum", "OpenBLAS is missing: "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"-run (", statusUsage, "missing closing"},
		{"-rounds 0", statusUsage, "at least one round"},
		{"-seconds NaN", statusUsage, "at least one round"},
		{"-run nothing", statusBad, "no case has such a name"},
		{"-against nowhere.json", statusBad, "nowhere.json"},
		{"-json", statusUsage, "flag needs an argument"},
	} {
		complaints.Reset()
		status := run(append([]string{"bench"}, strings.Fields(c.args)...), &out, &complaints)
		if status != c.status || !strings.Contains(complaints.String(), c.want) {
			t.Errorf("%s: status %d, %q", c.args, status, complaints.String())
		}
	}
}
