//go:build !amd64 || purego

package kernel

func (l Level) differencesOf(c *block) { portableDifferences(c) }

func (l Level) weigh(s []float32, stride int, rowSums, colSums []float32, rows, panels int) {
	portableWeigh(s, stride, rowSums, colSums, rows, panels)
}

func (l Level) scale(h, g []float32, stride, rows, panels int) {
	portableScale(h, g, stride, rows, panels)
}

func (l Level) exchange(g []float32, stride int, xi, di, xj, dj []float32, rows, cols int) {
	portableExchange(g, stride, xi, di, xj, dj, rows, cols)
}

func (l Level) attract(g []float32, stride int, xi, di, xj []float32, rows, cols int) {
	portableAttract(g, stride, xi, di, xj, rows, cols)
}
