package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var alternatingFigure = figure{
	name:  "alternating",
	title: "Alternating steps: the authors' step size and 1/L",
	shows: "f(Y) = ‖YV‖² + ‖Y−F‖² and g(Y) = ‖ZY‖² + ‖Y−G‖², Y of size 500×128, as in the authors' published script. With their\n" +
		"step size 0.05, which is above 2/L for g alone, the energy falls but rises in about half of all cycles. With 1/L of h = f + g no cycle shown\n" +
		"rises. Both end in a swing between two points off the minimiser of h, one after each half of a cycle; with the smaller step they are nearer.",
	hides: "It does not show that 1/L always descends: in these runs the theorem's condition on the distances to the minimisers of f and\n" +
		"h is met at no cycle. Distance at right angles to the plane, which is that of yh, the start and the direction from yg to yf, is not seen.",
	draw: drawAlternating,
}

// alternation is f+g in coordinates in which both Hessians are diagonal:
//
//	f(Y) = ‖YV‖² + ‖Y−F‖²,   g(Y) = ‖ZY‖² + ‖Y−G‖²
//
// become, after rotating rows to the eigenvectors of ZᵀZ and columns to those of
// VVᵀ, sums over the elements, with curvature 2·cols[j] of f and 2·rows[i] of g.
// Steps, distances and energies are the same in both coordinates.
type alternation struct {
	rows, cols  []float64 // eigenvalues of ZᵀZ + I and of VVᵀ + I
	f, g, start *mat.Dense
	best        *mat.Dense // the minimiser of f+g
}

// newAlternation draws the case: V and Z of N(0, 0.1²), F and G uniform on
// [0, 1), the start uniform on [0, 2).
func newAlternation(seed uint64, n, d int) (*alternation, error) {
	rng := rand.New(rand.NewPCG(seed, 1))
	normal := func(size int) *mat.SymDense {
		m := mat.NewDense(size, size, nil)
		m.Apply(func(_, _ int, _ float64) float64 { return 0.1 * rng.NormFloat64() }, m)
		var out mat.SymDense
		out.SymOuterK(1, m)
		return &out
	}
	uniform := func(top float64) *mat.Dense {
		m := mat.NewDense(n, d, nil)
		m.Apply(func(_, _ int, _ float64) float64 { return top * rng.Float64() }, m)
		return m
	}
	var right, left mat.EigenSym
	if !right.Factorize(normal(d), true) || !left.Factorize(normal(n), true) {
		return nil, errors.New("the eigenvalues were not found")
	}
	var vr, vl mat.Dense
	right.VectorsTo(&vr)
	left.VectorsTo(&vl)
	rotated := func(m *mat.Dense) *mat.Dense {
		m.Product(vl.T(), m, &vr)
		return m
	}
	a := &alternation{rows: left.Values(nil), cols: right.Values(nil),
		f: rotated(uniform(1)), g: rotated(uniform(1)), start: rotated(uniform(2)), best: mat.NewDense(n, d, nil)}
	for i := range a.rows {
		a.rows[i]++
	}
	for j := range a.cols {
		a.cols[j]++
	}
	a.best.Apply(func(i, j int, _ float64) float64 {
		return (a.f.At(i, j) + a.g.At(i, j)) / (a.rows[i] + a.cols[j])
	}, a.best)
	return a, nil
}

// curvature returns the largest eigenvalue of the Hessian of f+g. Eigenvalues
// are sorted.
func (a *alternation) curvature() float64 {
	return 2 * (a.rows[len(a.rows)-1] + a.cols[len(a.cols)-1])
}

// gap returns h(Y) − min h.
func (a *alternation) gap(y *mat.Dense) float64 {
	var sum float64
	for i, r := range a.rows {
		for j, c := range a.cols {
			e := y.At(i, j) - a.best.At(i, j)
			sum += (r + c) * e * e
		}
	}
	return sum
}

// alternatingRun is the energy above the minimum after each half-step, and the
// path in the plane of newPlane.
type alternatingRun struct {
	gap  []float64
	path plotter.XYs
}

// risingCycles counts the full cycles (a step along f, one along g) in which the
// energy rises.
func (r *alternatingRun) risingCycles() (rises, cycles int) {
	for i := 2; i < len(r.gap); i += 2 {
		cycles++
		if r.gap[i] > r.gap[i-2] {
			rises++
		}
	}
	return rises, cycles
}

// step replaces y by y − η∇f(y), or by y − η∇g(y) if k is odd.
func (a *alternation) step(y *mat.Dense, eta float64, k int) {
	y.Apply(func(i, j int, x float64) float64 {
		if k%2 == 0 {
			return x - 2*eta*(a.cols[j]*x-a.f.At(i, j))
		}
		return x - 2*eta*(a.rows[i]*x-a.g.At(i, j))
	}, y)
}

// run takes steps along ∇f and ∇g in turn.
func (a *alternation) run(eta float64, halfSteps int, at func(*mat.Dense) plotter.XY) *alternatingRun {
	y := mat.DenseCopyOf(a.start)
	r := &alternatingRun{gap: []float64{a.gap(y)}, path: plotter.XYs{at(y)}}
	for k := range halfSteps {
		a.step(y, eta, k)
		r.gap, r.path = append(r.gap, a.gap(y)), append(r.path, at(y))
	}
	return r
}

// plane returns the coordinates of a point in the plane through the minimiser of
// h along the direction to the start and, at right angles, from the minimiser of
// g to that of f.
func (a *alternation) plane() func(*mat.Dense) plotter.XY {
	var e1, e2 mat.Dense
	e1.Sub(a.start, a.best)
	e1.Scale(1/mat.Norm(&e1, 2), &e1)
	e2.Apply(func(i, j int, f float64) float64 { return f/a.cols[j] - a.g.At(i, j)/a.rows[i] }, a.f)
	var part mat.Dense
	part.Scale(inner(&e1, &e2), &e1)
	e2.Sub(&e2, &part)
	e2.Scale(1/mat.Norm(&e2, 2), &e2)
	return func(y *mat.Dense) plotter.XY {
		var r mat.Dense
		r.Sub(y, a.best)
		return plotter.XY{X: inner(&r, &e1), Y: inner(&r, &e2)}
	}
}

func inner(x, y *mat.Dense) float64 {
	var z mat.Dense
	z.MulElem(x, y)
	return mat.Sum(&z)
}

func drawAlternating() (*picture, error) {
	a, err := newAlternation(1, 500, 128)
	if err != nil {
		return nil, err
	}
	at := a.plane()
	pic := &picture{width: 19 * vg.Centimeter, height: 15 * vg.Centimeter, plots: [][]*plot.Plot{{nil, nil}, {nil, nil}}}
	for column, s := range []struct {
		name string
		eta  float64
	}{{"the authors' step 0.05", 0.05}, {fmt.Sprintf("step 1/L = %.3f", 1/a.curvature()), 1 / a.curvature()}} {
		r := a.run(s.eta, 200, at)
		if pic.plots[0][column], err = plotPath(r, s.name); err != nil {
			return nil, err
		}
		if pic.plots[1][column], err = plotGap(r); err != nil {
			return nil, err
		}
	}
	for _, row := range pic.plots {
		shareHeight(row)
	}
	return pic, nil
}

// plotPath draws the way through the plane.
func plotPath(r *alternatingRun, name string) (*plot.Plot, error) {
	p := newPlot(name, "along start − yh", "along yf − yg")
	line, err := plotter.NewLine(r.path)
	if err != nil {
		return nil, err
	}
	line.Color, line.Width = blue, vg.Points(0.7)
	p.Add(line)
	p.Legend.Add("path of Y", line)
	if err := addDots(p, "start", gray, 3, draw.BoxGlyph{}, r.path[:1]); err != nil {
		return nil, err
	}
	if err := addDots(p, "last cycle", blue, 2.5, draw.CircleGlyph{}, r.path[len(r.path)-2:]); err != nil {
		return nil, err
	}
	if err := addDots(p, "minimiser yh of h", red, 4, draw.PyramidGlyph{}, plotter.XYs{{}}); err != nil {
		return nil, err
	}
	return p, nil
}

// plotGap draws log10 of the energy above its minimum, after each half of a
// cycle.
func plotGap(r *alternatingRun) (*plot.Plot, error) {
	rises, cycles := r.risingCycles()
	p := newPlot(fmt.Sprintf("rises in %d of %d cycles", rises, cycles), "cycle", "log10 (h(Y) − min h)")
	var x, y [2][]float64
	for i, gap := range r.gap {
		x[i%2] = append(x[i%2], float64(i)/2)
		y[i%2] = append(y[i%2], math.Log10(gap))
	}
	if err := addLine(p, "after the step along g", blue, x[0], y[0]); err != nil {
		return nil, err
	}
	if err := addLine(p, "after the step along f", red, x[1], y[1], vg.Points(3), vg.Points(2)); err != nil {
		return nil, err
	}
	p.Legend.Top = true
	return p, nil
}
