package kernel

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestGenerated runs the generator and compares: the assembly in this folder is
// what the module in _asm writes.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator")
	}
	dir := t.TempDir()
	run := exec.Command("go", "run", "-C", "_asm", ".", "-dir", dir)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	written, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(written) == 0 {
		t.Fatalf("the generator wrote nothing (%v)", err)
	}
	for _, path := range written {
		name := filepath.Base(path)
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%v (go generate ./internal/kernel writes it)", err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator writes: go generate ./internal/kernel", name)
		}
	}
	stored, err := filepath.Glob("*_a??64.s")
	if err != nil || 2*len(stored) != len(written) {
		t.Errorf("%d files of assembly here, %d written with their declarations (%v)", len(stored), len(written), err)
	}
}

func TestRead(t *testing.T) {
	for _, l := range Levels() {
		for _, n := range []int{0, 1, 63, 64, 65, 191, 1000} {
			x := make([]float32, n)
			for k := range x {
				x[k] = float32(k + 1)
			}
			if got, want := l.Read(x), float32(n*(n+1)/2); got != want {
				t.Errorf("%v: the numbers 1 to %d add up to %v", l, n, got)
			}
		}
		if got := l.FMA(0); got != 0 {
			t.Errorf("%v: no rounds are %d operations", l, got)
		}
	}
}

func TestLevels(t *testing.T) {
	all := Levels()
	if all[len(all)-1] != Portable || all[0] != Best() {
		t.Errorf("levels %v, the best %v", all, Best())
	}
	all[0] = -1
	if Best() == -1 {
		t.Error("a caller changes the levels")
	}
}

// unguarded returns the functions of an assembly file that return with the upper
// halves of vector registers in use, which slows down everything that follows.
func unguarded(code string) []string {
	var out []string
	var name, last string
	wide := false
	for line := range strings.Lines(code) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if words[0] == "TEXT" {
			name, wide = words[1], false
		}
		for _, w := range words[1:] {
			if w = strings.Trim(w, ","); len(w) > 1 && (w[0] == 'Y' || w[0] == 'Z') && w[1] >= '0' && w[1] <= '9' {
				wide = true
			}
		}
		if words[0] == "RET" && wide && last != "VZEROUPPER" {
			out = append(out, name)
		}
		last = words[0]
	}
	return out
}

func TestVectorsCleared(t *testing.T) {
	files, err := filepath.Glob("*_amd64.s")
	if err != nil || len(files) == 0 {
		t.Fatalf("no assembly (%v)", err)
	}
	for _, name := range files {
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bad := unguarded(string(code)); len(bad) > 0 {
			t.Errorf("%s: no VZEROUPPER before the RET of %v", name, bad)
		}
		if bad := unguarded(strings.ReplaceAll(string(code), "VZEROUPPER", "NOP")); len(bad) == 0 {
			t.Errorf("%s: without VZEROUPPER nothing is amiss", name)
		}
	}
}

// reportPeak reports the rate of a benchmark and how much that is of the level's
// peak, which is tried right behind it.
func reportPeak(b *testing.B, l Level, flops float64) {
	rate := flops / float64(b.Elapsed().Nanoseconds())
	var peak float64
	for range 5 {
		start := time.Now()
		n := l.FMA(20000)
		peak = max(peak, float64(n)/float64(time.Since(start).Nanoseconds()))
	}
	b.ReportMetric(rate, "GF/s")
	b.ReportMetric(100*rate/peak, "%peak")
}

// BenchmarkPeak reports what the machine can do at most.
func BenchmarkPeak(b *testing.B) {
	for _, l := range Levels() {
		b.Run(l.String(), func(b *testing.B) {
			flops := 0
			for b.Loop() {
				flops += l.FMA(10000)
			}
			b.ReportMetric(float64(flops)/float64(b.Elapsed().Nanoseconds()), "GF/s")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, size := range []struct {
		name string
		n    int
	}{{"L1", 1 << 12}, {"L2", 1 << 17}, {"memory", 1 << 26}} {
		x := make([]float32, size.n)
		for k := range x {
			x[k] = 1 // pages that nobody wrote may all be one page
		}
		for _, l := range Levels() {
			b.Run(size.name+"/"+l.String(), func(b *testing.B) {
				b.SetBytes(int64(4 * size.n))
				for b.Loop() {
					l.Read(x)
				}
			})
		}
	}
}

// TestRegisters looks for what AVX2 does not have in the code for AVX2.
func TestRegisters(t *testing.T) {
	files, err := filepath.Glob("*_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	beyond := regexp.MustCompile(`\b([XY](1[6-9]|2[0-9]|3[01])|Z[0-9]+|K[0-7])\b`)
	for _, name := range files {
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range strings.Split(string(code), "\nTEXT ")[1:] {
			head, _, _ := strings.Cut(function, "(")
			if strings.HasSuffix(head, "AVX2") && beyond.MatchString(function) {
				t.Errorf("%s: %s uses %s", name, head, beyond.FindString(function))
			}
		}
	}
}
