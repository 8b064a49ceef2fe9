package main

import (
	"fmt"
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var termColors = [termCount]color.NRGBA{blue, green, red, purple, black}

// drawTrace draws the total, its terms, and the share of rising sentences: mean
// curves in bands from quartile to quartile.
func drawTrace(o *traceOptions, layers []layerSummary) (*picture, error) {
	total := newPlot("Total energy (band: quartiles)", "", "energy")
	terms := newPlot("Its terms: mean (band: quartiles)", "", "energy")
	share := newPlot("Sentences whose energy rises at the layer, in percent", "layer", "")
	if err := addSummary(total, layers, totalTerm, "mean"); err != nil {
		return nil, err
	}
	for term := range totalTerm {
		if err := addSummary(terms, layers, term, termNames[term]); err != nil {
			return nil, err
		}
	}
	if err := addShares(share, layers); err != nil {
		return nil, err
	}
	pic := &picture{width: 16 * vg.Centimeter, height: 20 * vg.Centimeter, side: 68,
		plots: [][]*plot.Plot{{total}, {terms}, {share}}}
	for _, row := range pic.plots {
		row[0].X.Tick.Marker = everyLayer
		row[0].X.Min, row[0].X.Max = 0, float64(o.layers)+0.5
	}
	return pic, nil
}

// addSummary draws the mean of a term in its band, and for the total the median.
func addSummary(p *plot.Plot, layers []layerSummary, term int, name string) error {
	x := wholeNumbers(0, len(layers)-1)
	var mean, low, median, high []float64
	for i := range layers {
		s := &layers[i][term]
		mean, low, median, high = append(mean, s.mean), append(low, s.low), append(median, s.median), append(high, s.high)
	}
	if err := addBand(p, termColors[term], x, low, high); err != nil {
		return fmt.Errorf("band of %s: %w", termNames[term], err)
	}
	if term == totalTerm {
		if err := addLine(p, "median", termColors[term], x, median, vg.Points(3), vg.Points(3)); err != nil {
			return err
		}
	}
	return addLine(p, name, termColors[term], x, mean)
}

// addShares draws a row of cells for each term, the darker the more sentences
// rise, with the percentage in the cell if there is room.
func addShares(p *plot.Plot, layers []layerSummary) error {
	var ticks []plot.Tick
	labels := plotter.XYLabels{}
	for row, term := range tableTerms {
		y := float64(len(tableTerms) - row)
		ticks = append(ticks, plot.Tick{Value: y, Label: termNames[term]})
		for i := 1; i < len(layers); i++ {
			x, share := float64(i), layers[i][term].share()
			cell := points([]float64{x - 0.5, x + 0.5, x + 0.5, x - 0.5}, []float64{y - 0.45, y - 0.45, y + 0.45, y + 0.45})
			if err := addArea(p, "", faded(red, 0.75*share/100), cell); err != nil {
				return err
			}
			labels.XYs = append(labels.XYs, plotter.XY{X: x, Y: y})
			labels.Labels = append(labels.Labels, strconv.FormatFloat(share, 'f', 0, 64))
		}
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.Y.Min, p.Y.Max = 0.5, float64(len(tableTerms))+0.5
	if len(layers) > 17 {
		return nil
	}
	text, err := plotter.NewLabels(labels)
	if err != nil {
		return err
	}
	for i := range text.TextStyle {
		text.TextStyle[i] = p.X.Tick.Label
		text.TextStyle[i].XAlign, text.TextStyle[i].YAlign = draw.XCenter, draw.YCenter
	}
	p.Add(text)
	return nil
}
