package energy

import "example.com/attest/internal/kernel"

// sweep is one pass over the pairs of tokens U with weights Gᵢⱼ =
// exp(−‖uᵢ−uⱼ‖²/2). For each of its fields X it gathers (D−G)X, pair by pair as
// Gᵢⱼ(xᵢ−xⱼ), and with the weights D and the energy. Memory beside the operands:
// copies of U and X, the sums, a vector for each token and a tile for each thread.
type sweep struct {
	Machine
	*arena
	n       int
	u       tokenPanels
	v       tokenPanels // if along is set: what fields are weighed along
	along   bool
	fields  []field
	rowSums []float32 // of weights above the diagonal and, in tiles on it, on both sides: a vector for each row
	colSums []float32 // of weights above the diagonal, without the tiles on it
	onDiag  []float32 // for each tile on the diagonal, the sum of weights above it
}

// field is X and the sums (D−G)X, or those with weights Gᵢⱼ⟨uᵢ−uⱼ, vᵢ−vⱼ⟩ in
// place of Gᵢⱼ.
type field struct {
	x, sum channelPanels
	along  bool
}

// newSweep prepares a pass over the rows of u. It must be freed.
func (m Machine) newSweep(u matrix, fields ...matrix) *sweep {
	w, n, a := m.Level.Lanes(), u.Rows, newArena()
	s := &sweep{
		Machine: m, arena: a, n: n, u: a.packTokens(m.Level, u),
		rowSums: a.zeros(n * w),
		colSums: a.zeros(roundUp(n, tile)),
		onDiag:  a.zeros(roundUp(n, tile) / tile),
	}
	for _, x := range fields {
		s.fields = append(s.fields, field{x: a.packChannels(m.Level, x), sum: a.newChannelPanels(m.Level, n, x.Cols)})
	}
	return s
}

// run visits all pairs.
func (s *sweep) run() {
	s.eachTile(2, s.visit)
}

// eachTile calls visit for each pair of tiles with memory for count tiles of
// weights and a row of sums behind them, a thread's own.
func (s *sweep) eachTile(count int, visit func(memory []float32, i, j int)) {
	work := s.n * s.n * (s.u.channels + 8)
	size := count*tile*tile + tile
	memory := s.take(s.threads(work) * size)
	s.eachPair(len(s.onDiag), work, func(thread, i, j int) {
		visit(memory[thread*size:][:size], i, j)
	})
}

// visit adds what the pairs of tiles i ≤ j have to the sums. The pairs within a
// tile are visited from both sides.
func (s *sweep) visit(memory []float32, i, j int) {
	g, h := memory[:tile*tile], memory[tile*tile:][:tile*tile]
	i0, j0, w := i*tile, j*tile, s.u.lanes
	rows, cols, panels := s.squares(g, i, j)
	if s.along {
		s.Level.Products(h, tile, s.u.from(i0), s.u.from(j0), s.v.from(i0), s.v.from(j0), s.u.channels, rows, panels)
	}
	colSums := s.colSums[j0:]
	if i == j {
		colSums = memory[2*tile*tile:] // nobody's
	}
	s.Level.Weigh(g, tile, s.rowSums[i0*w:], colSums, rows, panels)
	if i == j {
		s.onDiag[i] = sumAbove(g, rows)
	}
	if s.along {
		s.Level.Scale(h, g, tile, rows, panels)
		clearRest(h, rows, cols)
	}
	whole := clearRest(g, rows, cols)
	for _, f := range s.fields {
		weights := g
		if f.along {
			weights = h
		}
		for c := range f.x.panels {
			if i == j {
				s.Level.Attract(weights, tile, f.x.from(c, i0), f.sum.from(c, i0), f.x.from(c, i0), whole, cols)
			} else {
				s.Level.Exchange(weights, tile, f.x.from(c, i0), f.sum.from(c, i0), f.x.from(c, j0), f.sum.from(c, j0), whole, cols)
			}
		}
	}
}

// squares stores the squared distances between the tokens of tiles i and j and
// returns how many there are, with the panels of the latter. A token is
// infinitely far from itself and from what pads a panel.
func (s *sweep) squares(g []float32, i, j int) (rows, cols, panels int) {
	i0, j0, w := i*tile, j*tile, s.u.lanes
	rows, cols = min(tile, s.n-i0), min(tile, s.n-j0)
	panels = roundUp(cols, w) / w
	s.Level.Squares(g, tile, s.u.from(i0), s.u.from(j0), s.u.channels, rows, panels)
	for r := range rows {
		for c := cols; c < panels*w; c++ {
			g[r*tile+c] = far
		}
		if i == j {
			g[r*tile+r] = far
		}
	}
	return rows, cols, panels
}

// far is a squared distance at which nothing weighs anything.
const far = 0x1p100

// clearRest clears the weights of the rows that make up the last block, and
// returns the number of rows with them.
func clearRest(g []float32, rows, cols int) int {
	whole := roundUp(rows, kernel.RowBlock)
	for r := rows; r < whole; r++ {
		clear(g[r*tile:][:cols])
	}
	return whole
}

// sumAbove returns the sum of the weights above the diagonal of a tile, in four
// chains.
func sumAbove(g []float32, rows int) float32 {
	var s [4]float32
	for r := range rows {
		for j := r + 1; j < rows; j++ {
			s[j%4] += g[r*tile+j]
		}
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// energy returns −Σ_{i<j} Gᵢⱼ.
func (s *sweep) energy() float32 {
	var e float32
	for i, above := range s.onDiag {
		e -= above
		for _, g := range s.colSums[i*tile:][:tile] {
			e -= g
		}
	}
	return e
}

// degrees returns D.
func (s *sweep) degrees() []float32 {
	d := make([]float32, s.n)
	for i := range d {
		d[i] = 1 + sumLanes(s.rowSums[i*s.u.lanes:][:s.u.lanes]) + s.colSums[i]
	}
	return d
}

// sumLanes returns the sum of x, whose length is a power of two, by halves; it
// overwrites x.
func sumLanes(x []float32) float32 {
	for n := len(x) / 2; n > 0; n /= 2 {
		for k := range n {
			x[k] += x[k+n]
		}
	}
	return x[0]
}

// store stores the sums of a field.
func (s *sweep) store(dst matrix, field int) {
	for i := range dst.Rows {
		s.fields[field].sum.store(dst.Row(i), i)
	}
}

// laplacian stores (D−G)X in dst and returns D. The weights come from the rows
// of u.
func (m Machine) laplacian(dst, u, x matrix) []float32 {
	s := m.newSweep(u, x)
	defer s.free()
	s.run()
	s.store(dst, 0)
	return s.degrees()
}
