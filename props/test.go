package props

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"example.com/attest/spec"
)

// Test tries every claim about the operations that the implementation offers,
// a subtest each, and logs the others with what each is missing: go test -v shows
// them. known lists the claims that it is known to violate with a reason each; one
// of them that is not violated fails the test, as does one that it violates
// without being listed.
func Test[T spec.Float](t *testing.T, im *spec.Implementation[T], known map[spec.ID]string) {
	t.Helper()
	test(t, im, Properties[T](), known)
}

// TestAttention tries every claim about attention on a kernel that takes scale,
// mask, causal rule and offset, and the options declared in takes. Claims about
// other options, forms of attention and levels of determinism are logged with
// what each is missing: go test -v shows them. The refuted claims, which say what
// attention does not do, are left out. The kernel may keep a running maximum over
// blocks of any size; one that declares more in a spec.Profile is judged more
// tightly by Test.
func TestAttention[T spec.Float](t *testing.T, kernel spec.Attention[T], takes spec.AttentionAbilities) {
	t.Helper()
	im := kernelOf(t.Name(), kernel, takes)
	test(t, im, kernelProperties(im), nil)
}

// TestAttentionBackward tries every claim about gradients of attention on a
// kernel that has those of query, key and value and what else is declared in
// takes, with the options declared there; claims about its own forward pass, which
// takes the same, are tried if that is not nil. What is not tried is logged, as by
// TestAttention. The refuted claims are left out.
func TestAttentionBackward[T spec.Float](t *testing.T, forward spec.Attention[T], backward spec.AttentionBackward[T], takes spec.BackwardAbilities) {
	t.Helper()
	test(t, backwardOf(t.Name(), forward, backward, takes), affirmed(gradientProperties[T]()), nil)
}

// TestEnergy tries the claims about energies of any kind, those that the energy
// declares something for, and logs the others as TestAttention does.
func TestEnergy[T spec.Float](t *testing.T, e spec.Energy[T]) {
	t.Helper()
	test(t, energyImplementation(e), affirmed(energyProperties[T]()), nil)
}

func test[T spec.Float](t *testing.T, im *spec.Implementation[T], ps []Property[T], known map[spec.ID]string) {
	t.Helper()
	opt, err := OptionsFromEnv(Options{Cases: UsualCases()})
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("ATTEST_SEED") != "" {
		t.Logf("seed %d", opt.Seed)
	}
	var failed []string
	tried := 0
	needs := missingOf(ps, im)
	for k, p := range ps {
		if names := needs[k]; names != "" {
			if why, ok := known[p.Claim]; ok {
				t.Errorf("%s is listed as known to be violated (%s), but %s does not offer %s", p.Claim, why, im.Name, names)
			}
			continue
		}
		tried++
		ok := t.Run(string(p.Claim), func(t *testing.T) {
			t.Helper()
			testClaim(t, p, im, opt, known)
		})
		if !ok {
			failed = append(failed, string(p.Claim))
		}
	}
	if len(failed) > 1 {
		t.Logf("%d of %d claims failed; the first, %s, is the one to start with", len(failed), tried, failed[0])
	}
	if tried == 0 {
		t.Fatalf("attest: %s offers no operation that a claim is about", im.Name)
	}
	if list := notTried(ps, needs); list != "" {
		t.Logf("not tried, as %s does not offer or declare\n%s", im.Name, list)
	}
}

func testClaim[T spec.Float](t *testing.T, p Property[T], im *spec.Implementation[T], opt Options, known map[spec.ID]string) {
	t.Helper()
	file := CounterexampleFile(filepath.Join("testdata", "attest"), im.Name, p.Claim)
	stored, err := ReadCounterexample(file, p.Claim)
	if err != nil {
		t.Fatal(err)
	}
	if stored != nil {
		opt.Replay = stored.Values
	}
	r := Run(p, im, Oracle[T](), opt)
	why, expected := known[p.Claim]
	switch {
	case expected && r.Verdict == Violated:
		t.Logf("violated as known: %s\n%s", why, r.Message())
	case expected:
		t.Errorf("%s is listed as known to be violated (%s), but the verdict is %s: strike it from the list", p.Claim, why, r.Verdict)
	case r.Verdict.OK():
		t.Logf("%s on %d cases, %.0f %% of them informative, worst err/bound %.3g %s", r.Verdict, r.Cases, 100*r.InformativeShare(), r.Ratio, r.RatioAt)
		if s := r.SuspectSummary(); s != "" {
			t.Log(s)
		}
		if len(r.Rates) > 0 {
			t.Logf("measured: %s", r.RateSummary())
		}
	default:
		if r.Verdict == Violated && r.Example != nil && r.Case >= 0 { // not the stored one
			if err := WriteCounterexample(file, r); err != nil {
				t.Logf("the counterexample could not be stored: %v", err)
			} else {
				t.Logf("counterexample stored in %s; later runs try it first", file)
			}
		}
		t.Errorf("%s  replay: %s", r.Message(), replayLine(r, opt, t.Name()))
	}
}

// replayLine is the command that draws the case of r again, with or without the
// stored counterexample.
func replayLine(r *Result, opt Options, test string) string {
	cases := ""
	if n := max(opt.Cases, r.Case+1); n != DefaultCases {
		cases = fmt.Sprintf("ATTEST_CASES=%d ", n)
	}
	return fmt.Sprintf("ATTEST_SEED=%d %sgo test -count=1 -run '%s'", opt.Seed, cases, anchored(test))
}

// anchored turns the name of a test into the pattern that runs it alone.
func anchored(name string) string {
	return "^" + strings.ReplaceAll(name, "/", "$/^") + "$"
}

// OptionsFromEnv sets the seed from ATTEST_SEED (a number or "random") and the
// number of cases from ATTEST_CASES, where they are set. An error names the
// variable.
func OptionsFromEnv(opt Options) (Options, error) {
	if s := os.Getenv("ATTEST_CASES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return opt, fmt.Errorf("ATTEST_CASES=%q: want a positive number", s)
		}
		opt.Cases = n
	}
	if s := os.Getenv("ATTEST_SEED"); s != "" {
		seed, err := ParseSeed(s)
		if err != nil {
			return opt, fmt.Errorf("ATTEST_SEED=%q: %w", s, err)
		}
		opt.Seed = seed
	}
	return opt, nil
}

// UsualCases returns DefaultCases, and a quarter of them under go test -short.
func UsualCases() int {
	if testing.Testing() && testing.Short() {
		return DefaultCases / 4
	}
	return DefaultCases
}

// ParseSeed reads a seed: a number in Go's notation, or "random" for a fresh
// one.
func ParseSeed(s string) (uint64, error) {
	if s == "random" {
		var b [4]byte
		rand.Read(b[:])
		return uint64(binary.LittleEndian.Uint32(b[:])), nil
	}
	seed, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("want a number or \"random\"")
	}
	return seed, nil
}
