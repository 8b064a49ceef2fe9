package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peak builds the probes: fused multiply-adds that do not wait for one another,
// and the sum of a long slice.
func peak(c *build.Context) {
	probe(c, "fmaAVX512", 16, vectors(c.ZMM, 18))
	probe(c, "fmaAVX2", 12, vectors(c.YMM, 14))
	read(c, "readAVX512", vectors(c.ZMM, 4), 64)
	read(c, "readAVX2", vectors(c.YMM, 8), 32)
}

// vectors allocates n registers.
func vectors(next func() reg.VecVirtual, n int) []reg.VecVirtual {
	out := make([]reg.VecVirtual, n)
	for k := range out {
		out[k] = next()
	}
	return out
}

// probe adds x·y to each of count registers, n times.
func probe(c *build.Context, name string, count int, v []reg.VecVirtual) {
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func(n int)")
	c.Doc(name + " adds products to each of its registers, n times.")
	n := c.Load(c.Param("n"), c.GP64())
	for _, r := range v {
		c.VXORPS(r, r, r)
	}
	c.Label("loop")
	for _, r := range v[:count] {
		c.VFMADD231PS(v[count], v[count+1], r)
	}
	c.DECQ(n)
	c.JNE(LabelRef("loop"))
	c.VZEROUPPER()
	c.RET()
}

// read adds up n numbers, a multiple of 64, in as many chains as there are
// registers.
func read(c *build.Context, name string, v []reg.VecVirtual, width int) {
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func(x *float32, n int) float32")
	c.Doc(name + " returns the sum of n numbers, a multiple of 64.")
	x, n := c.Load(c.Param("x"), c.GP64()), c.Load(c.Param("n"), c.GP64())
	for _, r := range v {
		c.VXORPS(r, r, r)
	}
	c.Label("loop")
	for k, r := range v {
		c.VADDPS(Mem{Base: x, Disp: k * width}, r, r)
	}
	c.ADDQ(U32(256), x)
	c.SUBQ(U32(64), n)
	c.JNE(LabelRef("loop"))
	for k := len(v) / 2; k > 0; k /= 2 {
		for l := range k {
			c.VADDPS(v[l+k], v[l], v[l])
		}
	}
	half := c.YMM()
	if width == 64 {
		c.VEXTRACTF64X4(U8(1), v[0], half)
		c.VADDPS(half, v[0].AsY(), half)
	} else {
		half = v[0]
	}
	quarter := c.XMM()
	c.VEXTRACTF128(U8(1), half, quarter)
	c.VADDPS(quarter, half.AsX(), quarter)
	pair := c.XMM()
	c.VMOVHLPS(quarter, quarter, pair)
	c.VADDPS(quarter, pair, quarter)
	c.VMOVSHDUP(quarter, pair)
	c.VADDSS(quarter, pair, quarter)
	c.Store(quarter, c.ReturnIndex(0))
	c.VZEROUPPER()
	c.RET()
}
