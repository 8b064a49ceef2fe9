package kernel

import "math"

// lanes are what the portable loops have for a vector.
type lanes = [4]float32

func portableDifferences(c *block) {
	for r := range 4 * c.blocks {
		var s lanes
		out := (*lanes)(c.s[r*c.stride:])
		if c.more {
			s = *out
		}
		if c.i[1] == nil {
			s = squaresOf(s, c.i[0][r:], c.j[0], c.channels)
		} else {
			s = productsOf(s, c.i[0][r:], c.j[0], c.i[1][r:], c.j[1], c.channels)
		}
		*out = s
	}
}

// squaresOf adds to s the squared differences of one token from those of a
// panel.
func squaresOf(s lanes, ui, uj []float32, channels int) lanes {
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	uj = uj[:4*channels]
	for k := 0; k+4 <= len(uj); k += 4 {
		x, y := ui[k], (*lanes)(uj[k:])
		d0, d1, d2, d3 := x-y[0], x-y[1], x-y[2], x-y[3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	return lanes{s0, s1, s2, s3}
}

// productsOf is squaresOf for products of the differences of two kinds of token.
func productsOf(s lanes, ui, uj, wi, wj []float32, channels int) lanes {
	uj, wj = uj[:4*channels], wj[:4*channels]
	for k := 0; k+4 <= len(uj); k += 4 {
		x, y, v, w := ui[k], (*lanes)(uj[k:]), wi[k], (*lanes)(wj[k:])
		for l := range s {
			s[l] += (x - y[l]) * (v - w[l])
		}
	}
	return s
}

func portableWeigh(s []float32, stride int, rowSums, colSums []float32, rows, panels int) {
	for r := range rows {
		row, sum, cols := s[r*stride:][:4*panels], (*lanes)(rowSums[4*r:]), colSums[:4*panels]
		for j, x := range row {
			g := float32(math.Exp(float64(-x / 2)))
			row[j] = g
			sum[j%4] += g
			cols[j] += g
		}
	}
}

func portableScale(h, g []float32, stride, rows, panels int) {
	for r := range rows {
		row := h[r*stride:][:4*panels]
		for j, x := range g[r*stride:][:4*panels] {
			row[j] *= x
		}
	}
}

func portableExchange(g []float32, stride int, xi, di, xj, dj []float32, rows, cols int) {
	for r := range rows {
		weights := g[r*stride:][:cols]
		x, sum := *(*lanes)(xi[4*r:]), *(*lanes)(di[4*r:])
		s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]
		for j, w := range weights {
			y, other := (*lanes)(xj[4*j:]), (*lanes)(dj[4*j:])
			t0, t1, t2, t3 := w*(x[0]-y[0]), w*(x[1]-y[1]), w*(x[2]-y[2]), w*(x[3]-y[3])
			s0, s1, s2, s3 = s0+t0, s1+t1, s2+t2, s3+t3
			other[0] -= t0
			other[1] -= t1
			other[2] -= t2
			other[3] -= t3
		}
		*(*lanes)(di[4*r:]) = lanes{s0, s1, s2, s3}
	}
}

func portableAttract(g []float32, stride int, xi, di, xj []float32, rows, cols int) {
	for r := range rows {
		weights := g[r*stride:][:cols]
		x, sum := *(*lanes)(xi[4*r:]), *(*lanes)(di[4*r:])
		s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]
		for j, w := range weights {
			y := (*lanes)(xj[4*j:])
			s0 += w * (x[0] - y[0])
			s1 += w * (x[1] - y[1])
			s2 += w * (x[2] - y[2])
			s3 += w * (x[3] - y[3])
		}
		*(*lanes)(di[4*r:]) = lanes{s0, s1, s2, s3}
	}
}
