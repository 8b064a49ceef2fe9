package main

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Colors that can be told apart by eyes of all kinds (Okabe and Ito).
var (
	blue   = color.NRGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}
	red    = color.NRGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
	green  = color.NRGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}
	purple = color.NRGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff}
	black  = color.NRGBA{A: 0xff}
	gray   = color.NRGBA{R: 0x80, G: 0x80, B: 0x80, A: 0xff}
	pale   = color.NRGBA{R: 0xe4, G: 0xe4, B: 0xe4, A: 0xff}
)

// faded returns c at a part of its strength.
func faded(c color.NRGBA, strength float64) color.NRGBA {
	c.A = uint8(math.Round(strength * float64(c.A)))
	return c
}

// mixed returns c as it looks on white.
func mixed(c color.NRGBA) color.NRGBA {
	blend := func(x uint8) uint8 { return uint8((int(x)*int(c.A) + 0xff*(0xff-int(c.A))) / 0xff) }
	return color.NRGBA{R: blend(c.R), G: blend(c.G), B: blend(c.B), A: 0xff}
}

// picture is a grid of plots.
type picture struct {
	width, height vg.Length
	plots         [][]*plot.Plot
	// square asks for one unit to have the same length on both axes: the
	// vertical range is fitted round its middle.
	square bool
	// side is the width of the strip to the right of each plot that takes its
	// legend; 0 leaves the legend inside the plot.
	side vg.Length
}

// dpi is the resolution of png files.
const dpi = 120

// write draws the picture in a format, svg or png. The bytes depend on nothing
// but the picture.
func (p *picture) write(w io.Writer, format string) error {
	var canvas vg.CanvasWriterTo
	switch format {
	case "svg":
		canvas = vgsvg.New(p.width, p.height)
	case "png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(p.width, p.height), vgimg.UseDPI(dpi))}
	default:
		return fmt.Errorf("no picture format %q", format)
	}
	dc := draw.New(canvas)
	dc.SetColor(color.White)
	dc.Fill(dc.Rectangle.Path())
	tiles := draw.Tiles{Rows: len(p.plots), Cols: len(p.plots[0]), PadX: vg.Points(14), PadY: vg.Points(10),
		PadTop: vg.Points(4), PadBottom: vg.Points(4), PadLeft: vg.Points(4), PadRight: vg.Points(10)}
	canvases := plot.Align(p.plots, tiles, dc)
	for i, row := range p.plots {
		for j, q := range row {
			if q == nil {
				continue
			}
			p.drawPlot(q, canvases[i][j])
		}
	}
	_, err := canvas.WriteTo(w)
	return err
}

func (p *picture) drawPlot(q *plot.Plot, c draw.Canvas) {
	legend := q.Legend
	if p.side > 0 {
		strip := draw.Crop(c, c.Size().X-p.side, 0, 0, -vg.Points(18))
		c = draw.Crop(c, 0, -p.side-vg.Points(6), 0, 0)
		q.Legend = plot.NewLegend()
		legend.Top, legend.Left = true, true
		legend.Draw(strip)
	}
	if p.square {
		makeSquare(q, c)
	}
	q.Draw(c)
	q.Legend = legend
}

// makeSquare fits the vertical range of p round its middle, so that a circle is
// drawn as one.
func makeSquare(p *plot.Plot, c draw.Canvas) {
	size := p.DataCanvas(c).Size()
	half := (p.X.Max - p.X.Min) * float64(size.Y/size.X) / 2
	middle := (p.Y.Min + p.Y.Max) / 2
	p.Y.Min, p.Y.Max = middle-half, middle+half
}

// shareHeight gives plots the same vertical range, that of all of them.
func shareHeight(plots []*plot.Plot) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range plots {
		low, high = min(low, p.Y.Min), max(high, p.Y.Max)
	}
	for _, p := range plots {
		p.Y.Min, p.Y.Max = low, high
	}
}

// newPlot returns an empty plot in this project's style: small sans type and
// pale grid lines.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = vg.Points(4)
	for _, style := range []*draw.TextStyle{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle,
		&p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		style.Font.Variant = "Sans"
		style.Font.Size = vg.Points(9)
	}
	p.Title.TextStyle.Font.Size = vg.Points(10)
	p.Legend.Padding = vg.Points(1.5)
	p.X.Tick.Marker, p.Y.Tick.Marker = plainTicks, plainTicks
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = pale, pale
	p.Add(grid)
	return p
}

// points pairs x and y.
func points(x, y []float64) plotter.XYs {
	out := make(plotter.XYs, len(y))
	for i := range y {
		out[i] = plotter.XY{X: x[i], Y: y[i]}
	}
	return out
}

// wholeNumbers returns from, from+1, …, to.
func wholeNumbers(from, to int) []float64 {
	var out []float64
	for i := from; i <= to; i++ {
		out = append(out, float64(i))
	}
	return out
}

// addLine draws y against x; an empty name stays out of the legend.
func addLine(p *plot.Plot, name string, c color.Color, x, y []float64, dashes ...vg.Length) error {
	line, err := plotter.NewLine(points(x, y))
	if err != nil {
		return err
	}
	line.Color, line.Width, line.Dashes = c, vg.Points(1.2), dashes
	p.Add(line)
	if name != "" {
		p.Legend.Add(name, line)
	}
	return nil
}

// addBand fills the space between low and high.
func addBand(p *plot.Plot, c color.NRGBA, x, low, high []float64) error {
	outline := points(x, high)
	for i := len(x) - 1; i >= 0; i-- {
		outline = append(outline, plotter.XY{X: x[i], Y: low[i]})
	}
	return addArea(p, "", faded(c, 0.25), outline)
}

// addArea fills outlines; the second and further ones, drawn the other way
// round, are holes.
func addArea(p *plot.Plot, name string, c color.Color, outlines ...plotter.XYer) error {
	area, err := plotter.NewPolygon(outlines...)
	if err != nil {
		return err
	}
	area.Color, area.LineStyle.Width = c, 0
	p.Add(area)
	if name != "" {
		p.Legend.Add(name, area)
	}
	return nil
}

// addDots draws a dot at each point.
func addDots(p *plot.Plot, name string, c color.Color, radius float64, shape draw.GlyphDrawer, xy plotter.XYs) error {
	dots, err := plotter.NewScatter(xy)
	if err != nil {
		return err
	}
	dots.GlyphStyle = draw.GlyphStyle{Color: c, Radius: vg.Points(radius), Shape: shape}
	p.Add(dots)
	if name != "" {
		p.Legend.Add(name, dots)
	}
	return nil
}

// plainTicks labels the default ticks with as few digits as they need.
var plainTicks = plot.TickerFunc(func(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i, t := range ticks {
		if t.Label != "" {
			ticks[i].Label = strconv.FormatFloat(t.Value, 'g', 6, 64)
		}
	}
	return ticks
})

// everyLayer labels at most a dozen whole numbers.
var everyLayer = plot.TickerFunc(func(low, high float64) []plot.Tick {
	step := max(1, int(high-low)/12)
	var ticks []plot.Tick
	for i := int(math.Ceil(low)); float64(i) <= high; i++ {
		t := plot.Tick{Value: float64(i)}
		if i%step == 0 {
			t.Label = strconv.Itoa(i)
		}
		ticks = append(ticks, t)
	}
	return ticks
})
