package main

import "fmt"

// neonGemm builds the inner products of matrix products for arm64: tiles of up to
// six rows and three vectors of columns, each element one chain of fused
// multiply-adds over the depth.
func neonGemm(n *neon) {
	const vectors = 3
	for height := 1; height <= 6; height++ {
		n.function(fmt.Sprintf("gemm%dNEON", height), "(depth int, a, b *float32, ldb int, dst *float32)",
			fmt.Sprintf("stores ab for %d rows and 12 columns, one row behind the other.", height), 40)
		n.op("MOVD depth+0(FP), R0")
		n.op("MOVD a+8(FP), R1")
		n.op("MOVD b+16(FP), R2")
		n.op("MOVD ldb+24(FP), R3")
		n.op("LSL $2, R3, R3")
		n.op("MOVD dst+32(FP), R4")
		row, factor := v(height*vectors), v(height*vectors+vectors)
		for r := range row {
			n.zero(r)
		}
		loop := n.label("loop")
		n.place(loop)
		n.op("VLD1 (R2), [V%d.S4, V%d.S4, V%d.S4]", row, row+1, row+2)
		n.op("ADD R3, R2, R2")
		for i := range height {
			if i == 0 {
				n.op("MOVD R1, R5")
			} else {
				n.op("ADD $%d, R5, R5", packedPitch)
			}
			n.spread(factor, "R5")
			for c := range vectors {
				n.fma(v(i*vectors+c), row+v(c), factor)
			}
		}
		n.op("ADD $4, R1, R1")
		n.op("SUBS $1, R0, R0")
		n.op("BNE %s", loop)
		for r := range row {
			n.store(r, "R4")
		}
		n.op("RET")
	}
}
