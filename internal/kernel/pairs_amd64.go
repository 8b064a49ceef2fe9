//go:build !purego

package kernel

func (l Level) differencesOf(c *block) {
	if l == Portable {
		portableDifferences(c)
		return
	}
	s, lds, stride, more := &c.s[0], 4*c.stride, 4*c.d*l.Lanes(), 0
	ui, uj, d, blocks := &c.i[0][0], &c.j[0][0], c.channels, c.blocks
	if c.more {
		more = 1
	}
	if c.i[1] == nil {
		switch {
		case l == AVX512 && c.wide:
			squaresWideAVX512(s, lds, ui, uj, stride, d, blocks, more)
		case l == AVX512:
			squaresAVX512(s, lds, ui, uj, stride, d, blocks, more)
		case c.wide:
			squaresWideAVX2(s, lds, ui, uj, stride, d, blocks, more)
		default:
			squaresAVX2(s, lds, ui, uj, stride, d, blocks, more)
		}
		return
	}
	wi, wj := &c.i[1][0], &c.j[1][0]
	switch {
	case l == AVX512 && c.wide:
		productsWideAVX512(s, lds, ui, uj, wi, wj, stride, d, blocks, more)
	case l == AVX512:
		productsAVX512(s, lds, ui, uj, wi, wj, stride, d, blocks, more)
	case c.wide:
		productsWideAVX2(s, lds, ui, uj, wi, wj, stride, d, blocks, more)
	default:
		productsAVX2(s, lds, ui, uj, wi, wj, stride, d, blocks, more)
	}
}

func (l Level) weigh(s []float32, stride int, rowSums, colSums []float32, rows, panels int) {
	switch l {
	case AVX512:
		weighAVX512(&s[0], 4*stride, &rowSums[0], &colSums[0], rows, panels)
	case AVX2:
		weighAVX2(&s[0], 4*stride, &rowSums[0], &colSums[0], rows, panels)
	default:
		portableWeigh(s, stride, rowSums, colSums, rows, panels)
	}
}

func (l Level) scale(h, g []float32, stride, rows, panels int) {
	switch l {
	case AVX512:
		scaleAVX512(&h[0], &g[0], 4*stride, rows, panels)
	case AVX2:
		scaleAVX2(&h[0], &g[0], 4*stride, rows, panels)
	default:
		portableScale(h, g, stride, rows, panels)
	}
}

func (l Level) exchange(g []float32, stride int, xi, di, xj, dj []float32, rows, cols int) {
	switch l {
	case AVX512:
		exchangeAVX512(&g[0], 4*stride, &xi[0], &di[0], &xj[0], &dj[0], rows/8, cols)
	case AVX2:
		exchangeAVX2(&g[0], 4*stride, &xi[0], &di[0], &xj[0], &dj[0], rows/4, cols)
	default:
		portableExchange(g, stride, xi, di, xj, dj, rows, cols)
	}
}

func (l Level) attract(g []float32, stride int, xi, di, xj []float32, rows, cols int) {
	switch l {
	case AVX512:
		attractAVX512(&g[0], 4*stride, &xi[0], &di[0], &xj[0], rows/8, cols)
	case AVX2:
		attractAVX2(&g[0], 4*stride, &xi[0], &di[0], &xj[0], rows/4, cols)
	default:
		portableAttract(g, stride, xi, di, xj, rows, cols)
	}
}
