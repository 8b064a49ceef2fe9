package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pairs builds the loops over pairs of tokens: distances and products of
// differences with tokens in the lanes, the exchange of pairs with channels in
// the lanes.
func pairs(c *build.Context) {
	e := newExponential(c)
	e.add("minus half", -0.5)
	for _, m := range []pairMachine{
		{machine: machine{c: c, name: "AVX512", vector: c.ZMM, width: 16}, bytes: 64, wide: 4, block: 8},
		{machine: machine{c: c, name: "AVX2", vector: c.YMM, width: 8}, bytes: 32, wide: 2, block: 4},
	} {
		m.distances("squares", m.wide, false)
		m.distances("squares", 1, false)
		m.distances("products", m.wide, true)
		m.distances("products", 1, true)
		m.weigh(e)
		m.scale()
		m.exchange("exchange", true)
		m.exchange("attract", false)
	}
}

// pairMachine is a width of vectors, with how many panels of tokens are met
// together and how many rows are exchanged together.
type pairMachine struct {
	machine
	bytes       int
	wide, block int
}

// function begins a function of pointers and integers.
func (m pairMachine) function(name, parameters, doc string) {
	m.c.Function(name + m.name)
	m.c.Attributes(attr.NOSPLIT)
	m.c.Pragma("noescape")
	m.c.SignatureExpr("func(" + parameters + ")")
	m.c.Doc(name + m.name + " " + doc)
}

func (m pairMachine) load(name string) reg.GPVirtual {
	return m.c.Load(m.c.Param(name), m.c.GP64()).(reg.GPVirtual)
}

func (m pairMachine) end() {
	m.c.VZEROUPPER()
	m.c.RET()
}

// distances adds Σₖ (uᵢₖ−uⱼₖ)² or, with a second kind of token, Σₖ
// (uᵢₖ−uⱼₖ)(wᵢₖ−wⱼₖ) in blocks of four rows and some panels of tokens j.
func (m pairMachine) distances(name string, panels int, products bool) {
	const rows = 4
	c := m.c
	if panels > 1 {
		name += "Wide"
	}
	parameters, doc := "s *float32, lds int, ui, uj *float32, stride, d, blocks, more int", "stores sums of squared differences"
	if products {
		parameters = "s *float32, lds int, ui, uj, wi, wj *float32, stride, d, blocks, more int"
		doc = "stores sums of products of differences"
	}
	m.function(name, parameters, doc+", or adds them to s where more is not 0.")
	tokens := []string{"u"}
	if products {
		tokens = append(tokens, "w")
	}
	s, lds, stride, blocks := m.load("s"), m.load("lds"), m.load("stride"), m.load("blocks")
	stride3, row, skip := c.GP64(), c.GP64(), c.GP64() // skip: bytes from ui to the block's rows
	if panels > 2 {
		c.LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	}
	c.XORQ(skip, skip)
	panel := func(base reg.GPVirtual, p int) Mem {
		switch p {
		case 0:
			return Mem{Base: base}
		case 3:
			return Mem{Base: base, Index: stride3, Scale: 1}
		}
		return Mem{Base: base, Index: stride, Scale: uint8(p)}
	}
	var sum [rows][]reg.VecVirtual
	for r := range sum {
		sum[r] = vectors(m.vector, panels)
	}
	each := func(do func(at Mem, sum reg.VecVirtual)) { // the block's place in s
		c.MOVQ(s, row)
		for r := range sum {
			for p := range panels {
				do(Mem{Base: row, Disp: p * m.bytes}, sum[r][p])
			}
			if r < rows-1 {
				c.ADDQ(lds, row)
			}
		}
	}
	c.Label("block")
	more := m.load("more")
	c.TESTQ(more, more)
	c.JNE(LabelRef("load"))
	for r := range sum {
		for _, v := range sum[r] {
			c.VXORPS(v, v, v)
		}
	}
	c.JMP(LabelRef("start"))
	c.Label("load")
	each(func(at Mem, sum reg.VecVirtual) { c.VMOVUPS(at, sum) })
	c.Label("start")
	var pi, pj []reg.GPVirtual
	for t, name := range tokens {
		pi, pj = append(pi, m.load(name+"i")), append(pj, m.load(name+"j"))
		c.ADDQ(skip, pi[t])
	}
	n := m.load("d")
	c.Label("channel")
	y := vectors(m.vector, panels)
	for p := range panels {
		c.VMOVUPS(panel(pj[0], p), y[p])
	}
	for r := range sum {
		x, w := m.vector(), m.vector()
		c.VBROADCASTSS(Mem{Base: pi[0], Disp: 4 * r}, x)
		if products {
			c.VBROADCASTSS(Mem{Base: pi[1], Disp: 4 * r}, w)
		}
		for p := range panels {
			t := m.vector()
			second := t
			c.VSUBPS(y[p], x, t)
			if products {
				second = m.vector()
				c.VSUBPS(panel(pj[1], p), w, second)
			}
			c.VFMADD231PS(t, second, sum[r][p])
		}
	}
	for t := range pi {
		c.ADDQ(U32(m.bytes), pi[t])
		c.ADDQ(U32(m.bytes), pj[t])
	}
	c.DECQ(n)
	c.JNE(LabelRef("channel"))
	each(func(at Mem, sum reg.VecVirtual) { c.VMOVUPS(sum, at) })
	c.LEAQ(Mem{Base: s, Index: lds, Scale: 4}, s)
	c.ADDQ(U32(4*rows), skip)
	c.DECQ(blocks)
	c.JNE(LabelRef("block"))
	m.end()
}

// weigh replaces squared distances by weights and adds them up along rows and
// columns.
func (m pairMachine) weigh(e *exponential) {
	c := m.c
	m.function("weigh", "s *float32, lds int, rowSums, colSums *float32, rows, panels int",
		"replaces s by exp(−s/2) and adds the result to a vector a row and to colSums.")
	s, lds, rowSums, colSums := m.load("s"), m.load("lds"), m.load("rowSums"), m.load("colSums")
	rows, panels := m.load("rows"), m.load("panels")
	half := m.vector()
	c.VBROADCASTSS(e.get("minus half"), half)
	c.Label("panel")
	at, sums, n := c.GP64(), c.GP64(), c.GP64()
	c.MOVQ(s, at)
	c.MOVQ(rowSums, sums)
	c.MOVQ(rows, n)
	col := m.vector()
	c.VMOVUPS(Mem{Base: colSums}, col)
	c.Label("row")
	x, t := m.vector(), m.vector()
	c.VMULPS(Mem{Base: at}, half, x)
	e.emit(x, natural, notPositive)
	c.VMOVUPS(x, Mem{Base: at})
	c.VADDPS(x, col, col)
	c.VADDPS(Mem{Base: sums}, x, t)
	c.VMOVUPS(t, Mem{Base: sums})
	c.ADDQ(lds, at)
	c.ADDQ(U32(m.bytes), sums)
	c.DECQ(n)
	c.JNE(LabelRef("row"))
	c.VMOVUPS(col, Mem{Base: colSums})
	c.ADDQ(U32(m.bytes), s)
	c.ADDQ(U32(m.bytes), colSums)
	c.DECQ(panels)
	c.JNE(LabelRef("panel"))
	m.end()
}

// scale multiplies one tile by another.
func (m pairMachine) scale() {
	c := m.c
	m.function("scale", "h, weights *float32, lds int, rows, panels int", "multiplies each element of h by that of weights.")
	h, g, lds, rows := m.load("h"), m.load("weights"), m.load("lds"), m.load("rows")
	c.Label("row")
	at, n := c.GP64(), m.load("panels")
	c.XORQ(at, at)
	c.Label("panel")
	x := m.vector()
	c.VMOVUPS(Mem{Base: h, Index: at, Scale: 1}, x)
	c.VMULPS(Mem{Base: g, Index: at, Scale: 1}, x, x)
	c.VMOVUPS(x, Mem{Base: h, Index: at, Scale: 1})
	c.ADDQ(U32(m.bytes), at)
	c.DECQ(n)
	c.JNE(LabelRef("panel"))
	c.ADDQ(lds, h)
	c.ADDQ(lds, g)
	c.DECQ(rows)
	c.JNE(LabelRef("row"))
	m.end()
}

// exchange adds gᵢⱼ(xᵢ−xⱼ) to dᵢ and, if both is set, takes it from dⱼ, in one
// panel of channels and blocks of rows i.
func (m pairMachine) exchange(name string, both bool) {
	c := m.c
	parameters, doc := "weights *float32, ldg int, xi, di, xj *float32, blocks, cols int", "adds g(xi−xj) to di."
	if both {
		parameters, doc = "weights *float32, ldg int, xi, di, xj, dj *float32, blocks, cols int", "adds g(xi−xj) to di and takes it from dj."
	}
	m.function(name, parameters, doc)
	g, ldg, xi, di, xj := m.load("weights"), m.load("ldg"), m.load("xi"), m.load("di"), m.load("xj")
	var dj reg.GPVirtual
	if both {
		dj = m.load("dj")
	}
	blocks, cols := m.load("blocks"), m.load("cols")
	ldg3 := c.GP64()
	c.LEAQ(Mem{Base: ldg, Index: ldg, Scale: 2}, ldg3)
	c.Label("block")
	x, d := vectors(m.vector, m.block), vectors(m.vector, m.block)
	for r := range x {
		c.VMOVUPS(Mem{Base: xi, Disp: r * m.bytes}, x[r])
		c.VMOVUPS(Mem{Base: di, Disp: r * m.bytes}, d[r])
	}
	at, after, px, n := c.GP64(), c.GP64(), c.GP64(), c.GP64()
	c.MOVQ(g, at)
	if m.block > 4 {
		c.LEAQ(Mem{Base: g, Index: ldg, Scale: 4}, after)
	}
	c.MOVQ(xj, px)
	var pd reg.GPVirtual
	if both {
		pd = c.GP64()
		c.MOVQ(dj, pd)
	}
	c.MOVQ(cols, n)
	weight := func(r int) Mem {
		base := at
		if r >= 4 {
			base = after
		}
		switch r % 4 {
		case 0:
			return Mem{Base: base}
		case 3:
			return Mem{Base: base, Index: ldg3, Scale: 1}
		}
		return Mem{Base: base, Index: ldg, Scale: uint8(r % 4)}
	}
	c.Label("column")
	y, z := m.vector(), m.vector()
	c.VMOVUPS(Mem{Base: px}, y)
	if both {
		c.VMOVUPS(Mem{Base: pd}, z)
	}
	for r := range x {
		w, t := m.vector(), m.vector()
		c.VBROADCASTSS(weight(r), w)
		c.VSUBPS(y, x[r], t)
		c.VFMADD231PS(t, w, d[r])
		if both {
			c.VFNMADD231PS(t, w, z)
		}
	}
	if both {
		c.VMOVUPS(z, Mem{Base: pd})
		c.ADDQ(U32(m.bytes), pd)
	}
	c.ADDQ(U32(m.bytes), px)
	c.ADDQ(U32(4), at)
	if m.block > 4 {
		c.ADDQ(U32(4), after)
	}
	c.DECQ(n)
	c.JNE(LabelRef("column"))
	for r := range d {
		c.VMOVUPS(d[r], Mem{Base: di, Disp: r * m.bytes})
	}
	c.ADDQ(U32(m.block*m.bytes), xi)
	c.ADDQ(U32(m.block*m.bytes), di)
	c.LEAQ(Mem{Base: g, Index: ldg, Scale: 4}, g)
	if m.block > 4 {
		c.LEAQ(Mem{Base: g, Index: ldg, Scale: 4}, g)
	}
	c.DECQ(blocks)
	c.JNE(LabelRef("block"))
	m.end()
}
