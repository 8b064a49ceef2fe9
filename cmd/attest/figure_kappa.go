package main

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

var kappaFigure = figure{
	name:  "kappa",
	title: "How much of a step the ReLU leaves",
	shows: "For h(y) = ½yKyᵀ − byᵀ on the plane and the step ηg with g = ∇h(y), η = 0.25 ≤ 1/L: the points with r ≥ −κ, where\n" +
		"r = Σᵢ min(0, yᵢ² − (ηgᵢ)²)/|ηg|² (left) and the same with the positive part of gᵢ (right). There the step with ReLU has at least the\n" +
		"share 1−κ of the squared length of the plain step; on the right, for y ≥ 0, exactly 1+r. White: none of the sets.",
	hides: "The descent theorem needs y ≥ 0: the gray rest of the square says nothing. The sets depend on K, b and η and are drawn for one\n" +
		"choice.",
	draw: drawKappa,
}

// kappaCase is a strictly convex quadratic on the plane and a step size of at
// most 1/L: trace K = 3.9 bounds the largest eigenvalue.
var kappaCase = struct {
	k   [2][2]float64
	b   [2]float64
	eta float64
}{k: [2][2]float64{{2.2, 0.9}, {0.9, 1.7}}, b: [2]float64{7, -5}, eta: 0.25}

// remaining returns r = Σᵢ min(0, yᵢ² − sᵢ²)/|s|² for the step s = η∇h(y); if
// positive is set, the sᵢ in the sum are replaced by max(sᵢ, 0).
func remaining(y [2]float64, positive bool) float64 {
	var r, length float64
	for i := range y {
		s := kappaCase.eta * (y[0]*kappaCase.k[0][i] + y[1]*kappaCase.k[1][i] - kappaCase.b[i])
		length += s * s
		if positive {
			s = max(s, 0)
		}
		r += min(0, y[i]*y[i]-s*s)
	}
	if length == 0 {
		return 0
	}
	return r / length
}

var kappas = []float64{0.2, 0.4, 0.6, 0.8}

func drawKappa() (*picture, error) {
	pic := &picture{width: 19 * vg.Centimeter, height: 8.5 * vg.Centimeter, square: true, side: 50, plots: [][]*plot.Plot{nil}}
	for _, positive := range []bool{false, true} {
		p, err := plotKappa(positive)
		if err != nil {
			return nil, err
		}
		pic.plots[0] = append(pic.plots[0], p)
	}
	return pic, nil
}

func plotKappa(positive bool) (*plot.Plot, error) {
	title := "r"
	if positive {
		title = "r, positive parts"
	}
	p := newPlot(title, "y1", "y2")
	const low, high, cells = -5, 5, 200
	const side = (high - low) / float64(cells)
	for _, quadrant := range []bool{false, true} {
		runs := kappaRuns(low, side, cells, positive, quadrant)
		for l, k := range kappas {
			name, c := fmt.Sprintf("κ = %g", k), mixed(faded(blue, 1-0.22*float64(l)))
			if !quadrant {
				name, c = "", mixed(faded(gray, 0.6-0.13*float64(l)))
			}
			if len(runs[l]) == 0 {
				continue
			}
			if err := addArea(p, name, c, runs[l]...); err != nil {
				return nil, err
			}
		}
	}
	if err := addLine(p, "y ≥ 0", black, []float64{0, 0, high}, []float64{high, 0, 0}); err != nil {
		return nil, err
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, high, low, high
	return p, nil
}

// kappaRuns returns, for each of kappas, the rectangles that its set adds to
// those before: runs of cells of the rows of the grid from (low, low) on, in the
// quadrant y ≥ 0 or outside it.
func kappaRuns(low, side float64, cells int, positive, quadrant bool) [][]plotter.XYer {
	runs := make([][]plotter.XYer, len(kappas)+1)
	levelAt := func(i, j int) int {
		y := [2]float64{low + side*(float64(i)+0.5), low + side*(float64(j)+0.5)}
		if i == cells || quadrant != (y[0] > 0 && y[1] > 0) {
			return -1
		}
		return kappaLevel(remaining(y, positive))
	}
	for j := range cells {
		bottom := low + side*float64(j)
		top := bottom + side
		start, level := 0, -1
		for i := range cells + 1 {
			next := levelAt(i, j)
			if next == level {
				continue
			}
			if level >= 0 {
				x0, x1 := low+side*float64(start), low+side*float64(i)
				runs[level] = append(runs[level], points([]float64{x0, x1, x1, x0}, []float64{bottom, bottom, top, top}))
			}
			start, level = i, next
		}
	}
	return runs
}

// kappaLevel returns the first of kappas whose set holds a point with this r, or
// len(kappas).
func kappaLevel(r float64) int {
	for l, k := range kappas {
		if r >= -k {
			return l
		}
	}
	return len(kappas)
}
