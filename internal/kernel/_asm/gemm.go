package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packedPitch is the distance in bytes of the rows of a packed block of A: 512
// numbers, and a cache line so that rows do not meet in one set of a cache.
const packedPitch = 4 * (512 + 16)

// gemm builds the inner products of matrix products, one function for each
// height and width of a tile of the result.
func gemm(c *build.Context) {
	gemmPack(c, "gemmPackAVX512", c.ZMM)
	gemmPack(c, "gemmPackAVX2", c.YMM)
	window := maskWindow(c)
	for width := 1; width <= 2; width++ {
		for height := 1; height <= 14; height++ {
			gemmTile(c, c.ZMM, "AVX512", height, width, 1, window)
		}
	}
	for width := 1; width <= 2; width++ {
		for height := 1; height <= 6; height++ {
			gemmTile(c, c.YMM, "AVX2", height, width, 2, window)
		}
	}
}

// maskWindow adds 32 words of ones and 32 of zeros to the file: from word 32−n
// on, it is the mask of n lanes.
func maskWindow(c *build.Context) Mem {
	window := c.StaticGlobal("window")
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for k := range 64 {
		var ones uint32
		if k < 32 {
			ones = 0xFFFFFFFF
		}
		c.AddDatum(4*k, U32(ones))
	}
	return window
}

// gemmTile builds the product for a tile of the given height in rows and width in
// vectors. Each element is one chain of fused multiply-adds over the depth, so
// that it depends on nothing but its row and its column.
func gemmTile(c *build.Context, vector func() reg.VecVirtual, level string, height, width, unroll int, window Mem) {
	name := fmt.Sprintf("gemm%dx%d%s", height, width, level)
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.Pragma("noescape")
	c.SignatureExpr("func(depth int, a, b *float32, ldb int, dst *float32, ld int, add *float32, ldadd, cols int)")
	c.Doc(fmt.Sprintf("%s stores add + ab for %d rows and up to %d vectors of columns.", name, height, width))
	depth, a := c.Load(c.Param("depth"), c.GP64()), c.Load(c.Param("a"), c.GP64())
	b, ldb := c.Load(c.Param("b"), c.GP64()), c.Load(c.Param("ldb"), c.GP64())
	c.SHLQ(U8(2), ldb)
	acc, row := vectors(vector, height*width), vectors(vector, width)
	size := int(row[0].Size())
	prefetch(c, height, width*size)
	for _, r := range acc {
		c.VXORPS(r, r, r)
	}
	step := func(k int) {
		for v, r := range row {
			c.VMOVUPS(Mem{Base: b, Disp: v * size}, r)
		}
		c.ADDQ(ldb, b)
		for i := range height {
			e := vector()
			c.VBROADCASTSS(Mem{Base: a, Disp: i*packedPitch + 4*k}, e)
			for v, r := range row {
				c.VFMADD231PS(r, e, acc[i*width+v])
			}
		}
	}
	if unroll > 1 {
		c.SUBQ(U32(unroll), depth)
		c.JLT(LabelRef("rest"))
		c.Label("loop")
		for k := range unroll {
			step(k)
		}
		c.ADDQ(U32(4*unroll), a)
		c.SUBQ(U32(unroll), depth)
		c.JGE(LabelRef("loop"))
		c.Label("rest")
		c.ADDQ(U32(unroll), depth)
		c.JEQ(LabelRef("store"))
	}
	c.Label("single")
	step(0)
	c.ADDQ(U32(4), a)
	c.DECQ(depth)
	c.JNE(LabelRef("single"))
	if unroll > 1 {
		c.Label("store")
	}
	gemmStore(c, acc, width, window)
	c.VZEROUPPER()
	c.RET()
}

// prefetch asks for the lines that the tile will be stored in.
func prefetch(c *build.Context, height, bytes int) {
	dst, ld := c.Load(c.Param("dst"), c.GP64()), c.Load(c.Param("ld"), c.GP64())
	c.SHLQ(U8(2), ld)
	for i := range height {
		for at := 0; at < bytes; at += 64 {
			c.PREFETCHT0(Mem{Base: dst, Disp: at})
		}
		if i+1 < height {
			c.ADDQ(ld, dst)
		}
	}
}

// gemmStore adds what was there before to the sums and stores them, the lanes
// beyond the last column left alone.
func gemmStore(c *build.Context, acc []reg.VecVirtual, width int, window Mem) {
	dst, ld := c.Load(c.Param("dst"), c.GP64()), c.Load(c.Param("ld"), c.GP64())
	add, ldadd := c.Load(c.Param("add"), c.GP64()), c.Load(c.Param("ldadd"), c.GP64())
	cols := c.Load(c.Param("cols"), c.GP64())
	c.SHLQ(U8(2), ld)
	c.SHLQ(U8(2), ldadd)
	size := int(acc[0].Size())
	rows := func(each func(sum reg.VecVirtual, v, disp int)) {
		for i := 0; i < len(acc); i += width {
			for v := range width {
				each(acc[i+v], v, v*size)
			}
			c.ADDQ(ld, dst)
			c.ADDQ(ldadd, add)
		}
	}
	c.CMPQ(cols, U32(width*size/4))
	c.JNE(LabelRef("part"))
	rows(func(sum reg.VecVirtual, _, disp int) {
		c.VADDPS(Mem{Base: add, Disp: disp}, sum, sum)
		c.VMOVUPS(sum, Mem{Base: dst, Disp: disp})
	})
	c.VZEROUPPER()
	c.RET()
	c.Label("part")
	at := c.GP64()
	c.LEAQ(window.Offset(128), at)
	c.SHLQ(U8(2), cols)
	c.SUBQ(cols, at)
	if size == 64 {
		wideMasks(c, rows, at, dst, add, width)
		return
	}
	masks := vectors(c.YMM, width)
	for v, m := range masks {
		c.VMOVUPS(Mem{Base: at, Disp: v * size}, m)
	}
	old := c.YMM()
	rows(func(sum reg.VecVirtual, v, disp int) {
		c.VMASKMOVPS(Mem{Base: add, Disp: disp}, masks[v], old)
		c.VADDPS(old, sum, sum)
		c.VMASKMOVPS(sum, masks[v], Mem{Base: dst, Disp: disp})
	})
}

// wideMasks is the part of gemmStore with masks of AVX-512.
func wideMasks(c *build.Context, rows func(func(reg.VecVirtual, int, int)), at, dst, add reg.Register, width int) {
	old := c.ZMM()
	masks := make([]reg.OpmaskVirtual, width)
	for v := range masks {
		masks[v] = c.K()
		c.VMOVUPS(Mem{Base: at, Disp: 64 * v}, old)
		c.VPMOVD2M(old, masks[v])
	}
	rows(func(sum reg.VecVirtual, v, disp int) {
		c.VMOVUPS_Z(Mem{Base: add, Disp: disp}, masks[v], old)
		c.VADDPS(old, sum, sum)
		c.VMOVUPS(sum, masks[v], Mem{Base: dst, Disp: disp})
	})
}

// gemmPack builds the copy of a panel of B, rows of which lie far apart: no
// prefetcher of the machine's foresees them.
func gemmPack(c *build.Context, name string, vector func() reg.VecVirtual) {
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.Pragma("noescape")
	c.SignatureExpr("func(dst, src *float32, stride, rows int)")
	c.Doc(name + " copies rows of two vectors, at least one, from stride numbers apart to no distance.")
	dst, src := c.Load(c.Param("dst"), c.GP64()), c.Load(c.Param("src"), c.GP64())
	stride, rows := c.Load(c.Param("stride"), c.GP64()), c.Load(c.Param("rows"), c.GP64())
	c.SHLQ(U8(2), stride)
	next := c.GP64()
	c.MOVQ(stride, next)
	c.SHLQ(U8(4), next) // sixteen rows ahead
	c.ADDQ(src, next)
	x := vectors(vector, 2)
	size := int(x[0].Size())
	c.Label("loop")
	for at := 0; at < 2*size; at += 64 {
		c.PREFETCHT0(Mem{Base: next, Disp: at})
	}
	c.ADDQ(stride, next)
	for v, r := range x {
		c.VMOVUPS(Mem{Base: src, Disp: v * size}, r)
	}
	c.ADDQ(stride, src)
	for v, r := range x {
		c.VMOVUPS(r, Mem{Base: dst, Disp: v * size})
	}
	c.ADDQ(U32(2*size), dst)
	c.DECQ(rows)
	c.JNE(LabelRef("loop"))
	c.VZEROUPPER()
	c.RET()
}
