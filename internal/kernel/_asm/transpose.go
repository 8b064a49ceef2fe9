package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose builds the transpose of a matrix in squares of eight.
func transpose(c *build.Context) {
	c.Function("transposeAVX2")
	c.Attributes(attr.NOSPLIT)
	c.Pragma("noescape")
	c.SignatureExpr("func(dst *float32, ld int, src *float32, stride, rows, cols int)")
	c.Doc("transposeAVX2 stores the transpose of rows×cols numbers, both positive multiples of 8.")
	dst, ld := c.Load(c.Param("dst"), c.GP64()), c.Load(c.Param("ld"), c.GP64())
	src, stride := c.Load(c.Param("src"), c.GP64()), c.Load(c.Param("stride"), c.GP64())
	rows := c.Load(c.Param("rows"), c.GP64())
	c.SHLQ(U8(2), ld)
	c.SHLQ(U8(2), stride)
	ld3, stride3 := c.GP64(), c.GP64()
	c.LEAQ(Mem{Base: ld, Index: ld, Scale: 2}, ld3)
	c.LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	from, to, cols, low := c.GP64(), c.GP64(), c.GP64(), c.GP64()
	c.Label("rows")
	c.MOVQ(src, from)
	c.MOVQ(dst, to)
	c.Load(c.Param("cols"), cols)
	c.Label("cols")
	c.LEAQ(Mem{Base: from, Index: stride, Scale: 4}, low)
	square := func(half int) {
		x := vectors(c.YMM, 4)
		for r := range 4 {
			c.VMOVUPS(row(from, stride, stride3, r, 16*half), x[r].AsX())
			c.VINSERTF128(U8(1), row(low, stride, stride3, r, 16*half), x[r], x[r])
		}
		for r, column := range columns(c, x) {
			c.VMOVUPS(column, row(to, ld, ld3, r, 0))
		}
	}
	square(0)
	c.LEAQ(Mem{Base: to, Index: ld, Scale: 4}, to)
	square(1)
	c.LEAQ(Mem{Base: to, Index: ld, Scale: 4}, to)
	c.ADDQ(U32(32), from)
	c.SUBQ(U32(8), cols)
	c.JNE(LabelRef("cols"))
	c.LEAQ(Mem{Base: src, Index: stride, Scale: 8}, src)
	c.ADDQ(U32(32), dst)
	c.SUBQ(U32(8), rows)
	c.JNE(LabelRef("rows"))
	c.VZEROUPPER()
	c.RET()
}

// row returns the operand in row r of four, disp bytes into it.
func row(base, stride, stride3 reg.Register, r, disp int) Mem {
	m := Mem{Base: base, Disp: disp}
	switch r {
	case 1, 2:
		m.Index, m.Scale = stride, uint8(r)
	case 3:
		m.Index, m.Scale = stride3, 1
	}
	return m
}

// columns transposes the two squares of four that rows x hold in their halves.
func columns(c *build.Context, x []reg.VecVirtual) []reg.VecVirtual {
	pairs, out := vectors(c.YMM, 4), vectors(c.YMM, 4)
	c.VUNPCKLPS(x[1], x[0], pairs[0])
	c.VUNPCKLPS(x[3], x[2], pairs[1])
	c.VUNPCKHPS(x[1], x[0], pairs[2])
	c.VUNPCKHPS(x[3], x[2], pairs[3])
	for k := 0; k < 4; k += 2 {
		c.VUNPCKLPD(pairs[k+1], pairs[k], out[k])
		c.VUNPCKHPD(pairs[k+1], pairs[k], out[k+1])
	}
	return out
}
