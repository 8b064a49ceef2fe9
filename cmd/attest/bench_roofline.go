package main

import (
	"image/color"
	"math"
	"slices"

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
	p := newPlot("Roofline of one thread; bytes are those of operands and result", "flop/byte", "GF/s")
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = logTicks, logTicks
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
	top, slope := bench.Median(peak)/1e9, slices.Min(stream)/1e9 // the largest operands are in memory
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
	p.Y.Max *= 1.3
	return &picture{width: 16 * vg.Centimeter, height: 9 * vg.Centimeter, side: 3 * vg.Centimeter, plots: [][]*plot.Plot{{p}}}, nil
}

// logTicks leaves out ticks beyond the axis, for which space would be kept.
var logTicks = plot.TickerFunc(func(low, high float64) []plot.Tick {
	ticks := plot.LogTicks{Prec: -1}.Ticks(low, high)
	return slices.DeleteFunc(ticks, func(t plot.Tick) bool { return t.Value < low || t.Value > high })
})
