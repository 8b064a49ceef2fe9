package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// machine is a class of vector registers.
type machine struct {
	c      *build.Context
	name   string
	width  int // numbers in a register
	vector func() reg.VecVirtual
	tiles  map[int][]int // sizes of tiles for tiles of so many vectors, down to 1
}

// attention builds the inner loops of attention over tiles of queries in lanes.
func attention(c *build.Context) {
	e := newExponential(c)
	for _, m := range []machine{
		{c, "AVX512", 16, c.ZMM, map[int][]int{3: {8, 4, 2, 1}, 2: {8, 4, 2, 1}, 1: {8, 4, 2, 1}}},
		{c, "AVX2", 8, c.YMM, map[int][]int{3: {4, 2, 1}, 2: {4, 2, 1}, 1: {8, 4, 2, 1}}},
	} {
		for vectors := 1; vectors <= 3; vectors++ {
			m.logits(vectors)
			m.values(vectors)
			m.softmax(vectors, two, e)
			m.softmax(vectors, natural, e)
			m.fill(vectors)
		}
		for _, rows := range []int{1, 2, 4} {
			m.dots(rows)
			m.sums(rows)
		}
		m.most()
		m.weigh(two, e)
		m.weigh(natural, e)
	}
	packRows(c, "packAVX2", false)
	packRows(c, "packAddAVX2", true)
	unpack(c)
	largest(c)
}

// begin opens a function whose arguments are all loaded.
func begin(c *build.Context, name, signature, doc string, args ...string) []reg.Register {
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.Pragma("noescape")
	c.SignatureExpr(signature)
	c.Doc(name + " " + doc)
	var out []reg.Register
	for _, a := range args {
		out = append(out, c.Load(c.Param(a), c.GP64()))
	}
	return out
}

// registers allocates n registers.
func (m *machine) registers(n int) []reg.VecVirtual { return vectors(m.vector, n) }

// logits stores s[j][lane] = Σ q[channel][lane]·k[j][channel]: lanes of queries
// that were laid out channel by channel, keys where they are. Each key of a tile
// is read once, spread over a register and multiplied by all lanes.
func (m *machine) logits(vectors int) {
	c, lanes := m.c, vectors*m.width
	name := fmt.Sprintf("logits%d%s", vectors, m.name)
	arg := begin(c, name, "func(s, q, k *float32, stride, keys, channels int)",
		fmt.Sprintf("stores the products of %d queries with keys whose rows are stride apart.", lanes),
		"s", "q", "k", "stride", "keys", "channels")
	s, q, k, stride, keys, channels := arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]
	c.SHLQ(U8(2), stride)
	stride3 := c.GP64()
	c.LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	for _, tile := range m.tiles[vectors] {
		label := func(text string) string { return fmt.Sprintf("%s%d", text, tile) }
		c.Label(label("tile"))
		c.CMPQ(keys, U8(tile))
		c.JLT(LabelRef(label("less")))
		acc := m.registers(tile * vectors)
		for _, r := range acc {
			c.VXORPS(r, r, r)
		}
		qp, kp, left := c.GP64(), c.GP64(), c.GP64()
		c.MOVQ(q, qp)
		c.MOVQ(k, kp)
		rows := []Mem{{Base: kp}, {Base: kp, Index: stride, Scale: 1}, {Base: kp, Index: stride, Scale: 2}, {Base: kp, Index: stride3, Scale: 1}}
		pointers := []reg.Register{kp}
		if tile > 4 {
			k4 := c.GP64()
			c.LEAQ(Mem{Base: kp, Index: stride, Scale: 4}, k4)
			pointers = append(pointers, k4)
			rows = append(rows, Mem{Base: k4}, Mem{Base: k4, Index: stride, Scale: 1}, Mem{Base: k4, Index: stride, Scale: 2}, Mem{Base: k4, Index: stride3, Scale: 1})
		}
		step := func(count int) {
			for n := range count {
				qs := m.registers(vectors)
				for v, r := range qs {
					c.VMOVUPS(Mem{Base: qp, Disp: 4 * (n*lanes + v*m.width)}, r)
				}
				for t := range tile {
					x := m.vector()
					c.VBROADCASTSS(rows[t].Offset(4*n), x)
					for v, r := range qs {
						c.VFMADD231PS(x, r, acc[t*vectors+v])
					}
				}
			}
			for _, p := range pointers {
				c.ADDQ(U32(4*count), p)
			}
			c.ADDQ(U32(4*lanes*count), qp)
		}
		c.MOVQ(channels, left)
		c.SUBQ(U8(4), left)
		c.JLT(LabelRef(label("rest")))
		c.Label(label("four"))
		step(4)
		c.SUBQ(U8(4), left)
		c.JGE(LabelRef(label("four")))
		c.Label(label("rest"))
		c.ADDQ(U8(4), left)
		c.JEQ(LabelRef(label("store")))
		c.Label(label("one"))
		step(1)
		c.DECQ(left)
		c.JNE(LabelRef(label("one")))
		c.Label(label("store"))
		for n, r := range acc {
			c.VMOVUPS(r, Mem{Base: s, Disp: 4 * n * m.width})
		}
		c.ADDQ(U32(4*tile*lanes), s)
		c.LEAQ(Mem{Base: k, Index: stride, Scale: uint8(min(tile, 8))}, k)
		c.SUBQ(U8(tile), keys)
		c.JMP(LabelRef(label("tile")))
		c.Label(label("less"))
	}
	c.VZEROUPPER()
	c.RET()
}

// values stores o[channel][lane] = o[channel][lane]·factor[lane] + Σⱼ
// s[j][lane]·v[j][channel].
func (m *machine) values(vectors int) {
	c, lanes := m.c, vectors*m.width
	name := fmt.Sprintf("values%d%s", vectors, m.name)
	arg := begin(c, name, "func(o, s, v, factor *float32, stride, keys, channels int)",
		fmt.Sprintf("multiplies the sums of %d queries by their factors and adds values, whose rows are stride apart, times weights.", lanes),
		"o", "s", "v", "factor", "stride", "keys", "channels")
	o, s, v, factor, stride, keys, channels := arg[0], arg[1], arg[2], arg[3], arg[4], arg[5], arg[6]
	c.SHLQ(U8(2), stride)
	for _, tile := range m.tiles[vectors] {
		label := func(text string) string { return fmt.Sprintf("%s%d", text, tile) }
		c.Label(label("tile"))
		c.CMPQ(channels, U8(tile))
		c.JLT(LabelRef(label("less")))
		acc := m.registers(tile * vectors)
		fs := m.registers(vectors)
		for l, f := range fs {
			c.VMOVUPS(Mem{Base: factor, Disp: 4 * l * m.width}, f)
		}
		for n, r := range acc {
			c.VMULPS(Mem{Base: o, Disp: 4 * n * m.width}, fs[n%vectors], r)
		}
		sp, vp, left := c.GP64(), c.GP64(), c.GP64()
		c.MOVQ(s, sp)
		c.MOVQ(v, vp)
		c.MOVQ(keys, left)
		c.Label(label("key"))
		ss := m.registers(vectors)
		for l, r := range ss {
			c.VMOVUPS(Mem{Base: sp, Disp: 4 * l * m.width}, r)
		}
		for t := range tile {
			x := m.vector()
			c.VBROADCASTSS(Mem{Base: vp, Disp: 4 * t}, x)
			for l, r := range ss {
				c.VFMADD231PS(x, r, acc[t*vectors+l])
			}
		}
		c.ADDQ(U32(4*lanes), sp)
		c.ADDQ(stride, vp)
		c.DECQ(left)
		c.JNE(LabelRef(label("key")))
		for n, r := range acc {
			c.VMOVUPS(r, Mem{Base: o, Disp: 4 * n * m.width})
		}
		c.ADDQ(U32(4*tile*lanes), o)
		c.ADDQ(U32(4*tile), v)
		c.SUBQ(U8(tile), channels)
		c.JMP(LabelRef(label("tile")))
		c.Label(label("less"))
	}
	c.VZEROUPPER()
	c.RET()
}

// softmax raises the lanes' maxima to those of a block of logits, makes the
// logits weights and updates the denominators.
func (m *machine) softmax(vectors int, b base, e *exponential) {
	c, lanes := m.c, vectors*m.width
	name := fmt.Sprintf("softmax%d%s", vectors, m.name)
	if b == two {
		name = fmt.Sprintf("softmaxTwo%d%s", vectors, m.name)
	}
	arg := begin(c, name, "func(s, top, den, factor *float32, keys int)",
		fmt.Sprintf("turns logits of %d queries into weights.", lanes), "s", "top", "den", "factor", "keys")
	s, top, den, factor, keys := arg[0], arg[1], arg[2], arg[3], arg[4]
	max, sum := m.registers(vectors), m.registers(vectors)
	sp, left := c.GP64(), c.GP64()
	at := func(p reg.Register, v int) Mem { return Mem{Base: p, Disp: 4 * v * m.width} }
	for v, r := range max {
		c.VMOVUPS(at(top, v), r)
	}
	c.MOVQ(s, sp)
	c.MOVQ(keys, left)
	c.Label("max")
	for v, r := range max {
		c.VMAXPS(at(sp, v), r, r)
	}
	c.ADDQ(U32(4*lanes), sp)
	c.DECQ(left)
	c.JNE(LabelRef("max"))
	// A lane that has seen no key yet has the maximum −Inf. Weights are then
	// taken from the least number, and are 0.
	least := m.vector()
	c.VBROADCASTSS(e.get("least"), least)
	for v, r := range max {
		old := m.vector()
		c.VMOVUPS(at(top, v), old)
		c.VMOVUPS(r, at(top, v))
		c.VMAXPS(r, least, r)
		c.VSUBPS(r, old, old)
		e.emit(old, b, notPositive)
		c.VMOVUPS(old, at(factor, v))
		c.VXORPS(sum[v], sum[v], sum[v])
	}
	c.MOVQ(s, sp)
	c.MOVQ(keys, left)
	c.Label("exp")
	for v, r := range max {
		x := m.vector()
		c.VMOVUPS(at(sp, v), x)
		c.VSUBPS(r, x, x)
		e.emit(x, b, notPositive)
		c.VADDPS(x, sum[v], sum[v])
		c.VMOVUPS(x, at(sp, v))
	}
	c.ADDQ(U32(4*lanes), sp)
	c.DECQ(left)
	c.JNE(LabelRef("exp"))
	for v, r := range sum {
		f := m.vector()
		c.VMOVUPS(at(factor, v), f)
		c.VFMADD231PS(at(den, v), f, r)
		c.VMOVUPS(r, at(den, v))
	}
	c.VZEROUPPER()
	c.RET()
}
