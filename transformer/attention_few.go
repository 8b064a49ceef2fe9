package transformer

import (
	"math"
	"math/bits"
)

// loadFew lays out the queries one behind the other, times the scale.
func (c *call) loadFew(s *tile) {
	d := c.q.Shape[3]
	for r := range s.lanes {
		row := s.q[r*d:][:d]
		if r >= s.rows {
			clear(row)
			continue
		}
		load(row, c.q, s.b, s.head[r], s.query[r])
		for k := range row {
			row[k] *= c.scale
		}
	}
}

// fewKeys adds the keys j0 to j1, at most a block, to the partial result of a few
// rows.
func (c *call) fewKeys(s *tile, p *partial, j0, j1 int) {
	visible, hiding := c.hide(s, j0, j1)
	if visible == 0 {
		return
	}
	n, dHead, dValue := j1-j0, c.q.Shape[3], c.v.Shape[3]
	k, kStride := c.rowsOfKeys(s, j0, j1)
	v, stride := c.rowsOfValues(s, j0, j1)
	for r := 0; r < s.lanes; r += 4 {
		c.kernels.Dots(s.s[r*fewBlock:], s.q[r*dHead:], k, fewBlock, kStride, n, dHead, min(4, s.lanes-r))
	}
	for r := range s.lanes {
		row := s.s[r*fewBlock:][:n]
		if r >= s.rows {
			clear(row)
			p.factor[r] = 0
			continue
		}
		if !c.two {
			c.shapeRow(s, r, row, j0)
		}
		if hiding {
			for j := range row {
				if s.hidden[j]>>r&1 != 0 {
					row[j] = minusInf
				}
			}
		}
		c.softmaxRow(p, r, s.s[r*fewBlock:][:(n+fewStep-1)/fewStep*fewStep], n)
	}
	if c.opt.Keep != nil {
		for j, dropped := range c.drop(s, j0, j1) {
			for ; dropped != 0; dropped &= dropped - 1 {
				s.s[bits.TrailingZeros64(dropped)*fewBlock+j] = 0
			}
		}
	}
	s.hid = s.hid || hiding
	if hiding && s.careful {
		v, stride = s.withoutSpoilt(v, stride, n, dValue), dValue
	}
	for r := 0; r < s.lanes; r += 4 {
		c.kernels.Sums(p.sum[r*dValue:], s.s[r*fewBlock:], v, p.factor[r:s.lanes], fewBlock, stride, n, dValue, min(4, s.lanes-r))
	}
	if hiding && s.careful {
		s.addSpoilt(p, func(j, r int) float32 { return s.s[r*fewBlock+j] })
	}
	p.seen |= visible
}

// shapeRow makes a row's products logits: caps them, and adds slopes and bias.
func (c *call) shapeRow(s *tile, r int, row []float32, j0 int) {
	if limit := c.opt.Softcap; limit != 0 {
		c.kernels.Cap(row, limit)
	}
	if c.opt.Slopes != nil {
		slope, first := c.opt.Slopes[s.head[r]], c.opt.Distance(s.b, s.query[r], j0)
		for j := range row {
			row[j] += float32(slope * float32(first+float64(j)))
		}
	}
	if c.opt.Bias != nil {
		bias := c.opt.Bias.Row(s.b, s.head[r], s.query[r])
		for j, x := range bias[min(j0, len(bias)):min(j0+len(row), len(bias))] {
			row[j] += x
		}
	}
}

// softmaxRow makes a row of n logits weights and updates its maximum, denominator
// and factor. Behind them the row goes on to a multiple of fewStep.
func (c *call) softmaxRow(p *partial, r int, row []float32, n int) {
	for j := range row[n:] {
		row[n+j] = minusInf
	}
	old := p.top[r]
	top := old
	if most := c.kernels.Most(row); !(most <= top) {
		top = most
	}
	p.top[r], p.factor[r] = top, weight(old, top, c.two)
	if top < -math.MaxFloat32 { // no logit yet: weights from the least number are 0
		top = -math.MaxFloat32
	}
	p.den[r] = p.den[r]*p.factor[r] + c.kernels.Weigh(row, top, c.two)
}
