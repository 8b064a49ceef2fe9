package props

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"example.com/attest/internal/guard"
	"example.com/attest/spec"
)

// lent is the memory of one operand of a trial.
type lent struct {
	name string
	end  uintptr // of the operand
}

// unusual reports whether operands may lie apart from one another's pattern, with
// more than NaN around them and in what must not be used.
func (t *Trial) unusual() bool { return t.Mostly("unusual memory") }

// slack returns what fills the memory around the operands of the trial.
func (t *Trial) slack() float64 {
	if !t.unusual() {
		return math.NaN()
	}
	return poisons[t.Word("slack", poisonWords...)]
}

// shift returns where the named operand begins: so many elements from a multiple
// of 64 bytes, or, if negative, so that it ends right at an unreadable page.
func (t *Trial) shift(name string) int {
	if t.unusual() && t.Bool(name+" aside") {
		return t.Int(name+" shift", 0, 15)
	}
	return -1
}

// lie returns the layout of the named operand: the one that all have, or one of
// its own.
func (t *Trial) lie(name string, all layout) layout {
	if t.shift(name) < 0 {
		return all
	}
	own := all
	switch t.Word(name+" lies", "alike", "packed", "heads first", "tokens first") {
	case "packed":
		own = packed
	case "heads first":
		own = headsFirst
	case "tokens first":
		own = tokensFirst
	}
	own.repeated = all.repeated
	return own
}

// lend returns memory for n elements of the named operand, filled with slack, as
// the memory around it is.
func lend[E guard.Element](t *Trial, name string, n int, slack E) guard.Memory[E] {
	m := guard.Lend[E](&t.pool, n, t.shift(name))
	for k := range m.Whole {
		m.Whole[k] = slack
	}
	end := uintptr(unsafe.Pointer(unsafe.SliceData(m.Whole))) + uintptr(m.Offset+n)*unsafe.Sizeof(slack)
	t.lent = append(t.lent, lent{name, end})
	return m
}

// watch requires the memory of an input, and that around it, to hold the same
// bits after the trial.
func watch[E guard.Element](t *Trial, name string, m guard.Memory[E]) {
	before := slices.Clone(m.Whole)
	t.guards = append(t.guards, func() string {
		switch k := firstChange(m.Whole, before) - m.Offset; {
		case k == -1-m.Offset:
			return ""
		case k < 0 || k >= len(m.Data):
			return fmt.Sprintf("memory around input %s was changed, %d elements from its start", name, k)
		default:
			return fmt.Sprintf("input %s was changed, %d elements from its start", name, k)
		}
	})
}

// firstChange returns the first place at which a and b, equally long, differ in
// their bits, or −1.
func firstChange[E guard.Element](a, b []E) int {
	x, y := bytesOf(a), bytesOf(b)
	if bytes.Equal(x, y) {
		return -1
	}
	k := 0
	for x[k] == y[k] {
		k++
	}
	return k / int(unsafe.Sizeof(a[0]))
}

// bytesOf returns the memory of x.
func bytesOf[E guard.Element](x []E) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(*new(E))))
}

// outsideWritten says where the memory around and in the gaps of the view out is
// not what it was before; empty if nowhere.
func outsideWritten[T spec.Float](name string, m guard.Memory[T], before []T, out spec.Tensor[T]) string {
	before = slices.Clone(before)
	eachElement(out.Shape, func(b, h, i, c int) {
		k := m.Offset + out.Index(b, h, i, c)
		before[k] = m.Whole[k]
	})
	if k := firstChange(m.Whole, before); k >= 0 {
		return fmt.Sprintf("%s was written outside its view, %d elements from its start", name, k-m.Offset)
	}
	return ""
}

// faultOf says which operand a fault at the given address is next to.
func (t *Trial) faultOf(addr uintptr) string {
	for _, l := range t.lent {
		if addr >= l.end && addr < l.end+1<<12 {
			return fmt.Sprintf("memory behind %s was touched, %d bytes from its end", l.name, addr-l.end)
		}
	}
	return "memory outside all operands was touched"
}

// poisonWords name the numbers that must not be used.
var poisonWords = []string{"NaN", "+Inf", "-Inf", "huge"}

// poisons are these numbers.
var poisons = map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1), "huge": math.MaxFloat32}

// drawPoison draws one of them.
func drawPoison(t *Trial) float64 { return poisons[t.Word("poison", poisonWords...)] }

// drawHidden draws what rows that no query may see are handed over with, and
// whether that is poison.
func drawHidden(t *Trial) (poison float64, poisoned bool) {
	poison, poisoned = poisons[t.Word("hidden rows", append([]string{"as drawn"}, poisonWords...)...)]
	return poison, poisoned
}
