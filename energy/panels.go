package energy

import "example.com/attest/internal/kernel"

// tile is the number of tokens whose pairs are visited together: their weights
// and a panel of channels of both sides fit the first-level cache.
const tile = 64

// tokenPanels are tokens as kernel.Squares takes them.
type tokenPanels struct {
	channels, lanes int
	data            []float32
}

// packTokens returns the rows of u in panels, padded by zeros to whole panels.
func (a *arena) packTokens(l kernel.Level, u matrix) tokenPanels {
	w, d := l.Lanes(), u.Cols
	p := tokenPanels{channels: d, lanes: w, data: a.zeros(roundUp(u.Rows, w) * d)}
	for i := range u.Rows {
		to := p.data[i/w*w*d+i%w:]
		for k, x := range u.Row(i) {
			to[k*w] = x
		}
	}
	return p
}

// from returns the panels from token i on, a multiple of the lanes.
func (p tokenPanels) from(i int) []float32 { return p.data[i*p.channels:] }

// channelPanels are tokens as kernel.Exchange takes them.
type channelPanels struct {
	rows, panels, lanes int
	data                []float32
}

// newChannelPanels returns zeros for n tokens of d channels, with tokens up to a
// multiple of kernel.RowBlock.
func (a *arena) newChannelPanels(l kernel.Level, n, d int) channelPanels {
	p := channelPanels{rows: roundUp(n, kernel.RowBlock), lanes: l.Lanes()}
	p.panels = roundUp(d, p.lanes) / p.lanes
	p.data = a.zeros(p.panels * p.rows * p.lanes)
	return p
}

// packChannels returns the rows of x in panels.
func (a *arena) packChannels(l kernel.Level, x matrix) channelPanels {
	p := a.newChannelPanels(l, x.Rows, x.Cols)
	for i := range x.Rows {
		row := x.Row(i)
		for c := range p.panels {
			copy(p.token(c, i), row[c*p.lanes:])
		}
	}
	return p
}

// token returns what panel c has of token i.
func (p channelPanels) token(c, i int) []float32 {
	at := (c*p.rows + i) * p.lanes
	return p.data[at : at+p.lanes]
}

// from returns panel c from token i on.
func (p channelPanels) from(c, i int) []float32 {
	return p.data[(c*p.rows+i)*p.lanes : (c+1)*p.rows*p.lanes]
}

// store stores token i in row.
func (p channelPanels) store(row []float32, i int) {
	for c := range p.panels {
		copy(row[c*p.lanes:], p.token(c, i))
	}
}

// roundUp returns the least multiple of unit that is not below n.
func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }
