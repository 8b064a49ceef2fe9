package transformer

import (
	"math"

	"example.com/attest/spec"
)

// backwardTile is the scratch memory of one tile of queries and one block of keys.
// Number (key, lane) of the pairs is element key·lanes + lane.
type backwardTile struct {
	tile
	p                []float32 // dOut·v, then the gradients in the logits
	slopes           []float32 // of the cap
	out              []float32 // dOut channel by channel
	qRows, outRows   []float32 // queries and dOut lane by lane, filled up with zeros
	qPitch, outPitch int
	finite           bool   // all queries and dOut of the tile
	visible          uint64 // queries that see some key of the block
	owed             []float32
	dQ, state        partial // state: of the first pass

	top, inverse, mean, factor [mostLanes]float32
}

// load places a job and lays out its queries, dOut, and what the first pass has
// found.
func (c *backwardCall) load(s *backwardTile, job int) {
	c.setRows(&s.tile, job)
	dHead, dValue := c.q.Shape[3], c.v.Shape[3]
	s.p, s.out = grow(s.p, s.lanes*keyBlock), grow(s.out, s.lanes*dValue)
	c.layOut(&s.tile, s.out, c.dOut, 1)
	s.qRows, s.qPitch = c.rows(&s.tile, s.qRows, c.q)
	s.outRows, s.outPitch = c.rows(&s.tile, s.outRows, c.dOut)
	s.finite = c.of.kernels.Finite(s.qRows) && c.of.kernels.Finite(s.outRows)
	for l := range s.lanes {
		s.top[l], s.inverse[l], s.mean[l], s.factor[l] = 0, 0, 0, 1
		if l < s.rows {
			at := c.row(s.b, s.head[l], s.query[l])
			s.top[l], s.inverse[l], s.mean[l] = c.top[at], c.inverse[at], c.mean[at]
		}
	}
	s.dQ.clear(s.lanes, dHead, false)
}

// rows copies the tile's rows of t, filled up with zeros to whole vectors.
func (c *backwardCall) rows(s *tile, dst []float32, t spec.Tensor[float32]) (rows []float32, pitch int) {
	d, vector := t.Shape[3], c.of.kernels.Vector
	pitch = (d + vector - 1) / vector * vector
	dst = grow(dst, s.lanes*pitch)
	for l := range s.lanes {
		row, n := dst[l*pitch:][:pitch], 0
		if l < s.rows {
			load(row[:d], t, s.b, s.head[l], s.query[l])
			n = d
		}
		clear(row[n:])
	}
	return dst, pitch
}

// eachBlock calls f for each block of keys of which some query sees some key.
func (c *backwardCall) eachBlock(s *backwardTile, f func(j0, j1 int)) {
	for j0 := s.lo / keyBlock * keyBlock; j0 < s.hi; j0 += keyBlock {
		if j1 := min(j0+keyBlock, c.k.Shape[2]); c.see(s, j0, j1) {
			f(j0, j1)
		}
	}
}

// see notes which queries may not see which of the keys j0 to j1, and reports
// whether some query may see some key. Lanes without a query see nothing.
func (c *backwardCall) see(s *backwardTile, j0, j1 int) bool {
	if s.lo >= j1 || s.hi <= j0 {
		return false
	}
	visible, hiding := c.hide(&s.tile, j0, j1)
	s.visible, s.hid = visible, hiding || s.rows < s.lanes
	if s.hid {
		for j := range s.hidden[:j1-j0] {
			if !hiding {
				s.hidden[j] = 0
			}
			s.hidden[j] |= ^(uint64(1)<<s.rows - 1)
		}
	}
	return visible != 0
}

// pairs stores the logits of the pairs at hand, the gradients in their weights,
// and the slopes of the cap.
func (c *backwardCall) pairs(s *backwardTile, j0, j1 int) {
	n := j1 - j0
	k, stride := keyRows(&s.keys, c.k, s.b, s.g, j0, j1)
	c.of.kernels.Logits(s.s, s.q, k, stride, n, c.q.Shape[3], s.lanes)
	v, stride := keyRows(&s.values, c.v, s.b, s.g, j0, j1)
	c.of.kernels.Logits(s.p, s.out, v, stride, n, c.v.Shape[3], s.lanes)
	if limit := c.opt.Softcap; limit != 0 {
		c.cap(s, s.s[:n*s.lanes], limit)
	}
	if !c.two {
		c.add(&s.tile, j0, j1)
	}
	if c.opt.Keep != nil {
		c.keep(s, s.p, j0, j1)
	}
}

// cap caps the products x and notes the cap's slopes there, 1 − t² with t the
// capped product over the limit, or its own tangent where that could underflow.
func (c *backwardCall) cap(s *backwardTile, x []float32, limit float64) {
	s.slopes = grow(s.slopes, len(x))
	if math.Abs(limit) < 0x1p-100 {
		for at, y := range x {
			t := math.Tanh(float64(y) / limit)
			s.slopes[at] = float32(1 - t*t)
		}
		c.of.kernels.Cap(x, limit)
		return
	}
	c.of.kernels.Cap(x, limit)
	inverse := 1 / limit
	for at, y := range x {
		t := float64(y) * inverse
		s.slopes[at] = float32(1 - t*t)
	}
}

// keep multiplies what belongs to pairs by their keep factors.
func (c *backwardCall) keep(s *backwardTile, x []float32, j0, j1 int) {
	for r := range s.rows {
		for j := j0; j < j1; j++ {
			x[(j-j0)*s.lanes+r] *= float32(c.opt.KeepFactor(s.b, s.head[r], s.query[r], j))
		}
	}
}

// measure is the first pass over one tile of queries.
func (c *backwardCall) measure(s *backwardTile, job int) {
	c.load(s, job)
	state := &s.state
	state.clear(s.lanes, 0, false)
	clear(s.mean[:s.lanes])
	c.eachBlock(s, func(j0, j1 int) {
		state.seen |= s.visible
		c.pairs(s, j0, j1)
		if s.hid {
			c.of.kernels.Fill(s.s, s.hidden[:j1-j0], s.lanes, minusInf)
			c.of.kernels.Fill(s.p, s.hidden[:j1-j0], s.lanes, 0)
		}
		c.of.kernels.Softmax(s.s, state.top[:s.lanes], state.den[:s.lanes], state.factor[:s.lanes], j1-j0, s.lanes, c.two)
		c.of.kernels.Means(s.mean[:], s.s, s.p, state.factor[:], j1-j0, s.lanes)
	})
	for r := range s.rows {
		at := c.row(s.b, s.head[r], s.query[r])
		if state.seen>>r&1 == 0 {
			c.top[at], c.inverse[at], c.mean[at] = 0, 0, 0
			continue
		}
		if c.opt.Sinks != nil {
			s.mean[r] *= c.sink(state, r, c.opt.Sinks[s.head[r]])
		}
		c.top[at], c.inverse[at], c.mean[at] = state.top[r], 1/state.den[r], s.mean[r]/state.den[r]
	}
}

// sink adds a key with the given logit and the value 0 to row r of the first pass,
// and returns what its other sums are multiplied by.
func (c *backwardCall) sink(state *partial, r int, x float32) float32 {
	f := float32(1)
	if x > state.top[r] {
		f, state.top[r] = weight(state.top[r], x, c.two), x
	}
	state.den[r] = state.den[r]*f + weight(x, state.top[r], c.two)
	return f
}

// weights stores for the pairs at hand the weights with their keep factors in s,
// and in p the gradients in the products of queries and keys, or in the logits.
func (c *backwardCall) weights(s *backwardTile, j0, j1 int, inLogits bool) {
	n, scale := j1-j0, float32(c.opt.Scale)
	if inLogits {
		scale = 1
	}
	c.pairs(s, j0, j1)
	c.of.kernels.Gradients(s.s, s.p, s.top[:], s.inverse[:], s.mean[:], n, s.lanes, c.two, scale)
	if c.opt.Softcap != 0 && !inLogits {
		for at, slope := range s.slopes[:n*s.lanes] {
			s.p[at] *= slope
		}
	}
	if s.hid {
		c.of.kernels.Fill(s.s, s.hidden[:n], s.lanes, 0)
		c.of.kernels.Fill(s.p, s.hidden[:n], s.lanes, 0)
	}
	if c.opt.Keep != nil {
		c.keep(s, s.s, j0, j1)
	}
}

// addKeys adds what the queries at hand owe to the keys and values j0 to j1.
func (c *backwardCall) addKeys(s *backwardTile, j0, j1 int) {
	q, out := s.qRows, s.outRows
	if s.hid && !s.finite {
		q, out = finiteRows(q), finiteRows(out)
		defer func() {
			c.addSpoiltRows(s, c.dst.Key, s.p, s.qRows, s.qPitch, j0, j1)
			c.addSpoiltRows(s, c.dst.Value, s.s, s.outRows, s.outPitch, j0, j1)
		}()
	}
	c.addRows(s, c.dst.Key, s.p, q, s.qPitch, j0, j1)
	c.addRows(s, c.dst.Value, s.s, out, s.outPitch, j0, j1)
}

// addRows adds the products of the pairs' numbers w with rows x of queries to the
// rows j0 to j1 of t.
func (c *backwardCall) addRows(s *backwardTile, t spec.Tensor[float32], w, x []float32, pitch, j0, j1 int) {
	d, n := t.Shape[3], j1-j0
	if d == 0 {
		return
	}
	if t.Stride[3] == 1 && d == pitch {
		at := t.Index(s.b, s.g, j0, 0)
		c.of.kernels.Owed(t.Data[at:], w, x, t.Stride[2], pitch, n, s.lanes, d)
		return
	}
	s.owed = grow(s.owed, n*pitch)
	clear(s.owed)
	for j := range n {
		load(s.owed[j*pitch:][:d], t, s.b, s.g, j0+j)
	}
	c.of.kernels.Owed(s.owed, w, x, pitch, pitch, n, s.lanes, pitch)
	for j := range n {
		at := t.Index(s.b, s.g, j0+j, 0)
		for ch, e := range s.owed[j*pitch:][:d] {
			t.Data[at+ch*t.Stride[3]] = e
		}
	}
}

// addSpoiltRows adds the products with what is not finite in rows x of queries to
// the rows of t that belong to keys that these queries may see. They leave nothing
// finite, so that it does not matter when they are added.
func (c *backwardCall) addSpoiltRows(s *backwardTile, t spec.Tensor[float32], w, x []float32, pitch, j0, j1 int) {
	for r := range s.rows {
		for ch, e := range x[r*pitch:][:t.Shape[3]] {
			if e-e == 0 {
				continue
			}
			for j := j0; j < j1; j++ {
				if s.hidden[j-j0]>>r&1 == 0 {
					t.Data[t.Index(s.b, s.g, j, ch)] += w[(j-j0)*s.lanes+r] * e
				}
			}
		}
	}
}

// finiteRows returns a copy in which 0 takes the place of what is not finite.
func finiteRows(x []float32) []float32 {
	out := make([]float32, len(x))
	for k, e := range x {
		if e-e == 0 {
			out[k] = e
		}
	}
	return out
}

// addQueries adds what the keys j0 to j1 owe to the queries at hand.
func (c *backwardCall) addQueries(s *backwardTile, j0, j1 int) {
	n, d := j1-j0, c.q.Shape[3]
	k, stride := keyRows(&s.keys, c.k, s.b, s.g, j0, j1)
	careful := s.hid && !finiteKeys(c, k, stride, n, d)
	if careful {
		k, stride = s.withoutSpoilt(k, stride, n, d), d
	}
	c.of.kernels.Values(s.dQ.sum, s.p, k, s.factor[:s.lanes], stride, n, d, s.lanes)
	if careful {
		s.addSpoilt(&s.dQ, func(j, r int) float32 { return s.p[j*s.lanes+r] })
	}
}

// finiteKeys reports whether all channels of n rows are finite.
func finiteKeys(c *backwardCall, k []float32, stride, n, d int) bool {
	for j := range n {
		if !c.of.kernels.Finite(k[j*stride:][:d]) {
			return false
		}
	}
	return true
}

// storeQueries writes the gradients of the queries at hand.
func (c *backwardCall) storeQueries(s *backwardTile) {
	s.dQ.seen = 1<<s.rows - 1
	for r := range s.rows {
		s.dQ.den[r] = 1
	}
	stored := &c.stored
	stored.store(&s.tile, &s.dQ)
}

// clearKeys makes the gradients of the keys and values j0 to j1 of a head 0.
func (c *backwardCall) clearKeys(b, g, j0, j1 int) {
	for _, t := range []spec.Tensor[float32]{c.dst.Key, c.dst.Value} {
		for j := j0; j < j1 && t.Shape[3] > 0; j++ {
			at := t.Index(b, g, j, 0)
			if t.Stride[3] == 1 {
				clear(t.Data[at : at+t.Shape[3]])
				continue
			}
			for ch := range t.Shape[3] {
				t.Data[at+ch*t.Stride[3]] = 0
			}
		}
	}
}
