package kernel

import (
	"math"
	"os"
	"testing"
)

// exponentials are the two functions, each with its oracle.
var exponentials = []struct {
	name string
	f    func(l Level, dst, x []float32)
	want func(float64) float64
}{{"exp", Level.Exp, math.Exp}, {"exp2", Level.Exp2, math.Exp2}}

// expError returns by how much got misses the exponential of x, as a share of
// what ExpError allows.
func expError(got, x float32, f func(float64) float64) float64 {
	want := f(float64(x))
	switch rounded := float64(float32(want)); {
	case math.IsNaN(want) != math.IsNaN(float64(got)):
		return math.Inf(1)
	case math.IsNaN(want), float64(got) == rounded:
		return 0 // the best there is, +Inf included
	case math.IsInf(float64(got), 0) && want < math.MaxFloat32*(1-ExpError):
		return math.Inf(1)
	case math.IsInf(float64(got), 0):
		return 0
	}
	return math.Abs(float64(got)-want) / (ExpError*want + 0x1p-150)
}

// worstExp compares the exponentials of the numbers whose bits are from, from +
// step, …, and returns the largest share of the bound.
func worstExp(t *testing.T, l Level, e int, from, to, step uint64) (worst float64, at float32) {
	f := exponentials[e]
	x, y := make([]float32, 0, 1<<12), make([]float32, 1<<12)
	for bits := from; bits < to; {
		for x = x[:0]; len(x) < cap(x) && bits < to; bits += step {
			x = append(x, math.Float32frombits(uint32(bits)))
		}
		f.f(l, y[:len(x)], x)
		for k, e := range x {
			if r := expError(y[k], e, f.want); !(r <= worst) {
				worst, at = r, e
			}
		}
	}
	if !(worst <= 1) {
		t.Errorf("%s at the level %v: at %v, %g times the error allowed", f.name, l, at, worst)
	}
	return worst, at
}

func TestExp(t *testing.T) {
	special := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(-1)), float32(math.Inf(1)), float32(math.NaN()),
		-104, -103.97208, -103.9, -87.4, 88.72284, 88.722836, 89, 127.99999, 128, -126, -126.5, -149, -149.5, -150, -151, 1e-45, -3e38}
	for _, l := range Levels() {
		for e, f := range exponentials {
			worst, at := worstExp(t, l, e, 0, 1<<32, 9973)
			t.Logf("%s at the level %v: %.3f of the bound, at %v", f.name, l, worst, at)
			for n := range 40 { // every length of a rest, and every special number in every place
				x := make([]float32, n)
				for k := range x {
					x[k] = special[(k+n)%len(special)]
				}
				y := append(make([]float32, n), 7)
				f.f(l, y[:n], x)
				for k := range x {
					if r := expError(y[k], x[k], f.want); !(r <= 1) {
						t.Errorf("%s(%v) is %v at the level %v", f.name, x[k], y[k], l)
					}
				}
				if y[n] != 7 {
					t.Errorf("%s of %d numbers at the level %v writes one more", f.name, n, l)
				}
			}
		}
		x := []float32{1}
		if n := testing.AllocsPerRun(10, func() { l.Exp(x, x); l.Exp2(x, x) }); n != 0 {
			t.Errorf("the level %v allocates", l)
		}
	}
}

// TestExpExhaustive tries every float32 at the levels with vectors; that without
// is the oracle rounded.
func TestExpExhaustive(t *testing.T) {
	if os.Getenv("ATTEST_EXHAUSTIVE") == "" {
		t.Skip("takes minutes; ATTEST_EXHAUSTIVE=1 runs it")
	}
	for _, l := range vectorLevels() {
		for e, f := range exponentials {
			worst, at := worstExp(t, l, e, 0, 1<<32, 1)
			t.Logf("%s at the level %v: %.3f of the bound, at %v", f.name, l, worst, at)
		}
	}
}

func BenchmarkExp(b *testing.B) {
	x, y := make([]float32, 1<<12), make([]float32, 1<<12)
	for k := range x {
		x[k] = -float32(k) / 64
	}
	for _, l := range Levels() {
		for _, f := range exponentials {
			b.Run(f.name+"/"+l.String(), func(b *testing.B) {
				b.SetBytes(int64(4 * len(x)))
				for b.Loop() {
					f.f(l, y, x)
				}
			})
		}
	}
}
