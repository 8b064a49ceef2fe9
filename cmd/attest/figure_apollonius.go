package main

import (
	"fmt"
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var apolloniusFigure = figure{
	name:  "apollonius",
	title: "Where an alternating step is sure to descend",
	shows: "The points y with |y − yf| ≤ C·|y − yh|, yf the minimiser of f and yh that of h = f + g: a closed ball round yf for\n" +
		"C < 1, all but an open ball round yh for C > 1. The dots are found by the definition, the circle by its closed form.",
	hides: "It does not show that steps outside the set rise (many descend), nor that a run stays inside: the point at which the\n" +
		"alternation stops never lies inside the set, at best on its rim.",
	draw: drawApollonius,
}

func drawApollonius() (*picture, error) {
	pic := &picture{width: 18 * vg.Centimeter, height: 8 * vg.Centimeter, square: true, side: 62, plots: [][]*plot.Plot{nil}}
	for _, c := range []float64{0.7, 1.5} {
		p, err := plotApollonius(plotter.XY{}, plotter.XY{X: 1}, c)
		if err != nil {
			return nil, err
		}
		pic.plots[0] = append(pic.plots[0], p)
	}
	return pic, nil
}

// plotApollonius draws the set |y−yf| ≤ c|y−yh|, c ≠ 1.
func plotApollonius(yf, yh plotter.XY, c float64) (*plot.Plot, error) {
	p := newPlot(fmt.Sprintf("C = %g", c), "", "")
	const low, high, step = -3, 4, 0.25
	var inside plotter.XYs
	for x := low + step/2; x < high; x += step {
		for y := low + step/2; y < high; y += step {
			if reference.ApolloniusRegion(rowOf(plotter.XY{X: x, Y: y}), rowOf(yf), rowOf(yh), c) {
				inside = append(inside, plotter.XY{X: x, Y: y})
			}
		}
	}
	if err := addDots(p, "in the set", mixed(faded(blue, 0.5)), 1.7, draw.CircleGlyph{}, inside); err != nil {
		return nil, err
	}
	// Centre (yf − c²yh)/(1−c²), radius c|yf−yh|/|1−c²|.
	k := 1 - c*c
	centre := plotter.XY{X: (yf.X - c*c*yh.X) / k, Y: (yf.Y - c*c*yh.Y) / k}
	radius := c * math.Hypot(yf.X-yh.X, yf.Y-yh.Y) / math.Abs(k)
	var xs, ys []float64
	for i := range 181 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 180)
		xs, ys = append(xs, centre.X+radius*cos), append(ys, centre.Y+radius*sin)
	}
	if err := addLine(p, "closed form", black, xs, ys); err != nil {
		return nil, err
	}
	if err := addDots(p, "yf", blue, 3.5, draw.CircleGlyph{}, plotter.XYs{yf}); err != nil {
		return nil, err
	}
	if err := addDots(p, "yh", red, 4, draw.PyramidGlyph{}, plotter.XYs{yh}); err != nil {
		return nil, err
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, high, low, high
	return p, nil
}

// rowOf is a point as a row vector.
func rowOf(p plotter.XY) spec.Matrix[float64] { return spec.MatrixOf([]float64{p.X, p.Y}) }
