package props_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"example.com/attest/internal/guard"
	"example.com/attest/props"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

type matrix = spec.Matrix[float64]

// tryClaim runs one claim on an implementation whose interaction step is
// replaced.
func tryClaim(t *testing.T, id spec.ID, change func(im *spec.Implementation[float64]), opt props.Options) *props.Result {
	t.Helper()
	im := reference.Implementation()
	change(im)
	p, err := props.PropertyOf[float64](id)
	if err != nil {
		t.Fatal(err)
	}
	return props.Run(p, im, props.Oracle[float64](), opt)
}

// TestRunCatchesMisuse plants the ways in which an implementation can break the
// rules of memory, and a panic.
func TestRunCatchesMisuse(t *testing.T) {
	for _, c := range []struct {
		name string
		step func(dst, y, a matrix, eta float64)
		want string
	}{
		{"changes its input", func(dst, y, a matrix, eta float64) {
			reference.InteractionStep(dst, y, a, eta)
			y.Set(0, 0, y.At(0, 0)+1)
		}, "input Y was changed"},
		{"changes the gap of its input", func(dst, y, a matrix, eta float64) {
			reference.InteractionStep(dst, y, a, eta)
			if y.Rows > 1 {
				y.Data[y.Cols] = 0
			}
		}, "input Y was changed"},
		{"writes into the gap between rows", func(dst, y, a matrix, eta float64) {
			reference.InteractionStep(dst, y, a, eta)
			if dst.Rows > 1 {
				dst.Data[dst.Cols] = 0
			}
		}, "written outside its view"},
		{"writes before the destination", func(dst, y, a matrix, eta float64) {
			reference.InteractionStep(dst, y, a, eta)
			*(*float64)(unsafe.Add(unsafe.Pointer(&dst.Data[0]), -8)) = 7
		}, "written outside its view"},
		{"reads behind its input", func(dst, y, a matrix, eta float64) {
			reference.InteractionStep(dst, y, a, eta)
			if x := *(*float64)(unsafe.Add(unsafe.Pointer(&y.Data[len(y.Data)-1]), 64)); x == 7 {
				panic("nobody writes 7 there")
			}
		}, "memory behind Y was touched, 56 bytes from its end"},
		{"leaves a row unwritten", func(dst, y, a matrix, eta float64) {
			y.Rows--
			dst.Rows--
			reference.InteractionStep(dst, y, a, eta)
		}, "above E₁ before"},
		{"panics", func(dst, y, a matrix, eta float64) { panic("no such thing") }, "panicked: no such thing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "reads behind its input" && (!guard.Pages || guard.Raced) {
				t.Skip("no guard pages behind operands here")
			}
			r := tryClaim(t, "INT-017", func(im *spec.Implementation[float64]) { im.Interaction.Step = c.step }, props.Options{})
			if r.Verdict != props.Violated || !strings.Contains(r.Failure.What, c.want) {
				t.Errorf("verdict %s, %+v; want a violation that says %q", r.Verdict, r.Failure, c.want)
			}
		})
	}
}

// TestRunVerdicts checks the verdicts that are not violations.
func TestRunVerdicts(t *testing.T) {
	sound := func(im *spec.Implementation[float64]) {}
	if r := tryClaim(t, "INT-017", sound, props.Options{}); r.Verdict != props.Holds || r.Cases != props.DefaultCases {
		t.Errorf("sound step: %s on %d cases", r.Verdict, r.Cases)
	}
	if r := tryClaim(t, "INT-017", func(im *spec.Implementation[float64]) { im.Interaction.Step = nil }, props.Options{}); r.Verdict != props.Unsupported {
		t.Errorf("no step: %s", r.Verdict)
	}
	// A step that never moves raises nothing, but tells nothing either… and the
	// guaranteed decrease catches it.
	rest := func(im *spec.Implementation[float64]) {
		im.Interaction.Step = func(dst, y, a matrix, eta float64) {
			for i := range y.Rows {
				copy(dst.Row(i), y.Row(i))
			}
		}
	}
	if r := tryClaim(t, "INT-017", rest, props.Options{}); r.Verdict != props.Violated {
		t.Errorf("step that rests: %s", r.Verdict)
	}
	if r := tryClaim(t, "INT-021", rest, props.Options{}); r.Verdict != props.Violated {
		t.Errorf("diameter under a step that rests: %s", r.Verdict)
	}
	if r := tryClaim(t, "INT-018", rest, props.Options{}); r.Verdict != props.Violated || !strings.Contains(r.Reason, "stored counterexample") {
		t.Errorf("refuted claim under a step that rests: %s: %s", r.Verdict, r.Reason)
	}
}

// TestNaNFails checks that a result that is not a number is a violation.
func TestNaNFails(t *testing.T) {
	r := tryClaim(t, "INT-001", func(im *spec.Implementation[float64]) {
		im.Interaction.Energy = func(y, a matrix) float64 { return math.NaN() }
	}, props.Options{})
	if r.Verdict != props.Violated {
		t.Errorf("an energy of NaN: %s", r.Verdict)
	}
}

// TestCounterexampleFile stores a reduced case, and checks that a later run
// fails on it at once, that a sound implementation passes it, and that a
// damaged file is an error.
func TestCounterexampleFile(t *testing.T) {
	backwards := func(im *spec.Implementation[float64]) {
		step := im.Interaction.Step
		im.Interaction.Step = func(dst, y, a matrix, eta float64) { step(dst, y, a, -eta) }
	}
	r := tryClaim(t, "INT-017", backwards, props.Options{})
	file := props.CounterexampleFile(t.TempDir(), "some kernel/v2", "INT-017")
	if err := props.WriteCounterexample(file, r); err != nil {
		t.Fatal(err)
	}
	stored, err := props.ReadCounterexample(file, "INT-017")
	if err != nil || stored == nil {
		t.Fatal(stored, err)
	}
	if again := tryClaim(t, "INT-017", backwards, props.Options{Replay: stored.Values}); again.Verdict != props.Violated || again.Cases != 1 {
		t.Errorf("the stored case is not tried first: %s after %d cases", again.Verdict, again.Cases)
	}
	if sound := tryClaim(t, "INT-017", func(*spec.Implementation[float64]) {}, props.Options{Replay: stored.Values}); sound.Verdict != props.Holds {
		t.Errorf("the stored case fails a sound implementation: %s", sound.Message())
	}
	if none, err := props.ReadCounterexample(filepath.Join(t.TempDir(), "none.json"), "INT-017"); none != nil || err != nil {
		t.Errorf("a file that does not exist: %v, %v", none, err)
	}
	if _, err := props.ReadCounterexample(file, "INT-018"); err == nil || !strings.Contains(err.Error(), "INT-017") {
		t.Errorf("a file about another claim: %v", err)
	}
	misfit := append(stored.Values[:1:1], stored.Values[2:]...)
	if r := tryClaim(t, "INT-017", func(*spec.Implementation[float64]) {}, props.Options{Replay: misfit}); r.Verdict != props.Vacuous || !strings.Contains(r.Reason, "repair or delete") {
		t.Errorf("a stored case that lacks a value: %s: %s", r.Verdict, r.Reason)
	}
	if err := os.WriteFile(file, []byte(`{"claim":"INT-017"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := props.ReadCounterexample(file, "INT-017"); err == nil || !strings.Contains(err.Error(), "holds no values") {
		t.Errorf("a file without values: %v", err)
	}
	if err := os.WriteFile(file, []byte(`{"claim":"INT-017","values":[{"name":"n"`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := props.ReadCounterexample(file, "INT-017"); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a damaged file: %v", err)
	}
}

// TestReductionIsSmall checks that the reducer's answer for a planted fault is
// one that a person can read.
func TestReductionIsSmall(t *testing.T) {
	r := tryClaim(t, "INT-017", func(im *spec.Implementation[float64]) {
		step := im.Interaction.Step
		im.Interaction.Step = func(dst, y, a matrix, eta float64) { step(dst, y, a, -eta) }
	}, props.Options{Seed: 3})
	if got := len(r.Example.String()); got > 120 {
		t.Errorf("the case has %d characters: %s", got, r.Example)
	}
}

func TestOptionsFromEnv(t *testing.T) {
	t.Setenv("ATTEST_CASES", "7")
	t.Setenv("ATTEST_SEED", "0x10")
	opt, err := props.OptionsFromEnv(props.Options{})
	if err != nil || opt.Cases != 7 || opt.Seed != 16 {
		t.Errorf("%+v, %v", opt, err)
	}
	t.Setenv("ATTEST_CASES", "none")
	if _, err := props.OptionsFromEnv(props.Options{}); err == nil || !strings.Contains(err.Error(), "ATTEST_CASES") {
		t.Errorf("a bad ATTEST_CASES: %v", err)
	}
	t.Setenv("ATTEST_CASES", "")
	t.Setenv("ATTEST_SEED", "-1")
	if _, err := props.OptionsFromEnv(props.Options{}); err == nil || !strings.Contains(err.Error(), "ATTEST_SEED") {
		t.Errorf("a bad ATTEST_SEED: %v", err)
	}
}

// TestEnergyMisuse checks that a declaration that makes no sense is refused.
func TestEnergyMisuse(t *testing.T) {
	value := func(y matrix) float64 { return 0 }
	step := func(dst, y matrix, eta float64) {}
	for _, c := range []struct {
		energy spec.Energy[float64]
		want   string
	}{
		{spec.Energy[float64]{}, "attest: the energy has no Value"},
		{spec.Energy[float64]{Value: value, Step: step, MaxStep: -1}, "attest: MaxStep of the energy is negative or not finite"},
		{spec.Energy[float64]{Value: value, Step: step, MaxStep: math.NaN()}, "attest: MaxStep of the energy is negative or not finite"},
		{spec.Energy[float64]{Value: value, MaxStep: 1}, "attest: the energy declares MaxStep without a Step"},
		{spec.Energy[float64]{Value: value, GradientField: true}, "attest: the energy declares GradientField without a Step"},
		{spec.Energy[float64]{Value: value, Roundings: -1}, "attest: Roundings of the energy is negative"},
		{spec.Energy[float64]{Value: value, Tokens: [2]int{3, 1}}, "attest: the energy's range of tokens or channels is empty or not positive"},
		{spec.Energy[float64]{Value: value, Channels: [2]int{0, 1}}, "attest: the energy's range of tokens or channels is empty or not positive"},
	} {
		t.Run(c.want, func(t *testing.T) {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, want %q", got, c.want)
				}
			}()
			props.CheckEnergy(c.energy, props.Options{})
		})
	}
}
