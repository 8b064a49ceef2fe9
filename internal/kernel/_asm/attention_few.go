package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// partly loads the first numbers of a vector, as many as channels leaves over, and
// zeros behind them.
type partly struct {
	m    *machine
	k    reg.Register
	mask reg.VecVirtual
}

// newPartly makes the mask from a number of channels below the width.
func (m *machine) newPartly(name string, rest reg.Register) partly {
	c := m.c
	p := partly{m: m}
	if m.width == 16 {
		bits, one := c.GP64(), c.GP64()
		c.MOVQ(U32(1), bits)
		c.MOVQ(U32(1), one)
		c.SHLXQ(rest, bits, bits)
		c.SUBQ(one, bits)
		k := c.K()
		c.KMOVW(bits.As32(), k)
		p.k = k
		return p
	}
	// A window into eight ones and eight zeros, as many numbers back as there are.
	table := c.StaticGlobal(name + "Mask")
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for k := range 16 {
		bits := uint32(0)
		if k < 8 {
			bits = 1<<32 - 1
		}
		c.AddDatum(4*k, U32(bits))
	}
	at, back := c.GP64(), c.GP64()
	c.LEAQ(table.Offset(32), at)
	c.MOVQ(rest, back)
	c.SHLQ(U8(2), back)
	c.SUBQ(back, at)
	p.mask = c.YMM()
	c.VMOVDQU(Mem{Base: at}, p.mask)
	return p
}

func (p partly) load(from Mem, to reg.VecVirtual) {
	if p.m.width == 16 {
		p.m.c.VMOVUPS_Z(from, p.k, to)
	} else {
		p.m.c.VMASKMOVPS(from, p.mask, to)
	}
}

func (p partly) store(from reg.VecVirtual, to Mem) {
	if p.m.width == 16 {
		p.m.c.VMOVUPS(from, p.k, to)
	} else {
		p.m.c.VMASKMOVPS(from, p.mask, to)
	}
}

// dots stores s[row][j] = q[row]·k[j] for a few rows, lanes along the channels. Keys
// are read one behind the other, as the machine fetches them ahead; four are added
// up across the lanes together.
func (m *machine) dots(rows int) {
	c := m.c
	name := fmt.Sprintf("dots%d%s", rows, m.name)
	arg := begin(c, name, "func(s, q, k *float32, pitch, stride, keys, channels int)",
		fmt.Sprintf("stores the products of %d rows with keys whose rows are stride apart.", rows),
		"s", "q", "k", "pitch", "stride", "keys", "channels")
	s, q, k, pitch, stride, keys, channels := arg[0], arg[1], arg[2], arg[3], arg[4], arg[5], arg[6]
	c.SHLQ(U8(2), pitch)
	c.SHLQ(U8(2), stride)
	rest, whole, next := c.GP64(), c.GP64(), c.GP64()
	c.MOVQ(channels, rest)
	c.ANDQ(U8(m.width-1), rest)
	c.MOVQ(channels, whole)
	c.SUBQ(rest, whole)
	c.SHLQ(U8(2), whole) // bytes of whole vectors
	c.MOVQ(channels, next)
	c.SHLQ(U8(2), next) // from row to row of q
	part := m.newPartly(name, rest)
	tiles := []int{4, 1}
	if m.width == 8 && rows == 4 {
		tiles = []int{2, 1} // there are sixteen registers
	}
	for _, tile := range tiles {
		label := func(text string, t int) string { return fmt.Sprintf("%s%d_%d", text, tile, t) }
		c.Label(label("tile", 0))
		c.CMPQ(keys, U8(tile))
		c.JLT(LabelRef(label("less", 0)))
		acc := m.registers(rows * tile)
		for t := range tile {
			for row := range rows {
				r := acc[row*tile+t]
				c.VXORPS(r, r, r)
			}
			at, qp := c.GP64(), c.GP64()
			step := func(load func(Mem, reg.VecVirtual)) {
				x := m.vector()
				load(Mem{Base: k, Index: at, Scale: 1}, x)
				c.LEAQ(Mem{Base: q, Index: at, Scale: 1}, qp)
				for row := range rows {
					y := m.vector()
					load(Mem{Base: qp}, y)
					c.VFMADD231PS(x, y, acc[row*tile+t])
					if row+1 < rows {
						c.ADDQ(next, qp)
					}
				}
			}
			c.XORQ(at, at)
			c.CMPQ(at, whole)
			c.JEQ(LabelRef(label("rest", t)))
			c.Label(label("whole", t))
			step(func(from Mem, to reg.VecVirtual) { c.VMOVUPS(from, to) })
			c.ADDQ(U8(4*m.width), at)
			c.CMPQ(at, whole)
			c.JNE(LabelRef(label("whole", t)))
			c.Label(label("rest", t))
			c.TESTQ(rest, rest)
			c.JEQ(LabelRef(label("done", t)))
			step(part.load)
			c.Label(label("done", t))
			c.ADDQ(stride, k)
		}
		sp := c.GP64()
		c.MOVQ(s, sp)
		for row := range rows {
			m.addAcross(acc[row*tile:][:tile], sp)
			if row+1 < rows {
				c.ADDQ(pitch, sp)
			}
		}
		c.ADDQ(U8(4*tile), s)
		c.SUBQ(U8(tile), keys)
		c.JMP(LabelRef(label("tile", 0)))
		c.Label(label("less", 0))
	}
	c.VZEROUPPER()
	c.RET()
}

// addAcross stores the sums of the numbers of each register, of which there are
// 1, 2 or 4.
func (m *machine) addAcross(r []reg.VecVirtual, to reg.Register) {
	c := m.c
	quarter := vectors(c.XMM, len(r))
	for k, x := range r {
		half := x
		if m.width == 16 {
			half = c.YMM()
			c.VEXTRACTF64X4(U8(1), x, half)
			c.VADDPS(half, x.AsY(), half)
			c.VEXTRACTF32X4(U8(1), half, quarter[k])
		} else {
			c.VEXTRACTF128(U8(1), half, quarter[k])
		}
		c.VADDPS(quarter[k], half.AsX(), quarter[k])
	}
	if len(r) == 1 {
		c.VHADDPS(quarter[0], quarter[0], quarter[0])
		c.VHADDPS(quarter[0], quarter[0], quarter[0])
		c.VMOVSS(quarter[0], Mem{Base: to})
		return
	}
	c.VHADDPS(quarter[1], quarter[0], quarter[0])
	if len(r) == 2 {
		c.VHADDPS(quarter[0], quarter[0], quarter[0])
		c.VMOVLPS(quarter[0], Mem{Base: to})
		return
	}
	c.VHADDPS(quarter[3], quarter[2], quarter[2])
	c.VHADDPS(quarter[2], quarter[0], quarter[0])
	c.VMOVUPS(quarter[0], Mem{Base: to})
}

// sums stores o[row] = o[row]·factor[row] + Σⱼ s[row][j]·v[j] for a few rows,
// lanes along the channels. The first pass over the values touches whole rows,
// one behind the other, as the machine fetches them ahead.
func (m *machine) sums(rows int) {
	c := m.c
	name := fmt.Sprintf("sums%d%s", rows, m.name)
	arg := begin(c, name, "func(o, s, v, factor *float32, pitch, stride, keys, channels int)",
		fmt.Sprintf("multiplies the sums of %d rows by their factors and adds values, whose rows are stride apart, times weights.", rows),
		"o", "v", "pitch", "stride", "channels")
	o, v, pitch, stride, channels := arg[0], arg[1], arg[2], arg[3], arg[4]
	c.SHLQ(U8(2), pitch)
	c.SHLQ(U8(2), stride)
	rest, between := c.GP64(), c.GP64()
	c.MOVQ(channels, rest)
	c.MOVQ(channels, between)
	c.SHLQ(U8(2), between) // from row to row of o
	c.ANDQ(U8(m.width-1), rest)
	part := m.newPartly(name, rest)
	ask := c.GP64()
	c.MOVQ(between, ask)
	// As many vectors as there are registers for; 0 is a part of one.
	tiles := map[int][]int{1: {8, 4, 2, 1, 0}, 2: {8, 4, 2, 1, 0}, 4: {7, 4, 2, 1, 0}}[rows]
	if m.width == 8 {
		tiles = map[int][]int{1: {12, 8, 4, 2, 1, 0}, 2: {6, 4, 2, 1, 0}, 4: {2, 1, 0}}[rows]
	}
	for _, tile := range tiles {
		label := func(text string) string { return fmt.Sprintf("%s%d", text, tile) }
		count := max(tile, 1)
		load := func(from Mem, to reg.VecVirtual) { c.VMOVUPS(from, to) }
		store := func(from reg.VecVirtual, to Mem) { c.VMOVUPS(from, to) }
		c.Label(label("tile"))
		if tile == 0 {
			load, store = part.load, part.store
			c.TESTQ(channels, channels)
			c.JEQ(LabelRef(label("less")))
		} else {
			c.CMPQ(channels, U32(tile*m.width))
			c.JLT(LabelRef(label("less")))
		}
		acc := m.registers(rows * count)
		op, factor := c.GP64(), c.Load(c.Param("factor"), c.GP64())
		c.MOVQ(o, op)
		for row := range rows {
			f := m.vector()
			c.VBROADCASTSS(Mem{Base: factor, Disp: 4 * row}, f)
			for t := range count {
				load(Mem{Base: op, Disp: 4 * t * m.width}, acc[row*count+t])
				c.VMULPS(f, acc[row*count+t], acc[row*count+t])
			}
			c.ADDQ(between, op)
		}
		sp, left := c.Load(c.Param("s"), c.GP64()), c.Load(c.Param("keys"), c.GP64())
		vp := c.GP64()
		c.MOVQ(v, vp)
		pitch3 := c.GP64()
		c.LEAQ(Mem{Base: pitch, Index: pitch, Scale: 2}, pitch3)
		weights := []Mem{{Base: sp}, {Base: sp, Index: pitch, Scale: 1}, {Base: sp, Index: pitch, Scale: 2}, {Base: sp, Index: pitch3, Scale: 1}}
		c.Label(label("key"))
		far, end := c.GP64(), c.GP64()
		c.TESTQ(ask, ask)
		c.JEQ(LabelRef(label("asked")))
		c.LEAQ(Mem{Base: vp, Disp: 4 * tile * m.width}, far)
		c.LEAQ(Mem{Base: vp, Index: ask, Scale: 1}, end)
		c.CMPQ(far, end)
		c.JGE(LabelRef(label("asked")))
		c.Label(label("ask"))
		touch := c.GP32()
		c.MOVL(Mem{Base: far}, touch)
		c.ADDQ(U8(64), far)
		c.CMPQ(far, end)
		c.JLT(LabelRef(label("ask")))
		c.Label(label("asked"))
		spread := m.registers(rows)
		inPlace := m.width == 16 && rows == 4 // no registers are left for weights
		for row, x := range spread {
			if !inPlace {
				c.VBROADCASTSS(weights[row], x)
			}
		}
		for t := range count {
			x := m.vector()
			load(Mem{Base: vp, Disp: 4 * t * m.width}, x)
			for row := range rows {
				if inPlace {
					c.VFMADD231PS_BCST(weights[row], x, acc[row*count+t])
				} else {
					c.VFMADD231PS(spread[row], x, acc[row*count+t])
				}
			}
		}
		c.ADDQ(U8(4), sp)
		c.ADDQ(stride, vp)
		c.DECQ(left)
		c.JNE(LabelRef(label("key")))
		c.MOVQ(o, op)
		for row := range rows {
			for t := range count {
				store(acc[row*count+t], Mem{Base: op, Disp: 4 * t * m.width})
			}
			c.ADDQ(between, op)
		}
		c.XORQ(ask, ask)
		if tile > 0 {
			c.ADDQ(U32(4*tile*m.width), o)
			c.ADDQ(U32(4*tile*m.width), v)
			c.SUBQ(U32(tile*m.width), channels)
			c.JMP(LabelRef(label("tile")))
		}
		c.Label(label("less"))
	}
	c.VZEROUPPER()
	c.RET()
}

// across reduces a register to the number that op makes of all its numbers.
func (m *machine) across(x reg.VecVirtual, op func(ops ...Op)) reg.VecVirtual {
	c := m.c
	half := x
	if m.width == 16 {
		half = c.YMM()
		c.VEXTRACTF64X4(U8(1), x, half)
		op(half, x.AsY(), half)
	}
	quarter, other := c.XMM(), c.XMM()
	c.VEXTRACTF128(U8(1), half, quarter)
	op(quarter, half.AsX(), quarter)
	c.VMOVHLPS(quarter, quarter, other)
	op(quarter, other, quarter)
	c.VMOVSHDUP(quarter, other)
	op(quarter, other, quarter)
	return quarter
}

// most returns the largest of a row of logits.
func (m *machine) most() {
	c := m.c
	arg := begin(c, "mostRow"+m.name, "func(x *float32, n int) float32",
		"returns the largest of n numbers, a positive multiple of 16.", "x", "n")
	x, n := arg[0], arg[1]
	top := m.vector()
	c.VMOVUPS(Mem{Base: x}, top)
	c.Label("loop")
	for k := 0; k < 16; k += m.width {
		c.VMAXPS(Mem{Base: x, Disp: 4 * k}, top, top)
	}
	c.ADDQ(U8(64), x)
	c.SUBQ(U8(16), n)
	c.JNE(LabelRef("loop"))
	c.Store(m.across(top, c.VMAXPS), c.ReturnIndex(0))
	c.VZEROUPPER()
	c.RET()
}

// weigh turns a row of logits into weights and returns their sum.
func (m *machine) weigh(b base, e *exponential) {
	c := m.c
	name := "weighRow" + m.name
	if b == two {
		name = "weighRowTwo" + m.name
	}
	arg := begin(c, name, "func(x *float32, n int, top float32) float32",
		"turns n logits, a positive multiple of 16, into weights and returns their sum.", "x", "n")
	x, n := arg[0], arg[1]
	addr, err := c.Param("top").Resolve()
	if err != nil {
		panic(err)
	}
	top, sum := m.vector(), m.vector()
	c.VBROADCASTSS(addr.Addr, top)
	c.VXORPS(sum, sum, sum)
	c.Label("loop")
	for k := 0; k < 16; k += m.width {
		w := m.vector()
		c.VMOVUPS(Mem{Base: x, Disp: 4 * k}, w)
		c.VSUBPS(top, w, w)
		e.emit(w, b, notPositive)
		c.VADDPS(w, sum, sum)
		c.VMOVUPS(w, Mem{Base: x, Disp: 4 * k})
	}
	c.ADDQ(U8(64), x)
	c.SUBQ(U8(16), n)
	c.JNE(LabelRef("loop"))
	c.Store(m.across(sum, c.VADDPS), c.ReturnIndex(0))
	c.VZEROUPPER()
	c.RET()
}
