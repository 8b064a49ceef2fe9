package props_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"example.com/attest/props"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// planted are implementations that TestPlanted tries in a process of its own,
// where it may fail.
var planted = map[string]func(t *testing.T){
	"sound":     func(t *testing.T) { props.Test(t, onlyStep(reference.InteractionStep), nil) },
	"backwards": func(t *testing.T) { props.Test(t, onlyStep(backwards), nil) },
	"backwards, known": func(t *testing.T) {
		known := map[spec.ID]string{}
		for _, r := range props.Check(onlyStep(backwards), props.Options{NoReduce: true}) {
			if r.Verdict == props.Violated {
				known[r.Claim.ID] = "it climbs"
			}
		}
		props.Test(t, onlyStep(backwards), known)
	},
	"sound, thought violated": func(t *testing.T) {
		props.Test(t, onlyStep(reference.InteractionStep), map[spec.ID]string{"INT-017": "so it was said"})
	},
	"unsupported, thought violated": func(t *testing.T) {
		props.Test(t, onlyStep(reference.InteractionStep), map[spec.ID]string{"INT-001": "so it was said"})
	},
	"kernel": func(t *testing.T) {
		props.TestAttention(t, spec.AttentionFunc[float64](reference.Attention), spec.AttentionAbilities{})
	},
	"nothing": func(t *testing.T) { props.Test(t, &spec.Implementation[float64]{Name: "nothing"}, nil) },
}

// onlyStep returns an implementation of the step of the interaction energy alone.
func onlyStep(step func(dst, y, a matrix, eta float64)) *spec.Implementation[float64] {
	im := &spec.Implementation[float64]{Name: "one/step"}
	im.Interaction.Step = step
	return im
}

func backwards(dst, y, a matrix, eta float64) { reference.InteractionStep(dst, y, a, -eta) }

// TestPlanted is what TestTest runs.
func TestPlanted(t *testing.T) {
	if test, ok := planted[os.Getenv("ATTEST_PLANTED")]; ok {
		test(t)
	}
}

// plant runs an implementation in dir, on a few cases, and returns what go test
// would print and whether it passes.
func plant(t *testing.T, dir, name string, env ...string) (out string, ok bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestPlanted$", "-test.v", "-test.count=1")
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "ATTEST_PLANTED="+name, "ATTEST_SEED=", "ATTEST_CASES=8"), env...)
	data, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Skipf("this binary cannot be run by itself: %v", err) // under an emulator
	}
	return string(data), err == nil
}

// TestTest requires Test to pass and to fail where it should, and to say why.
func TestTest(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string
		ok   bool
		says []string
		not  []string
	}{
		{"sound", nil, true, []string{"TestPlanted/INT-017", "Holds on 8 cases", "of them informative, worst err/bound", "Refuted on", "Measured on", "measured: median",
			"not tried, as one/step does not offer or declare", "Interaction.Energy: INT-001"}, []string{"seed", "INT-017 INT-", "failed", "violated by", "measured: \n"}},
		{"sound", []string{"ATTEST_SEED=7", "ATTEST_CASES=3"}, true, []string{"seed 7", "Holds on 3 cases"}, nil},
		{"sound", []string{"ATTEST_SEED=x"}, false, []string{"ATTEST_SEED"}, nil},
		{"backwards", []string{"ATTEST_SEED=5"}, false, []string{"--- FAIL: TestPlanted/INT-017", "INT-017 energy_nonincreasing_of_step_le_two violated by one/step: ",
			"counterexample stored in testdata/attest/one_step/INT-017.json; later runs try it first",
			"  replay: ATTEST_SEED=5 ATTEST_CASES=8 go test -count=1 -run '^TestPlanted$/^INT-017$'", "claims failed; the first, INT-017, is the one to start with"}, nil},
		{"backwards, known", nil, true, []string{"violated as known: it climbs"}, []string{"stored in"}},
		{"sound, thought violated", nil, false, []string{"INT-017 is listed as known to be violated (so it was said), but the verdict is Holds: strike it from the list"}, []string{"is the one to start with"}},
		{"unsupported, thought violated", nil, false, []string{"INT-001 is listed as known to be violated (so it was said), but one/step does not offer Interaction.Energy"}, nil},
		{"kernel", []string{"ATTEST_CASES=1"}, true, []string{"TestPlanted/ATT-001"}, []string{"TestPlanted/GRD-"}},
		{"nothing", nil, false, []string{"attest: nothing offers no operation that a claim is about"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, ok := plant(t, t.TempDir(), c.name, c.env...)
			if ok != c.ok {
				t.Errorf("it passes: %v", ok)
			}
			for _, s := range c.says {
				if !strings.Contains(out, s) {
					t.Errorf("it does not say %q", s)
				}
			}
			for _, s := range c.not {
				if strings.Contains(out, s) {
					t.Errorf("it says %q", s)
				}
			}
			for _, share := range regexp.MustCompile(`cases, (\d+) % of them`).FindAllStringSubmatch(out, -1) {
				if n, _ := strconv.Atoi(share[1]); n > 100 {
					t.Errorf("%s are informative", share[0])
				}
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

// TestStoredCaseIsTriedFirst requires a second run to fail on the stored case,
// which stays as it is, and a damaged one to be named.
func TestStoredCaseIsTriedFirst(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "backwards")
	file := filepath.Join(dir, "testdata", "attest", "one_step", "INT-017.json")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out, ok := plant(t, dir, "backwards", "ATTEST_SEED=3")
	if after, _ := os.ReadFile(file); ok || strings.Contains(out, "stored in") || string(after) != string(before) {
		t.Errorf("passes: %v; %s", ok, out)
	}
	if out, ok := plant(t, dir, "sound"); !ok || !strings.Contains(out, "Holds on 9 cases") {
		t.Errorf("passes: %v; %s", ok, out)
	}
	if err := os.WriteFile(file, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, ok := plant(t, dir, "sound"); ok || !strings.Contains(out, "INT-017.json cannot be read") {
		t.Errorf("passes: %v; %s", ok, out)
	}
}

// TestCounterexampleFileName requires a name that every file system takes.
func TestCounterexampleFileName(t *testing.T) {
	got := props.CounterexampleFile("d", "aA-zZ/09@[`{:/.é b", "ATT-001")
	if want := filepath.Join("d", "aA-zZ_09_________b", "ATT-001.json"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestCounterexampleErrors requires what cannot be written or read to be an error.
func TestCounterexampleErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	r := &props.Result{}
	if err := props.WriteCounterexample(filepath.Join(file, "x.json"), r); err == nil {
		t.Error("a file serves as a directory")
	}
	if err := os.Mkdir(filepath.Join(dir, "x.json"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := props.WriteCounterexample(filepath.Join(dir, "x.json"), r); err == nil {
		t.Error("a directory is overwritten")
	}
	if _, err := props.ReadCounterexample(filepath.Join(dir, "x.json"), "X"); err == nil || !strings.Contains(err.Error(), "stored counterexample: ") {
		t.Errorf("a directory is read: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); left != nil {
		t.Errorf("%v is left behind", left)
	}
}

// TestParseSeed reads numbers in Go's notation, and "random".
func TestParseSeed(t *testing.T) {
	for s, want := range map[string]uint64{"0": 0, "17": 17, "0x1F": 31, "18446744073709551615": 1<<64 - 1} {
		if got, err := props.ParseSeed(s); got != want || err != nil {
			t.Errorf("%s is read as %d, %v", s, got, err)
		}
	}
	if _, err := props.ParseSeed("x"); err == nil {
		t.Error("x is a seed")
	}
	a, err := props.ParseSeed("random")
	if b, _ := props.ParseSeed("random"); err != nil || a == b {
		t.Errorf("random seeds %d and %d, %v", a, b, err)
	}
	t.Setenv("ATTEST_CASES", "1")
	if opt, err := props.OptionsFromEnv(props.Options{Seed: 9}); err != nil || opt.Cases != 1 || opt.Seed != 9 {
		t.Errorf("%+v, %v", opt, err)
	}
	t.Setenv("ATTEST_CASES", "0")
	if _, err := props.OptionsFromEnv(props.Options{}); err == nil {
		t.Error("no cases are enough")
	}
}
