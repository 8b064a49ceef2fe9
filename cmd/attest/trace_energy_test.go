package main

import (
	"math"
	"math/rand/v2"
	"testing"

	"example.com/attest/reference/precise"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/mat"
)

func TestEnergyTermsByHand(t *testing.T) {
	w := &traceWeights{a: spec.Column[float64](1), w: spec.Column(0.5), b: spec.Column[float64](1)}
	got := newEnergyJudge(w, 2).at(spec.Column[float64](0, 2))
	want := [termCount]float64{-math.Exp(-2), 4, 1, 1, 6 - math.Exp(-2)}
	for term, x := range got.value {
		if err := math.Abs(x - want[term]); !(err <= got.rounding[term]) {
			t.Errorf("%s: got %v, want %v, bound %.3g", termNames[term], x, want[term], got.rounding[term])
		}
	}
}

// TestEnergyRounding judges each term by the high-precision reference.
func TestEnergyRounding(t *testing.T) {
	exact := precise.Implementation()
	rng := rand.New(rand.NewPCG(1, 3))
	var worst [termCount]float64
	for trial := range 60 {
		n, d, p := 1+rng.IntN(6), 1+rng.IntN(6), 1+rng.IntN(6)
		scale, shift := math.Ldexp(1, rng.IntN(9)-6), math.Ldexp(float64(rng.IntN(2)), rng.IntN(20))
		y := spec.NewMatrix[float64](n, d)
		for i := range y.Data {
			y.Data[i] = float64(float32(shift + scale*rng.NormFloat64()))
		}
		w, err := drawWeights(uint64(trial), d, p)
		if err != nil {
			t.Fatal(err)
		}
		lambda := rng.Float64()
		got := newEnergyJudge(w, lambda).at(y)
		zero := spec.NewMatrix[float64](d, d)
		ridge := 0.0
		for i := range n {
			ridge += exact.Ridge.Energy(spec.MatrixOf(y.Row(i)), w.a, lambda)
		}
		want := [termCount]float64{
			exact.Interaction.Energy(y, w.a), ridge,
			exact.FeedForward.Energy(y, w.w, y),
			exact.FeedForward.Energy(y, zero, repeatRow[float64](w.b, n)),
		}
		for _, x := range want[:totalTerm] {
			want[totalTerm] += x
		}
		for term := range termCount {
			// The judge's results are rounded once, and added.
			bound := got.rounding[term] + 8*spec.Unit[float64]()*math.Abs(want[term])
			err := math.Abs(got.value[term] - want[term])
			if !(err <= bound) {
				t.Errorf("trial %d, %s: got %v, want %v: err %.3g, bound %.3g", trial, termNames[term], got.value[term], want[term], err, bound)
			}
			if bound > 0 {
				worst[term] = max(worst[term], err/bound)
			}
		}
	}
	t.Logf("worst err/bound of %v: %.3g", termNames, worst)
}

func TestDrawWeights(t *testing.T) {
	const d, p = 40, 24
	w, err := drawWeights(9, d, p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := drawWeights(9, d, p)
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(dense(w.a), dense(again.a)) || !mat.Equal(dense(w.w), dense(again.w)) || !mat.Equal(dense(w.b), dense(again.b)) {
		t.Error("the same seed drew other weights")
	}
	other, err := drawWeights(10, d, p)
	if err != nil {
		t.Fatal(err)
	}
	if mat.Equal(dense(w.a), dense(other.a)) {
		t.Error("two seeds drew the same weights")
	}
	for _, x := range w.w.Data {
		if float64(float32(x)) != x {
			t.Fatalf("%v is no float32 number", x)
		}
	}
	sym := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range d {
			if w.w.At(i, j) != w.w.At(j, i) {
				t.Fatalf("W is not symmetric at (%d, %d)", i, j)
			}
			sym.SetSym(i, j, w.w.At(i, j))
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, false) {
		t.Fatal("no eigenvalues")
	}
	// Rounding d² elements below 1 to float32 moves an eigenvalue by at most du.
	slack := d * spec.Unit[float32]()
	cut := 0
	for _, x := range eig.Values(nil) {
		if !(x >= -slack && x <= spectrumTop+slack) {
			t.Errorf("eigenvalue %v of W is outside [0, %v]", x, spectrumTop)
		}
		if x > spectrumTop-slack {
			cut++
		}
	}
	if cut == 0 || cut == d {
		t.Errorf("%d of %d eigenvalues were cut", cut, d)
	}
	// The mean square of A estimates 2/(d+p); its standard deviation is √(2/(dp))
	// of that, and five of them are allowed.
	var square float64
	for _, x := range w.a.Data {
		square += x * x / (d * p)
	}
	if want := 2.0 / (d + p); !(math.Abs(square-want) <= 5*want*math.Sqrt(2.0/(d*p))) {
		t.Errorf("mean square of A: got %v, want %v", square, want)
	}
}
