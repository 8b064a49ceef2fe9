package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// backward builds the inner loops of attention's gradients that its forward pass
// does not have. See attention.
func backward(c *build.Context) {
	e := newExponential(c)
	for _, m := range []machine{
		{c, "AVX512", 16, c.ZMM, map[int][]int{4: {6, 4, 2, 1}, 3: {8, 4, 2, 1}, 2: {8, 4, 2, 1}, 1: {8, 4, 2, 1}}},
		{c, "AVX2", 8, c.YMM, map[int][]int{2: {6, 4, 2, 1}, 1: {8, 4, 2, 1}}},
	} {
		for vectors := 1; vectors <= 3; vectors++ {
			for _, b := range []base{two, natural} {
				m.gradients(vectors, b, e)
			}
		}
		for vectors := 1; vectors <= 3; vectors++ {
			m.means(vectors)
		}
		for vectors := range len(m.tiles) {
			m.owed(vectors + 1)
		}
	}
}

// gradients replaces the logits x of a block by the weights a = b^(x − top)·inverse
// and the gradients dP in them by those in the logits, a·(dP − mean)·scale.
func (m *machine) gradients(vectors int, b base, e *exponential) {
	c, lanes := m.c, vectors*m.width
	name := fmt.Sprintf("gradients%d%s", vectors, m.name)
	if b == two {
		name = fmt.Sprintf("gradientsTwo%d%s", vectors, m.name)
	}
	arg := begin(c, name, "func(s, p, top, inverse, mean *float32, keys int, scale float32)",
		fmt.Sprintf("turns logits of %d queries into weights and gradients.", lanes), "s", "p", "top", "inverse", "mean", "keys")
	s, p, top, inverse, mean, keys := arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]
	scale := m.vector()
	c.VBROADCASTSS(NewParamAddr("scale", 48), scale)
	tops, inverses, means := m.registers(vectors), m.registers(vectors), m.registers(vectors)
	for v := range vectors {
		at := 4 * v * m.width
		c.VMOVUPS(Mem{Base: top, Disp: at}, tops[v])
		if m.width == 16 {
			c.VMOVUPS(Mem{Base: inverse, Disp: at}, inverses[v])
			c.VMOVUPS(Mem{Base: mean, Disp: at}, means[v])
		}
	}
	c.Label("key")
	for v := range vectors {
		at := 4 * v * m.width
		x, d := m.vector(), m.vector()
		c.VMOVUPS(Mem{Base: s, Disp: at}, x)
		c.VSUBPS(tops[v], x, x)
		e.emit(x, b, notPositive)
		c.VMOVUPS(Mem{Base: p, Disp: at}, d)
		if m.width == 16 {
			c.VMULPS(inverses[v], x, x)
			c.VSUBPS(means[v], d, d)
		} else { // there are fewer registers
			c.VMULPS(Mem{Base: inverse, Disp: at}, x, x)
			c.VSUBPS(Mem{Base: mean, Disp: at}, d, d)
		}
		c.VMOVUPS(x, Mem{Base: s, Disp: at})
		c.VMULPS(x, d, d)
		c.VMULPS(scale, d, d)
		c.VMOVUPS(d, Mem{Base: p, Disp: at})
	}
	c.ADDQ(U32(4*lanes), s)
	c.ADDQ(U32(4*lanes), p)
	c.DECQ(keys)
	c.JNE(LabelRef("key"))
	c.VZEROUPPER()
	c.RET()
}

// means stores mean[lane] = mean[lane]·factor[lane] + Σⱼ s[j][lane]·p[j][lane].
func (m *machine) means(vectors int) {
	c, lanes := m.c, vectors*m.width
	arg := begin(c, fmt.Sprintf("means%d%s", vectors, m.name), "func(mean, s, p, factor *float32, keys int)",
		fmt.Sprintf("multiplies the sums of %d queries by their factors and adds products of weights and gradients.", lanes),
		"mean", "s", "p", "factor", "keys")
	mean, s, p, factor, keys := arg[0], arg[1], arg[2], arg[3], arg[4]
	sum := m.registers(vectors)
	at := func(p reg.Register, v int) Mem { return Mem{Base: p, Disp: 4 * v * m.width} }
	for v, r := range sum {
		c.VMOVUPS(at(mean, v), r)
		c.VMULPS(at(factor, v), r, r)
	}
	c.Label("key")
	for v, r := range sum {
		x := m.vector()
		c.VMOVUPS(at(s, v), x)
		c.VFMADD231PS(at(p, v), x, r)
	}
	c.ADDQ(U32(4*lanes), s)
	c.ADDQ(U32(4*lanes), p)
	c.DECQ(keys)
	c.JNE(LabelRef("key"))
	for v, r := range sum {
		c.VMOVUPS(r, at(mean, v))
	}
	c.VZEROUPPER()
	c.RET()
}

// owed adds to rows of dst what queries owe to keys: dst[j][channel] += Σ
// a[j][lane]·x[lane][channel] for as many channels as so many vectors hold.
func (m *machine) owed(vectors int) {
	c := m.c
	name := fmt.Sprintf("owed%d%s", vectors, m.name)
	arg := begin(c, name, "func(dst, a, x *float32, stride, pitch, xStride, keys, lanes int)",
		fmt.Sprintf("adds the products of weights, in rows of pitch numbers, with %d channels of rows xStride apart to rows stride apart.", vectors*m.width),
		"dst", "a", "x", "stride", "pitch", "xStride", "keys", "lanes")
	dst, a, x, stride, pitch, xStride, keys, lanes := arg[0], arg[1], arg[2], arg[3], arg[4], arg[5], arg[6], arg[7]
	for _, r := range arg[3:6] {
		c.SHLQ(U8(2), r)
	}
	for _, tile := range m.tiles[vectors] {
		label := func(text string) string { return fmt.Sprintf("%s%d", text, tile) }
		c.Label(label("tile"))
		c.CMPQ(keys, U8(tile))
		c.JLT(LabelRef(label("less")))
		acc := m.registers(tile * vectors)
		row := c.GP64()
		c.MOVQ(dst, row)
		for t := range tile {
			for v := range vectors {
				c.VMOVUPS(Mem{Base: row, Disp: 4 * v * m.width}, acc[t*vectors+v])
			}
			c.ADDQ(stride, row)
		}
		for range tile { // the rows that come next
			for line := 0; line < 4*vectors*m.width; line += 64 {
				c.PREFETCHT0(Mem{Base: row, Disp: line})
			}
			c.ADDQ(stride, row)
		}
		// The rows of a: rows 0 to 3 from one register, 4 to 7 from another.
		ap, a4, xp, left := c.GP64(), c.GP64(), c.GP64(), c.GP64()
		c.MOVQ(a, ap)
		c.MOVQ(x, xp)
		c.MOVQ(lanes, left)
		if tile > 4 {
			c.LEAQ(Mem{Base: a, Index: pitch, Scale: 4}, a4)
		}
		pitch3 := c.GP64()
		c.LEAQ(Mem{Base: pitch, Index: pitch, Scale: 2}, pitch3)
		rows := []Mem{{Base: ap}, {Base: ap, Index: pitch, Scale: 1}, {Base: ap, Index: pitch, Scale: 2}, {Base: ap, Index: pitch3, Scale: 1},
			{Base: a4}, {Base: a4, Index: pitch, Scale: 1}, {Base: a4, Index: pitch, Scale: 2}, {Base: a4, Index: pitch3, Scale: 1}}
		c.Label(label("lane"))
		xs := m.registers(vectors)
		for v, r := range xs {
			c.VMOVUPS(Mem{Base: xp, Disp: 4 * v * m.width}, r)
		}
		for t := range tile {
			w := m.vector()
			c.VBROADCASTSS(rows[t], w)
			for v, r := range xs {
				c.VFMADD231PS(w, r, acc[t*vectors+v])
			}
		}
		c.ADDQ(U32(4), ap)
		if tile > 4 {
			c.ADDQ(U32(4), a4)
		}
		c.ADDQ(xStride, xp)
		c.DECQ(left)
		c.JNE(LabelRef(label("lane")))
		for t := range tile {
			for v := range vectors {
				c.VMOVUPS(acc[t*vectors+v], Mem{Base: dst, Disp: 4 * v * m.width})
			}
			c.ADDQ(stride, dst)
			c.ADDQ(pitch, a)
		}
		c.SUBQ(U8(tile), keys)
		c.JMP(LabelRef(label("tile")))
		c.Label(label("less"))
	}
	c.VZEROUPPER()
	c.RET()
}
