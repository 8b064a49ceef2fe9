package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"example.com/attest/spec"
	"gonum.org/v1/gonum/mat"
)

// traceWeights are the weights of a layer: A (d×p), W (d×d, symmetric, spectrum
// in [0, spectrumTop]) and the row that B repeats (1×d). All numbers are
// float32 numbers, so that every implementation gets the same weights.
type traceWeights struct{ a, w, b spec.Matrix[float64] }

// spectrumTop is the largest eigenvalue of W: below 1, so that at η = 1 the
// feed-forward step is a contraction. The authors' code has the same number.
const spectrumTop = 0.95

// drawWeights draws the untrained weights for d channels from a seed, as the
// authors' published experiment does: A and B Xavier normal, and
// W = V·min(Λ, spectrumTop)·Vᵀ where VΛVᵀ = XXᵀ, X Xavier normal.
func drawWeights(seed uint64, d, p int) (*traceWeights, error) {
	rng := rand.New(rand.NewPCG(seed, 0))
	a := xavier(rng, d, p)
	x := xavier(rng, d, d)
	var xx mat.SymDense
	xx.SymOuterK(1, x)
	w, err := cutSpectrum(&xx, spectrumTop)
	if err != nil {
		return nil, fmt.Errorf("seed %d: %w", seed, err)
	}
	b := xavier(rng, 1, d)
	return &traceWeights{a: rounded(a), w: rounded(w), b: rounded(b)}, nil
}

// xavier draws a matrix of independent N(0, 2/(rows+cols)).
func xavier(rng *rand.Rand, rows, cols int) *mat.Dense {
	sigma := math.Sqrt(2 / float64(rows+cols))
	m := mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			m.Set(i, j, sigma*rng.NormFloat64())
		}
	}
	return m
}

// cutSpectrum returns V·clip(Λ, 0, top)·Vᵀ for m = VΛVᵀ.
func cutSpectrum(m *mat.SymDense, top float64) (*mat.SymDense, error) {
	var eig mat.EigenSym
	if !eig.Factorize(m, true) {
		return nil, fmt.Errorf("the eigenvalues of W were not found: choose another -seed")
	}
	var v mat.Dense
	eig.VectorsTo(&v)
	for k, x := range eig.Values(nil) { // V·√Λ
		root := math.Sqrt(min(max(x, 0), top))
		for i := range m.SymmetricDim() {
			v.Set(i, k, root*v.At(i, k))
		}
	}
	var out mat.SymDense
	out.SymOuterK(1, &v)
	return &out, nil
}

// rounded returns m with every element rounded to float32.
func rounded(m mat.Matrix) spec.Matrix[float64] {
	rows, cols := m.Dims()
	out := spec.NewMatrix[float64](rows, cols)
	for i := range rows {
		for j := range cols {
			out.Set(i, j, float64(float32(m.At(i, j))))
		}
	}
	return out
}

// repeatRow returns n copies of a row (1×d).
func repeatRow[T spec.Float](row spec.Matrix[float64], n int) spec.Matrix[T] {
	out := spec.NewMatrix[T](n, row.Cols)
	for i := range n {
		for k, x := range row.Row(0) {
			out.Set(i, k, T(x))
		}
	}
	return out
}

// dense is m for gonum; m must have no gaps.
func dense(m spec.Matrix[float64]) *mat.Dense { return mat.NewDense(m.Rows, m.Cols, m.Data) }

// matrixOf is a view of m, which must have no gaps.
func matrixOf(m *mat.Dense) spec.Matrix[float64] {
	raw := m.RawMatrix()
	return spec.Matrix[float64]{Rows: raw.Rows, Cols: raw.Cols, Stride: raw.Stride, Data: raw.Data}
}
