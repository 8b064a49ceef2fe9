//go:build !purego

package kernel

import "unsafe"

// tileShape returns the largest tile.
func (l Level) tileShape() (rows, cols int) {
	switch l {
	case AVX512:
		return 14, 32
	case AVX2:
		return 6, 16
	}
	return 2, 4
}

// tile computes one tile. With vectors, whatever is read of a and b is within the
// packed block or, for as many columns as a tile has, within B.
func (l Level) tile(t *tile) {
	var run gemmFunc
	switch {
	case t.depth == 0 || l != AVX512 && l != AVX2:
		portableTile(t)
		return
	case l == AVX512:
		run = gemmAVX512[(t.cols+15)/16-1][t.rows-1]
	default:
		run = gemmAVX2[(t.cols+7)/8-1][t.rows-1]
	}
	run(t.depth, unsafe.SliceData(t.a), unsafe.SliceData(t.b), t.ldb, unsafe.SliceData(t.dst), t.ld,
		unsafe.SliceData(t.add), t.ldadd, t.cols)
}

type gemmFunc = func(depth int, a, b *float32, ldb int, dst *float32, ld int, add *float32, ldadd, cols int)

// The inner products, by vectors of columns and by rows.
var (
	gemmAVX512 = [2][14]gemmFunc{
		{gemm1x1AVX512, gemm2x1AVX512, gemm3x1AVX512, gemm4x1AVX512, gemm5x1AVX512, gemm6x1AVX512, gemm7x1AVX512,
			gemm8x1AVX512, gemm9x1AVX512, gemm10x1AVX512, gemm11x1AVX512, gemm12x1AVX512, gemm13x1AVX512, gemm14x1AVX512},
		{gemm1x2AVX512, gemm2x2AVX512, gemm3x2AVX512, gemm4x2AVX512, gemm5x2AVX512, gemm6x2AVX512, gemm7x2AVX512,
			gemm8x2AVX512, gemm9x2AVX512, gemm10x2AVX512, gemm11x2AVX512, gemm12x2AVX512, gemm13x2AVX512, gemm14x2AVX512},
	}
	gemmAVX2 = [2][6]gemmFunc{
		{gemm1x1AVX2, gemm2x1AVX2, gemm3x1AVX2, gemm4x1AVX2, gemm5x1AVX2, gemm6x1AVX2},
		{gemm1x2AVX2, gemm2x2AVX2, gemm3x2AVX2, gemm4x2AVX2, gemm5x2AVX2, gemm6x2AVX2},
	}
)

// transpose transposes what vectors can and returns how much that was.
func (l Level) transpose(dst []float32, ld int, src []float32, stride, rows, cols int) (r, c int) {
	r, c = rows&^7, cols&^7
	if r == 0 || c == 0 || l != AVX2 && l != AVX512 {
		return 0, 0
	}
	transposeAVX2(unsafe.SliceData(dst), ld, unsafe.SliceData(src), stride, r, c)
	return r, c
}

// packPanel copies rows as wide as a tile.
func (l Level) packPanel(dst, src []float32, stride, rows int) {
	switch l {
	case AVX512:
		gemmPackAVX512(unsafe.SliceData(dst), unsafe.SliceData(src), stride, rows)
	case AVX2:
		gemmPackAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), stride, rows)
	default:
		portablePack(dst, src, stride, rows, 4)
	}
}
