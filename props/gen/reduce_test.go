package gen_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"example.com/attest/props/gen"
)

// candidates returns what the reducer tries instead of the values that property
// takes from given, in order, where nothing that it tries fails.
func candidates(given gen.Record, property func(c *gen.Case)) []string {
	r := gen.Replay(given, property)
	var out []string
	gen.Reduce(r, 1000, func(c gen.Record) (gen.Record, bool) {
		s := c.String()
		if s == r.String() {
			return nil, false
		}
		if s == "" {
			s = "x=false" // what is false is not printed
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
		return nil, false
	})
	return out
}

// TestReductionOfOneValue lists what is tried instead of a value.
func TestReductionOfOneValue(t *testing.T) {
	number := func(lo, hi float64) func(c *gen.Case) { return func(c *gen.Case) { c.Number("x", lo, hi) } }
	fill := func(lo, hi int) func(c *gen.Case) {
		return func(c *gen.Case) { c.Matrix("x", 1, 2, gen.Numbers, lo, hi) }
	}
	inf := math.Inf(1)
	for _, c := range []struct {
		name     string
		value    gen.Value
		property func(c *gen.Case)
		want     string
	}{
		{"integer", gen.Int(70), func(c *gen.Case) { c.Int("x", 3, 99) }, "3 4 5 8 9 16 17 32 33 64 65 69"},
		{"small integer", gen.Int(2), func(c *gen.Case) { c.Int("x", -1, 99) }, "0 1"},
		{"least integer", gen.Int(3), func(c *gen.Case) { c.Int("x", 3, 99) }, ""},
		{"word", gen.Word("c"), func(c *gen.Case) { c.Word("x", "a", "b", "c", "d") }, "a b"},
		{"true", gen.Value{Type: gen.TypeBool, Bool: true}, func(c *gen.Case) { c.Bool("x") }, "false"},
		{"false", gen.Value{Type: gen.TypeBool}, func(c *gen.Case) { c.Bool("x") }, ""},
		{"fraction", gen.Number(1.3125), number(-9, 9), "0 1 -1 2 -2 0.5 -0.5 1.5 1.25"},
		{"long fraction", gen.Number(2.7), number(-9, 9), "0 1 -1 2 -2 0.5 -0.5 3 2.5 2.75 2.6875"},
		{"negative fraction", gen.Number(-2.7), number(-9, 0), "0 -1 -2 -0.5 -3 -2.5 -2.75 -2.6875"},
		{"ends of the range", gen.Number(0.75), number(0.5, 1), "1 0.5"},
		{"whole number", gen.Number(7), number(-9, 9), "0 1 -1 2 -2"},
		{"minus one", gen.Number(-1), number(-9, 9), "0 1"},
		{"large whole number", gen.Number(1000), number(-9, 1000), "0 1 -1 2 -2"},
		{"two", gen.Number(2), number(-9, 9), "0 1 -1"},
		{"zero", gen.Number(0), number(-9, 9), ""},
		{"simplest fill", gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Zero}}, fill(0, 0), "[0 0]"},
		{"fill", gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Iota, Exponent: 2, Seed: 5}}, fill(0, 3),
			"zero·2^2#5 one·2^2#5 iota·2^0#5 [4 8]"},
		{"exponent with 0 as the largest", gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Zero, Exponent: -2}}, fill(-3, 0), "zero·2^0#0 [0 0]"},
		{"exponent above 0", gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Zero, Exponent: 2}}, fill(1, 3), "[0 0]"},
		{"exponent below 0", gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Zero, Exponent: -2}}, fill(-3, -1), "[0 0]"},
		{"elements", gen.Explicit(matrixOf([]float64{0, 2, 100})), func(c *gen.Case) { c.Matrix("x", 1, 3, gen.Numbers, 0, 0) },
			"[0 0 0] [0 0 100] [0 1 100] [0 -1 100] [0 2 0] [0 2 1] [0 2 -1] [0 2 2] [0 2 -2]"},
		{"large fraction", gen.Explicit(matrixOf([]float64{100.5})), func(c *gen.Case) { c.Matrix("x", 1, 1, gen.Numbers, 0, 0) }, "[0] [1] [-1] [2] [-2] [0.5] [-0.5] [101]"},
		{"infinity", gen.Explicit(matrixOf([]float64{inf})), func(c *gen.Case) { c.Matrix("x", 1, 1, gen.Numbers, 0, 0) }, "[0] [1] [-1] [2] [-2] [0.5] [-0.5]"},
		{"NaN", gen.Explicit(matrixOf([]float64{math.NaN()})), func(c *gen.Case) { c.Matrix("x", 1, 1, gen.Numbers, 0, 0) }, "[0] [1] [-1] [2] [-2] [0.5] [-0.5]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(candidates(gen.Record{{Name: "x", Value: c.value}}, c.property), " ")
			if got = strings.TrimPrefix(strings.ReplaceAll(got, " x=", " "), "x="); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestReductionOfShape lists what is tried of a size and the matrices that have
// it: each row goes, each column, and both.
func TestReductionOfShape(t *testing.T) {
	square := func(kinds []gen.Kind) func(c *gen.Case) {
		return func(c *gen.Case) {
			n := c.Int("n", 1, 70)
			c.Matrix("A", n, 1, kinds, 0, 0)
			c.Matrix("B", 1, n, kinds, 0, 0)
			c.Matrix("C", n, n, kinds, 0, 0)
		}
	}
	given := gen.Record{{Name: "n", Value: gen.Int(2)}, {Name: "A", Value: gen.Explicit(matrixOf([]float64{1}, []float64{3}))},
		{Name: "B", Value: gen.Explicit(matrixOf([]float64{5, 7}))}, {Name: "C", Value: gen.Explicit(matrixOf([]float64{1, 3}, []float64{5, 7}))}}
	got := candidates(given, square(gen.Numbers))
	want := []string{
		"n=1 A=[1; 3] B=[5 7] C=[1 3; 5 7]",
		"n=1 A=[3] B=[5 7] C=[5 7]", "n=1 A=[1; 3] B=[7] C=[3; 7]", "n=1 A=[3] B=[7] C=[7]",
		"n=1 A=[1] B=[5 7] C=[1 3]", "n=1 A=[1; 3] B=[5] C=[1; 5]", "n=1 A=[1] B=[5] C=[1]",
	}
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("tried are %q, want %q first", got, want)
	}
	// A size at its least, or above 64, stays but for the steps of every integer.
	if got := candidates(gen.Record{{Name: "n", Value: gen.Int(1)}, {Name: "A", Value: gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Zero}}},
		{Name: "B", Value: gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Zero}}}, {Name: "C", Value: gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Zero}}}}, square(gen.Numbers)); len(got) != 1 {
		t.Errorf("of one row %q is tried", got)
	}
	for n, want := range map[int]int{64: 11 + 1 + 1, 65: 12} { // sizes, the one below, and one row less
		rows := make([][]float64, n)
		for i := range rows {
			rows[i] = []float64{0}
		}
		got := candidates(gen.Record{{Name: "n", Value: gen.Int(n)}, {Name: "A", Value: gen.Explicit(matrixOf(rows...))}}, func(c *gen.Case) {
			c.Matrix("A", c.Int("n", 1, 70), 1, gen.Numbers, 0, 0)
		})
		if len(got) != want {
			t.Errorf("of %d rows %d things are tried, want %d", n, len(got), want)
		}
	}
}

// TestReductionGoesOn requires values to be tried again after others became
// simpler: here each can only follow the next.
func TestReductionGoesOn(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e"}
	property := func(c *gen.Case) (fails bool) {
		fails = true
		for k, name := range names {
			x := c.Number(name, 0, 8)
			fails = fails && (k == 0 || c.Number(names[k-1], 0, 8) >= x)
		}
		return fails
	}
	var given gen.Record
	for _, name := range names {
		given = append(given, gen.Entry{Name: name, Value: gen.Number(7)})
	}
	fails := func(r gen.Record) (out gen.Record, bad bool) {
		out = gen.Replay(r, func(c *gen.Case) { bad = property(c) })
		return out, bad
	}
	start, _ := fails(given)
	if got := gen.Reduce(start, 1000, fails).String(); got != "a=0 b=0 c=0 d=0 e=0" {
		t.Errorf("the case is reduced to %s", got)
	}
	// No more runs than the budget, however far it is.
	for _, budget := range []int{0, 1, 2, 7, 20} {
		calls := 0
		gen.Reduce(start, budget, func(r gen.Record) (gen.Record, bool) { calls++; return fails(r) })
		if calls != budget {
			t.Errorf("%d runs with a budget of %d", calls, budget)
		}
	}
}
