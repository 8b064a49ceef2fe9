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

// options of a test. Those from Softcap on may be missing.
type options struct {
	Scale  float64
	Causal bool
	Offset int

	Softcap, KeepScale  float64
	Window              *struct{ Left, Right int }
	KeyLengths, Offsets []int
	Sequences           *struct{ Queries, Keys []int }
}

type vector struct {
	id      int
	comment string
	flags   []string
	options
	tensors map[string]numbers
	repeat  bool
	like    int // 0: none
}

// ahead returns the sequence or batch of query i of batch b, and how many places
// key j is ahead of the query; false if they are of different sequences.
func (v *vector) ahead(b, i, j int) (s, places int, same bool) {
	s, offset := b, v.Offset
	if p := v.Sequences; p != nil {
		for s = 0; i >= p.Queries[s+1]; s++ {
		}
		if j < p.Keys[s] || j >= p.Keys[s+1] {
			return s, 0, false
		}
		i, j = i-p.Queries[s], j-p.Keys[s]
	}
	if v.Offsets != nil {
		offset = v.Offsets[s]
	}
	return s, j - i - offset, true
}

// allowed reports whether query i of head h of batch b may attend to key j.
func (v *vector) allowed(b, h, i, j int) bool {
	s, ahead, same := v.ahead(b, i, j)
	switch w := v.Window; {
	case !same:
		return false
	case v.Causal && ahead > 0:
		return false
	case w != nil && (w.Left >= 0 && ahead < -w.Left || w.Right >= 0 && ahead > w.Right):
		return false
	case v.KeyLengths != nil && v.Sequences == nil && j >= v.KeyLengths[s]:
		return false
	case v.KeyLengths != nil && v.Sequences != nil && j-v.Sequences.Keys[s] >= v.KeyLengths[s]:
		return false
	}
	mask, ok := v.tensors["mask"]
	return (!ok || mask.data[i*mask.shape[1]+j] != 0) && !math.IsInf(v.bias(b, h, i, j), -1)
}

// bias returns what is added to a logit: an axis of 1 is shared, −Inf stands
// behind the last axis.
func (v *vector) bias(b, h, i, j int) float64 {
	x, ok := v.tensors["bias"]
	if !ok {
		return 0
	}
	if j >= x.shape[len(x.shape)-1] {
		return math.Inf(-1)
	}
	at, step := 0, 1
	for axis, index := range []int{j, i, h, b}[:len(x.shape)] {
		n := x.shape[len(x.shape)-1-axis]
		if n > 1 || axis == 0 {
			at += index * step
		}
		step *= n
	}
	return x.data[at]
}

// ofHead returns element h of a tensor of one for each head, or what stands for
// it.
func (v *vector) ofHead(name string, h int, otherwise float64) float64 {
	if x, ok := v.tensors[name]; ok {
		return x.data[h]
	}
	return otherwise
}

// accepts reports whether the result is right, and where it is not.
func (v *vector) accepts(got result) error {
	if err := v.acceptsTensor("expected", "bound", got.out); err != nil {
		return err
	}
	if _, ok := v.tensors["expectedLSE"]; !ok {
		return nil
	}
	if err := v.acceptsTensor("expectedLSE", "boundLSE", got.lse); err != nil {
		return fmt.Errorf("log-sum-exp: %w", err)
	}
	return nil
}

func (v *vector) acceptsTensor(expected, tolerance string, got []float64) error {
	want, bound := v.tensors[expected].data, v.tensors[tolerance].data
	if len(got) != len(want) {
		return fmt.Errorf("%d elements, not %d", len(got), len(want))
	}
	for k := range want {
		switch {
		case math.IsNaN(want[k]) && math.IsNaN(got[k]), got[k] == want[k]:
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
		v := vector{id: x.ID, comment: x.Comment, flags: x.Flags, options: x.Options, tensors: map[string]numbers{}}
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

// result is what an attention stores.
type result struct{ out, lse []float64 }

// compute is attention in float64 as the document defines it; drop leaves keys
// out of it and head maps heads, as faulty kernels do.
func compute(v *vector, drop func(n int) int, head func(h, heads, keyHeads int) int) (r result) {
	q, k := v.tensors["query"], v.tensors["key"]
	for b := range q.shape[0] {
		for h := range q.shape[1] {
			for i := range q.shape[2] {
				o, lse := v.row(b, h, head(h, q.shape[1], k.shape[1]), i, k.shape[2]-drop(k.shape[2]))
				r.out, r.lse = append(r.out, o...), append(r.lse, lse)
			}
		}
	}
	return r
}

// row is the attention of query i of head h of batch b over the first n keys of
// head g.
func (v *vector) row(b, h, g, i, n int) (out []float64, lse float64) {
	value, sink := v.tensors["value"], v.ofHead("sinks", h, math.Inf(-1))
	keys, logits, top := []int{}, map[int]float64{}, sink
	for j := range n {
		if v.allowed(b, h, i, j) {
			keys, logits[j] = append(keys, j), v.logit(b, h, g, i, j)
			top = math.Max(top, logits[j])
		}
	}
	den := 0.0
	if !math.IsInf(sink, -1) {
		den = math.Exp(sink - top)
	}
	for _, j := range keys {
		den += math.Exp(logits[j] - top)
	}
	for c := range value.shape[3] {
		var sum float64
		for _, j := range keys {
			if w := v.kept(i, j); w != 0 {
				sum += w * math.Exp(logits[j]-top) * value.at(b, g, j, c)
			}
		}
		if len(keys) > 0 {
			sum /= den
		}
		out = append(out, sum)
	}
	if den == 0 {
		return out, math.Inf(-1)
	}
	return out, top + math.Log(den)
}

func (v *vector) logit(b, h, g, i, j int) float64 {
	q, k := v.tensors["query"], v.tensors["key"]
	var x float64
	for c := range q.shape[3] {
		x += q.at(b, h, i, c) * k.at(b, g, j, c)
	}
	x *= v.Scale
	if c := v.Softcap; c != 0 {
		x = c * math.Tanh(x/c)
	}
	_, ahead, _ := v.ahead(b, i, j)
	return x + v.ofHead("slopes", h, 0)*float64(ahead) + v.bias(b, h, i, j)
}

// kept is what the weight of key j for query i is multiplied by.
func (v *vector) kept(i, j int) float64 {
	keep, ok := v.tensors["keep"]
	switch {
	case !ok:
		return 1
	case keep.data[i*keep.shape[1]+j] != 0:
		return v.KeepScale
	}
	return 0
}

func none(int) int                       { return 0 }
func grouped(h, heads, keyHeads int) int { return h * keyHeads / heads }
