package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"example.com/attest/internal/guard"
)

// rowFunctions has each function of rows on small integers, of which every result
// but exponentials is exact, as a list of what it stores and returns.
var rowFunctions = []struct {
	name string
	run  func(l Level, dst, x, y, z []float32) float32
	want func(x, y, z float64) (stored, added float64)
}{
	{"largest", func(l Level, dst, x, _, _ []float32) float32 {
		copy(dst, x)
		return l.Largest(x)
	}, nil},
	{"sum", func(l Level, dst, x, _, _ []float32) float32 {
		copy(dst, x)
		return l.Sum(x)
	}, func(x, _, _ float64) (float64, float64) { return x, x }},
	{"square sum", func(l Level, dst, x, _, _ []float32) float32 {
		copy(dst, x)
		return l.SquareSum(x, 2)
	}, func(x, _, _ float64) (float64, float64) { return x, (x - 2) * (x - 2) }},
	{"affine", func(l Level, dst, x, _, _ []float32) float32 {
		l.Affine(dst, x, 3, -2)
		return 0
	}, func(x, _, _ float64) (float64, float64) { return 3*x - 2, 0 }},
	{"normalize", func(l Level, dst, x, y, z []float32) float32 {
		l.Normalize(dst, x, y, z, 2, 0.5)
		return 0
	}, func(x, y, z float64) (float64, float64) { return y*(x-2)/2 + z, 0 }},
	{"gain", func(l Level, dst, x, y, _ []float32) float32 {
		l.Gain(dst, x, y, 0.5)
		return 0
	}, func(x, y, _ float64) (float64, float64) { return y * x / 2, 0 }},
	{"times", func(l Level, dst, x, y, _ []float32) float32 {
		l.Times(dst, x, y)
		return 0
	}, func(x, y, _ float64) (float64, float64) { return x * y, 0 }},
	{"plus", func(l Level, dst, x, y, _ []float32) float32 {
		l.Plus(dst, x, y)
		return 0
	}, func(x, y, _ float64) (float64, float64) { return x + y, 0 }},
	{"exp sum", func(l Level, dst, x, _, _ []float32) float32 { return l.ExpSum(dst, x, 7) },
		func(x, _, _ float64) (float64, float64) { return math.Exp(x - 7), math.Exp(x - 7) }},
	{"shift exp sum", func(l Level, dst, x, _, _ []float32) float32 { return l.ShiftExpSum(dst, x, 7) },
		func(x, _, _ float64) (float64, float64) { return x - 7, math.Exp(x - 7) }},
}

// tryRow runs function f on n numbers between pages that cannot be touched, as
// changed by fault, and says what is wrong.
func tryRow(o *gemmOperands, l Level, f, n int, inPlace bool, fault func(dst []float32, result float32) float32) string {
	row := func(m guard.Memory[float32]) []float32 { return o.view(m, 1, n, 0).Data }
	x, y, z, dst := row(o.a), row(o.b), row(o.c), row(o.dst)
	if inPlace {
		dst = x
	}
	r := rand.New(rand.NewPCG(uint64(n), 0))
	before := make([]float64, n)
	for k := range x {
		x[k], y[k], z[k] = float32(r.IntN(15)-7), float32(r.IntN(15)-7), float32(r.IntN(15)-7)
		before[k] = float64(x[k])
	}
	g := rowFunctions[f]
	var got float32
	if s := guard.Fault(func() { got = fault(dst, g.run(l, dst, x, y, z)) }); s != "" {
		return s
	}
	largest, total := math.Inf(-1), 0.0
	for k, v := range before {
		stored, added := v, 0.0
		if g.want != nil {
			stored, added = g.want(v, float64(y[k]), float64(z[k]))
		}
		largest, total = max(largest, v), total+added
		if err := math.Abs(float64(dst[k]) - stored); !(err <= rowError(stored)) {
			return fmt.Sprintf("number %d of %d is %v, want %v", k, n, dst[k], stored)
		}
	}
	if g.want == nil {
		total = largest
	}
	if err := math.Abs(float64(got) - total); !(err <= float64(n+1)*rowError(total)) && float64(got) != total {
		return fmt.Sprintf("the result of %d numbers is %v, want %v", n, got, total)
	}
	return ""
}

// rowError allows integers and halves nothing, and other numbers what an
// exponential may err.
func rowError(x float64) float64 {
	if x*2 == math.Trunc(x*2) {
		return 0
	}
	return 2 * ExpError * math.Abs(x)
}

func TestRowFunctions(t *testing.T) {
	for _, l := range Levels() {
		for _, side := range []guard.Side{guard.Behind, guard.Before} {
			o := newGemmOperands(t, side, 64)
			for f, g := range rowFunctions {
				for n := range 3*16 + 1 {
					for _, inPlace := range []bool{false, true} {
						if s := tryRow(o, l, f, n, inPlace, func(_ []float32, r float32) float32 { return r }); s != "" {
							t.Errorf("%s at the level %v: %s", g.name, l, s)
						}
					}
				}
			}
		}
	}
}

// TestRowFunctionMutants plants faults into what the functions of rows store and return;
// each must show.
func TestRowFunctionMutants(t *testing.T) {
	for name, fault := range map[string]func(dst []float32, r float32) float32{
		"the last number is not stored": func(dst []float32, r float32) float32 {
			dst[len(dst)-1] = float32(math.NaN())
			return r
		},
		"a sixteenth of the sum is lost": func(dst []float32, r float32) float32 { return r * 15 / 16 },
		"two lanes are interchanged": func(dst []float32, r float32) float32 {
			dst[0], dst[5] = dst[5], dst[0]
			return r
		},
	} {
		for _, l := range Levels() {
			o := newGemmOperands(t, guard.Behind, 64)
			found := false
			for f := range rowFunctions {
				found = found || tryRow(o, l, f, 23, false, fault) != ""
			}
			if !found {
				t.Errorf("%v: %s, and nothing shows it", l, name)
			}
		}
	}
}

// TestRowFunctionsNaN has NaN in every place of a row: the largest leaves it out, sums and
// exponentials pass it on.
func TestRowFunctionsNaN(t *testing.T) {
	nan := float32(math.NaN())
	for _, l := range Levels() {
		for n := 1; n < 40; n++ {
			for at := range n {
				x := make([]float32, n)
				x[at] = nan
				if got := l.Largest(x); got != 0 && !(n == 1 && math.IsInf(float64(got), -1)) {
					t.Fatalf("%v: the largest of %v is %v", l, x, got)
				}
				if s := l.Sum(x); s == s {
					t.Fatalf("%v: the sum of %v is %v", l, x, s)
				}
				if s := l.ExpSum(make([]float32, n), x, 0); s == s {
					t.Fatalf("%v: the sum of exponentials of %v is %v", l, x, s)
				}
			}
		}
		if got := l.Largest(nil); !math.IsInf(float64(got), -1) {
			t.Errorf("%v: the largest of nothing is %v", l, got)
		}
	}
}

func BenchmarkRowFunctions(b *testing.B) {
	x, y, z, dst := make([]float32, 1<<12), make([]float32, 1<<12), make([]float32, 1<<12), make([]float32, 1<<12)
	for _, l := range Levels() {
		for _, f := range rowFunctions {
			b.Run(f.name+"/"+l.String(), func(b *testing.B) {
				b.SetBytes(int64(4 * len(x)))
				for b.Loop() {
					f.run(l, dst, x, y, z)
				}
			})
		}
	}
}
