package peer

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/attest/internal/bench"
)

// TestMain is a peer when it is asked to be one.
func TestMain(m *testing.M) {
	if manner := os.Getenv("ATTEST_FAKE_PEER"); manner != "" {
		fakePeer(manner)
		return
	}
	os.Exit(m.Run())
}

// fakePeer copies the queries to the output. It fails in the manner that is asked
// for.
func fakePeer(manner string) {
	if manner == "silent" {
		fmt.Fprintln(os.Stderr, "first line\ncannot start")
		return
	}
	fmt.Println("hello fake 1.0")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.SplitN(lines.Text(), " ", 11)
		switch {
		case manner == "dies":
			fmt.Fprintln(os.Stderr, "out of memory")
			return
		case manner == "babbles":
			fmt.Println("what?")
		case words[0] == "sample" && manner == "impossible":
			fmt.Println("sample 0 1 1")
		case words[0] == "sample":
			fmt.Println("sample 3 2.5 1.5")
		case manner == "unable":
			fmt.Println("unsupported no " + words[1] + " here")
		case manner == "fails":
			fmt.Println("failed for a reason")
		default:
			q, err := os.ReadFile(filepath.Join(words[10], "q.f32"))
			if err == nil {
				err = os.WriteFile(filepath.Join(words[10], "out.f32"), q, 0o666)
			}
			fmt.Println("ready", strings.Join(words[1:10], ","), err)
		}
	}
}

func startFake(t *testing.T, manner string) (*Process, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ATTEST_FAKE_PEER="+manner)
	p, err := Start(cmd)
	if err == nil {
		t.Cleanup(p.Close)
	}
	return p, err
}

var tiny = bench.Case{Kind: bench.Attention, Batch: 1, Heads: 4, KeyHeads: 2, Queries: 2, Keys: 3, Channels: 5, Causal: true, Threads: 2}

func TestProcess(t *testing.T) {
	p, err := startFake(t, "honest")
	if err != nil || p.Version != "fake 1.0" {
		t.Fatalf("%+v, %v", p, err)
	}
	x := bench.NewOperands(tiny)
	out, how, err := p.Load(tiny, x)
	if err != nil || how != "attention,1,4,2,2,3,5,1,2 <nil>" {
		t.Fatalf("loaded %q, %v", how, err)
	}
	for k, want := range x.Query.Data {
		if out[k] != want {
			t.Fatalf("element %d went out as %v and came back as %v", k, want, out[k])
		}
	}
	s, err := p.Sample(0.5)
	if err != nil || s.Times != 3 || s.Wall != 2.5 || s.CPU != 1.5 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestProcessThatFails(t *testing.T) {
	if _, err := startFake(t, "silent"); err == nil || !strings.Contains(err.Error(), "ended: cannot start") {
		t.Errorf("a process that says nothing starts: %v", err)
	}
	if _, err := Start(exec.Command(filepath.Join(t.TempDir(), "nothing"))); err == nil {
		t.Error("a program that is not there starts")
	}
	for manner, want := range map[string]string{
		"dies":    "ended: out of memory",
		"babbles": `answered "what?" instead of "ready"`,
		"unable":  "not offered: no attention here",
		"fails":   "for a reason",
	} {
		p, err := startFake(t, manner)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = p.Load(tiny, bench.NewOperands(tiny))
		if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, bench.ErrUnsupported) != (manner == "unable") {
			t.Errorf("%s: %v, want %q", manner, err, want)
		}
	}
	p, err := startFake(t, "impossible")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := p.Sample(1); err == nil {
		t.Errorf("no computation at all is a sample: %+v", s)
	}
}

// TestPeersHaveTheirPrograms requires the source of each program that is built or
// run.
func TestPeersHaveTheirPrograms(t *testing.T) {
	for _, p := range Peers {
		found := 0
		for _, words := range append(p.Build, p.Run) {
			for _, w := range words {
				if _, err := sources.Open("source/" + w); err == nil {
					found++
				}
			}
		}
		if found == 0 || p.Needs == "" {
			t.Errorf("%s: %d programs, needs %q", p.Name, found, p.Needs)
		}
	}
}
