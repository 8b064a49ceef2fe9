package kernel

// The kernels of this file meet pairs of tokens in tiles. A tile has one row for
// each token i and one column for each token j, stride elements from row to row.
//
// Where tokens are the lanes of vectors, they are stored in panels: l.Lanes()
// tokens, then channel by channel one element of each. Where channels are the
// lanes, a panel is l.Lanes() channels of a range of tokens, token by token.
// Whatever pads a panel is computed with, and its results are nobody's: it
// must be there.

// RowBlock is the number of tokens i that Exchange and Attract take together.
const RowBlock = 8

// Lanes returns how many float32 a vector of the level has; without vectors, how
// many sums it runs side by side.
func (l Level) Lanes() int {
	switch l {
	case AVX512:
		return 16
	case AVX2:
		return 8
	}
	return 4
}

// mostChannels bounds the channels of one call, which cannot be interrupted.
const mostChannels = 2048

// Squares stores Σₖ (uᵢₖ−uⱼₖ)² for the first rows tokens of the panels at ui and
// all tokens of so many panels at uj, d channels each. Rows are rounded up to a
// multiple of 4.
func (l Level) Squares(s []float32, stride int, ui, uj []float32, d, rows, panels int) {
	l.differences(s, stride, [2][]float32{ui}, [2][]float32{uj}, d, rows, panels)
}

// Products is Squares for Σₖ (uᵢₖ−uⱼₖ)(wᵢₖ−wⱼₖ).
func (l Level) Products(s []float32, stride int, ui, uj, wi, wj []float32, d, rows, panels int) {
	l.differences(s, stride, [2][]float32{ui, wi}, [2][]float32{uj, wj}, d, rows, panels)
}

// differences cuts the work into calls: panels of tokens i, panels of tokens j
// and ranges of channels.
func (l Level) differences(s []float32, stride int, ti, tj [2][]float32, d, rows, panels int) {
	w := l.Lanes()
	if rows == 0 || panels == 0 {
		return
	}
	rows = (rows + 3) &^ 3
	s = s[:(rows-1)*stride+panels*w]
	for t := range ti {
		if t == 0 || ti[t] != nil {
			ti[t], tj[t] = ti[t][:(rows+w-1)/w*w*d], tj[t][:panels*w*d]
		}
	}
	if d == 0 {
		for i := range rows {
			clear(s[i*stride:][:panels*w])
		}
		return
	}
	for i := 0; i < rows; i += w {
		for p := 0; p < panels; {
			wide := panels-p >= l.panelsTogether()
			for k := 0; k < d; k += mostChannels {
				c := block{stride: stride, d: d, channels: min(mostChannels, d-k), blocks: min(w, rows-i) / 4, wide: wide, more: k > 0}
				c.s = s[i*stride+p*w:]
				for t := range ti {
					if ti[t] != nil {
						c.i[t], c.j[t] = ti[t][i*d+k*w:], tj[t][(p*d+k)*w:]
					}
				}
				l.differencesOf(&c)
			}
			if wide {
				p += l.panelsTogether()
			} else {
				p++
			}
		}
	}
}

// block is one call of differences: up to l.Lanes() rows, in blocks of 4, and
// one panel of tokens j or, if wide, l.panelsTogether().
type block struct {
	s                   []float32
	stride              int
	i, j                [2][]float32
	d, channels, blocks int
	wide, more          bool
}

// panelsTogether returns how many panels of tokens j one call takes.
func (l Level) panelsTogether() int {
	switch l {
	case AVX512:
		return 4
	case AVX2:
		return 2
	}
	return 1
}

// Weigh replaces the squared distances in s by weights exp(−s/2), and adds each
// to a lane of its row's vector in rowSums and to its column's element in
// colSums. The exponential is within ExpError; that of −Inf is 0.
func (l Level) Weigh(s []float32, stride int, rowSums, colSums []float32, rows, panels int) {
	if w := l.Lanes(); rows > 0 && panels > 0 {
		l.weigh(s[:(rows-1)*stride+panels*w], stride, rowSums[:rows*w], colSums[:panels*w], rows, panels)
	}
}

// Scale multiplies each element of h by the weight in the same place.
func (l Level) Scale(h, g []float32, stride, rows, panels int) {
	if w := l.Lanes(); rows > 0 && panels > 0 {
		size := (rows-1)*stride + panels*w
		l.scale(h[:size], g[:size], stride, rows, panels)
	}
}

// Exchange adds gᵢⱼ(xᵢ−xⱼ) to dᵢ and takes it from dⱼ, in one panel of channels,
// for rows tokens i, a multiple of RowBlock, and cols tokens j. The tokens i and
// the tokens j are apart.
func (l Level) Exchange(g []float32, stride int, xi, di, xj, dj []float32, rows, cols int) {
	if w := l.Lanes(); rows > 0 && cols > 0 {
		l.exchange(g[:(rows-1)*stride+cols], stride, xi[:rows*w], di[:rows*w], xj[:cols*w], dj[:cols*w], rows, cols)
	}
}

// Attract is Exchange without the half of the tokens j.
func (l Level) Attract(g []float32, stride int, xi, di, xj []float32, rows, cols int) {
	if w := l.Lanes(); rows > 0 && cols > 0 {
		l.attract(g[:(rows-1)*stride+cols], stride, xi[:rows*w], di[:rows*w], xj[:cols*w], rows, cols)
	}
}
