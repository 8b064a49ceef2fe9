package main

import (
	"fmt"
	"image/color"
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

var betaFigure = figure{
	name:  "beta",
	title: "What β and the sink do to the weights",
	shows: "Left: four tokens in the plane, one of which is made longer and longer; the weight that the first token gives to it. The\n" +
		"ordinary softmax ends up there; softmax_β, which weighs by distance, is largest where the two are nearest and forgets it after. They agree where all\n" +
		"norms are equal (1). Right: the share λ/(D+λ) of the sink grows with λ, sooner for a token that stands alone (D = 1) than in a crowd.",
	hides: "It does not show which of the two attends better; it shows why only one of them descends an energy of distances.",
	draw:  drawBeta,
}

func drawBeta() (*picture, error) {
	left, err := plotWeights()
	if err != nil {
		return nil, err
	}
	right, err := plotSink()
	if err != nil {
		return nil, err
	}
	return &picture{width: 19 * vg.Centimeter, height: 8 * vg.Centimeter, plots: [][]*plot.Plot{{left, right}}}, nil
}

// plotWeights draws P₀₃ as token 3 grows, by softmax_β and by the softmax of UUᵀ.
func plotWeights() (*plot.Plot, error) {
	p := newPlot("weight of a growing token", "its norm", "weight")
	var norm, beta, ordinary []float64
	for i := range 101 {
		s := 0.05 * float64(i)
		u := spec.MatrixOf([]float64{1, 0}, []float64{0, 1}, []float64{-1, 0}, []float64{0.8 * s, 0.6 * s})
		weights := spec.NewMatrix[float64](u.Rows, u.Rows)
		reference.InteractionWeights(weights, u, spec.Matrix[float64]{})
		var total float64
		for j := range u.Rows {
			total += math.Exp(reference.Dot(u.Row(0), u.Row(j)))
		}
		norm, beta = append(norm, s), append(beta, weights.At(0, 3))
		ordinary = append(ordinary, math.Exp(reference.Dot(u.Row(0), u.Row(3)))/total)
	}
	if err := addLine(p, "ordinary softmax", red, norm, ordinary, vg.Points(4), vg.Points(2)); err != nil {
		return nil, err
	}
	if err := addLine(p, "softmax_β", blue, norm, beta); err != nil {
		return nil, err
	}
	p.Y.Min, p.Y.Max = 0, 1
	p.Legend.Top, p.Legend.Left = true, true
	return p, nil
}

// plotSink draws the sink's share λ/(D+λ) against log10 λ for some degrees D.
func plotSink() (*plot.Plot, error) {
	p := newPlot("share of the sink", "log10 λ", "λ/(D+λ)")
	for _, s := range []struct {
		degree float64
		color  color.Color
	}{{1, blue}, {4, green}, {32, red}} {
		var x, y []float64
		for i := range 101 {
			t := -3 + 0.06*float64(i)
			lambda := math.Pow(10, t)
			x, y = append(x, t), append(y, lambda/(s.degree+lambda))
		}
		if err := addLine(p, fmt.Sprintf("D = %g", s.degree), s.color, x, y); err != nil {
			return nil, err
		}
	}
	p.Y.Min, p.Y.Max = 0, 1
	p.Legend.Top, p.Legend.Left = true, true
	return p, nil
}
