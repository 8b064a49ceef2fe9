package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes writes code for the vectors of one level, 16 numbers or 8.
type lanes struct {
	*build.Context
	e     *exponential
	level string
	wide  bool
}

// function begins a function of the level, over n numbers, a positive multiple of
// the width.
func (l *lanes) function(name, signature, doc string) {
	l.Function(name + l.level)
	l.Attributes(attr.NOSPLIT)
	l.Pragma("noescape")
	l.SignatureExpr(signature)
	l.Doc(fmt.Sprintf("%s%s %s for n numbers, a positive multiple of %d.", name, l.level, doc, l.width()))
}

// end returns from a function.
func (l *lanes) end() {
	l.VZEROUPPER()
	l.RET()
}

func (l *lanes) width() int {
	if l.wide {
		return 16
	}
	return 8
}

func (l *lanes) vector() reg.VecVirtual {
	if l.wide {
		return l.ZMM()
	}
	return l.YMM()
}

// pointers loads pointers to float32 by the names of the parameters.
func (l *lanes) pointers(names ...string) []reg.Register {
	out := make([]reg.Register, len(names))
	for k, name := range names {
		out[k] = l.Load(l.Param(name), l.GP64())
	}
	return out
}

// scalar returns a vector of a parameter.
func (l *lanes) scalar(name string) reg.VecVirtual {
	x, v := l.Load(l.Param(name), l.XMM()), l.vector()
	l.VBROADCASTSS(x, v)
	return v
}

// loop runs over n numbers with all pointers at the next ones.
func (l *lanes) loop(pointers []reg.Register, body func()) {
	n := l.Load(l.Param("n"), l.GP64())
	l.Label("loop")
	body()
	for _, p := range pointers {
		l.ADDQ(U32(4*l.width()), p)
	}
	l.SUBQ(U32(l.width()), n)
	l.JNE(LabelRef("loop"))
}

// of returns a vector of a constant.
func (l *lanes) of(x float32) reg.VecVirtual {
	v := l.vector()
	l.VBROADCASTSS(l.memory(x), v)
	return v
}

// memory returns where a constant is stored.
func (l *lanes) memory(x float32) Mem {
	name := fmt.Sprintf("%x", math.Float32bits(x))
	if _, ok := l.e.at[name]; !ok {
		l.e.add(name, x)
	}
	return l.e.get(name)
}

// polynomial returns the polynomial in x with the given coefficients, from that
// of the highest power on.
func (l *lanes) polynomial(x reg.VecVirtual, coefficients ...float32) reg.VecVirtual {
	p := l.of(coefficients[0])
	for _, c := range coefficients[1:] {
		l.VFMADD213PS(l.of(c), x, p)
	}
	return p
}

// less chooses a where x < y and b elsewhere, where one is NaN too.
func (l *lanes) less(x, y, a, b reg.VecVirtual) reg.VecVirtual {
	const below = 1
	out := l.vector()
	if l.wide {
		k := l.K()
		l.VCMPPS(U8(below), y, x, k)
		l.VBLENDMPS(a, b, k, out)
	} else {
		l.VCMPPS(U8(below), y, x, out)
		l.VBLENDVPS(out, a, b, out)
	}
	return out
}

// do returns op(x, y): op is a method like VADDPS, whose operands are y, x and
// the result.
func (l *lanes) do(op func(...Op), x, y reg.VecVirtual) reg.VecVirtual {
	out := l.vector()
	op(y, x, out)
	return out
}

// total joins the lanes of v by op and stores the result as the function's.
func (l *lanes) total(op func(...Op), v reg.VecVirtual) {
	half := v
	if l.wide {
		half = l.YMM()
		l.VEXTRACTF64X4(U8(1), v, half)
		op(half, v.AsY(), half)
	}
	quarter := l.XMM()
	l.VEXTRACTF128(U8(1), half, quarter)
	op(quarter, half.AsX(), quarter)
	pair := l.XMM()
	l.VMOVHLPS(quarter, quarter, pair)
	op(quarter, pair, quarter)
	l.VMOVSHDUP(quarter, pair)
	op(quarter, pair, quarter)
	l.Store(quarter, l.ReturnIndex(0))
}
