// Package gen makes the cases that properties are tried on. A case is a recipe:
// named sizes, numbers and choices, and for each matrix a named kind of fill
// with a seed, so that a large matrix is quick to make and a smaller case keeps
// the values that remain. Every draw goes through rapid and is recorded under
// its name; a recorded case can be replayed, made smaller value by value, and
// stored with its exact values.
package gen

import (
	"fmt"
	"math"
	"math/bits"

	"pgregory.net/rapid"
)

// Case is one case while a property draws it.
type Case struct {
	t      *rapid.T         // nil: every value must be given
	given  map[string]Value // values that are not to be drawn
	clamp  bool             // given numbers outside their range are moved into it
	record Record
	index  map[string]int // name → place in record
}

// Invalid is the panic value with which a case stops whose given values do not
// fit what the property asks for.
type Invalid struct{ Reason string }

// New returns a case that takes the given values and draws all others from t.
func New(t *rapid.T, given Record) *Case {
	c := &Case{t: t, given: make(map[string]Value, len(given)), index: map[string]int{}}
	for _, e := range given {
		c.given[e.Name] = e.Value
	}
	return c
}

// Example runs property on the case that seed determines, with given values
// taken instead of drawn, and returns the record of the case. A panic of property
// is passed on: rapid would take it for a case to draw anew.
func Example(seed uint64, given Record, property func(*Case)) Record {
	var c *Case
	var panicked any
	rapid.Custom(func(t *rapid.T) bool {
		rapid.Bool().Draw(t, "") // Custom wants a draw even where every value is given
		c = New(t, given)
		defer func() { panicked = recover() }()
		property(c)
		return true
	}).Example(int(seed))
	if panicked != nil {
		panic(panicked)
	}
	return c.record
}

// Replay runs property on a case all of whose values are given. A value that
// the property asks for and the record lacks makes the case Invalid.
func Replay(given Record, property func(*Case)) Record {
	c := New(nil, given)
	property(c)
	return c.record
}

// ReplayNear is Replay with given integers and numbers that lie outside what
// the property asks for moved to the nearest end of its range, so that a smaller
// case need not spell out what follows from its sizes.
func ReplayNear(given Record, property func(*Case)) Record {
	c := New(nil, given)
	c.clamp = true
	property(c)
	return c.record
}

// Record returns what the property has asked for so far, in that order.
func (c *Case) Record() Record { return c.record }

func (c *Case) invalid(format string, args ...any) {
	panic(Invalid{fmt.Sprintf(format, args...)})
}

// take returns the value called name: the recorded one if the property asked
// before, else the given one if there is one, else what draw returns. A given
// share is turned into a value of the drawn range by share.
func (c *Case) take(name string, kind Type, share func(x uint) Value, draw func(t *rapid.T) Value) Value {
	if i, ok := c.index[name]; ok {
		if have := c.record[i].Value.Type; have != kind && !(kind == TypeFill && have == TypeMatrix) {
			panic("attest: a property draws " + name + " with two types")
		}
		return c.record[i].Value
	}
	v, ok := c.given[name]
	if !ok {
		// One share serves many draws: they must not all take the same value.
		if v, ok = c.given["*"+string(kind)]; ok && kind != TypeFill {
			v.Int += 29 * len(c.record)
		}
	}
	switch {
	case ok && v.Type == TypeShare:
		v = share(uint(v.Int))
	case ok && v.Type != kind && !(kind == TypeFill && v.Type == TypeMatrix):
		c.invalid("%s is of type %s, not %s", name, v.Type, kind)
	case !ok && c.t == nil && kind != TypeBool:
		c.invalid("%s is not given", name)
	case !ok:
		v = draw(c.t)
	}
	c.index[name] = len(c.record)
	c.record = append(c.record, Entry{Name: name, Value: v})
	return v
}

// restrict rewrites the range within which the reducer may move a number.
func (c *Case) restrict(name string, lo, hi float64) {
	e := &c.record[c.index[name]]
	e.lo, e.hi = lo, hi
}

// edges are sizes around the widths of vectors and tiles.
var edges = []int{7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 127, 128, 129}

// Size draws a size in [lo, hi]: small most of the time, else around a width of
// vectors or tiles, else anything.
func (c *Case) Size(name string, lo, hi int) int {
	v := c.take(name, TypeInt, intShare(lo, hi), func(t *rapid.T) Value {
		var near []int
		for _, e := range edges {
			if lo <= e && e <= hi {
				near = append(near, e)
			}
		}
		small := min(hi, lo+5)
		switch how := uniform(t, name+" how", 10); {
		case how < 6 || hi <= lo+5:
			return Int(lo + uniform(t, name, small-lo+1))
		case how < 9 && len(near) > 0:
			return Int(near[uniform(t, name, len(near))])
		default:
			return Int(lo + uniform(t, name, hi-lo+1))
		}
	})
	return c.withinInts(name, v.Int, lo, hi)
}

// Int draws an integer in [lo, hi], each equally often.
func (c *Case) Int(name string, lo, hi int) int {
	v := c.take(name, TypeInt, intShare(lo, hi), func(t *rapid.T) Value {
		return Int(lo + uniform(t, name, hi-lo+1))
	})
	return c.withinInts(name, v.Int, lo, hi)
}

// Bool draws a truth value. One that a replayed case does not give is false.
func (c *Case) Bool(name string) bool {
	share := func(x uint) Value { return Value{Type: TypeBool, Bool: x%2 == 1} }
	return c.take(name, TypeBool, share, func(t *rapid.T) Value {
		return Value{Type: TypeBool, Bool: t != nil && rapid.Bool().Draw(t, name)}
	}).Bool
}

// Mostly draws a truth value that is true three times of four. One that a replayed
// case does not give is false.
func (c *Case) Mostly(name string) bool {
	share := func(x uint) Value { return Value{Type: TypeBool, Bool: x%4 != 0} }
	return c.take(name, TypeBool, share, func(t *rapid.T) Value {
		return Value{Type: TypeBool, Bool: t != nil && uniform(t, name, 4) != 0}
	}).Bool
}

// Word draws one of the options; the first is the simplest.
func (c *Case) Word(name string, options ...string) string {
	share := func(x uint) Value { return Word(options[x%uint(len(options))]) }
	v := c.take(name, TypeWord, share, func(t *rapid.T) Value {
		return Word(options[uniform(t, name, len(options))])
	})
	for _, o := range options {
		if o == v.Word {
			e := &c.record[c.index[name]]
			e.words = options
			return v.Word
		}
	}
	c.invalid("%s = %q is none of %q", name, v.Word, options)
	return ""
}

// Number draws a number in [lo, hi] that float32 represents: an end of the
// range now and then, else one of its 64 equal steps.
func (c *Case) Number(name string, lo, hi float64) float64 {
	step := func(k int) Value { return Number(float64(float32(lo + (hi-lo)*float64(min(max(k, 0), 64))/64))) }
	share := func(x uint) Value { return step(int(x % 65)) }
	v := c.take(name, TypeNumber, share, func(t *rapid.T) Value {
		return step(uniform(t, name, 71) - 3)
	})
	return c.within(name, v.Number, lo, hi)
}

// Power draws m·2ᵉ with e in [lo, hi] and m one of 1, 1.25, 1.5, 1.75.
func (c *Case) Power(name string, lo, hi int) float64 {
	share := func(x uint) Value {
		return Number(math.Ldexp(1+float64(x%4)/4, lo+int(x/4)%(hi-lo+1)))
	}
	v := c.take(name, TypeNumber, share, func(t *rapid.T) Value {
		e := lo + uniform(t, name+" exponent", hi-lo+1)
		m := 1 + float64(uniform(t, name+" mantissa", 4))/4
		return Number(math.Ldexp(m, e))
	})
	return c.within(name, v.Number, math.Ldexp(1, lo), math.Ldexp(2, hi))
}

func (c *Case) withinInts(name string, x, lo, hi int) int {
	if c.clamp && lo <= hi {
		x = min(max(x, lo), hi)
		c.record[c.index[name]].Int = x
	}
	if x < lo || x > hi {
		c.invalid("%s = %d lies outside [%d, %d]", name, x, lo, hi)
	}
	c.restrict(name, float64(lo), float64(hi))
	return x
}

func intShare(lo, hi int) func(x uint) Value {
	return func(x uint) Value { return Int(lo + int(x%uint(hi-lo+1))) }
}

func (c *Case) within(name string, x, lo, hi float64) float64 {
	if c.clamp {
		x = min(max(x, lo), hi)
		c.record[c.index[name]].Number = x
	}
	// A float32 neighbour of an end counts as inside.
	if slack := 0x1p-22 * (math.Abs(lo) + math.Abs(hi)); !(x >= lo-slack && x <= hi+slack) {
		c.invalid("%s = %v lies outside [%v, %v]", name, x, lo, hi)
	}
	c.restrict(name, lo, hi)
	return x
}

// uniform draws an integer in [0, n), each about equally often. It draws bit by
// bit, because rapid's integers prefer the ends of their range.
func uniform(t *rapid.T, label string, n int) int {
	x := 0
	for range bits.Len(uint(n)) + 3 {
		x <<= 1
		if rapid.Bool().Draw(t, label) {
			x |= 1
		}
	}
	return x % n
}
