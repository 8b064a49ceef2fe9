package vectors_test

import (
	"bytes"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"example.com/attest/internal/vectors"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// dir has the set that the tests read.
var dir string

func TestMain(m *testing.M) {
	tmp, err := os.MkdirTemp("", "vectors-*")
	if err != nil {
		panic(err)
	}
	dir = filepath.Join(tmp, "deep", "set")
	if err := vectors.Write(dir); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(tmp)
	os.Exit(status)
}

// TestVectors reads the set back and computes every result anew, in float64 and
// with the float32 kernel.
func TestVectors(t *testing.T) {
	all := readAll(t, dir)
	bits := map[int]result{}
	for k, v := range all {
		if v.id != k+1 {
			t.Errorf("test %d has the ID %d", k+1, v.id)
		}
		if err := v.accepts(compute(&v, none, grouped)); err != nil {
			t.Errorf("test %d (%s), computed in float64: %v", v.id, v.comment, err)
		}
		got := attend(&v)
		if err := v.accepts(got); err != nil {
			t.Errorf("test %d (%s), float32 kernel: %v", v.id, v.comment, err)
		}
		bits[v.id] = got
		if v.repeat && !sameBits(got, attend(&v)) {
			t.Errorf("test %d (%s): two calls differ", v.id, v.comment)
		}
		if v.like != 0 && !sameBits(got, bits[v.like]) {
			t.Errorf("test %d (%s): not the bits of test %d", v.id, v.comment, v.like)
		}
	}
}

func sameBits(x, y result) bool {
	return slices.EqualFunc(x.out, y.out, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

// attend computes a test with the float32 kernel.
func attend(v *vector) (r result) {
	operand := func(name string) spec.Tensor[float32] {
		s := v.tensors[name].shape
		x := spec.NewTensor[float32](s[0], s[1], s[2], s[3])
		copy(x.Data, single(v.tensors[name].data))
		return x
	}
	s := v.tensors["expected"].shape
	dst, lse := spec.NewTensor[float32](s[0], s[1], s[2], s[3]), spec.NewTensor[float32](s[0], s[1], s[2], 1)
	q, k, value, opt := operand("query"), operand("key"), operand("value"), attentionOptions(v)
	if _, ok := v.tensors["expectedLSE"]; ok {
		transformer.AttendLSE(dst, lse, q, k, value, opt)
	} else {
		transformer.Attend(dst, q, k, value, opt)
	}
	return result{double(dst.Data), double(lse.Data)}
}

// attentionOptions returns the options of a test as the float32 kernel takes them.
func attentionOptions(v *vector) *spec.AttentionOptions {
	opt := &spec.AttentionOptions{Scale: v.Scale, Causal: v.Causal, Offset: v.Offset, Softcap: v.Softcap,
		KeyLengths: v.KeyLengths, Offsets: v.Offsets, KeepScale: v.KeepScale}
	if v.Window != nil {
		opt.Window = &spec.Window{Left: v.Window.Left, Right: v.Window.Right}
	}
	if v.Sequences != nil {
		opt.Sequences = &spec.Sequences{Queries: v.Sequences.Queries, Keys: v.Sequences.Keys}
	}
	queries := v.tensors["query"].shape[2]
	opt.Mask, opt.Keep = boolGrid(v, "mask", queries), boolGrid(v, "keep", queries)
	if x, ok := v.tensors["bias"]; ok {
		opt.Bias = spec.GridOf(queries, single(x.data), x.shape...)
	}
	if x, ok := v.tensors["sinks"]; ok {
		opt.Sinks = single(x.data)
	}
	if x, ok := v.tensors["slopes"]; ok {
		opt.Slopes = single(x.data)
	}
	return opt
}

func boolGrid(v *vector, name string, queries int) *spec.Mask {
	x, ok := v.tensors[name]
	if !ok {
		return nil
	}
	data := make([]bool, len(x.data))
	for k, e := range x.data {
		data[k] = e != 0
	}
	return spec.GridOf(queries, data, x.shape...)
}

func single(x []float64) []float32 {
	out := make([]float32, len(x))
	for k, e := range x {
		out[k] = float32(e)
	}
	return out
}

func double(x []float32) []float64 {
	out := make([]float64, len(x))
	for k, e := range x {
		out[k] = float64(e)
	}
	return out
}

// TestFaultsFail plants faults in the reader's attention: tests with the flags
// that speak of them fail.
func TestFaultsFail(t *testing.T) {
	all := readAll(t, dir)
	for flag, fault := range map[string]func(*vector) result{
		"TailKeys": func(v *vector) result { return compute(v, func(n int) int { return n % 8 }, grouped) },
		"ManyKeys": func(v *vector) result { return compute(v, func(n int) int { return max(0, n-64) }, grouped) },
		"Grouped": func(v *vector) result {
			return compute(v, none, func(h, _, keyHeads int) int { return h % keyHeads })
		},
		"Causal": func(v *vector) result {
			w := *v
			w.Offset++
			return compute(&w, none, grouped)
		},
		"Window":     changed(func(v *vector) { v.Window = nil }),
		"KeyLengths": changed(func(v *vector) { v.KeyLengths = nil }),
		"Offsets":    changed(func(v *vector) { v.Offsets = nil }),
		"Cache":      changed(func(v *vector) { v.Offset, v.Offsets = 0, nil }),
		"Softcap":    changed(func(v *vector) { v.Softcap = 0 }),
		"Bias":       changed(func(v *vector) { delete(v.tensors, "bias") }),
		"Slopes":     changed(func(v *vector) { delete(v.tensors, "slopes") }),
		"Sinks":      changed(func(v *vector) { delete(v.tensors, "sinks") }),
		"Keep":       changed(func(v *vector) { delete(v.tensors, "keep") }),
		"Packed":     changed(func(v *vector) { v.Sequences, v.KeyLengths, v.Offsets = nil, nil, nil }),
		"LSE": func(v *vector) result {
			r := compute(v, none, grouped)
			for k := range r.lse {
				r.lse[k] /= math.Ln2
			}
			return r
		},
		"Mask": func(v *vector) result {
			w := *v
			w.tensors = map[string]numbers{"query": v.tensors["query"], "key": v.tensors["key"], "value": v.tensors["value"]}
			return compute(&w, none, grouped)
		},
	} {
		tests, failed := 0, 0
		for _, v := range all {
			if slices.Contains(v.flags, flag) {
				tests++
				if v.accepts(fault(&v)) != nil {
					failed++
				}
			}
		}
		if tests == 0 || failed*4 < tests*3 {
			t.Errorf("%s: %d of %d tests fail", flag, failed, tests)
		}
	}
}

// changed computes a test with other options.
func changed(f func(v *vector)) func(*vector) result {
	return func(v *vector) result {
		w := *v
		w.tensors = maps.Clone(v.tensors)
		f(&w)
		return compute(&w, none, grouped)
	}
}

// TestSameBytes writes the set again.
func TestSameBytes(t *testing.T) {
	second := filepath.Join(t.TempDir(), "set")
	if err := vectors.Write(second); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		name, _ := filepath.Rel(dir, path)
		one, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		two, err := os.ReadFile(filepath.Join(second, name))
		if err == nil && !bytes.Equal(one, two) {
			t.Errorf("%s differs", name)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Fatal(files, err)
	}
}

// TestWholeOrNotAtAll requires that a directory that exists stays as it is, and
// that nothing remains beside it.
func TestWholeOrNotAtAll(t *testing.T) {
	parent := t.TempDir()
	taken := filepath.Join(parent, "set")
	if err := os.Mkdir(taken, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := vectors.Write(taken); err == nil {
		t.Error("a directory that exists is written to")
	}
	inside, _ := os.ReadDir(taken)
	beside, _ := os.ReadDir(parent)
	if len(inside) != 0 || len(beside) != 1 {
		t.Errorf("left behind: %v %v", inside, beside)
	}
}
