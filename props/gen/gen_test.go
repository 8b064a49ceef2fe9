package gen_test

import (
	"encoding/json"
	"math"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var unexported = cmpopts.IgnoreUnexported(gen.Entry{})

// TestDrawsInRange draws everything many times and checks its range, that every
// matrix holds float32 numbers, and that every kind of fill is reached.
func TestDrawsInRange(t *testing.T) {
	reached := map[gen.Kind]bool{}
	sizes := map[int]bool{}
	for seed := range uint64(3000) {
		gen.Example(seed, nil, func(c *gen.Case) {
			n := c.Size("n", 0, 65)
			if n < 0 || n > 65 {
				t.Fatalf("n = %d", n)
			}
			sizes[n] = true
			if x := c.Int("k", -2, 3); x < -2 || x > 3 {
				t.Fatalf("k = %d", x)
			}
			if x := c.Number("eta", 0, 2); x < 0 || x > 2 || x != float64(float32(x)) {
				t.Fatalf("eta = %v", x)
			}
			if x := c.Power("s", -3, 4); x < 0x1p-3 || x >= 0x1p5 {
				t.Fatalf("s = %v", x)
			}
			c.Word("word", "a", "b")
			kinds := gen.Tokens
			if c.Bool("numbers") {
				kinds = gen.Numbers
			}
			m := c.Matrix("M", n, 5, kinds, -3, 3)
			for _, x := range m.Data {
				if x != float64(float32(x)) || math.IsInf(x, 0) || math.IsNaN(x) {
					t.Fatalf("M holds %v", x)
				}
			}
			for _, e := range c.Record() {
				if e.Name == "M" {
					reached[e.Fill.Kind] = true
				}
			}
		})
	}
	for _, k := range append(append([]gen.Kind{}, gen.Tokens...), gen.Numbers...) {
		if !reached[k] {
			t.Errorf("fill %q is never drawn", k)
		}
	}
	for _, n := range []int{0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65} {
		if !sizes[n] {
			t.Errorf("size %d is never drawn", n)
		}
	}
}

// TestCroppingKeepsValues checks that a smaller matrix of the same recipe holds
// the larger one's values, for the kinds whose elements do not depend on the
// width.
func TestCroppingKeepsValues(t *testing.T) {
	for _, k := range append(append([]gen.Kind{}, gen.Tokens...), gen.Numbers...) {
		f := gen.Fill{Kind: k, Exponent: 1, Seed: 7}
		large, small := f.Matrix(9, 6), f.Matrix(4, 6)
		for i := range small.Rows {
			for j := range small.Cols {
				if small.At(i, j) != large.At(i, j) {
					t.Errorf("%s: element (%d,%d) changes when rows are cropped", k, i, j)
				}
			}
		}
	}
}

// TestExampleIsDeterministic checks that a seed determines a case.
func TestExampleIsDeterministic(t *testing.T) {
	draw := func(c *gen.Case) {
		c.Tokens("Y", c.Size("n", 1, 65), c.Size("d", 1, 9))
		c.Number("eta", 0, 2)
	}
	for seed := range uint64(50) {
		a, b := gen.Example(seed, nil, draw), gen.Example(seed, nil, draw)
		if diff := cmp.Diff(a, b, unexported); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
		if a.String() == gen.Example(seed+1, nil, draw).String() {
			t.Errorf("seeds %d and %d give the same case", seed, seed+1)
		}
	}
}

// TestRecordRoundTrip checks that a stored case comes back bit for bit.
func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rows, cols := rapid.IntRange(0, 4).Draw(rt, "rows"), rapid.IntRange(1, 4).Draw(rt, "cols")
		m := spec.NewMatrix[float64](rows, cols)
		for k := range m.Data {
			m.Data[k] = rapid.Float64().Draw(rt, "x")
		}
		want := gen.Record{
			{Name: "n", Value: gen.Int(rapid.Int().Draw(rt, "n"))},
			{Name: "eta", Value: gen.Number(rapid.Float64().Draw(rt, "eta"))},
			{Name: "b", Value: gen.Value{Type: gen.TypeBool, Bool: rapid.Bool().Draw(rt, "b")}},
			{Name: "w", Value: gen.Word(rapid.String().Draw(rt, "w"))},
			{Name: "M", Value: gen.Explicit(m)},
			{Name: "F", Value: gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Normal, Exponent: -2, Seed: 5}}},
		}
		data, err := json.Marshal(want)
		if err != nil {
			rt.Fatal(err)
		}
		var got gen.Record
		if err := json.Unmarshal(data, &got); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got, unexported, cmpopts.EquateEmpty()); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestRecordErrors(t *testing.T) {
	for _, bad := range []string{
		`{`,
		`[{"name":"n","type":"int"}]`,
		`[{"name":"x","type":"number","number":"one"}]`,
		`[{"name":"M","type":"matrix","rows":2,"cols":1,"matrix":[["0x1p+00"]]}]`,
		`[{"name":"M","type":"matrix","rows":1,"cols":2,"matrix":[["0x1p+00"]]}]`,
		`[{"name":"M","type":"matrix","rows":-1,"cols":2}]`,
		`[{"name":"q","type":"quark"}]`,
	} {
		var r gen.Record
		if err := json.Unmarshal([]byte(bad), &r); err == nil {
			t.Errorf("%s is read as %v", bad, r)
		}
	}
}

// TestReduce plants faults of which the smallest case is known.
func TestReduce(t *testing.T) {
	for _, c := range []struct {
		name  string
		fails func(n int, eta float64, y spec.Matrix[float64]) bool
		want  string
	}{
		{"always", func(int, float64, spec.Matrix[float64]) bool { return true }, "n=0 d=1 eta=0 Y=[]"},
		{"n at least 5", func(n int, _ float64, _ spec.Matrix[float64]) bool { return n >= 5 }, "n=5 d=1 eta=0 Y=[0; 0; 0; 0; 0]"},
		{"eta above 1", func(_ int, eta float64, _ spec.Matrix[float64]) bool { return eta > 1 }, "n=0 d=1 eta=2 Y=[]"},
		{"one positive element", func(_ int, _ float64, y spec.Matrix[float64]) bool {
			for _, x := range y.Data {
				if x > 0 {
					return true
				}
			}
			return false
		}, "n=1 d=1 eta=0 Y=[1]"},
		{"two rows that differ", func(_ int, _ float64, y spec.Matrix[float64]) bool {
			for i := range y.Rows {
				if y.At(i, 0) != y.At(0, 0) {
					return true
				}
			}
			return false
		}, "n=2 d=1 eta=0 Y=[0; 1]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			property := func(g *gen.Case) bool {
				n := g.Size("n", 0, 17)
				d := g.Size("d", 1, 9)
				return c.fails(n, g.Number("eta", 0, 2), g.Tokens("Y", n, d))
			}
			calls := 0
			fails := func(r gen.Record) (out gen.Record, bad bool) {
				calls++
				defer func() {
					if x := recover(); x != nil {
						if _, ok := x.(gen.Invalid); !ok {
							panic(x)
						}
					}
				}()
				out = gen.Replay(r, func(g *gen.Case) { bad = property(g) })
				return out, bad
			}
			found := 0
			for seed := uint64(0); found < 5; seed++ {
				bad := false
				r := gen.Example(seed, nil, func(g *gen.Case) { bad = property(g) })
				if !bad {
					continue
				}
				found++
				calls = 0
				if got := gen.Reduce(r, 2000, fails).String(); got != c.want {
					t.Errorf("seed %d: %s is reduced to %s in %d calls, want %s", seed, r, got, calls, c.want)
				}
			}
		})
	}
}

// TestShares checks that given shares land in the range of each draw.
func TestShares(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		given := gen.Record{
			{Name: "n", Value: gen.Share(uint(rapid.Byte().Draw(rt, "n")))},
			{Name: "*number", Value: gen.Share(uint(rapid.Byte().Draw(rt, "number")))},
			{Name: "*fill", Value: gen.Share(uint(rapid.Uint32().Draw(rt, "fill")))},
			{Name: "*word", Value: gen.Share(uint(rapid.Byte().Draw(rt, "word")))},
		}
		gen.Example(1, given, func(c *gen.Case) {
			n := c.Size("n", 2, 9)
			x, p := c.Number("eta", 1, 2), c.Power("p", -3, 3)
			if n < 2 || n > 9 || x < 1 || x > 2 || p < 0x1p-3 || p > 0x1p4 {
				rt.Fatalf("n = %d, eta = %v, p = %v", n, x, p)
			}
			c.Word("w", "a", "b", "c")
			if m := c.Tokens("Y", n, 3); m.Rows != n {
				rt.Fatalf("Y has %d rows", m.Rows)
			}
		})
	})
}
