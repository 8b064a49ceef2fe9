//go:build !purego

package kernel

import "unsafe"

// tileShape returns the largest tile.
func (l Level) tileShape() (rows, cols int) {
	if l == NEON {
		return 6, 12
	}
	return 2, 4
}

// tile computes one tile, with vectors in memory of its own first.
func (l Level) tile(t *tile) {
	if l != NEON || t.depth == 0 {
		portableTile(t)
		return
	}
	const width = 12
	var ab [6 * width]float32
	depth, a, b, ldb := t.depth, unsafe.SliceData(t.a), unsafe.SliceData(t.b), t.ldb
	switch t.rows { // of calls by name the compiler knows that ab stays on the stack
	case 1:
		gemm1NEON(depth, a, b, ldb, &ab[0])
	case 2:
		gemm2NEON(depth, a, b, ldb, &ab[0])
	case 3:
		gemm3NEON(depth, a, b, ldb, &ab[0])
	case 4:
		gemm4NEON(depth, a, b, ldb, &ab[0])
	case 5:
		gemm5NEON(depth, a, b, ldb, &ab[0])
	case 6:
		gemm6NEON(depth, a, b, ldb, &ab[0])
	}
	for i := range t.rows {
		dst, add := t.dst[i*t.ld:][:t.cols], t.add[i*t.ldadd:][:t.cols]
		for j := range dst {
			dst[j] = add[j] + ab[i*width+j]
		}
	}
}

func (l Level) transpose([]float32, int, []float32, int, int, int) (r, c int) { return 0, 0 }

// packPanel copies rows as wide as a tile.
func (l Level) packPanel(dst, src []float32, stride, rows int) {
	_, wide := l.tileShape()
	portablePack(dst, src, stride, rows, wide)
}
