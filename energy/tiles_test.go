package energy_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"example.com/attest/energy"
	"example.com/attest/internal/kernel"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// tokens returns n tokens of d channels, so far apart that about a third of a
// weight is left, with a gap of NaN behind each row.
func tokens(n, d int, seed uint64) spec.Matrix[float32] {
	r := rand.New(rand.NewPCG(seed, 1))
	m := spec.Matrix[float32]{Rows: n, Cols: d, Stride: d + 3, Data: make([]float32, n*(d+3))}
	for k := range m.Data {
		m.Data[k] = float32(math.NaN())
	}
	scale := 1 / math.Sqrt(float64(max(d, 1)))
	for i := range n {
		for k := range d {
			m.Set(i, k, float32(scale*r.NormFloat64()))
		}
	}
	return m
}

// sizes are tokens and channels around the edges of vectors, blocks and tiles.
func sizes() [][2]int {
	channels := []int{3, 16, 1, 17, 8, 33, 2, 15, 64, 9}
	var out [][2]int
	for k, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 31, 33, 47, 48, 49, 63, 64, 65, 71, 72, 80, 81, 127, 128, 129, 144, 193} {
		if !testing.Short() || k%3 == 0 {
			out = append(out, [2]int{n, channels[k%len(channels)]})
		}
	}
	return out
}

// near requires each element of got to lie within its bound of want, and the gaps
// to be as they were.
func near(t *testing.T, what string, got spec.Matrix[float32], want, bound spec.Matrix[float64]) {
	t.Helper()
	for i := range got.Rows {
		for k := range got.Cols {
			if err := math.Abs(float64(got.At(i, k)) - want.At(i, k)); !(err <= bound.At(i, k)) {
				t.Fatalf("%s[%d,%d] is %g, want %g: err %.3g, bound %.3g", what, i, k, got.At(i, k), want.At(i, k), err, bound.At(i, k))
			}
		}
		for k := got.Cols; i+1 < got.Rows && k < got.Stride; k++ {
			if x := got.Data[i*got.Stride+k]; x == x {
				t.Fatalf("%s: %g written %d elements behind row %d", what, x, k-got.Cols+1, i)
			}
		}
	}
}

// TestTiles compares every operation on pairs of tokens with the reference at each
// level, at sizes around those of vectors, blocks and tiles.
func TestTiles(t *testing.T) {
	for _, level := range kernel.Levels() {
		for k, size := range sizes() {
			n, d := size[0], size[1]
			t.Run(fmt.Sprintf("%v/n=%d,d=%d", level, n, d), func(t *testing.T) {
				a := spec.Matrix[float32]{}
				if k%2 == 1 {
					a = tokens(d, d/2+1, 9)
				}
				tryTiles(t, energy.Machine{Level: level}, tokens(n, d, 1), a)
			})
		}
	}
}

func tryTiles(t *testing.T, m energy.Machine, y, a spec.Matrix[float32]) {
	const eta = 1.25
	n, d := y.Rows, y.Cols
	y0, v := tokens(n, d, 2), tokens(n, d, 3)
	r := reference.RoundingOf[float32]()
	exactY, exactA, exactV := spec.Convert[float64](y), spec.Convert[float64](a), spec.Convert[float64](v)
	bounds := reference.NewInteractionBounds(exactY, exactA, r)
	from := reference.NewInteractionBounds(spec.Convert[float64](y0), exactA, r)
	value := func(what string, got float32, want, bound float64) {
		t.Helper()
		if err := math.Abs(float64(got) - want); !(err <= bound) {
			t.Errorf("%s is %g, want %g: err %.3g, bound %.3g", what, got, want, err, bound)
		}
	}
	dst := tokens(n, d, 4)
	want := spec.NewMatrix[float64](n, d)
	poison := func() {
		for k := range dst.Data {
			dst.Data[k] = float32(math.NaN())
		}
	}

	value("the energy", m.InteractionEnergy(y, a), reference.InteractionEnergy(exactY, exactA), bounds.Value())
	value("the majorizer", m.InteractionMajorizer(y, y0, a),
		reference.InteractionMajorizer(exactY, spec.Convert[float64](y0), exactA), from.Majorizer(bounds))

	poison()
	m.InteractionGradient(dst, y, a)
	reference.InteractionGradient(want, exactY, exactA)
	near(t, "gradient", dst, want, bounds.Gradient())
	poison()
	m.InteractionHessianVector(dst, y, a, v)
	reference.InteractionHessianVector(want, exactY, exactA, exactV)
	near(t, "Hessian", dst, want, bounds.HessianVector(exactV))
	poison()
	m.InteractionStep(dst, y, a, eta)
	reference.InteractionStep(want, exactY, exactA, eta)
	near(t, "step", dst, want, bounds.Step(eta))

	weights := spec.Matrix[float32]{Rows: n, Cols: n, Stride: n + 3, Data: tokens(n, n, 5).Data}
	exactWeights := spec.NewMatrix[float64](n, n)
	m.InteractionWeights(weights, y, a)
	reference.InteractionWeights(exactWeights, exactY, exactA)
	near(t, "weights", weights, exactWeights, bounds.Weights())

	x := tokens(max(0, n-5), d, 6)
	exactX, all := spec.Convert[float64](x), spec.NewMatrix[float64](n, x.Rows)
	for k := range all.Data {
		all.Data[k] = 1
	}
	poison()
	m.FrozenStep(dst, y, x, eta)
	reference.FrozenStep(want, exactY, exactX, eta)
	near(t, "frozen step", dst, want, reference.NewAverageBounds(exactY, exactX, all, 1, r).Step(eta))

	causal := spec.NewMatrix[float64](n, n)
	for i := range n {
		for j := range i {
			causal.Set(i, j, 1)
		}
	}
	poison()
	m.CausalStep(dst, y, eta)
	reference.CausalStep(want, exactY, eta)
	near(t, "causal step", dst, want, reference.NewAverageBounds(exactY, exactY, causal, 1, r).Step(eta))

	square := tokens(d, d, 7)
	exactSquare := spec.Convert[float64](square)
	for _, normalized := range []bool{false, true} {
		bound, ok := reference.AttentionMapBound(exactY, exactSquare, normalized, r)
		if !ok {
			t.Error("no bound for the attention map")
		}
		poison()
		m.AttentionMap(dst, y, square, normalized)
		reference.AttentionMap(want, exactY, exactSquare, normalized)
		near(t, "attention map", dst, want, bound)
	}
}

// TestThreads requires the same bits with any number of threads, and the fused
// pass to give those of its parts.
func TestThreads(t *testing.T) {
	for _, level := range kernel.Levels()[:min(2, len(kernel.Levels()))] {
		y, v := tokens(391, 40, 1), tokens(391, 40, 2)
		for _, a := range []spec.Matrix[float32]{{}, tokens(40, 7, 3)} {
			var want []float32
			for _, threads := range []int{1, 2, 3, 8} {
				m := energy.Machine{Level: level, Threads: threads}
				dst, next, gradient := spec.NewMatrix[float32](391, 40), spec.NewMatrix[float32](391, 40), spec.NewMatrix[float32](391, 40)
				got := []float32{m.InteractionEnergy(y, a), m.InteractionMajorizer(y, v, a)}
				for _, f := range []func(){
					func() { m.InteractionGradient(dst, y, a) },
					func() { m.InteractionStep(dst, y, a, 1.5) },
					func() { m.InteractionHessianVector(dst, y, a, v) },
					func() { m.FrozenStep(dst, y, v, 1) },
					func() { m.CausalStep(dst, y, 1) },
				} {
					f()
					got = append(got, dst.Data...)
				}
				if e := m.InteractionDescent(next, gradient, y, a, 1.5); !same(got[:1], []float32{e}) ||
					!same(got[2:][:len(dst.Data)], gradient.Data) || !same(got[2+len(dst.Data):][:len(dst.Data)], next.Data) {
					t.Errorf("%v, %d threads: the fused pass differs from its parts", level, threads)
				}
				if want != nil && !same(got, want) {
					t.Errorf("%v: %d threads change bits", level, threads)
				}
				want = got
			}
		}
	}
}

// same reports whether two slices hold the same bits.
func same(x, y []float32) bool {
	for k := range x {
		if math.Float32bits(x[k]) != math.Float32bits(y[k]) {
			return false
		}
	}
	return len(x) == len(y)
}
