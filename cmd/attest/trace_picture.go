package main

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

var termColors = [termCount]color.NRGBA{blue, green, red, purple, black}

// drawTrace draws the total, its terms, and the share of rising sentences: mean
// curves in bands from quartile to quartile.
func drawTrace(o *traceOptions, layers []layerSummary) (*picture, error) {
	total := newPlot("Total energy: mean, median (dashed), quartiles (band)", "", "energy")
	terms := newPlot("Its terms: mean, quartiles (band)", "", "energy")
	share := newPlot("Sentences whose energy rises at the layer", "layer", "percent")
	if err := addSummary(total, layers, totalTerm, ""); err != nil {
		return nil, err
	}
	for term := range totalTerm {
		if err := addSummary(terms, layers, term, termNames[term]); err != nil {
			return nil, err
		}
	}
	for term := range termCount {
		if err := addShare(share, layers, term, termNames[term]); err != nil {
			return nil, err
		}
	}
	share.Y.Min, share.Y.Max = -2, 102
	pic := &picture{width: 16 * vg.Centimeter, height: 20 * vg.Centimeter, plots: [][]*plot.Plot{{total}, {terms}, {share}}}
	for _, row := range pic.plots {
		row[0].X.Tick.Marker = everyLayer
		row[0].X.Min, row[0].X.Max = 0, float64(o.layers)
		row[0].Legend.Top = true
	}
	return pic, nil
}

// addSummary draws the mean of a term in its band, and for the total the median.
func addSummary(p *plot.Plot, layers []layerSummary, term int, name string) error {
	x := count(0, len(layers)-1)
	var mean, low, median, high []float64
	for i := range layers {
		s := &layers[i][term]
		mean, low, median, high = append(mean, s.mean), append(low, s.low), append(median, s.median), append(high, s.high)
	}
	if err := addBand(p, termColors[term], x, low, high); err != nil {
		return fmt.Errorf("band of %s: %w", termNames[term], err)
	}
	if term == totalTerm {
		if err := addLine(p, "", termColors[term], x, median, vg.Points(3), vg.Points(3)); err != nil {
			return err
		}
	}
	return addLine(p, name, termColors[term], x, mean)
}

// addShare draws the share of sentences that rise, from the first layer on.
func addShare(p *plot.Plot, layers []layerSummary, term int, name string) error {
	var share []float64
	for i := 1; i < len(layers); i++ {
		share = append(share, layers[i][term].share())
	}
	return addLine(p, name, termColors[term], count(1, len(layers)-1), share)
}
