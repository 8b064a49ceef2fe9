package mutant

import (
	"math"

	"example.com/attest/spec"
)

// withOptions lets f change a copy of the options before the call.
func withOptions(f func(c *attentionCall[float64], o *spec.AttentionOptions)) func(im *implementation) {
	return attentionThen(func(c *attentionCall[float64]) {
		o := *c.opt
		f(c, &o)
		c.opt = &o
	})
}

// fullGrid returns a grid with all axes and a key for each of the call's.
func fullGrid[E any](c *attentionCall[float64], f func(b, h, i, j int) E) *spec.Grid[E] {
	batch, heads, m, n := c.q.Shape[0], c.q.Shape[1], c.q.Shape[2], c.k.Shape[2]
	g := spec.GridOf(m, make([]E, batch*heads*m*n), batch, heads, m, n)
	for b := range batch {
		for h := range heads {
			for i := range m {
				for j := range n {
					g.Row(b, h, i)[j] = f(b, h, i, j)
				}
			}
		}
	}
	return g
}

// biased replaces each element of a bias, −Inf where the key is behind its last.
func biased(f func(x float64) float64) func(im *implementation) {
	return rebiased(func(c *attentionCall[float64], b, h, i, j int) float64 {
		if j >= c.opt.Bias.Keys {
			return math.Inf(-1)
		}
		return f(c.opt.BiasAt(b, h, i, j))
	})
}

// rebiased replaces a bias by another.
func rebiased(f func(c *attentionCall[float64], b, h, i, j int) float64) func(im *implementation) {
	return withOptions(func(c *attentionCall[float64], o *spec.AttentionOptions) {
		if o.Bias != nil {
			o.Bias = fullGrid(c, func(b, h, i, j int) float32 { return float32(f(c, b, h, i, j)) })
		}
	})
}

// remasked replaces a mask by another.
func remasked(f func(mask *spec.Mask, b, h, i, j int) bool) func(im *implementation) {
	return withOptions(func(c *attentionCall[float64], o *spec.AttentionOptions) {
		if mask := o.Mask; mask != nil {
			o.Mask = fullGrid(c, func(b, h, i, j int) bool { return f(mask, b, h, i, j) })
		}
	})
}
