package main

import (
	"fmt"
	"math/rand/v2"

	"example.com/attest/internal/tensorfile"
	"example.com/attest/spec"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var curvesFigure = figure{
	name:  "curves",
	title: "Energy over twelve layers",
	shows: "Thirty sentences of twenty Gaussian tokens (d = 128, σ = 0.4) through untrained layers (softmax_β) with step sizes 1: boxes of the\n" +
		"total energy with its mean, and below the share of sentences that rise, with the ridge in the energy and without. On the right attention is the\n" +
		"identity: up to layer 4 the energy is as on the left, so the feed-forward step alone makes the early decrease. The fall after it is the tokens'\n" +
		"collapse into one, and attention's. The swing of the late layers goes with the ridge, which no step answers to.",
	hides: "It says nothing about trained weights or real text, and a falling mean is no descent: look at the share that rises.",
	draw:  drawCurves,
}

// gaussianSentences draws sentences of n tokens N(0, σ²) of d channels.
func gaussianSentences(seed uint64, sentences, n, d int, sigma float64) []tensorfile.Named {
	rng := rand.New(rand.NewPCG(seed, 2))
	out := make([]tensorfile.Named, sentences)
	for s := range out {
		y := spec.NewMatrix[float32](n, d)
		for i := range y.Data {
			y.Data[i] = float32(sigma * rng.NormFloat64())
		}
		out[s] = tensorfile.Named{Name: fmt.Sprintf("s%02d", s), Matrix: y}
	}
	return out
}

func drawCurves() (*picture, error) {
	pic := &picture{width: 24 * vg.Centimeter, height: 13 * vg.Centimeter, plots: [][]*plot.Plot{nil, nil}}
	for _, c := range []struct {
		title string
		eta1  float64
		relu  bool
	}{{"no ReLU", 1, false}, {"ReLU", 1, true}, {"identity for attention, no ReLU", 0, false}} {
		with, without, err := followCurves(c.eta1, c.relu)
		if err != nil {
			return nil, err
		}
		boxes, err := plotBoxes(c.title, with)
		if err != nil {
			return nil, err
		}
		shares, err := plotShares(with, without)
		if err != nil {
			return nil, err
		}
		pic.plots[0], pic.plots[1] = append(pic.plots[0], boxes), append(pic.plots[1], shares)
	}
	for _, row := range pic.plots {
		shareHeight(row)
		for _, p := range row {
			p.X.Min, p.X.Max = -0.6, 12.6
			p.X.Tick.Marker = everyLayer
		}
	}
	return pic, nil
}

// followCurves follows the figure's sentences and returns the summary of their
// energies with the ridge and without.
func followCurves(eta1 float64, relu bool) (with, without []layerSummary, err error) {
	o := traceOptions{layers: 12, eta1: eta1, eta2: 1, relu: relu, ridge: 1, seed: 1, implementation: "reference"}
	curves, err := followAll(gaussianSentences(1, 30, 20, 128, 0.4), &o)
	if err != nil {
		return nil, nil, err
	}
	with = summarize(curves)
	for _, c := range curves {
		for _, p := range c {
			// What bounds the rounding of the whole sum bounds that of a part.
			p.value[totalTerm] = p.value[interactionTerm] + p.value[formTerm] + p.value[distanceTerm]
		}
	}
	return with, summarize(curves), nil
}

// plotBoxes draws a box plot of the total at each layer, and the mean.
func plotBoxes(title string, layers []layerSummary) (*plot.Plot, error) {
	p := newPlot(title, "", "total energy")
	var mean []float64
	for i := range layers {
		s := &layers[i][totalTerm]
		mean = append(mean, s.mean)
		box, err := plotter.NewBoxPlot(vg.Points(8), float64(i), plotter.Values(s.values))
		if err != nil {
			return nil, err
		}
		box.FillColor = mixed(faded(blue, 0.25))
		box.GlyphStyle.Radius = vg.Points(1)
		p.Add(box)
	}
	if err := addLine(p, "mean", red, wholeNumbers(0, len(layers)-1), mean); err != nil {
		return nil, err
	}
	p.Legend.Top = true
	return p, nil
}

// plotShares draws the share of sentences that rise at each layer: with the
// ridge in the energy as bars, without it as dots.
func plotShares(with, without []layerSummary) (*plot.Plot, error) {
	p := newPlot("", "layer", "sentences that rise, %")
	bars, err := plotter.NewBarChart(plotter.Values(risingShares(with)), vg.Points(9))
	if err != nil {
		return nil, err
	}
	bars.XMin, bars.Color, bars.LineStyle.Width = 1, mixed(faded(red, 0.75)), 0
	p.Add(bars)
	p.Legend.Add("with ridge", bars)
	dots := points(wholeNumbers(1, len(without)-1), risingShares(without))
	if err := addDots(p, "without", blue, 2.5, draw.CircleGlyph{}, dots); err != nil {
		return nil, err
	}
	p.Y.Min, p.Y.Max = -3, 140
	p.Y.Tick.Marker = plot.ConstantTicks{{Value: 0, Label: "0"}, {Value: 50, Label: "50"}, {Value: 100, Label: "100"}}
	p.Legend.Top = true
	return p, nil
}

// risingShares returns the percentage that rises at each layer from the first on.
func risingShares(layers []layerSummary) []float64 {
	var share []float64
	for i := 1; i < len(layers); i++ {
		share = append(share, layers[i][totalTerm].share())
	}
	return share
}
