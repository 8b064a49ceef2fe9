package energy

import "example.com/attest/internal/kernel"

// approach is one pass over queries yᵢ and keys xⱼ that stay: for each query it
// gathers Σⱼ Gᵢⱼ(yᵢ−xⱼ) and 1 + Σⱼ Gᵢⱼ. If causal is set the keys are the queries,
// and only those j < i count.
type approach struct {
	Machine
	*arena
	y, x          matrix
	u, v          tokenPanels
	from, to, sum channelPanels
	rowSums       []float32
	causal        bool
}

// newApproach prepares a pass. It must be freed.
func (m Machine) newApproach(y, x matrix) *approach {
	l, a := m.Level, newArena()
	return &approach{
		Machine: m, arena: a, y: y, x: x, u: a.packTokens(l, y), v: a.packTokens(l, x),
		from: a.packChannels(l, y), to: a.packChannels(l, x), sum: a.newChannelPanels(l, y.Rows, y.Cols),
		rowSums: a.zeros(y.Rows * l.Lanes()),
	}
}

// run visits all pairs, the last queries first, since they may have the most keys.
func (s *approach) run() {
	tiles, work := roundUp(s.y.Rows, tile)/tile, s.y.Rows*s.x.Rows*(s.y.Cols+8)
	const size = tile*tile + tile
	memory := s.take(s.threads(work) * size)
	s.each(tiles, work, func(thread, k int) {
		i0 := (tiles - 1 - k) * tile
		for j0 := 0; j0 < s.x.Rows && !(s.causal && j0 > i0) && !s.ended(); j0 += tile {
			s.visit(memory[thread*size:][:size], i0, j0)
		}
	})
}

// visit adds what the keys of the tile from j0 on are to the queries from i0 on.
func (s *approach) visit(memory []float32, i0, j0 int) {
	g, w := memory[:tile*tile], s.u.lanes
	rows, cols := min(tile, s.y.Rows-i0), min(tile, s.x.Rows-j0)
	panels := roundUp(cols, w) / w
	s.Level.Squares(g, tile, s.u.from(i0), s.v.from(j0), s.u.channels, rows, panels)
	diagonal := s.causal && i0 == j0
	for r := range rows {
		visible := cols
		if diagonal {
			visible = r
		}
		for c := visible; c < panels*w; c++ {
			g[r*tile+c] = far
		}
	}
	s.Level.Weigh(g, tile, s.rowSums[i0*w:], memory[tile*tile:], rows, panels)
	whole := clearRest(g, rows, cols)
	for c := range s.from.panels {
		if diagonal {
			s.approachBefore(g, c, i0, rows)
			continue
		}
		s.Level.Attract(g, tile, s.from.from(c, i0), s.sum.from(c, i0), s.to.from(c, j0), whole, cols)
	}
}

// approachBefore adds what the tokens of a tile are to those behind them, in one
// panel of channels: whole blocks first, then what is before a token in its own.
// No weight of 0 is used, so that a later token may be anything.
func (s *approach) approachBefore(g []float32, c, i0, rows int) {
	for b := 0; b < rows; b += kernel.RowBlock {
		s.Level.Attract(g[b*tile:], tile, s.from.from(c, i0+b), s.sum.from(c, i0+b), s.to.from(c, i0), kernel.RowBlock, b)
		for r := b; r < min(b+kernel.RowBlock, rows); r++ {
			for j := b; j < r; j++ {
				attract(s.sum.token(c, i0+r), -g[r*tile+j], s.from.token(c, i0+r), s.to.token(c, i0+j))
			}
		}
	}
}

// finish stores the step yᵢ − η·sum/d.
func (s *approach) finish(dst matrix, eta float32) {
	w := s.u.lanes
	d := make([]float32, s.y.Rows)
	for i := range d {
		d[i] = 1 + sumLanes(s.rowSums[i*w:][:w])
		s.sum.store(dst.Row(i), i)
	}
	descend(dst, s.y, d, eta)
}
