package main

import (
	"bytes"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"example.com/attest/internal/tensorfile"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// tokensFile writes Gaussian sentences to a file and returns its path.
func tokensFile(t *testing.T, sentences []tensorfile.Named) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.safetensors")
	if err := writeFile(path, func(w io.Writer) error { return tensorfile.WriteSafetensors(w, sentences) }); err != nil {
		t.Fatal(err)
	}
	return path
}

// traced runs attest trace and requires success.
func traced(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if status := runTrace(args, &stdout, &stderr); status != statusOK {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	return stdout.String()
}

func TestTrace(t *testing.T) {
	in := tokensFile(t, gaussianSentences(7, 5, 6, 9, 0.8))
	dir := t.TempDir()
	files := map[string][]byte{}
	for range 2 { // the second run must write the same bytes
		args := []string{"-in", in, "-layers", "3", "-relu", "-width", "4"}
		for _, format := range []string{"csv", "svg", "png"} {
			args = append(args, "-"+format, filepath.Join(dir, "out."+format))
		}
		out := traced(t, args...)
		if !strings.HasPrefix(out, "5 sentences, 30 tokens, d=9 p=4, eta1=1 eta2=1 relu=true ridge=1\n") {
			t.Errorf("got %q", out)
		}
		lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
		for _, line := range lines[len(lines)-3:] {
			if len(line) != len(lines[len(lines)-4]) {
				t.Errorf("lines of the table differ in length:\n%s", out)
			}
		}
		for _, format := range []string{"csv", "svg", "png"} {
			data, err := os.ReadFile(filepath.Join(dir, "out."+format))
			if err != nil {
				t.Fatal(err)
			}
			if old, ok := files[format]; ok && !bytes.Equal(old, data) {
				t.Errorf("two runs wrote different %s files", format)
			}
			files[format] = data
		}
	}
	if !bytes.HasPrefix(files["png"], []byte("\x89PNG")) || !bytes.Contains(files["svg"], []byte("<svg")) {
		t.Error("the pictures are no PNG and no SVG")
	}
	checkCSV(t, files["csv"], 5*4)
}

// checkCSV requires the terms of each line to add up to its total.
func checkCSV(t *testing.T, data []byte, want int) {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != want+1 {
		t.Fatalf("got %d lines, want %d and a head", len(lines), want)
	}
	for _, line := range lines[1:] {
		var x [termCount + 1]float64
		for i := range x {
			if x[i], err = strconv.ParseFloat(line[3+i], 64); err != nil {
				t.Fatal(err)
			}
		}
		sum := x[interactionTerm] + x[ridgeTerm] + x[formTerm] + x[distanceTerm]
		if err, bound := math.Abs(sum-x[totalTerm]), x[termCount]; !(err <= bound) {
			t.Errorf("%v: terms add up to %v: err %.3g, bound %.3g", line, sum, err, bound)
		}
	}
}

// TestTraceImplementations takes the steps by both implementations. The energies
// of their points agree as far as the steps of a contraction in float32 do.
func TestTraceImplementations(t *testing.T) {
	sentences := gaussianSentences(3, 4, 7, 10, 0.5)
	o := traceOptions{layers: 4, eta1: 1, eta2: 1, ridge: 1, seed: 5, implementation: "reference"}
	want, err := followAll(sentences, &o)
	if err != nil {
		t.Fatal(err)
	}
	o.implementation = "float32"
	got, err := followAll(sentences, &o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		for layer := range want[i] {
			g, w := got[i][layer], want[i][layer]
			var size float64
			for _, x := range w.value[:totalTerm] {
				size += math.Abs(x)
			}
			if layer == 0 && *g != *w {
				t.Errorf("sentence %d: the energies before the first layer differ", i)
			}
			// 2¹⁰ roundings a layer: twice the sums over 7 tokens and 10 channels
			// of three products.
			if err, bound := math.Abs(g.value[totalTerm]-w.value[totalTerm]), float64(layer)*0x1p10*spec.Unit[float32]()*size; !(err <= bound) {
				t.Errorf("sentence %d layer %d: err %.3g, bound %.3g", i, layer, err, bound)
			}
		}
	}
}

// TestProjectedStep compares the step composed on U = YA with the reference's own.
func TestProjectedStep(t *testing.T) {
	im := reference.Implementation()
	w, err := drawWeights(4, 6, 5)
	if err != nil {
		t.Fatal(err)
	}
	y := spec.Convert[float64](gaussianSentences(4, 1, 7, 6, 0.7)[0].Matrix)
	b := repeatRow[float64](w.b, y.Rows)
	got, want := spec.NewMatrix[float64](7, 6), spec.NewMatrix[float64](7, 6)
	for _, c := range []struct {
		eta1, eta2 float64
		relu       bool
	}{{1, 1, false}, {1, 1, true}, {0.5, 0.75, false}, {0, 1, false}, {2, 0, true}} {
		projectedStep(im)(got, y, w.a, w.w, b, c.eta1, c.eta2, c.relu)
		im.Layer.Step(want, y, w.a, w.w, b, c.eta1, c.eta2, c.relu)
		for i, x := range want.Data {
			// Fewer than 2⁸ roundings of numbers below 16 lead to an element.
			if err := math.Abs(got.Data[i] - x); !(err <= 0x1p12*spec.Unit[float64]()) {
				t.Errorf("%+v: element %d: got %v, want %v", c, i, got.Data[i], x)
			}
		}
	}
}

// TestTraceWithoutSteps: step sizes 0 leave the tokens where they are.
func TestTraceWithoutSteps(t *testing.T) {
	o := traceOptions{layers: 2, ridge: 1, seed: 5, implementation: "float32"}
	curves, err := followAll(gaussianSentences(3, 1, 3, 4, 0.5), &o)
	if err != nil {
		t.Fatal(err)
	}
	if c := curves[0]; *c[1] != *c[0] || *c[2] != *c[0] {
		t.Errorf("the energy changed: %v, %v, %v", c[0].value, c[1].value, c[2].value)
	}
}

// TestTraceRise follows one token, on which attention does nothing. Its own sink
// is missing: at the minimiser of the feed-forward energy the ridge is what is
// left, and a step of 1 from y = 0 to B raises the total by λ‖BA‖²/2 + tr(BWBᵀ)/2
// against ‖B‖²/2.
func TestTraceRise(t *testing.T) {
	const lambda = 1e3
	zero := []tensorfile.Named{{Name: "zero", Matrix: spec.NewMatrix[float32](1, 3)}}
	o := traceOptions{layers: 1, eta1: 1, eta2: 1, ridge: lambda, seed: 5, implementation: "float32"}
	curves, err := followAll(zero, &o)
	if err != nil {
		t.Fatal(err)
	}
	layers := summarize(curves)
	if s := layers[1]; s[totalTerm].risen != 1 || s[ridgeTerm].risen != 1 || s[distanceTerm].risen != 0 || s[interactionTerm].risen != 0 {
		t.Errorf("risen: total %d, ridge %d, distance %d, interaction %d; want 1 1 0 0",
			s[totalTerm].risen, s[ridgeTerm].risen, s[distanceTerm].risen, s[interactionTerm].risen)
	}
	if got := layers[1][distanceTerm].mean; got != 0 {
		t.Errorf("the step of 1 from 0 does not lead to B: distance %v", got)
	}
}

func TestTraceErrors(t *testing.T) {
	dir := t.TempDir()
	m := func(rows, cols int, x float32) spec.Matrix[float32] {
		m := spec.NewMatrix[float32](rows, cols)
		for i := range m.Data {
			m.Data[i] = x
		}
		return m
	}
	good := tokensFile(t, []tensorfile.Named{{Name: "a", Matrix: m(2, 3, 1)}})
	mixed := tokensFile(t, []tensorfile.Named{{Name: "a", Matrix: m(2, 3, 1)}, {Name: "b", Matrix: m(2, 4, 1)}})
	large := tokensFile(t, []tensorfile.Named{{Name: "a", Matrix: m(2, 3, 1e38)}})
	wide := tokensFile(t, []tensorfile.Named{{Name: "a", Matrix: m(1, maxWidth+1, 1)}})
	long := tokensFile(t, []tensorfile.Named{{Name: "a", Matrix: m(maxTokens+1, 1, 1)}})
	text := filepath.Join(dir, "text.npy")
	if err := os.WriteFile(text, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, statusUsage, "name a file with -in"},
		{[]string{"-in", good, "-layers", "0"}, statusUsage, "choose 1 to"},
		{[]string{"-in", good, "-layers", "many"}, statusUsage, "invalid value"},
		{[]string{"-in", good, "-eta1", "NaN"}, statusUsage, "-eta1 NaN: choose a finite step size"},
		{[]string{"-in", good, "-eta2", "Inf"}, statusUsage, "-eta2 +Inf: choose a finite step size"},
		{[]string{"-in", good, "-eta1", "-0.5"}, statusUsage, "-eta1 -0.5: choose a finite step size of at least 0"},
		{[]string{"-in", good, "-ridge", "-1"}, statusUsage, "at least 0"},
		{[]string{"-in", good, "-width", "-1"}, statusUsage, "choose 0 to"},
		{[]string{"-in", good, "-impl", "gpu"}, statusUsage, "float32 or reference"},
		{[]string{"-in", good, "-color"}, statusUsage, "not defined"},
		{[]string{"-in", good, "more"}, statusUsage, "unexpected argument"},
		{[]string{"-in", dir + "/none"}, statusBad, dir + "/none: no such file: check"},
		{[]string{"-in", text}, statusBad, text + ": the header: the data end after 5 of 8 bytes"},
		{[]string{"-in", mixed}, statusBad, `tensor "b" has 4 channels, "a" has 3`},
		{[]string{"-in", wide}, statusBad, "is it one row a token?"},
		{[]string{"-in", long}, statusBad, "save one tensor a sentence"},
		{[]string{"-in", large, "-impl", "float32", "-eta2", "9"}, statusBad, `tensor "a": the energy is `},
		{[]string{"-in", good, "-csv", dir + "/no/x.csv"}, statusBad, "no/x.csv: cannot be written"},
		{[]string{"-in", good, "-png", dir}, statusBad, dir + ": cannot be written"},
	} {
		var stdout, stderr bytes.Buffer
		status := runTrace(c.args, &stdout, &stderr)
		line := stderr.String()
		if status != c.status || !strings.HasPrefix(line, "attest trace: ") || !strings.Contains(line, c.want) || strings.Count(line, "\n") != 1 {
			t.Errorf("%v: status %d, %q; want %d and one line with %q", c.args, status, line, c.status, c.want)
		}
	}
	if out := traced(t, "-h"); !strings.Contains(out, "-layers") {
		t.Errorf("help: %q", out)
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		p    float64
		x    []float64
		want float64
	}{{0.5, []float64{3}, 3}, {0.5, []float64{1, 2}, 1.5}, {0.25, []float64{0, 1, 2, 3, 4}, 1}, {1, []float64{1, 5}, 5}, {0.75, []float64{0, 2, 6}, 4}} {
		if got := quantile(c.x, c.p); got != c.want {
			t.Errorf("quantile(%v, %v) = %v, want %v", c.x, c.p, got, c.want)
		}
	}
}
