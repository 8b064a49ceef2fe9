package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fill stores x in the lanes of s whose bits are set, one word of bits for each
// key.
func (m *machine) fill(vectors int) {
	c := m.c
	name := fmt.Sprintf("fill%d%s", vectors, m.name)
	arg := begin(c, name, "func(s *float32, bits *uint64, keys int, x float32)",
		fmt.Sprintf("stores x in those of %d lanes whose bits are set.", vectors*m.width), "s", "bits", "keys")
	s, bits, keys := arg[0], arg[1], arg[2]
	x := m.vector()
	fill, err := c.Param("x").Resolve()
	if err != nil {
		panic(err)
	}
	c.VBROADCASTSS(fill.Addr, x)
	one := m.vector()
	if m.width == 8 {
		c.VMOVDQU(laneBits(c, name), one)
	}
	c.Label("key")
	for v := range vectors {
		to := Mem{Base: s, Disp: 4 * v * m.width}
		if m.width == 16 {
			k := c.K()
			c.KMOVW(Mem{Base: bits, Disp: 2 * v}, k)
			c.VMOVUPS(x, k, to)
		} else {
			b, set := c.GP32(), c.YMM()
			c.MOVBLZX(Mem{Base: bits, Disp: v}, b)
			c.VMOVD(b, set.AsX())
			c.VPBROADCASTD(set.AsX(), set)
			c.VPAND(one, set, set)
			c.VPCMPEQD(one, set, set)
			c.VMASKMOVPS(x, set, to)
		}
	}
	c.ADDQ(U32(4*vectors*m.width), s)
	c.ADDQ(U8(8), bits)
	c.DECQ(keys)
	c.JNE(LabelRef("key"))
	c.VZEROUPPER()
	c.RET()
}

// laneBits is the constant 1, 2, 4, … of a function.
func laneBits(c *build.Context, name string) Mem {
	table := c.StaticGlobal(name + "Bits")
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for k := range 8 {
		c.AddDatum(4*k, U32(1<<k))
	}
	return table
}

// square transposes eight registers of eight numbers.
func square(c *build.Context, r []reg.VecVirtual) []reg.VecVirtual {
	pairs, fours, out := vectors(c.YMM, 8), vectors(c.YMM, 8), vectors(c.YMM, 8)
	for k := 0; k < 8; k += 2 {
		c.VUNPCKLPS(r[k+1], r[k], pairs[k])
		c.VUNPCKHPS(r[k+1], r[k], pairs[k+1])
	}
	for k := 0; k < 8; k += 4 {
		for l := range 2 {
			c.VSHUFPS(U8(0x44), pairs[k+2+l], pairs[k+l], fours[k+2*l])
			c.VSHUFPS(U8(0xee), pairs[k+2+l], pairs[k+l], fours[k+2*l+1])
		}
	}
	for k := range 4 {
		c.VPERM2F128(U8(0x20), fours[4+k], fours[k], out[k])
		c.VPERM2F128(U8(0x31), fours[4+k], fours[k], out[4+k])
	}
	return out
}

// packRows stores eight rows as eight columns, blocks times eight numbers of
// each, multiplied by a factor or added to what is there.
func packRows(c *build.Context, name string, add bool) {
	text := "stores rows times factor as columns of dst, whose rows are pitch apart."
	if add {
		text = "adds rows times factor to columns of dst, whose rows are pitch apart."
	}
	arg := begin(c, name, "func(dst *float32, rows *[8]*float32, pitch, blocks int, factor float32)", text, "dst", "pitch", "blocks")
	dst, pitch, blocks := arg[0], arg[1], arg[2]
	rows := c.Load(c.Param("rows"), c.GP64())
	addr, err := c.Param("factor").Resolve()
	if err != nil {
		panic(err)
	}
	c.SHLQ(U8(2), pitch)
	at := c.GP64()
	c.XORQ(at, at)
	c.Label("block")
	r := vectors(c.YMM, 8)
	f := c.YMM()
	c.VBROADCASTSS(addr.Addr, f)
	for k := range r {
		p := c.GP64()
		c.MOVQ(Mem{Base: rows, Disp: 8 * k}, p)
		c.VMULPS(Mem{Base: p, Index: at, Scale: 1}, f, r[k])
	}
	for _, x := range square(c, r) {
		if add {
			c.VADDPS(Mem{Base: dst}, x, x)
		}
		c.VMOVUPS(x, Mem{Base: dst})
		c.ADDQ(pitch, dst)
	}
	c.ADDQ(U8(32), at)
	c.DECQ(blocks)
	c.JNE(LabelRef("block"))
	c.VZEROUPPER()
	c.RET()
}

// unpack is the way back: eight columns of src, each times a factor of its own,
// become eight rows.
func unpack(c *build.Context) {
	arg := begin(c, "unpackAVX2", "func(rows *[8]*float32, src, factor *float32, pitch, blocks int)",
		"stores columns of src, whose rows are pitch apart, times their factors as rows.", "rows", "src", "factor", "pitch", "blocks")
	rows, src, factor, pitch, blocks := arg[0], arg[1], arg[2], arg[3], arg[4]
	c.SHLQ(U8(2), pitch)
	at := c.GP64()
	c.XORQ(at, at)
	c.Label("block")
	r := vectors(c.YMM, 8)
	f := c.YMM()
	c.VMOVUPS(Mem{Base: factor}, f)
	for k := range r {
		c.VMULPS(Mem{Base: src}, f, r[k])
		c.ADDQ(pitch, src)
	}
	for k, x := range square(c, r) {
		p := c.GP64()
		c.MOVQ(Mem{Base: rows, Disp: 8 * k}, p)
		c.VMOVUPS(x, Mem{Base: p, Index: at, Scale: 1})
	}
	c.ADDQ(U8(32), at)
	c.DECQ(blocks)
	c.JNE(LabelRef("block"))
	c.VZEROUPPER()
	c.RET()
}

// largest returns the largest bits of absolute values: those of +Inf or more if
// some number is not finite.
func largest(c *build.Context) {
	arg := begin(c, "largestAVX2", "func(x *float32, n int) uint32",
		"returns the largest bits of absolute values of n numbers, a positive multiple of 8.", "x", "n")
	x, n := arg[0], arg[1]
	max, abs, r := c.YMM(), c.YMM(), c.YMM()
	c.VPXOR(max, max, max)
	c.VPCMPEQD(abs, abs, abs)
	c.VPSRLD(U8(1), abs, abs)
	c.Label("loop")
	c.VPAND(Mem{Base: x}, abs, r)
	c.VPMAXUD(r, max, max)
	c.ADDQ(U8(32), x)
	c.SUBQ(U8(8), n)
	c.JNE(LabelRef("loop"))
	half, result := c.XMM(), c.GP32()
	c.VEXTRACTI128(U8(1), max, half)
	c.VPMAXUD(half, max.AsX(), half)
	other := c.XMM()
	c.VPSHUFD(U8(0x4e), half, other)
	c.VPMAXUD(half, other, half)
	c.VPSHUFD(U8(0xb1), half, other)
	c.VPMAXUD(half, other, half)
	c.VMOVD(half, result)
	c.Store(result, c.ReturnIndex(0))
	c.VZEROUPPER()
	c.RET()
}
