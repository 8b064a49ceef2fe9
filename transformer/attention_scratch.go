package transformer

import (
	"math"
	"unsafe"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// tile is the memory of one goroutine at work on one tile, or on a few rows.
type tile struct {
	b, g           int // batch, key head
	rows, lanes    int // in use, and with those that fill a vector
	head, query    [mostLanes]int
	from, to       [mostLanes]int // of the keys that the row may see
	lo, hi         int            // of those that some row may see
	allFrom, allTo int            // and all

	q, s         []float32
	hidden       [fewBlock]uint64 // a bit for each row that may not see the key
	dropped      [fewBlock]uint64 // or whose weight for the key is dropped
	keys, values []float32        // copies
	none         []float32        // zeros, for rows there are not
	spare        []float32        // what such rows get
	spoilt       []spoilt
	careful, hid bool
	away         [mostLanes]float64 // distance of the first key at hand from the row
	distances    []float32          // whole numbers, one after the other
	first, later partial
	at           kernel.Rows // of operands
}

// spoilt is a value that is not finite.
type spoilt struct {
	j, channel int
	x          float32
}

// setRows places a job: its batch, key head and rows, and lays out its queries.
func (c *call) setRows(s *tile, job int) {
	queries, n := c.q.Shape[2], c.k.Shape[2]
	// Under the causal rule the last queries have the most keys: they come first.
	tile := c.tiles - 1 - job%c.tiles
	stream := job / c.tiles % c.streams
	s.b = job / c.tiles / c.streams
	s.g = spec.KeyHead(stream*c.heads, c.q.Shape[1], c.k.Shape[1])
	r0 := tile * c.tileRows
	s.rows = min(c.tileRows, c.heads*queries-r0)
	s.lo, s.hi, s.allFrom, s.allTo = n, 0, 0, n
	for r := range s.rows {
		s.head[r], s.query[r] = stream*c.heads+(r0+r)/queries, (r0+r)%queries
		from, to := c.opt.KeyRange(s.b, s.query[r], n)
		s.from[r], s.to[r] = from, to
		if from < to {
			s.lo, s.hi = min(s.lo, from), max(s.hi, to)
		}
		s.allFrom, s.allTo = max(s.allFrom, from), min(s.allTo, to)
	}
	dHead, wide := c.q.Shape[3], max(c.q.Shape[3], c.v.Shape[3], fewBlock)
	s.none, s.spare = grow(s.none, wide), grow(s.spare, wide)
	if c.few {
		s.lanes = s.rows + s.rows%4/3 // three are four, one of which is of no use
		s.q, s.s = grow(s.q, s.lanes*dHead), grow(s.s, s.lanes*fewBlock)
		c.loadFew(s)
		return
	}
	vector := c.kernels.Vector
	s.lanes = (s.rows + vector - 1) / vector * vector
	s.q, s.s = grow(s.q, s.lanes*dHead), grow(s.s, s.lanes*keyBlock)
	c.layOut(s, s.q, c.q, c.scale)
}

// layOut stores the rows of t that are in the tile channel by channel, times the
// scale, and zeros in the lanes that are left.
func (c *call) layOut(s *tile, dst []float32, t spec.Tensor[float32], scale float32) {
	d := t.Shape[3]
	blocks := d / 8
	if t.Stride[3] != 1 {
		blocks = 0
	}
	rows := &s.at
	for l := 0; l < s.lanes && blocks > 0; l += 8 {
		for k := range rows {
			rows[k] = unsafe.SliceData(s.none)
			if r := l + k; r < s.rows {
				rows[k] = &t.Data[t.Index(s.b, s.head[r], s.query[r], 0)]
			}
		}
		c.kernels.Pack(dst[l:], rows, s.lanes, blocks, scale, false)
	}
	if 8*blocks == d {
		return
	}
	clear(dst[8*blocks*s.lanes : d*s.lanes])
	for r := range s.rows {
		at := t.Index(s.b, s.head[r], s.query[r], 0)
		for channel := 8 * blocks; channel < d; channel++ {
			dst[channel*s.lanes+r] = t.Data[at+channel*t.Stride[3]] * scale
		}
	}
}

// partial is the attention of rows over some of the keys: for each the largest
// logit, and the sums of b^(logit − top) and of these times the values. Channel c
// of row r is element c·channel + r·row.
type partial struct {
	sum              []float32
	channel, row     int
	top, den, factor [mostLanes]float32
	seen             uint64 // rows that have met an allowed key
}

// clear makes p the attention over no key.
func (p *partial) clear(lanes, channels int, few bool) {
	p.channel, p.row = lanes, 1
	if few {
		p.channel, p.row = 1, channels
	}
	p.sum = grow(p.sum, lanes*channels)
	clear(p.sum)
	for l := range p.top {
		p.top[l] = minusInf
	}
	clear(p.den[:])
	p.seen = 0
}

// weight returns b^(x − top), b being 2 or e, and 0 for x = −Inf even if top is
// −Inf too.
func weight(x, top float32, two bool) float32 {
	switch {
	case math.IsInf(float64(x), -1):
		return 0
	case two:
		return float32(math.Exp2(float64(x - top)))
	}
	return float32(math.Exp(float64(x - top)))
}

// merge adds the keys of q to p: of the two sums of a row, that with the lower
// maximum is multiplied by the exponential of the difference.
func (c *call) merge(p, q *partial) {
	for r := range c.tileRows {
		if q.seen>>r&1 != 0 {
			p.mergeRow(q, r, c.v.Shape[3], c.two)
		}
	}
}

// mergeRow is merge for row r. Only a row that has met a key may be added.
func (p *partial) mergeRow(q *partial, r, channels int, two bool) {
	fp, fq := float32(1), float32(1)
	switch {
	case p.seen>>r&1 == 0:
		fp, p.top[r] = 0, q.top[r]
	case q.top[r] > p.top[r]:
		fp, p.top[r] = weight(p.top[r], q.top[r], two), q.top[r]
	default:
		fq = weight(q.top[r], p.top[r], two)
	}
	p.seen |= 1 << r
	p.den[r] = p.den[r]*fp + q.den[r]*fq
	for k := range channels {
		x := &p.sum[k*p.channel+r*p.row]
		*x = *x*fp + q.sum[k*q.channel+r*q.row]*fq
	}
}

// store divides the rows by their denominators and writes them.
func (c *call) store(s *tile, p *partial) {
	if c.opt.Sinks != nil {
		for r := range s.rows {
			c.addSink(p, r, c.opt.Sinks[s.head[r]])
		}
	}
	keep := float32(1)
	if c.opt.Keep != nil {
		keep = float32(c.opt.KeepScale)
	}
	for r := range s.lanes {
		p.factor[r] = 0
		if p.seen>>r&1 != 0 && r < s.rows {
			p.factor[r] = 1 / p.den[r] * keep
		}
	}
	channels, done := c.v.Shape[3], 0
	if c.dst.Stride[3] == 1 && !c.few && channels >= 8 {
		done = channels / 8 * 8
		for l := 0; l < s.lanes; l += 8 {
			for k := range s.at {
				s.at[k] = unsafe.SliceData(s.spare)
				if r := l + k; r < s.rows {
					s.at[k] = &c.dst.Data[c.dst.Index(s.b, s.head[r], s.query[r], 0)]
				}
			}
			c.kernels.Unpack(&s.at, p.sum[l:], p.factor[l:], p.channel, channels/8)
		}
	}
	for r := range s.rows {
		at := c.dst.Index(s.b, s.head[r], s.query[r], 0)
		first := done
		if p.seen>>r&1 == 0 {
			first = channels
			for k := range channels {
				c.dst.Data[at+k*c.dst.Stride[3]] = 0
			}
		}
		for k := first; k < channels; k++ {
			c.dst.Data[at+k*c.dst.Stride[3]] = p.sum[k*p.channel+r*p.row] * p.factor[r]
		}
		if c.lse.Data != nil {
			c.lse.Set(s.b, s.head[r], s.query[r], 0, p.logSum(r, c.two))
		}
	}
	clear(s.at[:]) // scratch memory keeps no operand alive
}

// addSink adds a key with the given logit and the value 0 to row r. A row without
// another key is 0 whatever the logit, even if that is not finite.
func (c *call) addSink(p *partial, r int, x float32) {
	if math.IsInf(float64(x), -1) {
		return
	}
	if p.seen>>r&1 == 0 {
		for k := range c.v.Shape[3] {
			p.sum[k*p.channel+r*p.row] = 0
		}
		p.top[r], p.den[r] = x, 1
		p.seen |= 1 << r
		return
	}
	f := float32(1)
	if x > p.top[r] {
		f, p.top[r] = weight(p.top[r], x, c.two), x
	}
	p.den[r] = p.den[r]*f + weight(x, p.top[r], c.two)
	for k := range c.v.Shape[3] {
		p.sum[k*p.channel+r*p.row] *= f
	}
}

// logSum returns the logarithm of the sum of the exponentials of row r.
func (p *partial) logSum(r int, two bool) float32 {
	if p.seen>>r&1 == 0 {
		return minusInf
	}
	top := float64(p.top[r])
	if two {
		top *= math.Ln2
	}
	return float32(top + math.Log(float64(p.den[r])))
}
