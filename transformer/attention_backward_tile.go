package transformer

import (
	"math"

	"example.com/attest/spec"
)

const (
	backwardQueries = 32 // of a block
	backwardKeys    = 32
)

// backwardTile is the scratch memory of one block of queries and one block of
// keys. Matrices of pairs have a row of backwardKeys for each query.
type backwardTile struct {
	*backwardCall
	dHead, dValue    int
	b, h, i0, count  int // the block of queries
	j0, keys         int // of keys
	qs, ks, vs, outs []float32
	dQ, dK, dV       []float32
	x                []float32 // q·k, then the weights with their keep factors
	p                []float32 // dOut·v, then the gradients before the cap, times Scale
	d                []float32 // the gradients in the logits
	slopes           []float32 // of the cap, of one row
	allowed          []bool
	visible          []bool // allowed, nil where all are
}

func newBackwardTile(c *backwardCall) *backwardTile {
	const pairs = backwardQueries * backwardKeys
	d, dv := c.q.Shape[3], c.v.Shape[3]
	buffer := func(n int) []float32 { return make([]float32, n) }
	return &backwardTile{backwardCall: c, dHead: d, dValue: dv,
		qs: buffer(backwardQueries * d), dQ: buffer(backwardQueries * d), outs: buffer(backwardQueries * dv),
		ks: buffer(backwardKeys * d), dK: buffer(backwardKeys * d), vs: buffer(backwardKeys * dv), dV: buffer(backwardKeys * dv),
		x: buffer(pairs), p: buffer(pairs), d: buffer(pairs), slopes: buffer(backwardKeys), allowed: make([]bool, pairs)}
}

// placeQueries says which block of queries is at hand, loadQueries loads it too.
func (s *backwardTile) placeQueries(b, h, i0 int) {
	s.b, s.h, s.i0, s.count = b, h, i0, min(backwardQueries, s.q.Shape[2]-i0)
}

func (s *backwardTile) loadQueries(b, h, i0 int) {
	s.placeQueries(b, h, i0)
	for r := range s.count {
		gatherRow(s.qs[r*s.dHead:][:s.dHead], s.q, b, h, i0+r)
		gatherRow(s.outs[r*s.dValue:][:s.dValue], s.dOut, b, h, i0+r)
	}
}

// loadKeys loads the keys and values from j0 on if some query at hand may attend
// to one of them, and reports whether that is so. What a query may not see takes
// part in products, but none of these is used.
func (s *backwardTile) loadKeys(b, g, j0 int) bool {
	s.j0, s.keys = j0, min(backwardKeys, s.k.Shape[2]-j0)
	if !s.findVisible() {
		return false
	}
	for l := range s.keys {
		gatherRow(s.ks[l*s.dHead:][:s.dHead], s.k, b, g, j0+l)
		gatherRow(s.vs[l*s.dValue:][:s.dValue], s.v, b, g, j0+l)
	}
	return true
}

// findVisible finds out which query may attend to which key of the blocks at
// hand, and reports whether any may.
func (s *backwardTile) findVisible() bool {
	any, all := false, true
	for r := range s.count {
		row := s.allowed[r*backwardKeys:][:s.keys]
		lo, hi := s.opt.KeyRange(s.b, s.i0+r, s.k.Shape[2])
		mask, bias := gridRow(s.opt.Mask, s.b, s.h, s.i0+r, &hi), gridRow(s.opt.Bias, s.b, s.h, s.i0+r, &hi)
		for l := range row {
			j := s.j0 + l
			ok := lo <= j && j < hi
			if ok && mask != nil {
				ok = mask[j]
			}
			if ok && bias != nil {
				ok = !math.IsInf(float64(bias[j]), -1)
			}
			row[l] = ok
			any, all = any || ok, all && ok
		}
	}
	if s.visible = s.allowed; all {
		s.visible = nil
	}
	return any
}

// gridRow returns a row of a grid, nil if there is no grid, and lowers hi to its
// keys.
func gridRow[E any](g *spec.Grid[E], b, h, i int, hi *int) []E {
	if g == nil {
		return nil
	}
	*hi = min(*hi, g.Keys)
	return g.Row(b, h, i)
}

// logits stores the logits of row r in x, the gradients in its weights in p, and
// the slopes of the cap, all for the keys that the query may see.
func (s *backwardTile) logits(r int) {
	x, p := s.x[r*backwardKeys:][:s.keys], s.p[r*backwardKeys:][:s.keys]
	i, opt, scale := s.i0+r, s.opt, float32(s.opt.Scale)
	for l := range x {
		if !s.allowed[r*backwardKeys+l] {
			continue
		}
		j := s.j0 + l
		x[l] *= scale
		s.slopes[l] = 1
		if c := opt.Softcap; c != 0 {
			t := math.Tanh(float64(x[l]) / c)
			x[l], s.slopes[l] = float32(c*t), float32(1-t*t)
		}
		if opt.Slopes != nil {
			x[l] += opt.Slopes[s.h] * float32(opt.Distance(s.b, i, j))
		}
		if opt.Bias != nil {
			x[l] += opt.Bias.At(s.b, s.h, i, j)
		}
		if opt.Keep != nil {
			p[l] *= float32(opt.KeepFactor(s.b, s.h, i, j))
		}
	}
}

// measure adds the keys at hand to the first pass of the queries at hand.
func (s *backwardTile) measure() {
	dotTile(s.x, s.qs, s.ks, s.count, s.keys, s.dHead)
	dotTile(s.p, s.outs, s.vs, s.count, s.keys, s.dValue)
	for r := range s.count {
		s.logits(r)
		x, p, row := s.x[r*backwardKeys:][:s.keys], s.p[r*backwardKeys:][:s.keys], s.row(s.b, s.h, s.i0+r)
		old, seen := row.top, row.seen
		for l := range x {
			if s.allowed[r*backwardKeys+l] && (!row.seen || x[l] > row.top) {
				row.top, row.seen = x[l], true
			}
		}
		if seen && row.top != old {
			f := backwardWeight(old, row.top)
			row.inverse, row.mean = row.inverse*f, row.mean*f
		}
		for l := range x {
			if s.allowed[r*backwardKeys+l] {
				e := backwardWeight(x[l], row.top)
				row.inverse += e // the denominator until the pass ends
				row.mean += e * p[l]
			}
		}
	}
}

// weights stores for the pairs at hand the weights with their keep factors in x,
// the gradients in the logits in d, and those before the cap, times Scale, in p.
func (s *backwardTile) weights() {
	dotTile(s.x, s.qs, s.ks, s.count, s.keys, s.dHead)
	dotTile(s.p, s.outs, s.vs, s.count, s.keys, s.dValue)
	scale := float32(s.opt.Scale)
	for r := range s.count {
		s.logits(r)
		row := s.row(s.b, s.h, s.i0+r)
		for l := range s.keys {
			at := r*backwardKeys + l
			if !s.allowed[at] {
				continue
			}
			a := backwardWeight(s.x[at], row.top) * row.inverse
			s.d[at] = a * (s.p[at] - row.mean)
			s.p[at] = s.d[at] * s.slopes[l] * scale
			if s.opt.Keep != nil {
				a *= float32(s.opt.KeepFactor(s.b, s.h, s.i0+r, s.j0+l))
			}
			s.x[at] = a
		}
	}
}

// addKeys adds what the queries at hand owe to the keys and values at hand.
func (s *backwardTile) addKeys() {
	addTile(s.dK, s.p, s.visible, 1, backwardKeys, s.qs, s.keys, s.count, s.dHead)
	addTile(s.dV, s.x, s.visible, 1, backwardKeys, s.outs, s.keys, s.count, s.dValue)
}

// addQueries adds what the keys at hand owe to the queries at hand.
func (s *backwardTile) addQueries() {
	addTile(s.dQ, s.p, s.visible, backwardKeys, 1, s.ks, s.count, s.keys, s.dHead)
}

// addBias adds the gradients in the logits at hand to those of the bias.
func (s *backwardTile) addBias() {
	for r := range s.count {
		bias := s.dst.Bias.Row(s.b, s.h, s.i0+r)
		for l := range s.keys {
			if at := r*backwardKeys + l; s.allowed[at] {
				bias[s.j0+l] += s.d[at]
			}
		}
	}
}

// clearedQueries makes the gradients of the queries at hand 0 and returns them.
func (s *backwardTile) clearedQueries() []float32 {
	clear(s.dQ)
	return s.dQ
}

// fetchQueries loads the gradients of the queries at hand as far as they are.
func (s *backwardTile) fetchQueries() {
	for r := range s.count {
		gatherRow(s.dQ[r*s.dHead:][:s.dHead], s.dst.Query, s.b, s.h, s.i0+r)
	}
}

func (s *backwardTile) storeQueries(dQ []float32) {
	for r := range s.count {
		scatterRow(s.dst.Query, dQ[r*s.dHead:][:s.dHead], s.b, s.h, s.i0+r)
	}
}

func (s *backwardTile) storeKeys(b, g, j0 int) {
	for l := range min(backwardKeys, s.k.Shape[2]-j0) {
		scatterRow(s.dst.Key, s.dK[l*s.dHead:][:s.dHead], b, g, j0+l)
		scatterRow(s.dst.Value, s.dV[l*s.dValue:][:s.dValue], b, g, j0+l)
	}
}

// gatherRow copies the channels of token (b, h, i) into row, scatterRow the other
// way.
func gatherRow(row []float32, t spec.Tensor[float32], b, h, i int) {
	if len(row) == 0 {
		return
	}
	at := t.Index(b, h, i, 0)
	if t.Stride[3] == 1 {
		copy(row, t.Data[at:])
		return
	}
	for c := range row {
		row[c] = t.Data[at+c*t.Stride[3]]
	}
}

func scatterRow(t spec.Tensor[float32], row []float32, b, h, i int) {
	if len(row) == 0 {
		return
	}
	at := t.Index(b, h, i, 0)
	if t.Stride[3] == 1 {
		copy(t.Data[at:at+len(row)], row)
		return
	}
	for c := range row {
		t.Data[at+c*t.Stride[3]] = row[c]
	}
}

// backwardWeight is exp(x − top) rounded to float32, within 1.01u. A logit of −Inf
// weighs nothing, even if there is none above it.
func backwardWeight(x, top float32) float32 {
	if math.IsInf(float64(x), -1) {
		return 0
	}
	return float32(math.Exp(float64(x - top)))
}

// dotTile stores x_r·y_l for each of rows r and cols l, of the given channels, in
// row r of dst, which has backwardKeys elements.
func dotTile(dst, x, y []float32, rows, cols, channels int) {
	for r := range rows {
		out, xs := dst[r*backwardKeys:][:cols], x[r*channels:][:channels]
		l := 0
		for ; l+4 <= cols; l += 4 {
			y0, y1, y2, y3 := y[l*channels:][:channels], y[(l+1)*channels:][:channels], y[(l+2)*channels:][:channels], y[(l+3)*channels:][:channels]
			var s0, s1, s2, s3 float32
			for c, e := range xs {
				s0 += e * y0[c]
				s1 += e * y1[c]
				s2 += e * y2[c]
				s3 += e * y3[c]
			}
			out[l], out[l+1], out[l+2], out[l+3] = s0, s1, s2, s3
		}
		for ; l < cols; l++ {
			var s0 float32
			for c, e := range y[l*channels:][:channels] {
				s0 += xs[c] * e
			}
			out[l] = s0
		}
	}
}

// addTile adds Σ_l w_rl·x_l to row r of dst for each of rows r, over the cols l
// that visible has for r, nil having all. Element (r, l) of w and visible is at
// r·rowStep + l·colStep; dst and x have rows of the given channels.
func addTile(dst, w []float32, visible []bool, rowStep, colStep int, x []float32, rows, cols, channels int) {
	var places [max(backwardQueries, backwardKeys)]int
	for r := range rows {
		count := 0
		for l := range cols {
			if visible == nil || visible[r*rowStep+l*colStep] {
				places[count] = l
				count++
			}
		}
		out := dst[r*channels:][:channels]
		source := func(n int) (e float32, row []float32) {
			l := places[n]
			return w[r*rowStep+l*colStep], x[l*channels:][:len(out)]
		}
		n := 0
		for ; n+4 <= count; n += 4 {
			e0, x0 := source(n)
			e1, x1 := source(n + 1)
			e2, x2 := source(n + 2)
			e3, x3 := source(n + 3)
			for c, s := range out {
				s += e0 * x0[c]
				s += e1 * x1[c]
				s += e2 * x2[c]
				s += e3 * x3[c]
				out[c] = s
			}
		}
		for ; n < count; n++ {
			e, row := source(n)
			for c := range out {
				out[c] += e * row[c]
			}
		}
	}
}
