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
		if err := v.accepts(compute(&v, faulty{})); err != nil {
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
	return maps.EqualFunc(x, y, func(x, y []float64) bool {
		return slices.EqualFunc(x, y, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
	})
}

// tensor returns an operand of a test; without one, no elements.
func (v *vector) tensor(name string) spec.Tensor[float32] {
	x := v.tensors[name]
	s := append(slices.Clone(x.shape), 1) // a row of log-sum-exps has no axis of channels
	if x.shape == nil {
		s = make([]int, 4)
	}
	out := spec.NewTensor[float32](s[0], s[1], s[2], s[3])
	copy(out.Data, single(x.data))
	return out
}

// attend computes what a test asks for with the float32 kernel.
func attend(v *vector) result {
	dst, lse, qk, presentK, presentV := v.tensor("expected"), v.tensor("expectedLSE"), v.tensor("expectedQK"), v.tensor("expectedPresentKey"), v.tensor("expectedPresentValue")
	if _, ok := v.tensors["output1"]; ok {
		transformer.MergeAttention(dst, lse, v.tensor("output1"), v.tensor("lse1"), v.tensor("output2"), v.tensor("lse2"))
		return result{"": double(dst.Data), "LSE": double(lse.Data)}
	}
	q, k, value, opt := v.tensor("query"), v.tensor("key"), v.tensor("value"), attentionOptions(v)
	r := result{}
	switch {
	case len(lse.Data) > 0:
		transformer.AttendLSE(dst, lse, q, k, value, opt)
	case v.QKStage != nil:
		transformer.AttendQK(dst, qk, q, k, value, spec.QKStage(*v.QKStage), opt)
	case v.Pages != nil:
		transformer.AttendPaged(dst, q, k, value, spec.PageTable{Tokens: v.Pages.Tokens, Pages: v.Pages.Table}, opt)
	case v.tensors["pastKey"].shape != nil:
		transformer.AttendCached(dst, presentK, presentV, q, k, value, v.tensor("pastKey"), v.tensor("pastValue"), opt)
	default:
		transformer.Attend(dst, q, k, value, opt)
	}
	if _, ok := v.tensors["dOut"]; ok {
		g := spec.NewAttentionGradients(q, k, value, opt)
		transformer.AttendBackward(g, v.tensor("dOut"), q, k, value, opt)
		r["DQuery"], r["DKey"], r["DValue"], r["DSinks"] = double(g.Query.Data), double(g.Key.Data), double(g.Value.Data), double(g.Sinks)
		if g.Bias != nil {
			r["DBias"] = double(g.Bias.Data)
		}
	}
	r[""], r["LSE"], r["QK"], r["PresentKey"], r["PresentValue"] = double(dst.Data), double(lse.Data), double(qk.Data), double(presentK.Data), double(presentV.Data)
	return r
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
