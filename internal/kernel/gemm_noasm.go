//go:build (!amd64 && !arm64) || purego

package kernel

// tileShape returns the largest tile.
func (l Level) tileShape() (rows, cols int) { return 2, 4 }

func (l Level) tile(t *tile) { portableTile(t) }

func (l Level) transpose([]float32, int, []float32, int, int, int) (r, c int) { return 0, 0 }

func (l Level) packPanel(dst, src []float32, stride, rows int) {
	portablePack(dst, src, stride, rows, 4)
}
