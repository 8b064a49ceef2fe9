package vectors_test

import (
	"bytes"
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
	bits := map[int][]float64{}
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

func sameBits(x, y []float64) bool {
	return slices.EqualFunc(x, y, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

// attend computes a test with the float32 kernel.
func attend(v *vector) []float64 {
	operand := func(name string) spec.Tensor[float32] {
		s := v.tensors[name].shape
		x := spec.NewTensor[float32](s[0], s[1], s[2], s[3])
		for k, e := range v.tensors[name].data {
			x.Data[k] = float32(e)
		}
		return x
	}
	opt := &spec.AttentionOptions{Scale: v.scale, Causal: v.causal, Offset: v.offset}
	if mask, ok := v.tensors["mask"]; ok {
		opt.Mask = &spec.Mask{Queries: mask.shape[0], Keys: mask.shape[1], Stride: mask.shape[1], Data: make([]bool, len(mask.data))}
		for k, e := range mask.data {
			opt.Mask.Data[k] = e != 0
		}
	}
	s := v.tensors["expected"].shape
	dst := spec.NewTensor[float32](s[0], s[1], s[2], s[3])
	transformer.Attend(dst, operand("query"), operand("key"), operand("value"), opt)
	out := make([]float64, len(dst.Data))
	for k, x := range dst.Data {
		out[k] = float64(x)
	}
	return out
}

// TestFaultsFail plants faults in the reader's attention: tests with the flags
// that speak of them fail.
func TestFaultsFail(t *testing.T) {
	all := readAll(t, dir)
	for flag, fault := range map[string]func(*vector) []float64{
		"TailKeys": func(v *vector) []float64 { return compute(v, func(n int) int { return n % 8 }, grouped) },
		"ManyKeys": func(v *vector) []float64 { return compute(v, func(n int) int { return max(0, n-64) }, grouped) },
		"Grouped": func(v *vector) []float64 {
			return compute(v, none, func(h, _, keyHeads int) int { return h % keyHeads })
		},
		"Causal": func(v *vector) []float64 {
			w := *v
			w.offset++
			return compute(&w, none, grouped)
		},
		"Mask": func(v *vector) []float64 {
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
