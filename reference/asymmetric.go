package reference

import (
	"math"

	"example.com/attest/spec"
)

var asymmetric = spec.Asymmetric[float64]{
	Apply:           ApplyWeights,
	Lift:            Lift,
	Dilate:          Dilate,
	Precondition:    Precondition,
	EquilibriumStep: EquilibriumStep,
	AttentionMap:    AttentionMap,
}

// ApplyWeights stores YW.
func ApplyWeights(dst, y, w matrix) {
	spec.CheckApply(dst, y, w)
	for i := range y.Rows {
		copy(dst.Row(i), RowTimes(y.Row(i), w))
	}
}

// Lift stores [[0, W], [Wᵀ, 0]].
func Lift(dst, w matrix) {
	spec.CheckLift(dst, w)
	d := w.Rows
	for i := range 2 * d {
		clear(dst.Row(i))
	}
	for i := range d {
		for j := range d {
			dst.Set(i, d+j, w.At(i, j))
			dst.Set(d+j, i, w.At(i, j))
		}
	}
}

// Dilate stores [[√(I−WWᵀ), W], [Wᵀ, −√(I−WᵀW)]].
func Dilate(dst, w matrix) {
	d := w.Rows
	Lift(dst, w)
	left, right := complementRoot(w), complementRoot(Transpose(w))
	for i := range d {
		for j := range d {
			dst.Set(i, j, left.At(i, j))
			dst.Set(d+i, d+j, -right.At(i, j))
		}
	}
}

// complementRoot returns √(I−WWᵀ) from the eigenvalues and eigenvectors of
// I−WWᵀ; eigenvalues below 0 count as 0.
func complementRoot(w matrix) matrix {
	d := w.Rows
	b := newMatrix(d, d)
	for i := range d {
		for j := range d {
			x := -Dot(w.Row(i), w.Row(j))
			if i == j {
				x++
			}
			b.Set(i, j, x)
		}
	}
	values, v := SymmetricEigen(b)
	root := newMatrix(d, d)
	for i := range d {
		for j := range i + 1 {
			var s float64
			for k, lambda := range values {
				s += v.At(i, k) * math.Sqrt(math.Max(lambda, 0)) * v.At(j, k)
			}
			root.Set(i, j, s)
			root.Set(j, i, s)
		}
	}
	return root
}

// sweeps is how often Jacobi's method goes through all pairs: it converges
// quadratically, and a further sweep does nothing to a diagonal matrix.
const sweeps = 8

// SymmetricEigen returns the eigenvalues of the symmetric matrix b and, in the
// columns of v, its orthonormal eigenvectors, by cyclic Jacobi rotations.
func SymmetricEigen(b matrix) (values []float64, v matrix) {
	d := b.Rows
	b = spec.Convert[float64](b)
	v = newMatrix(d, d)
	for i := range d {
		v.Set(i, i, 1)
	}
	for range sweeps {
		for p := range d {
			for q := p + 1; q < d; q++ {
				if b.At(p, q) == 0 {
					continue
				}
				c, s := jacobiRotation(b.At(p, p), b.At(q, q), b.At(p, q))
				for k := range d {
					rotate(b, k, p, k, q, c, s)
				}
				for k := range d {
					rotate(b, p, k, q, k, c, s)
					rotate(v, k, p, k, q, c, s)
				}
			}
		}
	}
	for i := range d {
		values = append(values, b.At(i, i))
	}
	return values, v
}

// jacobiRotation returns cosine and sine of the rotation that makes the
// off-diagonal element x of [[a, x], [x, b]] zero, x ≠ 0.
func jacobiRotation(a, b, x float64) (c, s float64) {
	theta := (b - a) / (2 * x)
	t := 1 / (math.Abs(theta) + math.Hypot(1, theta))
	if theta < 0 {
		t = -t
	}
	c = 1 / math.Hypot(1, t)
	return c, t * c
}

// rotate replaces the pair x = m(i, j), y = m(k, l) by cx − sy, sx + cy.
func rotate(m matrix, i, j, k, l int, c, s float64) {
	x, y := m.At(i, j), m.At(k, l)
	m.Set(i, j, c*x-s*y)
	m.Set(k, l, s*x+c*y)
}

// Precondition stores H = V diag(1−omega) Vᵀ and Q = (VVᵀ)⁻¹, column by column
// through the Cholesky factor of VVᵀ.
func Precondition(h, q, v matrix, omega []float64) {
	spec.CheckPrecondition(h, q, v, omega)
	d := v.Rows
	for i := range d {
		for j := range i + 1 {
			var s float64
			for k := range d {
				s += v.At(i, k) * (1 - omega[k]) * v.At(j, k)
			}
			h.Set(i, j, s)
			h.Set(j, i, s)
		}
	}
	r := cholesky(Times(v, Transpose(v)))
	for j := range d {
		x := make([]float64, d)
		x[j] = 1
		solveCholesky(r, x)
		for i := j; i < d; i++ {
			q.Set(i, j, x[i])
			q.Set(j, i, x[i])
		}
	}
}

// cholesky returns the lower triangular R with RRᵀ = b, NaN below a pivot that
// is not positive.
func cholesky(b matrix) matrix {
	d := b.Rows
	r := newMatrix(d, d)
	for j := range d {
		for i := j; i < d; i++ {
			s := b.At(i, j) - Dot(r.Row(i)[:j], r.Row(j)[:j])
			if i == j {
				r.Set(j, j, math.Sqrt(s))
			} else {
				r.Set(i, j, s/r.At(j, j))
			}
		}
	}
	return r
}

// solveCholesky replaces x by the solution y of RRᵀy = x.
func solveCholesky(r matrix, x []float64) {
	for i := range x {
		x[i] = (x[i] - Dot(r.Row(i)[:i], x[:i])) / r.At(i, i)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for k := i + 1; k < len(x); k++ {
			x[i] -= r.At(k, i) * x[k]
		}
		x[i] /= r.At(i, i)
	}
}

// EquilibriumStep stores max(0, (1−η)X + η(XWᵀ + b)).
func EquilibriumStep(dst, x, w, b matrix, eta float64) {
	spec.CheckEquilibrium(dst, x, w, b)
	for i := range x.Rows {
		for k := range x.Cols {
			dst.Set(i, k, math.Max(0, (1-eta)*x.At(i, k)+eta*(Dot(x.Row(i), w.Row(k))+b.At(0, k))))
		}
	}
}

// AttentionMap stores KXA, Kᵢⱼ = exp(xᵢAxⱼᵀ), its rows divided by their sums if
// normalized.
func AttentionMap(dst, x, a matrix, normalized bool) {
	spec.CheckAttentionMap(dst, x, a)
	xa := Times(x, a)
	for i := range x.Rows {
		k := make([]float64, x.Rows)
		for j := range k {
			k[j] = Dot(xa.Row(i), x.Row(j))
		}
		if normalized {
			k = SoftmaxRow(k)
		} else {
			for j := range k {
				k[j] = math.Exp(k[j])
			}
		}
		copy(dst.Row(i), RowTimes(k, xa))
	}
}
