package tensorfile_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/attest/internal/tensorfile"
	"example.com/attest/spec"
	"pgregory.net/rapid"
)

func Example() {
	var file bytes.Buffer
	tokens := spec.MatrixOf([]float32{1, 2, 3}, []float32{4, 5, 6})
	if err := tensorfile.WriteSafetensors(&file, []tensorfile.Named{{Name: "greeting", Matrix: tokens}}); err != nil {
		panic(err)
	}
	sentences, err := tensorfile.ReadSafetensors(&file)
	fmt.Println(sentences[0].Name, sentences[0].Matrix.Rows, sentences[0].Matrix.Row(1), err)
	// Output: greeting 2 [4 5 6] <nil>
}

// drawMatrix draws a matrix with a gap after each row.
func drawMatrix(t *rapid.T) spec.Matrix[float32] {
	rows, cols := rapid.IntRange(1, 9).Draw(t, "rows"), rapid.IntRange(1, 9).Draw(t, "cols")
	stride := cols + rapid.IntRange(0, 2).Draw(t, "gap")
	data := rapid.SliceOfN(rapid.Float32(), rows*stride, rows*stride).Draw(t, "data")
	return spec.Matrix[float32]{Rows: rows, Cols: cols, Stride: stride, Data: data}
}

// same fails the test unless got has want's shape and, bit for bit, elements.
func same(t rapid.TB, got, want spec.Matrix[float32]) {
	t.Helper()
	got.CheckShape("got", want.Rows, want.Cols)
	for i := range want.Rows {
		for j, x := range want.Row(i) {
			if y := got.At(i, j); x != y || 1/x != 1/y {
				t.Fatalf("element (%d, %d): got %v, want %v", i, j, y, x)
			}
		}
	}
}

func TestNPYRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawMatrix(t)
		var file bytes.Buffer
		if err := tensorfile.WriteNPY(&file, want); err != nil {
			t.Fatal(err)
		}
		if n := file.Len() - 4*want.Rows*want.Cols; n%64 != 0 {
			t.Fatalf("the data begin at byte %d, no multiple of 64", n)
		}
		got, err := tensorfile.ReadNPY(&file)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
	})
}

func TestSafetensorsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.String(), 1, 5, rapid.ID[string]).Draw(t, "names")
		var want []tensorfile.Named
		for _, name := range names {
			want = append(want, tensorfile.Named{Name: name, Matrix: drawMatrix(t)})
		}
		var file bytes.Buffer
		if err := tensorfile.WriteSafetensors(&file, want); err != nil {
			t.Fatal(err)
		}
		got, err := tensorfile.ReadSafetensors(&file)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("got %d tensors, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i].Name != want[i].Name {
				t.Fatalf("tensor %d: got name %q, want %q", i, got[i].Name, want[i].Name)
			}
			same(t, got[i].Matrix, want[i].Matrix)
		}
	})
}

// TestRead reads files by their content and by their name.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	m := spec.MatrixOf([]float32{1, 2})
	var npy, st bytes.Buffer
	if err := tensorfile.WriteNPY(&npy, m); err != nil {
		t.Fatal(err)
	}
	if err := tensorfile.WriteSafetensors(&st, []tensorfile.Named{{Name: "x", Matrix: m}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, content, name, err string
	}{
		{file: "one.npy", content: npy.String(), name: "one"},
		{file: "two.dat", content: npy.String(), name: "two"},
		{file: "three.safetensors", content: st.String(), name: "x"},
		{file: "four.npy", content: st.String(), err: "does not begin with"},
		{file: "five.safetensors", content: "", err: "end after 0 of 8 bytes"},
	} {
		path := filepath.Join(dir, c.file)
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := tensorfile.Read(path)
		if c.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want one with %q", c.file, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if len(got) != 1 || got[0].Name != c.name {
			t.Errorf("%s: got %v, want one tensor %q", c.file, got, c.name)
		}
	}
	for path, want := range map[string]string{filepath.Join(dir, "none"): "no such file", dir: "is a directory"} {
		if _, err := tensorfile.Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", path, err, want)
		}
	}
}

func TestWritersRefuse(t *testing.T) {
	nan := float32(0)
	nan /= nan
	ok := spec.MatrixOf([]float32{1})
	many := func(names ...string) (out []tensorfile.Named) {
		for _, n := range names {
			out = append(out, tensorfile.Named{Name: n, Matrix: ok})
		}
		return out
	}
	for want, err := range map[string]error{
		"no elements":               tensorfile.WriteNPY(&bytes.Buffer{}, spec.Matrix[float32]{}),
		"element (1, 0) is NaN":     tensorfile.WriteNPY(&bytes.Buffer{}, spec.Column[float32](1, nan)),
		"no tensors":                tensorfile.WriteSafetensors(&bytes.Buffer{}, nil),
		"occurs twice":              tensorfile.WriteSafetensors(&bytes.Buffer{}, many("a", "b", "a")),
		`"__metadata__" is not`:     tensorfile.WriteSafetensors(&bytes.Buffer{}, many("__metadata__")),
		`tensor name "\xff" is not`: tensorfile.WriteSafetensors(&bytes.Buffer{}, many("\xff")),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
