package vectors_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What follows is written against docs/vectors.md alone: it shares no type and
// no function with the package that writes.

type numbers struct {
	shape []int
	data  []float64
}

func (x numbers) index(b, h, i, c int) int {
	return ((b*x.shape[1]+h)*x.shape[2]+i)*x.shape[3] + c
}

func (x numbers) at(b, h, i, c int) float64 { return x.data[x.index(b, h, i, c)] }

// options of a test. Those from Softcap on may be missing.
type options struct {
	Scale  float64
	Causal bool
	Offset int

	Softcap, KeepScale  float64
	Window              *struct{ Left, Right int }
	KeyLengths, Offsets []int
	Sequences           *struct{ Queries, Keys []int }
	Pages               *struct {
		Tokens int
		Table  [][]int
	}
	QKStage *int
}

type vector struct {
	id      int
	level   string
	comment string
	flags   []string
	options
	tensors map[string]numbers
	repeat  bool
	like    int // 0: none
}

// result has what a test asks for, by what follows "expected" in the name of its
// tensor: "" is the attention itself.
type result map[string][]float64

// results returns the names of what a test asks for.
func (v *vector) results() []string {
	var names []string
	for name := range v.tensors {
		if after, ok := strings.CutPrefix(name, "expected"); ok {
			names = append(names, after)
		}
	}
	return names
}

// accepts reports whether the result is right, and where it is not.
func (v *vector) accepts(got result) error {
	for _, name := range v.results() {
		want, bound := v.tensors["expected"+name].data, v.tensors["bound"+name].data
		if len(got[name]) != len(want) {
			return fmt.Errorf("expected%s: %d elements, not %d", name, len(got[name]), len(want))
		}
		for k := range want {
			if !near(got[name][k], want[k], bound, k) {
				return fmt.Errorf("expected%s: element %d is %g, not %g", name, k, got[name][k], want[k])
			}
		}
	}
	return nil
}

// near reports whether element k of a result is right: to the bit, NaN aside,
// where there are no bounds.
func near(got, want float64, bound []float64, k int) bool {
	switch {
	case math.IsNaN(want):
		return math.IsNaN(got)
	case bound == nil:
		return math.Float64bits(got) == math.Float64bits(want)
	}
	return got == want || math.Abs(got-want) <= bound[k]
}

// readAll reads every test of the set.
func readAll(t *testing.T, dir string) []vector {
	t.Helper()
	files := map[string]bool{"manifest.json": true}
	var manifest struct {
		Format  string
		Version int
		Schema  string
		Levels  []struct {
			File          string
			NumberOfTests int
		}
	}
	readJSON(t, filepath.Join(dir, "manifest.json"), &manifest)
	if manifest.Format != "attest-attention-vectors" || manifest.Version != 1 {
		t.Fatalf("format %q, version %d", manifest.Format, manifest.Version)
	}
	files[manifest.Schema] = true
	var out []vector
	for _, l := range manifest.Levels {
		files[l.File] = true
		before := len(out)
		out = append(out, readLevel(t, dir, l.File, files)...)
		if n := len(out) - before; n != l.NumberOfTests || n == 0 {
			t.Errorf("%s has %d tests, the manifest says %d", l.File, n, l.NumberOfTests)
		}
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if name, _ := filepath.Rel(dir, path); err == nil && !d.IsDir() && !files[filepath.ToSlash(name)] {
			t.Errorf("nothing names the file %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readJSON(t *testing.T, file string, v any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func readLevel(t *testing.T, dir, file string, files map[string]bool) []vector {
	t.Helper()
	var level struct {
		Level         string
		NumberOfTests int
		Notes         map[string]any
		Tests         []struct {
			ID      int
			Comment string
			Flags   []string
			Options options
			Tensors map[string]struct {
				File, Type, SHA256 string
				Shape              []int
			}
			Relations []struct {
				Type string
				Test int
			}
		}
	}
	readJSON(t, filepath.Join(dir, file), &level)
	var out []vector
	for _, x := range level.Tests {
		v := vector{id: x.ID, level: level.Level, comment: x.Comment, flags: x.Flags, options: x.Options, tensors: map[string]numbers{}}
		for name, tensor := range x.Tensors {
			files[tensor.File] = true
			data, err := os.ReadFile(filepath.Join(dir, tensor.File))
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != tensor.SHA256 {
				t.Errorf("%s is not what its digest says", tensor.File)
			}
			v.tensors[name] = numbers{tensor.Shape, decode(t, tensor.File, tensor.Type, tensor.Shape, data)}
		}
		for _, r := range x.Relations {
			switch r.Type {
			case "repeat":
				v.repeat = true
			case "sameBits":
				v.like = r.Test
			}
		}
		for _, f := range x.Flags {
			if level.Notes[f] == nil {
				t.Errorf("%s does not say what the flag %s means", file, f)
			}
		}
		out = append(out, v)
	}
	return out
}

func decode(t *testing.T, file, typ string, shape []int, data []byte) []float64 {
	t.Helper()
	size, count := map[string]int{"float32": 4, "float64": 8, "bool": 1}[typ], 1
	for _, n := range shape {
		count *= n
	}
	if size == 0 || len(data) != size*count {
		t.Fatalf("%s: %d bytes for %v of type %s", file, len(data), shape, typ)
	}
	out := make([]float64, count)
	for k := range out {
		switch b := data[k*size:]; typ {
		case "float32":
			out[k] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		case "float64":
			out[k] = math.Float64frombits(binary.LittleEndian.Uint64(b))
		case "bool":
			out[k] = float64(b[0])
		}
	}
	return out
}
