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
	"testing"
)

// What follows is written against docs/vectors.md alone: it shares no type and
// no function with the package that writes.

type numbers struct {
	shape []int
	data  []float64
}

func (x numbers) at(b, h, i, c int) float64 {
	return x.data[((b*x.shape[1]+h)*x.shape[2]+i)*x.shape[3]+c]
}

type vector struct {
	id      int
	comment string
	flags   []string
	scale   float64
	causal  bool
	offset  int
	tensors map[string]numbers
	repeat  bool
	like    int // 0: none
}

// allowed reports whether query i may attend to key j.
func (v *vector) allowed(i, j int) bool {
	if v.causal && j > i+v.offset {
		return false
	}
	mask, ok := v.tensors["mask"]
	return !ok || mask.data[i*mask.shape[1]+j] != 0
}

// accepts reports whether the result is right, and where it is not.
func (v *vector) accepts(got []float64) error {
	want, bound := v.tensors["expected"].data, v.tensors["bound"].data
	if len(got) != len(want) {
		return fmt.Errorf("%d elements, not %d", len(got), len(want))
	}
	for k := range want {
		switch {
		case math.IsNaN(want[k]) && math.IsNaN(got[k]):
		case math.Abs(got[k]-want[k]) <= bound[k]:
		default:
			return fmt.Errorf("element %d is %g, not %g within %g", k, got[k], want[k], bound[k])
		}
	}
	return nil
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
		NumberOfTests int
		Notes         map[string]any
		Tests         []struct {
			ID      int
			Comment string
			Flags   []string
			Options struct {
				Scale  float64
				Causal bool
				Offset int
			}
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
		v := vector{id: x.ID, comment: x.Comment, flags: x.Flags, scale: x.Options.Scale, causal: x.Options.Causal,
			offset: x.Options.Offset, tensors: map[string]numbers{}}
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

// compute is attention in float64 as the document defines it; drop leaves keys
// out of it and head maps heads, as faulty kernels do.
func compute(v *vector, drop func(n int) int, head func(h, heads, keyHeads int) int) []float64 {
	q, k, value := v.tensors["query"], v.tensors["key"], v.tensors["value"]
	var out []float64
	for b := range q.shape[0] {
		for h := range q.shape[1] {
			g := head(h, q.shape[1], k.shape[1])
			for i := range q.shape[2] {
				keys, logits, top := []int{}, map[int]float64{}, math.Inf(-1)
				for j := range k.shape[2] - drop(k.shape[2]) {
					if !v.allowed(i, j) {
						continue
					}
					var dot float64
					for c := range q.shape[3] {
						dot += q.at(b, h, i, c) * k.at(b, g, j, c)
					}
					keys, logits[j], top = append(keys, j), v.scale*dot, math.Max(top, v.scale*dot)
				}
				for c := range value.shape[3] {
					var sum, den float64
					for _, j := range keys {
						w := math.Exp(logits[j] - top)
						sum, den = sum+w*value.at(b, g, j, c), den+w
					}
					if len(keys) > 0 {
						sum /= den
					}
					out = append(out, sum)
				}
			}
		}
	}
	return out
}

func none(int) int                       { return 0 }
func grouped(h, heads, keyHeads int) int { return h * keyHeads / heads }
