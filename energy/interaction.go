package energy

import (
	"math"

	"example.com/attest/spec"
)

var interaction = spec.Interaction[float32]{
	Energy:        InteractionEnergy,
	Gradient:      InteractionGradient,
	HessianVector: InteractionHessianVector,
	Majorizer:     InteractionMajorizer,
	Conjugate:     Conjugate,
	Weights:       InteractionWeights,
	Step:          InteractionStep,
}

// tile is the number of tokens whose pairs are visited together: two tiles of
// 64 channels fit the first-level cache.
const tile = 48

// exp is eˣ rounded to float32, within 1.01u.
func exp(x float32) float32 { return float32(math.Exp(float64(x))) }

// pairs calls visit for every pair of tiles [i0, i1)×[j0, j1) with i0 ≤ j0, so
// that each pair of tokens is met once; within a diagonal tile visit must skip
// j ≤ i itself.
func pairs(n int, visit func(i0, i1, j0, j1 int)) {
	for i := 0; i < n; i += tile {
		for j := i; j < n; j += tile {
			visit(i, min(i+tile, n), j, min(j+tile, n))
		}
	}
}

// project returns YA, or Y itself when A is the zero Matrix.
func project(y, a matrix) matrix {
	if a.IsZero() {
		return y
	}
	return multiply(y, a)
}

// multiply returns XM.
func multiply(x, m matrix) matrix {
	out := spec.NewMatrix[float32](x.Rows, m.Cols)
	for i := range x.Rows {
		row := out.Row(i)
		for k, xik := range x.Row(i) {
			axpy(row, xik, m.Row(k))
		}
	}
	return out
}

// multiplyTransposed stores XMᵀ.
func multiplyTransposed(dst, x, m matrix) {
	for i := range x.Rows {
		for k := range m.Rows {
			dst.Set(i, k, dot(x.Row(i), m.Row(k)))
		}
	}
}

// axpy adds c·x to dst.
func axpy(dst []float32, c float32, x []float32) {
	x = x[:len(dst)]
	for k := range dst {
		dst[k] += c * x[k]
	}
}

// dot returns Σ xₖyₖ, in four chains.
func dot(x, y []float32) float32 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float32
	k := 0
	for ; k+4 <= len(x); k += 4 {
		s0 += x[k] * y[k]
		s1 += x[k+1] * y[k+1]
		s2 += x[k+2] * y[k+2]
		s3 += x[k+3] * y[k+3]
	}
	for ; k < len(x); k++ {
		s0 += x[k] * y[k]
	}
	return (s0 + s1) + (s2 + s3)
}

// halfSquared returns ‖x−y‖²/2, in four chains.
func halfSquared(x, y []float32) float32 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float32
	k := 0
	for ; k+4 <= len(x); k += 4 {
		d0, d1, d2, d3 := x[k]-y[k], x[k+1]-y[k+1], x[k+2]-y[k+2], x[k+3]-y[k+3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; k < len(x); k++ {
		d := x[k] - y[k]
		s0 += d * d
	}
	return ((s0 + s1) + (s2 + s3)) / 2
}

// InteractionEnergy returns E₁(Y) = −Σ_{i<j} exp(−‖uᵢ−uⱼ‖²/2).
func InteractionEnergy(y, a matrix) float32 {
	spec.CheckTokens(y, a)
	u := project(y, a)
	var e float32
	pairs(u.Rows, func(i0, i1, j0, j1 int) {
		for i := i0; i < i1; i++ {
			for j := max(j0, i+1); j < j1; j++ {
				e -= exp(-halfSquared(u.Row(i), u.Row(j)))
			}
		}
	})
	return e
}

// laplacian stores (D−G)X in dst, pair by pair as Gᵢⱼ(xᵢ−xⱼ), and returns D.
// The weights come from the rows of u.
func laplacian(dst, u, x matrix) []float32 {
	d := make([]float32, u.Rows)
	for i := range d {
		d[i] = 1
		clear(dst.Row(i))
	}
	pairs(u.Rows, func(i0, i1, j0, j1 int) {
		for i := i0; i < i1; i++ {
			for j := max(j0, i+1); j < j1; j++ {
				g := exp(-halfSquared(u.Row(i), u.Row(j)))
				d[i] += g
				d[j] += g
				exchange(dst.Row(i), dst.Row(j), g, x.Row(i), x.Row(j))
			}
		}
	})
	return d
}

// exchange adds g(x−y) to di and takes it from dj.
func exchange(di, dj []float32, g float32, x, y []float32) {
	dj, x, y = dj[:len(di)], x[:len(di)], y[:len(di)]
	for k := range di {
		t := g * (x[k] - y[k])
		di[k] += t
		dj[k] -= t
	}
}

// InteractionGradient stores (D−G)YS as ((D−G)U)Aᵀ.
func InteractionGradient(dst, y, a matrix) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	if a.IsZero() {
		laplacian(dst, y, y)
		return
	}
	u := multiply(y, a)
	lu := spec.NewMatrix[float32](u.Rows, u.Cols)
	laplacian(lu, u, u)
	multiplyTransposed(dst, lu, a)
}

// InteractionHessianVector stores the derivative of the gradient in the
// direction V.
func InteractionHessianVector(dst, y, a, v matrix) {
	spec.CheckInteraction(dst, y.Cols, y, a, v)
	u, w := project(y, a), project(v, a)
	sum := spec.NewMatrix[float32](u.Rows, u.Cols)
	pairs(u.Rows, func(i0, i1, j0, j1 int) {
		for i := i0; i < i1; i++ {
			for j := max(j0, i+1); j < j1; j++ {
				ui, uj, wi, wj := u.Row(i), u.Row(j), w.Row(i), w.Row(j)
				g := exp(-halfSquared(ui, uj))
				var rs float32
				for k := range ui {
					rs += (ui[k] - uj[k]) * (wi[k] - wj[k])
				}
				si, sj := sum.Row(i), sum.Row(j)
				for k := range ui {
					t := g * ((wi[k] - wj[k]) - (ui[k]-uj[k])*rs)
					si[k] += t
					sj[k] -= t
				}
			}
		}
	})
	if a.IsZero() {
		for i := range sum.Rows {
			copy(dst.Row(i), sum.Row(i))
		}
		return
	}
	multiplyTransposed(dst, sum, a)
}

// InteractionMajorizer returns E₁(Y₀) + Σ_{i<j} exp(−zᵢⱼ(Y₀))(zᵢⱼ(Y) − zᵢⱼ(Y₀)).
func InteractionMajorizer(y, y0, a matrix) float32 {
	spec.CheckTokens(y, a)
	y0.CheckShape("Y₀", y.Rows, y.Cols)
	u, u0 := project(y, a), project(y0, a)
	var m float32
	pairs(u.Rows, func(i0, i1, j0, j1 int) {
		for i := i0; i < i1; i++ {
			for j := max(j0, i+1); j < j1; j++ {
				z, z0 := halfSquared(u.Row(i), u.Row(j)), halfSquared(u0.Row(i), u0.Row(j))
				m += exp(-z0) * ((z - z0) - 1)
			}
		}
	})
	return m
}

// Conjugate returns g log g − g, and 0 at g = 0.
func Conjugate(g float32) float32 {
	if g == 0 {
		return 0
	}
	x := float64(g)
	return float32(x*math.Log(x) - x)
}

// InteractionWeights stores P = D⁻¹G (n×n, the only operation here whose result
// has that size).
func InteractionWeights(dst, y, a matrix) {
	spec.CheckInteraction(dst, y.Rows, y, a)
	u := project(y, a)
	n := u.Rows
	for i := range n {
		dst.Set(i, i, 1)
	}
	pairs(n, func(i0, i1, j0, j1 int) {
		for i := i0; i < i1; i++ {
			for j := max(j0, i+1); j < j1; j++ {
				g := exp(-halfSquared(u.Row(i), u.Row(j)))
				dst.Set(i, j, g)
				dst.Set(j, i, g)
			}
		}
	})
	for i := range n {
		row := dst.Row(i)
		var d float32
		for _, g := range row {
			d += g
		}
		for j := range row {
			row[j] /= d
		}
	}
}

// InteractionStep stores the softmax_β step in difference form,
// yᵢ − η((D−G)Y)ᵢ/Dᵢ.
func InteractionStep(dst, y, a matrix, eta float32) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	d := laplacian(dst, project(y, a), y)
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		for k := range row {
			row[k] = yi[k] - eta*(row[k]/d[i])
		}
	}
}
