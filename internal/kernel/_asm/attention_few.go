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

// dots stores s[row][j] = q[row]·k[j] for a few rows, lanes along the channels,
// and asks for rows of another matrix that will be read next.
func (m *machine) dots(rows int) {
	c := m.c
	name := fmt.Sprintf("dots%d%s", rows, m.name)
	arg := begin(c, name, "func(s, q, k, next *float32, pitch, stride, nextStride, keys, channels int)",
		fmt.Sprintf("stores the products of %d rows with keys whose rows are stride apart.", rows),
		"s", "q", "k", "next", "pitch", "stride", "keys", "channels")
	s, q, k, next, pitch, stride, keys, channels := arg[0], arg[1], arg[2], arg[3], arg[4], arg[5], arg[6], arg[7]
	addr, err := c.Param("nextStride").Resolve()
	if err != nil {
		panic(err)
	}
	c.SHLQ(U8(2), pitch)
	c.SHLQ(U8(2), stride)
	rest := c.GP64()
	c.MOVQ(channels, rest)
	c.ANDQ(U8(m.width-1), rest)
	part := m.newPartly(name, rest)
	tiles := []int{4, 1}
	if m.width == 8 && rows == 4 {
		tiles = []int{2, 1} // there are sixteen registers
	}
	for _, tile := range tiles {
		label := func(text string) string { return fmt.Sprintf("%s%d", text, tile) }
		c.Label(label("tile"))
		c.CMPQ(keys, U8(tile))
		c.JLT(LabelRef(label("less")))
		acc := m.registers(rows * tile)
		for _, r := range acc {
			c.VXORPS(r, r, r)
		}
		at, left, qp, k2 := c.GP64(), c.GP64(), c.GP64(), c.GP64()
		c.XORQ(at, at)
		c.MOVQ(q, qp)
		c.LEAQ(Mem{Base: k, Index: stride, Scale: 2}, k2)
		step := func(load func(Mem, reg.VecVirtual)) {
			keysAt := m.registers(tile)
			kp := c.GP64()
			c.LEAQ(Mem{Base: k, Index: at, Scale: 1}, kp)
			for t, r := range keysAt {
				if t == 2 {
					c.LEAQ(Mem{Base: k2, Index: at, Scale: 1}, kp)
				}
				from := Mem{Base: kp}
				if t%2 == 1 {
					from = Mem{Base: kp, Index: stride, Scale: 1}
				}
				load(from, r)
			}
			for row := range rows {
				x := m.vector()
				load(Mem{Base: qp}.Offset(0), x)
				for t, r := range keysAt {
					c.VFMADD231PS(x, r, acc[row*tile+t])
				}
				if row+1 < rows {
					c.LEAQ(Mem{Base: qp, Index: channels, Scale: 4}, qp)
				}
			}
		}
		c.MOVQ(channels, left)
		c.SUBQ(U8(m.width), left)
		c.JLT(LabelRef(label("rest")))
		c.Label(label("whole"))
		step(func(from Mem, to reg.VecVirtual) { c.VMOVUPS(from, to) })
		c.ADDQ(U8(4*m.width), at)
		c.LEAQ(Mem{Base: q, Index: at, Scale: 1}, qp)
		c.SUBQ(U8(m.width), left)
		c.JGE(LabelRef(label("whole")))
		c.Label(label("rest"))
		c.TESTQ(rest, rest)
		c.JEQ(LabelRef(label("add")))
		step(part.load)
		c.Label(label("add"))
		// Rows of the other matrix, line by line.
		far, nextStride := c.GP64(), c.GP64()
		c.MOVQ(addr.Addr, nextStride)
		for t := range tile {
			c.MOVQ(channels, left)
			c.MOVQ(next, far)
			c.Label(fmt.Sprintf("ask%d_%d", tile, t))
			c.PREFETCHT0(Mem{Base: far})
			c.ADDQ(U8(64), far)
			c.SUBQ(U8(16), left)
			c.JGT(LabelRef(fmt.Sprintf("ask%d_%d", tile, t)))
			c.LEAQ(Mem{Base: next, Index: nextStride, Scale: 4}, next)
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
		c.LEAQ(Mem{Base: k, Index: stride, Scale: uint8(tile)}, k)
		c.SUBQ(U8(tile), keys)
		c.JMP(LabelRef(label("tile")))
		c.Label(label("less"))
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
// lanes along the channels.
func (m *machine) sums(rows int) {
	c := m.c
	name := fmt.Sprintf("sums%d%s", rows, m.name)
	arg := begin(c, name, "func(o, s, v, factor *float32, pitch, stride, keys, channels int)",
		fmt.Sprintf("multiplies the sums of %d rows by their factors and adds values, whose rows are stride apart, times weights.", rows),
		"o", "s", "v", "factor", "pitch", "stride", "keys", "channels")
	o, s, v, factor, pitch, stride, keys, channels := arg[0], arg[1], arg[2], arg[3], arg[4], arg[5], arg[6], arg[7]
	c.SHLQ(U8(2), pitch)
	c.SHLQ(U8(2), stride)
	rest, between := c.GP64(), c.GP64()
	c.MOVQ(channels, rest)
	c.MOVQ(channels, between)
	c.SHLQ(U8(2), between) // from row to row of o
	c.ANDQ(U8(m.width-1), rest)
	part := m.newPartly(name, rest)
	tiles := []int{4, 1, 0}
	if m.width == 16 && rows < 4 {
		tiles = []int{8, 4, 1, 0}
	}
	if m.width == 8 && rows > 2 {
		tiles = []int{2, 1, 0} // 0 is a part of a vector
	}
	for _, tile := range tiles {
		label := func(text string) string { return fmt.Sprintf("%s%d", text, tile) }
		count := max(tile, 1)
		load := func(from Mem, to reg.VecVirtual) { c.VMOVUPS(from, to) }
		store := func(from reg.VecVirtual, to Mem) { c.VMOVUPS(from, to) }
		c.Label(label("tile"))
		if tile == 0 {
			load, store = part.load, part.store
			c.TESTQ(rest, rest)
			c.JEQ(LabelRef(label("less")))
		} else {
			c.CMPQ(channels, U8(tile*m.width))
			c.JLT(LabelRef(label("less")))
		}
		acc := m.registers(rows * count)
		op := c.GP64()
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
		sp, vp, left := c.GP64(), c.GP64(), c.GP64()
		c.MOVQ(s, sp)
		c.MOVQ(v, vp)
		c.MOVQ(keys, left)
		pitch3 := c.GP64()
		c.LEAQ(Mem{Base: pitch, Index: pitch, Scale: 2}, pitch3)
		weights := []Mem{{Base: sp}, {Base: sp, Index: pitch, Scale: 1}, {Base: sp, Index: pitch, Scale: 2}, {Base: sp, Index: pitch3, Scale: 1}}
		c.Label(label("key"))
		values := m.registers(count)
		for t, r := range values {
			load(Mem{Base: vp, Disp: 4 * t * m.width}, r)
		}
		for row := range rows {
			x := m.vector()
			c.VBROADCASTSS(weights[row], x)
			for t, r := range values {
				c.VFMADD231PS(x, r, acc[row*count+t])
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
