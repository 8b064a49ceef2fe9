package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/mat"
)

const figuresFolder = "../../docs/figures"

func TestFigureDeterminism(t *testing.T) {
	for _, f := range []*figure{&betaFigure, &apolloniusFigure} {
		first, err := f.render()
		if err != nil {
			t.Fatal(err)
		}
		second, err := f.render()
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range formats {
			if !bytes.Equal(first[format], second[format]) {
				t.Errorf("%s.%s differs between two runs", f.name, format)
			}
		}
		if !bytes.HasPrefix(first["png"], []byte("\x89PNG")) || !bytes.Contains(first["svg"], []byte("<svg")) {
			t.Errorf("%s is no picture", f.name)
		}
	}
}

// TestFiguresAreThere requires the page of the figures to be up to date and to
// have its pictures.
func TestFiguresAreThere(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(figuresFolder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, figuresREADME()) {
		t.Error("docs/figures/README.md is out of date: go run ./cmd/attest figure")
	}
	for _, f := range figures {
		for _, format := range formats {
			if _, err := os.Stat(filepath.Join(figuresFolder, f.name+"."+format)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestFigureCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "figures")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{[]string{"-list"}, statusOK, "apollonius ", ""},
		{[]string{"-only", "beta", "-o", dir}, statusOK, "beta.png", ""},
		{[]string{"-only", "beta", "-list"}, statusOK, "beta  ", ""},
		{[]string{"-only", "gamma"}, statusUsage, "", "no such figure"},
		{[]string{"-only", "beta", "-o", file}, statusBad, "", "cannot be made"},
		{[]string{"beta"}, statusUsage, "", "unexpected argument"},
		{[]string{"-h"}, statusOK, "-only", ""},
	} {
		var stdout, stderr bytes.Buffer
		status := runFigure(c.args, &stdout, &stderr)
		if status != c.status || !strings.Contains(stdout.String(), c.stdout) || !strings.Contains(stderr.String(), c.stderr) ||
			(c.stderr == "") != (stderr.Len() == 0) || strings.Count(stderr.String(), "\n") > 1 {
			t.Errorf("%v: status %d, %q, %q; want %d, %q, %q", c.args, status, stdout.String(), stderr.String(), c.status, c.stdout, c.stderr)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != len(formats) {
		t.Errorf("-only wrote %v, %v", left, err)
	}
}

// TestAlternatingFigure holds the sentences below the figure.
func TestAlternatingFigure(t *testing.T) {
	a, err := newAlternation(1, 500, 128)
	if err != nil {
		t.Fatal(err)
	}
	last := func(x []float64) float64 { return x[len(x)-1] }
	lf, lg, lh := 2*last(a.cols), 2*last(a.rows), a.curvature()
	t.Logf("L of f %.4g, of g %.4g, of h %.4g", lf, lg, lh)
	if !(0.05 > 2/lg) {
		t.Errorf("0.05 is no larger than 2/L of g, %v", 2/lg)
	}
	at := a.plane()
	published, inside := a.run(0.05, 200, at), a.run(1/lh, 200, at)
	if rises, cycles := published.risingCycles(); rises < cycles/3 || rises > 2*cycles/3 {
		t.Errorf("step 0.05: %d of %d cycles rise, not about half", rises, cycles)
	}
	if rises, _ := inside.risingCycles(); rises != 0 {
		t.Errorf("step 1/L: %d cycles rise", rises)
	}
	if !(last(inside.gap) < last(published.gap)) {
		t.Error("the smaller step does not stop nearer")
	}
	// The condition |Y−yf| ≤ C|Y−yh|, C = c/(η·Lf·Lg), c the least curvature of h.
	eta, c := 1/lh, 2*(a.rows[0]+a.cols[0])/(lf*lg/lh)
	y, met := mat.DenseCopyOf(a.start), 0
	for range 100 {
		var toF, toH mat.Dense
		toF.Apply(func(i, j int, x float64) float64 { return x - a.f.At(i, j)/a.cols[j] }, y)
		toH.Sub(y, a.best)
		if mat.Norm(&toF, 2) <= c*mat.Norm(&toH, 2) {
			met++
		}
		a.step(y, eta, 0)
		a.step(y, eta, 1)
	}
	if met != 0 {
		t.Errorf("the condition of the theorem is met at %d cycles", met)
	}
}

// TestAlternationIsAlternating compares the two half-steps in coordinates that
// make the Hessians diagonal with the reference's step on one long row.
func TestAlternationIsAlternating(t *testing.T) {
	const n, d, eta = 3, 4, 0.05
	a, err := newAlternation(2, n, d)
	if err != nil {
		t.Fatal(err)
	}
	quadratic := func(b *mat.Dense, curvature func(i, j int) float64) (q spec.Quadratic[float64]) {
		q.K, q.B = spec.NewMatrix[float64](n*d, n*d), spec.NewMatrix[float64](1, n*d)
		for k := range n * d {
			q.K.Set(k, k, 2*curvature(k/d, k%d))
			q.B.Set(0, k, 2*b.At(k/d, k%d))
		}
		return q
	}
	f := quadratic(a.f, func(_, j int) float64 { return a.cols[j] })
	g := quadratic(a.g, func(i, _ int) float64 { return a.rows[i] })
	want := spec.NewMatrix[float64](1, n*d)
	start := spec.MatrixOf(a.start.RawMatrix().Data)
	reference.AlternatingStep(want, start, f, g, eta, eta)
	bound := reference.AlternatingBound(start, f, g, eta, eta, reference.RoundingOf[float64]())
	y := mat.DenseCopyOf(a.start)
	a.step(y, eta, 0)
	a.step(y, eta, 1)
	for k := range n * d {
		// Both sides round.
		if err := math.Abs(y.At(k/d, k%d) - want.At(0, k)); !(err <= 2*bound.At(0, k)) {
			t.Errorf("element %d: got %v, want %v: err %.3g, bound %.3g", k, y.At(k/d, k%d), want.At(0, k), err, 2*bound.At(0, k))
		}
	}
}

// TestKappaFigure holds |prox step|² to (1+r)|step|² for y ≥ 0.
func TestKappaFigure(t *testing.T) {
	if l := (kappaCase.k[0][0] + kappaCase.k[1][1]); !(kappaCase.eta*l <= 1) {
		t.Errorf("η times the trace of K is %v, more than 1", kappaCase.eta*l)
	}
	for i := range 41 {
		for j := range 41 {
			y := [2]float64{float64(i) / 8, float64(j) / 8}
			var plain, exact float64
			for k := range y {
				s := kappaCase.eta * (y[0]*kappaCase.k[0][k] + y[1]*kappaCase.k[1][k] - kappaCase.b[k])
				plain += s * s
				exact += math.Pow(max(0, y[k]-s)-y[k], 2)
			}
			r, positive := remaining(y, false), remaining(y, true)
			// A dozen roundings of numbers of the size of both squares and |y|².
			bound := 16 * 0x1p-53 * (plain + y[0]*y[0] + y[1]*y[1])
			if err := math.Abs(exact - (1+positive)*plain); !(err <= bound) {
				t.Errorf("y = %v: |step with ReLU|² = %v, (1+r)|step|² = %v", y, exact, (1+positive)*plain)
			}
			if !(exact >= (1+r)*plain-bound) {
				t.Errorf("y = %v: |step with ReLU|² = %v below %v", y, exact, (1+r)*plain)
			}
		}
	}
}

// TestCurvesFigure holds the sentences below the figure.
func TestCurvesFigure(t *testing.T) {
	if testing.Short() {
		t.Skip("several seconds of layers")
	}
	var with, without [3][]layerSummary // no ReLU, ReLU, identity for attention
	for i, c := range []struct {
		eta1 float64
		relu bool
	}{{1, false}, {1, true}, {0, false}} {
		var err error
		if with[i], without[i], err = followCurves(c.eta1, c.relu); err != nil {
			t.Fatal(err)
		}
	}
	plain, identity := with[0], with[2]
	drop := plain[0][totalTerm].mean - plain[12][totalTerm].mean
	for layer := range 5 {
		p, q := plain[layer][totalTerm].mean, identity[layer][totalTerm].mean
		if !(math.Abs(p-q) <= 0.05*drop) {
			t.Errorf("layer %d: %v with attention, %v without", layer, p, q)
		}
	}
	for i := range with {
		late := 0
		for layer := range with[i] {
			if n := without[i][layer][totalTerm].risen; n > 0 {
				t.Errorf("column %d, no ridge: %d sentences rise at layer %d", i, n, layer)
			}
			late += with[i][layer][totalTerm].risen
		}
		if (late > 0) != (i < 2) {
			t.Errorf("column %d, with ridge: %d rises", i, late)
		}
	}
}
