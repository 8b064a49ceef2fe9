package main

import (
	"math"
	"strconv"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// exp builds the exponentials of slices.
func exp(c *build.Context) {
	e := newExponential(c)
	for _, f := range []struct {
		name, doc string
		base      base
		vector    func() reg.VecVirtual
		width     int
	}{
		{"expAVX512", "exp x", natural, c.ZMM, 16},
		{"exp2AVX512", "2^x", two, c.ZMM, 16},
		{"expAVX2", "exp x", natural, c.YMM, 8},
		{"exp2AVX2", "2^x", two, c.YMM, 8},
	} {
		c.Function(f.name)
		c.Attributes(attr.NOSPLIT)
		c.Pragma("noescape")
		c.SignatureExpr("func(dst, x *float32, n int)")
		c.Doc(f.name + " stores " + f.doc + " for n numbers, a positive multiple of " + strconv.Itoa(f.width) + ".")
		dst, src := c.Load(c.Param("dst"), c.GP64()), c.Load(c.Param("x"), c.GP64())
		n := c.Load(c.Param("n"), c.GP64())
		x := f.vector()
		c.Label("loop")
		c.VMOVUPS(Mem{Base: src}, x)
		e.emit(x, f.base, anySign)
		c.VMOVUPS(x, Mem{Base: dst})
		c.ADDQ(U32(4*f.width), src)
		c.ADDQ(U32(4*f.width), dst)
		c.SUBQ(U32(f.width), n)
		c.JNE(LabelRef("loop"))
		c.VZEROUPPER()
		c.RET()
	}
}

// base is what an exponential is a power of.
type base int

const (
	two base = iota
	natural
)

// sign is what is known of an exponential's argument.
type sign int

const (
	anySign sign = iota
	notPositive
)

// exponential emits code for 2^x and exp x.
//
// With n the integer next to x (or x·log₂e) and r = x − n (or x − n·ln 2, ln 2 in
// two parts of which the first has 15 bits, so that its product is exact), the
// result is 2ⁿ·p(r), p of degree 6 with p(0) = 1: within 0.07u of the exponential
// for |r| ≤ ½ (or ½·ln 2) before rounding. x is clamped where the result is 0 or
// +Inf anyway, by instructions that let NaN pass.
type exponential struct {
	c        *build.Context
	table    Mem
	at       map[string]int
	constant int
}

// Arguments are clamped to what lies between the least and the most of a base;
// ln 2 is ln2High + ln2Low.
const (
	least2, most2   = -152, 129
	leastE, mostE   = -105, 89
	log2e           = 0x1.715476p+0
	ln2High, ln2Low = 0x1.62e4p-1, 0x1.7f7d1cp-20
)

// The coefficients of p, from that of r⁶ to that of r⁰: least squares of the
// relative error on Chebyshev nodes, each rounded before the next was fitted.
var (
	powersOfTwo = []float32{0x1.3f906cp-13, 0x1.5f0a66p-10, 0x1.3b30bp-7, 0x1.c6af78p-5, 0x1.ebfbd8p-3, 0x1.62e43p-1, 1}
	powersOfE   = []float32{0x1.685352p-10, 0x1.123bdp-7, 0x1.555b96p-5, 0x1.55548ep-3, 0x1.fffff8p-2, 1, 1}
)

// newExponential adds the constants to the file.
func newExponential(c *build.Context) *exponential {
	e := &exponential{c: c, table: c.StaticGlobal("exponential"), at: map[string]int{}}
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	e.add("least 2", least2)
	e.add("most 2", most2)
	e.add("least e", leastE)
	e.add("most e", mostE)
	e.add("least", -math.MaxFloat32)
	e.add("log2e", log2e)
	e.add("ln2 high", ln2High)
	e.add("ln2 low", ln2Low)
	for k, x := range powersOfTwo {
		e.add("2"+string(rune('a'+k)), x)
	}
	for k, x := range powersOfE {
		e.add("e"+string(rune('a'+k)), x)
	}
	e.addBits("127", 127)
	return e
}

// add adds a constant, eight times for a vector of 32 bytes.
func (e *exponential) add(name string, x float32) { e.addBits(name, math.Float32bits(x)) }

func (e *exponential) addBits(name string, bits uint32) {
	e.at[name] = e.constant
	for range 8 {
		e.c.AddDatum(e.constant, U32(bits))
		e.constant += 4
	}
}

func (e *exponential) get(name string) Mem {
	at, ok := e.at[name]
	if !ok {
		panic("no constant " + name)
	}
	return e.table.Offset(at)
}

// emit replaces x, a ZMM or YMM register, by its exponential.
func (e *exponential) emit(x reg.VecVirtual, b base, s sign) {
	if x.Size() == 64 {
		e.wide(x, b, s)
	} else {
		e.narrow(x, b, s)
	}
}

// names returns the names of the constants of a base.
func (b base) names() (suffix string, coefficients []float32) {
	if b == two {
		return "2", powersOfTwo
	}
	return "e", powersOfE
}

// wide is emit for ZMM registers.
func (e *exponential) wide(x reg.VecVirtual, b base, s sign) {
	c := e.c
	suffix, coefficients := b.names()
	n, p := c.ZMM(), c.ZMM()
	limit := c.ZMM()
	c.VBROADCASTSS(e.get("least "+suffix), limit)
	c.VMAXPS(x, limit, x)
	if s == anySign {
		c.VBROADCASTSS(e.get("most "+suffix), limit)
		c.VMINPS(x, limit, x)
	}
	if b == natural {
		c.VMULPS_BCST(e.get("log2e"), x, n)
		c.VRNDSCALEPS(U8(8), n, n)
		c.VFNMADD231PS_BCST(e.get("ln2 high"), n, x)
		c.VFNMADD231PS_BCST(e.get("ln2 low"), n, x)
	} else {
		c.VRNDSCALEPS(U8(8), x, n)
		c.VSUBPS(n, x, x)
	}
	c.VBROADCASTSS(e.get(suffix+"a"), p)
	for k := range coefficients[1:] {
		c.VFMADD213PS_BCST(e.get(suffix+string(rune('b'+k))), x, p)
	}
	c.VSCALEFPS(n, p, x)
}

// narrow is emit for YMM registers. 2ⁿ is the product of two powers, since one
// may be no normal number.
func (e *exponential) narrow(x reg.VecVirtual, b base, s sign) {
	c := e.c
	suffix, coefficients := b.names()
	n, p, half := c.YMM(), c.YMM(), c.YMM()
	c.VMOVUPS(e.get("least "+suffix), n)
	c.VMAXPS(x, n, x)
	if s == anySign {
		c.VMOVUPS(e.get("most "+suffix), n)
		c.VMINPS(x, n, x)
	}
	if b == natural {
		c.VMULPS(e.get("log2e"), x, n)
		c.VROUNDPS(U8(8), n, n)
		c.VFNMADD231PS(e.get("ln2 high"), n, x)
		c.VFNMADD231PS(e.get("ln2 low"), n, x)
	} else {
		c.VROUNDPS(U8(8), x, n)
		c.VSUBPS(n, x, x)
	}
	c.VMOVUPS(e.get(suffix+"a"), p)
	for k := range coefficients[1:] {
		c.VFMADD213PS(e.get(suffix+string(rune('b'+k))), x, p)
	}
	c.VCVTPS2DQ(n, n)
	c.VPSRAD(U8(1), n, half)
	c.VPSUBD(half, n, n)
	for _, r := range []reg.VecVirtual{half, n} {
		c.VPADDD(e.get("127"), r, r)
		c.VPSLLD(U8(23), r, r)
		c.VMULPS(r, p, p)
	}
	c.VMOVAPS(p, x)
}
