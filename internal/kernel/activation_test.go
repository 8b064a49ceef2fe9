package kernel

import (
	"fmt"
	"math"
	"os"
	"testing"
	"unsafe"
)

// functionNames are for messages.
var functionNames = [functions]string{"relu", "sigmoid", "silu", "tanh", "gelu", "gelu-tanh", "softplus", "log"}

// oracle returns f(x) in float64.
func oracle(f Function, x float64) float64 {
	if f == ReLU {
		return max(x, 0)
	}
	return inFloat64[f](x)
}

// functionError returns by how much got misses f(x), as a share of what is
// allowed.
func functionError(f Function, got, x float32) float64 {
	want := oracle(f, float64(x))
	switch {
	case math.IsNaN(want) != math.IsNaN(float64(got)):
		return math.Inf(1)
	case math.IsNaN(want), float64(got) == float64(float32(want)):
		return 0
	}
	return math.Abs(float64(got)-want) / (f.ErrorOf(float64(x))*math.Abs(want) + 0x1p-149*(1+math.Abs(float64(x))))
}

// worstFunction compares the results at the numbers whose bits are 0, step,
// 2·step, …, and returns the largest share of the bound.
func worstFunction(t *testing.T, l Level, f Function, step uint64) (worst float64, at float32) {
	x, y := make([]float32, 0, 1<<12), make([]float32, 1<<12)
	for bits := uint64(0); bits < 1<<32; {
		for x = x[:0]; len(x) < cap(x) && bits < 1<<32; bits += step {
			x = append(x, math.Float32frombits(uint32(bits)))
		}
		l.Apply(f, y[:len(x)], x)
		for k, e := range x {
			if r := functionError(f, y[k], e); !(r <= worst) {
				worst, at = r, e
			}
		}
	}
	if !(worst <= 1) {
		t.Errorf("%s at the level %v: at %v, %g times the error allowed", functionNames[f], l, at, worst)
	}
	return worst, at
}

// tryFunctions applies f to every length of a rest, with every special number in
// every place, and says what is wrong.
func tryFunctions(f Function, apply func(f Function, dst, x []float32)) string {
	special := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(-1)), float32(math.Inf(1)), float32(math.NaN()),
		1, -1, 0.55, -0.55, 0x1p-126, 0x1p-149, -0x1p-149, math.MaxFloat32, -math.MaxFloat32, 14.5, -14.5, -14.1, -88, -103, -104, 88.7, 0.70710677}
	for n := range 40 {
		x := make([]float32, n)
		for k := range x {
			x[k] = special[(k+n)%len(special)]
		}
		y := append(make([]float32, n), 7)
		apply(f, y[:n], x)
		for k := range x {
			if r := functionError(f, y[k], x[k]); !(r <= 1) {
				return fmt.Sprintf("%s(%v) is %v", functionNames[f], x[k], y[k])
			}
		}
		if y[n] != 7 {
			return fmt.Sprintf("%s of %d numbers writes one more", functionNames[f], n)
		}
	}
	return ""
}

func TestFunctions(t *testing.T) {
	for _, l := range Levels() {
		for f := range functions {
			worst, at := worstFunction(t, l, f, 9973)
			t.Logf("%s at the level %v: %.3f of the bound, at %v", functionNames[f], l, worst, at)
			if s := tryFunctions(f, l.Apply); s != "" {
				t.Errorf("%v: %s", l, s)
			}
		}
		x := make([]float32, 3)
		if n := testing.AllocsPerRun(10, func() { l.Apply(Tanh, x, x) }); n != 0 {
			t.Errorf("the level %v allocates", l)
		}
	}
}

// TestFunctionMutants plants faults of each function, which must show.
func TestFunctionMutants(t *testing.T) {
	for name, fault := range map[string]func(dst []float32){
		"the rest is left as it was": func(dst []float32) {
			for k := len(dst) &^ 7; k < len(dst); k++ {
				dst[k] = 0
			}
		},
		"a whole vector is written": func(dst []float32) {
			if n := len(dst); n%8 != 0 {
				*(*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(dst)), 4*n)) = 0
			}
		},
		"two lanes are interchanged": func(dst []float32) {
			if len(dst) > 4 {
				dst[1], dst[4] = dst[4], dst[1]
			}
		},
		"the low bits are lost": func(dst []float32) {
			for k := range dst {
				dst[k] = math.Float32frombits(math.Float32bits(dst[k]) &^ 0xFF)
			}
		},
		"NaN becomes 0": func(dst []float32) {
			for k, x := range dst {
				if x != x {
					dst[k] = 0
				}
			}
		},
	} {
		for _, l := range Levels() {
			for f := range functions {
				if s := tryFunctions(f, func(f Function, dst, x []float32) {
					l.Apply(f, dst, x)
					fault(dst)
				}); s == "" {
					t.Errorf("%s at the level %v: %s, and nothing shows it", functionNames[f], l, name)
				}
			}
		}
	}
}

// TestFunctionsExhaustive tries every float32 at the levels with vectors; that
// without is the oracle rounded.
func TestFunctionsExhaustive(t *testing.T) {
	if os.Getenv("ATTEST_EXHAUSTIVE") == "" {
		t.Skip("takes many minutes; ATTEST_EXHAUSTIVE=1 runs it")
	}
	for _, l := range vectorLevels() {
		for f := range functions {
			worst, at := worstFunction(t, l, f, 1)
			t.Logf("%s at the level %v: %.3f of the bound, at %v", functionNames[f], l, worst, at)
		}
	}
}

func BenchmarkFunctions(b *testing.B) {
	x, y := make([]float32, 1<<12), make([]float32, 1<<12)
	for k := range x {
		x[k] = float32(k-1<<11) / 256
	}
	for _, l := range Levels() {
		for f := range functions {
			b.Run(functionNames[f]+"/"+l.String(), func(b *testing.B) {
				b.SetBytes(int64(4 * len(x)))
				for b.Loop() {
					l.Apply(f, y, x)
				}
			})
		}
	}
}
