package gen_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"example.com/attest/props/gen"
)

// draws are draws with the values that each may give.
var draws = []struct {
	name   string
	draw   func(c *gen.Case) any
	values []any
	evenly bool // each value about equally often
}{
	{"Int", func(c *gen.Case) any { return c.Int("x", -2, 3) }, ints(-2, 3), true},
	{"Int of one value", func(c *gen.Case) any { return c.Int("x", 4, 4) }, ints(4, 4), true},
	{"Size of few values", func(c *gen.Case) any { return c.Size("x", 2, 7) }, ints(2, 7), true},
	{"Size from the second edge", func(c *gen.Case) any { return c.Size("x", 8, 16) }, ints(8, 16), false},
	{"Size", func(c *gen.Case) any { return c.Size("x", 1, 40) }, ints(1, 40), false},
	{"Number", func(c *gen.Case) any { return c.Number("x", -1, 3) }, steps(-1, 3), false},
	{"Power", func(c *gen.Case) any { return c.Power("x", -1, 1) }, []any{.5, .625, .75, .875, 1., 1.25, 1.5, 1.75, 2., 2.5, 3., 3.5}, true},
	{"Word", func(c *gen.Case) any { return c.Word("x", "a", "b", "c") }, []any{"a", "b", "c"}, true},
	{"Bool", func(c *gen.Case) any { return c.Bool("x") }, []any{false, true}, true},
	{"Mostly", func(c *gen.Case) any { return c.Mostly("x") }, []any{false, true}, false},
	{"kind and exponent of Matrix", func(c *gen.Case) any { f := fillOf(c, "x", -1, 1); f.Seed = 0; return f },
		[]any{gen.Fill{Kind: gen.Zero, Exponent: -1}, gen.Fill{Kind: gen.Zero}, gen.Fill{Kind: gen.Zero, Exponent: 1},
			gen.Fill{Kind: gen.Ints, Exponent: -1}, gen.Fill{Kind: gen.Ints}, gen.Fill{Kind: gen.Ints, Exponent: 1}}, true},
}

// fillOf draws a matrix called name and returns its recipe.
func fillOf(c *gen.Case, name string, loExp, hiExp int) gen.Fill {
	c.Matrix(name, 1, 1, []gen.Kind{gen.Zero, gen.Ints}, loExp, hiExp)
	r := c.Record()
	return r[len(r)-1].Fill
}

func ints(lo, hi int) (out []any) {
	for x := lo; x <= hi; x++ {
		out = append(out, x)
	}
	return out
}

// steps returns the 65 ends of 64 equal steps from lo to hi.
func steps(lo, hi float64) (out []any) {
	for k := range 65 {
		out = append(out, lo+(hi-lo)*float64(k)/64)
	}
	return out
}

// TestDrawsReachEveryValue requires a draw to give each of its values and no
// other, whether they are drawn or are folded from a given share.
func TestDrawsReachEveryValue(t *testing.T) {
	const cases = 6000
	for _, d := range draws {
		t.Run(d.name, func(t *testing.T) {
			drawn, shared := map[any]int{}, map[any]int{}
			for k := range uint64(cases) {
				gen.Example(k, nil, func(c *gen.Case) { drawn[d.draw(c)]++ })
				given := gen.Record{{Name: "x", Value: gen.Share(uint(k))}}
				gen.Replay(given, func(c *gen.Case) { shared[d.draw(c)]++ })
			}
			// Neighbouring shares are neighbouring values, the first the simplest.
			for k, x := range d.values {
				if _, fill := x.(gen.Fill); fill {
					break // which takes kind, exponent and seed from one share
				}
				given := gen.Record{{Name: "x", Value: gen.Share(uint(k))}}
				gen.Replay(given, func(c *gen.Case) {
					if got := d.draw(c); got != x {
						t.Errorf("share %d is folded into %v, not %v", k, got, x)
					}
				})
			}
			for _, x := range d.values {
				if drawn[x] == 0 || shared[x] == 0 {
					t.Errorf("%v is drawn %d times and folded %d times in %d cases", x, drawn[x], shared[x], cases)
				}
				if usual := cases / len(d.values); d.evenly && (drawn[x] < usual/2 || drawn[x] > 2*usual) {
					t.Errorf("%v is drawn %d times in %d cases, one of %d values", x, drawn[x], cases, len(d.values))
				}
			}
			if len(drawn) != len(d.values) || len(shared) != len(d.values) {
				t.Errorf("%d values are drawn and %d folded, want the %d values %v", len(drawn), len(shared), len(d.values), d.values)
			}
		})
	}
}

// TestSeedsOfMatrices requires all 16 bits of a matrix's seed to occur, drawn and
// folded.
func TestSeedsOfMatrices(t *testing.T) {
	var drawn, shared uint16
	for k := range uint64(200) {
		gen.Example(k, nil, func(c *gen.Case) { drawn |= fillOf(c, "x", 0, 0).Seed })
		given := gen.Record{{Name: "x", Value: gen.Share(uint(k * 0x10001))}}
		gen.Replay(given, func(c *gen.Case) { shared |= fillOf(c, "x", 0, 0).Seed })
	}
	if drawn != 0xffff || shared == 0 {
		t.Errorf("bits %#x are drawn and %#x folded", drawn, shared)
	}
}

// TestSizesAreMostlySmall requires the least six sizes to make up more than half
// of the draws, and the edges of vectors and tiles most of the rest.
func TestSizesAreMostlySmall(t *testing.T) {
	edges := []int{7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 127, 128, 129}
	const cases = 4000
	var small, edge, other int
	for k := range uint64(cases) {
		gen.Example(k, nil, func(c *gen.Case) {
			switch n := c.Size("n", 1, 1000); {
			case n <= 6:
				small++
			case slices.Contains(edges, n):
				edge++
			default:
				other++
			}
		})
	}
	if small < cases/2 || small > cases*7/10 || edge < cases/5 || edge > cases*4/10 || other < cases/20 || other > cases/5 {
		t.Errorf("of %d sizes %d are small, %d at an edge, %d others", cases, small, edge, other)
	}
}

// TestNumbersReachTheirEnds requires the ends of a range to be drawn more often
// than its other steps, and numbers to be of float32.
func TestNumbersReachTheirEnds(t *testing.T) {
	const cases = 4000
	ends := map[float64]int{}
	for k := range uint64(cases) {
		gen.Example(k, nil, func(c *gen.Case) {
			x := c.Number("x", 0.1, 0.7)
			if x != float64(float32(x)) {
				t.Fatalf("%v is not a number of float32", x)
			}
			ends[x]++
		})
	}
	for _, x := range []float64{float64(float32(0.1)), float64(float32(0.7))} {
		if ends[x] < 2*cases/65 {
			t.Errorf("%v is drawn %d times in %d cases", x, ends[x], cases)
		}
	}
}

// TestSharesOfAType requires one share for all draws of a type to give them
// different values, and a value given by name to come before it.
func TestSharesOfAType(t *testing.T) {
	given := gen.Record{{Name: "*int", Value: gen.Share(5)}, {Name: "c", Value: gen.Int(3)}, {Name: "*bool", Value: gen.Share(1)}, {Name: "*fill", Value: gen.Share(0x12370)}}
	gen.Replay(given, func(c *gen.Case) {
		if a, b, named := c.Int("a", 0, 99), c.Int("b", 0, 99), c.Int("c", 0, 99); a != 5 || b != 5+29 || named != 3 {
			t.Errorf("shares give %d and %d, the name %d", a, b, named)
		}
		if p, q := c.Bool("p"), c.Bool("q"); p == q {
			t.Errorf("both truth values are %v", p)
		}
		if f, g := fillOf(c, "M", 0, 9), fillOf(c, "N", 0, 9); f.Seed == g.Seed || f.Exponent != 0x1237%10 || g.Exponent != f.Exponent {
			t.Errorf("fills %v and %v", f, g)
		}
	})
}

// TestGivenValues checks what becomes of values that do not fit: Replay refuses
// them, ReplayNear moves numbers into their range and refuses the rest.
func TestGivenValues(t *testing.T) {
	number := func(c *gen.Case) any { return c.Number("x", -1, 2) }
	integer := func(c *gen.Case) any { return c.Int("x", 1, 4) }
	matrix := func(c *gen.Case) any {
		m := c.Matrix("x", 2, 2, gen.Numbers, 0, 0)
		return fmt.Sprint(m.Row(0), m.Row(1))
	}
	word := func(c *gen.Case) any { return c.Word("x", "a", "b") }
	explicit := func(rows ...[]float64) gen.Value { return gen.Explicit(matrixOf(rows...)) }
	for _, c := range []struct {
		name  string
		draw  func(c *gen.Case) any
		value gen.Value
		want  any // of Replay
		near  any // of ReplayNear
	}{
		{"least integer", integer, gen.Int(1), 1, 1},
		{"largest integer", integer, gen.Int(4), 4, 4},
		{"small integer", integer, gen.Int(0), "x = 0 lies outside [1, 4]", 1},
		{"large integer", integer, gen.Int(5), "x = 5 lies outside [1, 4]", 4},
		{"integer of an empty range", func(c *gen.Case) any { return c.Int("x", 2, 1) }, gen.Int(1), "x = 1 lies outside [2, 1]", "x = 1 lies outside [2, 1]"},
		{"integer of one value", func(c *gen.Case) any { return c.Int("x", 2, 2) }, gen.Int(5), "x = 5 lies outside [2, 2]", 2},
		{"least number", number, gen.Number(-1), -1., -1.},
		{"largest number", number, gen.Number(2), 2., 2.},
		{"neighbour of an end", number, gen.Number(float64(math.Nextafter32(2, 3))), float64(math.Nextafter32(2, 3)), 2.},
		{"neighbour of the other end", number, gen.Number(float64(math.Nextafter32(-1, -2))), float64(math.Nextafter32(-1, -2)), -1.},
		{"small number", number, gen.Number(-1.5), "x = -1.5 lies outside [-1, 2]", -1.},
		{"large number", number, gen.Number(2.5), "x = 2.5 lies outside [-1, 2]", 2.},
		{"NaN", number, gen.Number(math.NaN()), "x = NaN lies outside [-1, 2]", "x = NaN lies outside [-1, 2]"},
		{"a little outside", number, gen.Number(2 + 0x1p-20), "x = 2.0000009536743164 lies outside [-1, 2]", 2.},
		{"power at the end", func(c *gen.Case) any { return c.Power("x", -1, 1) }, gen.Number(4), 4., 4.},
		{"power beyond", func(c *gen.Case) any { return c.Power("x", -1, 1) }, gen.Number(5), "x = 5 lies outside [0.5, 4]", 4.},
		{"word", word, gen.Word("b"), "b", "b"},
		{"no option", word, gen.Word("c"), `x = "c" is none of ["a" "b"]`, `x = "c" is none of ["a" "b"]`},
		{"another type", integer, gen.Word("a"), "x is of type word, not int", "x is of type word, not int"},
		{"a number for a matrix", matrix, gen.Number(1), "x is of type number, not fill", "x is of type number, not fill"},
		{"a matrix for a number", number, explicit([]float64{1}), "x is of type matrix, not number", "x is of type matrix, not number"},
		{"matrix", matrix, explicit([]float64{1, 2}, []float64{3, 4}), "[1 2] [3 4]", "[1 2] [3 4]"},
		{"matrix to crop", matrix, explicit([]float64{1, 2, 3}, []float64{4, 5, 6}, []float64{7, 8, 9}), "[1 2] [4 5]", "[1 2] [4 5]"},
		{"few rows", matrix, explicit([]float64{1, 2}), "x is 1×2, not 2×2", "x is 1×2, not 2×2"},
		{"few columns", matrix, explicit([]float64{1}, []float64{2}), "x is 2×1, not 2×2", "x is 2×1, not 2×2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, replay := range map[string]func(gen.Record, func(*gen.Case)) gen.Record{"Replay": gen.Replay, "ReplayNear": gen.ReplayNear} {
				want := c.want
				if name == "ReplayNear" {
					want = c.near
				}
				if got := taken(replay, c.value, c.draw); got != want {
					t.Errorf("%s: %v, want %v", name, got, want)
				}
			}
		})
	}
}

// taken replays draw with x given, and returns what it gives, which the record
// must hold, or why it is invalid.
func taken(replay func(gen.Record, func(*gen.Case)) gen.Record, x gen.Value, draw func(c *gen.Case) any) (got any) {
	defer func() {
		if bad, ok := recover().(gen.Invalid); ok {
			got = bad.Reason
		}
	}()
	r := replay(gen.Record{{Name: "x", Value: x}}, func(c *gen.Case) { got = draw(c) })
	if v := r[0].Value; v.Type == gen.TypeInt && got != v.Int || v.Type == gen.TypeNumber && got != v.Number {
		return fmt.Sprintf("%v, recorded as %v", got, v)
	}
	return got
}

// TestValueNotGiven requires a replay to refuse a value that the record lacks,
// truth values apart.
func TestValueNotGiven(t *testing.T) {
	if got := taken(gen.Replay, gen.Int(1), func(c *gen.Case) any { return c.Int("y", 0, 1) }); got != "y is not given" {
		t.Error(got)
	}
	gen.Replay(nil, func(c *gen.Case) {
		if c.Bool("y") {
			t.Error("a truth value that is not given is true")
		}
	})
	if got := taken(gen.Replay, gen.Int(1), func(c *gen.Case) any { return c.Bool("x") }); got != "x is of type int, not bool" {
		t.Error(got)
	}
}

// TestDrawnTwice requires a name to have one value in a case, and one type.
func TestDrawnTwice(t *testing.T) {
	for k := range uint64(50) {
		r := gen.Example(k, nil, func(c *gen.Case) {
			if x, y := c.Int("x", 0, 9), c.Int("x", 0, 9); x != y {
				t.Fatalf("%d, then %d", x, y)
			}
			m, again := c.Matrix("M", 2, 1, gen.Numbers, 0, 0), c.Matrix("M", 2, 1, gen.Numbers, 0, 0)
			if !slices.Equal(m.Data, again.Data) {
				t.Fatalf("%v, then %v", m.Data, again.Data)
			}
		})
		if len(r) != 2 {
			t.Fatalf("the case is %s", r)
		}
	}
	explicit := gen.Explicit(matrixOf([]float64{1}))
	if got := taken(gen.Replay, explicit, func(c *gen.Case) any {
		c.Matrix("x", 1, 1, gen.Numbers, 0, 0)
		return c.Matrix("x", 1, 1, gen.Numbers, 0, 0).At(0, 0)
	}); got != 1. {
		t.Error(got)
	}
	defer func() {
		if x := recover(); x != "attest: a property draws x with two types" {
			t.Errorf("panic %v", x)
		}
	}()
	gen.Replay(gen.Record{{Name: "x", Value: explicit}}, func(c *gen.Case) {
		c.Matrix("x", 1, 1, gen.Numbers, 0, 0)
		c.Number("x", 0, 9)
	})
}

// TestExamplePassesPanicsOn requires a panic of the property to reach whoever
// asked for the case, after one run of it.
func TestExamplePassesPanicsOn(t *testing.T) {
	runs := 0
	defer func() {
		if x := recover(); x != "no such thing" || runs != 1 {
			t.Errorf("panic %v after %d runs", x, runs)
		}
	}()
	gen.Example(1, nil, func(c *gen.Case) { runs++; panic("no such thing") })
}
