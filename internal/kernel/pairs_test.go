package kernel

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"unsafe"

	"example.com/attest/internal/guard"
)

// pairLoops are the kernels over pairs of tokens, so that faults can be planted.
type pairLoops struct {
	squares  func(l Level, s []float32, stride int, ui, uj []float32, d, rows, panels int)
	products func(l Level, s []float32, stride int, ui, uj, wi, wj []float32, d, rows, panels int)
	weigh    func(l Level, s []float32, stride int, rowSums, colSums []float32, rows, panels int)
	scale    func(l Level, h, g []float32, stride, rows, panels int)
	exchange func(l Level, g []float32, stride int, xi, di, xj, dj []float32, rows, cols int)
	attract  func(l Level, g []float32, stride int, xi, di, xj []float32, rows, cols int)
}

func soundPairLoops() pairLoops {
	return pairLoops{Level.Squares, Level.Products, Level.Weigh, Level.Scale, Level.Exchange, Level.Attract}
}

// pairOperands lends memory for up to six operands, each at the guarded end of
// its own.
type pairOperands struct {
	side   guard.Side
	memory [6]guard.Memory[float32]
	lent   int
	seed   uint32
}

func newPairOperands(t *testing.T, side guard.Side) *pairOperands {
	o := &pairOperands{side: side}
	for k := range o.memory {
		var err error
		if o.memory[k], err = guard.New[float32](1<<13, side); err != nil {
			t.Skip(err)
		}
		t.Cleanup(o.memory[k].Free)
	}
	return o
}

// take lends n elements, integers small enough for every sum to be exact, and in
// a second slice a copy of them.
func (o *pairOperands) take(n int) (lent, before []float32) {
	m := o.memory[o.lent]
	o.lent++
	lent = m.Data[:n:n]
	if o.side == guard.Behind {
		lent = m.Data[len(m.Data)-n:]
	}
	for k := range lent {
		o.seed = o.seed*1664525 + 1013904223
		lent[k] = float32(o.seed>>28) - 7
	}
	return lent, append([]float32(nil), lent...)
}

// pairCase is a size of tile: rows, panels of columns, channels, and the elements
// between rows, which are nobody's.
type pairCase struct{ rows, panels, d, gap int }

// size returns the number of elements from the first to the last of a tile.
func (c pairCase) size(rows, cols int) int { return max(0, (rows-1)*(cols+c.gap)+cols) }

// differ says where got is not what it should be.
func differ(what string, got, want []float32) string {
	for k := range want {
		if got[k] != want[k] {
			return fmt.Sprintf("%s: element %d of %d is %v, want %v", what, k, len(want), got[k], want[k])
		}
	}
	return ""
}

// tryDifferences tries Squares, or Products if products is set.
func (c pairCase) tryDifferences(l Level, f pairLoops, o *pairOperands, products bool) string {
	w, cols := l.Lanes(), c.panels*l.Lanes()
	rows := roundUp(c.rows, 4)
	if rows == 0 || cols == 0 {
		rows, cols = 0, 0
	}
	tokensI, tokensJ := roundUp(c.rows, w), c.panels*w
	s, want := o.take(c.size(rows, cols))
	ui, _ := o.take(tokensI * c.d)
	uj, _ := o.take(tokensJ * c.d)
	wi, wj := ui, uj
	if products {
		wi, _ = o.take(tokensI * c.d)
		wj, _ = o.take(tokensJ * c.d)
	}
	stride := cols + c.gap
	at := func(u []float32, token, k int) float32 { return u[(token/w*c.d+k)*w+token%w] }
	for i := range rows {
		for j := range cols {
			var sum float32
			for k := range c.d {
				sum += (at(ui, i, k) - at(uj, j, k)) * (at(wi, i, k) - at(wj, j, k))
			}
			want[i*stride+j] = sum
		}
	}
	if products {
		f.products(l, s, stride, ui, uj, wi, wj, c.d, c.rows, c.panels)
		return differ("products", s, want)
	}
	f.squares(l, s, stride, ui, uj, c.d, c.rows, c.panels)
	return differ("squares", s, want)
}

// tryWeigh tries Weigh, whose sums must be those of the weights that it stores,
// and Scale.
func (c pairCase) tryWeigh(l Level, f pairLoops, o *pairOperands) string {
	w, cols := l.Lanes(), c.panels*l.Lanes()
	stride := cols + c.gap
	s, before := o.take(c.size(c.rows, cols))
	rowSums, wantRows := o.take(c.rows * w)
	colSums, wantCols := o.take(cols)
	if c.rows > 0 && cols > 0 {
		s[cols-1], before[cols-1] = float32(math.Inf(1)), float32(math.Inf(1))
	}
	f.weigh(l, s, stride, rowSums, colSums, c.rows, c.panels)
	for k, x := range s {
		i, j := k/stride, k%stride
		if j >= cols {
			if x != before[k] {
				return fmt.Sprintf("weigh: written %d elements behind row %d", j-cols+1, i)
			}
			continue
		}
		if r := expError(x, -before[k]/2, math.Exp); !(r <= 1) {
			return fmt.Sprintf("weigh: exp(−%v/2) is %v", before[k], x)
		}
		wantRows[i*w+j%w] += x
		wantCols[j] += x
	}
	for _, d := range []string{differ("weigh: sums of rows", rowSums, wantRows), differ("weigh: sums of columns", colSums, wantCols)} {
		if d != "" {
			return d
		}
	}
	h, want := o.take(len(s))
	for k, x := range s {
		if k%stride < cols {
			want[k] *= x
		}
	}
	f.scale(l, h, s, stride, c.rows, c.panels)
	return differ("scale", h, want)
}

// tryExchange tries Exchange, or Attract if not both, with c.d columns.
func (c pairCase) tryExchange(l Level, f pairLoops, o *pairOperands, both bool) string {
	w, rows, cols := l.Lanes(), roundUp(c.rows, RowBlock), c.d
	if cols == 0 {
		rows = 0
	}
	stride := cols + c.gap
	g, keptG := o.take(c.size(rows, cols))
	xi, keptI := o.take(rows * w)
	di, wantI := o.take(rows * w)
	xj, keptJ := o.take(cols * w)
	dj, wantJ := o.take(cols * w)
	for i := range rows {
		for j := range cols {
			for k := range w {
				t := g[i*stride+j] * (xi[i*w+k] - xj[j*w+k])
				wantI[i*w+k] += t
				if both {
					wantJ[j*w+k] -= t
				}
			}
		}
	}
	what := "attract"
	if both {
		what = "exchange"
		f.exchange(l, g, stride, xi, di, xj, dj, rows, cols)
	} else {
		f.attract(l, g, stride, xi, di, xj, rows, cols)
	}
	for k, got := range [][]float32{g, xi, xj, di, dj} {
		if s := differ(what, got, [][]float32{keptG, keptI, keptJ, wantI, wantJ}[k]); s != "" {
			return s
		}
	}
	return ""
}

// tryPairs tries all sizes up to three blocks of rows and of panels, and returns
// the first complaint.
func tryPairs(t *testing.T, l Level, f pairLoops) string {
	w := l.Lanes()
	for _, side := range []guard.Side{guard.Behind, guard.Before} {
		o := newPairOperands(t, side)
		n := 0
		for rows := range max(3*RowBlock, w+9) + 1 {
			for panels := range 3*l.panelsTogether() + 1 {
				n++
				c := pairCase{rows: rows, panels: panels, d: []int{3, 1, 0, 7, 2, 18}[n%6], gap: n % 2 * 5}
				if n%97 == 0 {
					c.panels, c.d = min(panels, 1), 150
				}
				for _, try := range []func() string{
					func() string { return c.tryDifferences(l, f, o, false) },
					func() string { return c.tryDifferences(l, f, o, true) },
					func() string { return c.tryWeigh(l, f, o) },
					func() string { return c.tryExchange(l, f, o, true) },
					func() string { return c.tryExchange(l, f, o, false) },
				} {
					o.lent = 0
					var complaint string
					if fault := guard.Fault(func() { complaint = try() }); fault != "" {
						complaint = fault
					}
					if complaint != "" {
						return fmt.Sprintf("%v, %+v: %s", l, c, complaint)
					}
				}
			}
		}
	}
	return ""
}

// TestPairs compares the kernels with sums of integers, exactly, between pages
// that cannot be touched.
func TestPairs(t *testing.T) {
	for _, l := range Levels() {
		if s := tryPairs(t, l, soundPairLoops()); s != "" {
			t.Error(s)
		}
	}
}

// TestPairsManyChannels has more channels than one call takes.
func TestPairsManyChannels(t *testing.T) {
	const d = 2*mostChannels + 3
	for _, l := range Levels() {
		w := l.Lanes()
		u, s := make([]float32, w*d), make([]float32, 4*w)
		for k := range d {
			u[k*w+1] = 1 // token 1 is d from the others
		}
		l.Squares(s, w, u, u, d, 2, 1)
		for k := range 2 * w {
			want := float32(0)
			if (k/w == 1) != (k%w == 1) {
				want = d
			}
			if s[k] != want {
				t.Fatalf("%v: squares[%d] is %v, want %v", l, k, s[k], want)
			}
		}
	}
}

// pairMutants are faults of the kernels, each of which tryPairs must find.
var pairMutants = []struct {
	name  string
	plant func(f *pairLoops)
}{
	{"the last panel is left out", func(f *pairLoops) {
		sound := f.squares
		f.squares = func(l Level, s []float32, stride int, ui, uj []float32, d, rows, panels int) {
			sound(l, s, stride, ui, uj, d, rows, max(panels-1, min(panels, 1)))
		}
	}},
	{"the last rows of a block are left out", func(f *pairLoops) {
		sound := f.squares
		f.squares = func(l Level, s []float32, stride int, ui, uj []float32, d, rows, panels int) {
			sound(l, s, stride, ui, uj, d, rows&^3, panels)
		}
	}},
	{"the last channel is left out", func(f *pairLoops) {
		sound := f.products
		f.products = func(l Level, s []float32, stride int, ui, uj, wi, wj []float32, d, rows, panels int) {
			ui, wi = append([]float32(nil), ui...), append([]float32(nil), wi...)
			if rows > 0 && panels > 0 && d > 0 {
				ui[(d-1)*l.Lanes()] = uj[0]
			}
			sound(l, s, stride, ui, uj, wi, wj, d, rows, panels)
		}
	}},
	{"one vector more is read than a tile has", func(f *pairLoops) {
		sound := f.weigh
		f.weigh = func(l Level, s []float32, stride int, rowSums, colSums []float32, rows, panels int) {
			sound(l, s, stride, rowSums, colSums, rows, panels)
			if n := len(s); n > 0 {
				runtime.KeepAlive(*(*float32)(unsafe.Add(unsafe.Pointer(&s[n-1]), 4)))
			}
		}
	}},
	{"the sums of columns start from nothing", func(f *pairLoops) {
		sound := f.weigh
		f.weigh = func(l Level, s []float32, stride int, rowSums, colSums []float32, rows, panels int) {
			clear(colSums)
			sound(l, s, stride, rowSums, colSums, rows, panels)
		}
	}},
	{"two lanes are interchanged", func(f *pairLoops) {
		sound := f.weigh
		f.weigh = func(l Level, s []float32, stride int, rowSums, colSums []float32, rows, panels int) {
			sound(l, s, stride, rowSums, colSums, rows, panels)
			if len(s) > 2 {
				s[1], s[2] = s[2], s[1]
			}
		}
	}},
	{"a row is scaled beyond its end", func(f *pairLoops) {
		sound := f.scale
		f.scale = func(l Level, h, g []float32, stride, rows, panels int) {
			sound(l, h, g, stride, rows, panels)
			if end := panels * l.Lanes(); end < len(h) && stride > end {
				h[end]++
			}
		}
	}},
	{"the other side of a pair gets its part with the wrong sign", func(f *pairLoops) {
		f.exchange = func(l Level, g []float32, stride int, xi, di, xj, dj []float32, rows, cols int) {
			before := append([]float32(nil), dj...)
			l.Exchange(g, stride, xi, di, xj, dj, rows, cols)
			for k := range dj {
				dj[k] = 2*before[k] - dj[k]
			}
		}
	}},
	{"a block starts from the sums of the block before", func(f *pairLoops) {
		f.attract = func(l Level, g []float32, stride int, xi, di, xj []float32, rows, cols int) {
			if w := l.Lanes(); cols > 0 && rows > RowBlock {
				copy(di[RowBlock*w:][:w], di[:w])
			}
			l.Attract(g, stride, xi, di, xj, rows, cols)
		}
	}},
	{"the first token is met twice", func(f *pairLoops) {
		f.attract = func(l Level, g []float32, stride int, xi, di, xj []float32, rows, cols int) {
			l.Attract(g, stride, xi, di, xj, rows, cols)
			l.Attract(g, stride, xi, di, xj, rows, min(cols, 1))
		}
	}},
}

// TestPairMutants requires tryPairs to find each fault.
func TestPairMutants(t *testing.T) {
	for _, m := range pairMutants {
		for _, l := range Levels() {
			f := soundPairLoops()
			m.plant(&f)
			if !guard.Pages && m.name == "one vector more is read than a tile has" {
				continue
			}
			if s := tryPairs(t, l, f); s == "" {
				t.Errorf("%v: nobody sees that %s", l, m.name)
			}
		}
	}
}
