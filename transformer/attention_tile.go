package transformer

import (
	"math"
	"unsafe"

	"example.com/attest/spec"
)

// tileKeys adds the keys j0 to j1, at most a block, to the partial result of a
// tile.
func (c *call) tileKeys(s *tile, p *partial, j0, j1 int) {
	visible, hiding := c.hide(s, j0, j1)
	if visible == 0 {
		return
	}
	n, lanes, dHead, dValue := j1-j0, s.lanes, c.q.Shape[3], c.v.Shape[3]
	k, stride := c.rowsOfKeys(s, j0, j1)
	c.kernels.Logits(s.s, s.q, k, stride, n, dHead, lanes)
	if !c.two {
		if limit := c.opt.Softcap; limit != 0 {
			c.kernels.Cap(s.s[:n*lanes], limit)
		}
		c.add(s, j0, j1)
	}
	if hiding {
		c.kernels.Fill(s.s, s.hidden[:n], lanes, minusInf)
	}
	c.kernels.Softmax(s.s, p.top[:lanes], p.den[:lanes], p.factor[:lanes], n, lanes, c.two)
	if c.opt.Keep != nil {
		c.kernels.Fill(s.s, c.drop(s, j0, j1), lanes, 0)
	}
	v, stride := c.rowsOfValues(s, j0, j1)
	s.hid = s.hid || hiding
	if hiding && s.careful {
		v, stride = s.withoutSpoilt(v, stride, n, dValue), dValue
	}
	c.kernels.Values(p.sum, s.s, v, p.factor[:lanes], stride, n, dValue, lanes)
	if hiding && s.careful {
		s.addSpoilt(p, func(j, r int) float32 { return s.s[j*lanes+r] })
	}
	p.seen |= visible
}

// rowsOfKeys returns the keys j0 to j1 as rows, and how far these are apart.
func (c *call) rowsOfKeys(s *tile, j0, j1 int) (rows []float32, stride int) {
	if c.pages != nil {
		return c.pages.rows(&s.keys, c.pages.k, s.b, s.g, j0, j1)
	}
	return keyRows(&s.keys, c.k, s.b, s.g, j0, j1)
}

// rowsOfValues is rowsOfKeys for values.
func (c *call) rowsOfValues(s *tile, j0, j1 int) (rows []float32, stride int) {
	if c.pages != nil {
		return c.pages.rows(&s.values, c.pages.v, s.b, s.g, j0, j1)
	}
	return keyRows(&s.values, c.v, s.b, s.g, j0, j1)
}

// keyRows returns the channels of tokens j0 to j1 as rows and how far these are
// apart: as they are if channels follow one another, else a copy.
func keyRows(scratch *[]float32, t spec.Tensor[float32], b, h, j0, j1 int) (rows []float32, stride int) {
	d := t.Shape[3]
	if d == 0 {
		return nil, 0
	}
	if t.Stride[3] == 1 || d == 1 {
		at := t.Index(b, h, j0, 0)
		return t.Data[at : at+(j1-j0-1)*t.Stride[2]+d], t.Stride[2]
	}
	*scratch = grow(*scratch, (j1-j0)*d)
	for j := j0; j < j1; j++ {
		load((*scratch)[(j-j0)*d:][:d], t, b, h, j)
	}
	return *scratch, d
}

// load copies the channels of token (b, h, i) into row.
func load(row []float32, t spec.Tensor[float32], b, h, i int) {
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

// add adds slopes and bias to the products, which makes them logits.
func (c *call) add(s *tile, j0, j1 int) {
	if c.opt.Slopes != nil {
		c.addSlopes(s, j0, j1)
	}
	if c.opt.Bias == nil {
		return
	}
	// A row ends before j1 if its bias does: what lies behind is hidden.
	n := max(0, min(j1, c.opt.Bias.Keys)-j0)
	blocks := n / 8
	rows := &s.at
	for l := 0; l < s.lanes && blocks > 0; l += 8 {
		for k := range rows {
			rows[k] = unsafe.SliceData(s.none)
			if r := l + k; r < s.rows {
				rows[k] = &c.opt.Bias.Row(s.b, s.head[r], s.query[r])[j0]
			}
		}
		c.kernels.Pack(s.s[l:], rows, s.lanes, blocks, 1, true)
	}
	for r := range s.rows {
		row := c.opt.Bias.Row(s.b, s.head[r], s.query[r])
		for j := 8 * blocks; j < n; j++ {
			s.s[j*s.lanes+r] += row[j0+j]
		}
	}
}

// addSlopes adds slope times distance to the products. The distances of eight
// queries are eight views of one row of whole numbers, so that Pack adds them
// where the eight have one head, and so one slope.
func (c *call) addSlopes(s *tile, j0, j1 int) {
	n := j1 - j0
	away, least, most := &s.away, math.Inf(1), math.Inf(-1)
	for r := range s.rows {
		away[r] = c.opt.Distance(s.b, s.query[r], j0)
		least, most = min(least, away[r]), max(most, away[r])
	}
	blocks := n / 8
	if most-least > fewBlock { // sequences that lie far apart
		blocks = 0
	}
	if blocks > 0 {
		s.distances = grow(s.distances, int(most-least)+n)
		for k := range s.distances {
			s.distances[k] = float32(least + float64(k))
		}
	}
	for l := 0; l < s.rows; l += 8 {
		last, done := min(l+8, s.rows)-1, 0
		if s.head[l] == s.head[last] && blocks > 0 {
			done = 8 * blocks
			for k := range s.at {
				s.at[k] = unsafe.SliceData(s.none)
				if r := l + k; r <= last {
					s.at[k] = &s.distances[int(away[r]-least)]
				}
			}
			c.kernels.Pack(s.s[l:], &s.at, s.lanes, blocks, c.opt.Slopes[s.head[l]], true)
		}
		for r := l; r <= last; r++ {
			slope := c.opt.Slopes[s.head[r]]
			for j := done; j < n; j++ {
				s.s[j*s.lanes+r] += float32(slope * float32(away[r]+float64(j))) // as Pack rounds it
			}
		}
	}
}

// withoutSpoilt returns a copy of n rows of values in which those that are not
// finite are 0, and notes these.
func (s *tile) withoutSpoilt(v []float32, stride, n, channels int) []float32 {
	out := grow(s.values, n*channels)
	s.values, s.spoilt = out, s.spoilt[:0]
	for j := range n {
		for k := range channels {
			x := v[j*stride+k]
			if x-x != 0 {
				s.spoilt = append(s.spoilt, spoilt{j, k, x})
				x = 0
			}
			out[j*channels+k] = x
		}
	}
	return out
}

// addSpoilt adds the values that are not finite to the rows that may see them.
// They leave nothing finite, so that it does not matter when they are added.
func (s *tile) addSpoilt(p *partial, weight func(j, r int) float32) {
	for _, x := range s.spoilt {
		for r := range s.rows {
			if s.hidden[x.j]>>r&1 == 0 {
				p.sum[x.channel*p.channel+r*p.row] += weight(x.j, r) * x.x
			}
		}
	}
}
