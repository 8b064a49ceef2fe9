package main

import (
	"image/color"
	"math"

	"example.com/attest/internal/bench"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// roofline draws what was reached on one thread against the operations that a
// case does for each byte of its operands: no point can lie above the peak of
// multiply-adds or above what memory delivers, unless the operands are in a
// cache.
func roofline(results []bench.Result) (*picture, error) {
	p := newPlot("Roofline, one thread", "operations for each byte of operands and result", "GF/s")
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	var own, best, portable plotter.XYs
	var peak, stream []float64
	for k := range results {
		r := &results[k]
		peak, stream = append(peak, r.Peak), append(stream, r.Stream)
		at := func(m *bench.Measured) plotter.XY {
			return plotter.XY{X: r.Case.Flops() / r.Case.Bytes(), Y: r.Case.Flops() / bench.Median(m.Seconds) / 1e9}
		}
		if r.Case.Threads > 1 {
			continue
		}
		if m := r.BestPeer(); m != nil {
			best = append(best, at(m))
		}
		if m := r.Find(bench.Portable); m != nil {
			portable = append(portable, at(m))
		}
		if m := r.BestOwn(); m != nil {
			own = append(own, at(m))
		}
	}
	top, slope := bench.Median(peak)/1e9, bench.Median(stream)/1e9
	ridge := top / slope
	x := []float64{math.Min(0.25, ridge/2), ridge, math.Max(2000, 2*ridge)}
	if err := addLine(p, "the machine", gray, x, []float64{x[0] * slope, top, top}); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		name  string
		color color.NRGBA
		shape draw.GlyphDrawer
		at    plotter.XYs
	}{{"fastest level", blue, draw.CircleGlyph{}, own}, {"best peer", red, draw.PyramidGlyph{}, best}, {"portable", green, draw.SquareGlyph{}, portable}} {
		if len(s.at) == 0 {
			continue
		}
		if err := addDots(p, s.name, s.color, 3, s.shape, s.at); err != nil {
			return nil, err
		}
	}
	p.Legend.Top, p.Legend.Left = true, true
	return &picture{width: 14 * vg.Centimeter, height: 9 * vg.Centimeter, plots: [][]*plot.Plot{{p}}}, nil
}
