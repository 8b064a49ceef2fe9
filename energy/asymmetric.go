package energy

import (
	"math"
	"slices"

	"example.com/attest/spec"
)

func (m Machine) asymmetric() spec.Asymmetric[float32] {
	return spec.Asymmetric[float32]{
		Apply:           m.ApplyWeights,
		Lift:            Lift,
		Dilate:          Dilate,
		Precondition:    Precondition,
		EquilibriumStep: m.EquilibriumStep,
		AttentionMap:    m.AttentionMap,
	}
}

// ApplyWeights stores YW.
func (m Machine) ApplyWeights(dst, y, w matrix) {
	spec.CheckApply(dst, y, w)
	m.multiply(dst, y, w, matrix{})
}

// Lift stores [[0, W], [Wᵀ, 0]].
func Lift(dst, w matrix) {
	spec.CheckLift(dst, w)
	d := w.Rows
	for i := range 2 * d {
		clear(dst.Row(i))
	}
	for i := range d {
		copy(dst.Row(i)[d:], w.Row(i))
		for j, x := range w.Row(i) {
			dst.Set(d+j, i, x)
		}
	}
}

// Dilate stores [[√(I−WWᵀ), W], [Wᵀ, −√(I−WᵀW)]].
func Dilate(dst, w matrix) {
	Lift(dst, w)
	d := w.Rows
	t := spec.NewMatrix[float32](d, d)
	for i := range d {
		for j, x := range w.Row(i) {
			t.Set(j, i, x)
		}
	}
	// The columns of W are the rows of its transpose.
	storeComplementRoot(dst.Columns(0, d), spec.Convert[float32](t), 1)
	lower := dst.Columns(d, 2*d)
	if d > 0 {
		lower.Data = lower.Data[d*dst.Stride:]
	}
	storeComplementRoot(lower, spec.Convert[float32](w), -1)
}

// storeComplementRoot stores sign·√(I − Σ ggᵀ) in the first rows of dst, g
// running over the rows of m, which it overwrites: rotations make them
// orthogonal, and then the root is I − Σ ggᵀ/(1+√(1−‖g‖²)).
func storeComplementRoot(dst, m matrix, sign float32) {
	const sweeps, u = 8, 0x1p-24
	for range sweeps {
		for p := range m.Rows {
			for q := range p {
				a, b := dot(m.Row(p), m.Row(p)), dot(m.Row(q), m.Row(q))
				x := dot(m.Row(p), m.Row(q))
				if x*x <= u*u*a*b {
					continue
				}
				rotateRows(m.Row(p), m.Row(q), float64(a), float64(b), float64(x))
			}
		}
	}
	scale := make([]float32, m.Rows)
	for k := range m.Rows {
		left := max(0, 1-dot(m.Row(k), m.Row(k)))
		scale[k] = 1 / (1 + float32(math.Sqrt(float64(left))))
	}
	for i := range m.Cols {
		for j := range i + 1 {
			var s float32
			if i == j {
				s = 1
			}
			for k := range m.Rows {
				s -= m.At(k, i) * m.At(k, j) * scale[k]
			}
			dst.Set(i, j, sign*s)
			dst.Set(j, i, sign*s)
		}
	}
}

// rotateRows makes g and h orthogonal; a and b are their squared norms, x ≠ 0
// their product.
func rotateRows(g, h []float32, a, b, x float64) {
	theta := (b - a) / (2 * x)
	t := math.Copysign(1/(math.Abs(theta)+math.Hypot(1, theta)), theta)
	cos := 1 / math.Hypot(1, t)
	c, s := float32(cos), float32(t*cos)
	for k, y := range g {
		z := h[k]
		g[k], h[k] = c*y-s*z, s*y+c*z
	}
}

// Precondition stores H = V diag(1−omega) Vᵀ and Q = (VVᵀ)⁻¹ by the inverse of
// the Cholesky factor: VVᵀ = RRᵀ, Q = R⁻ᵀR⁻¹ solved column by column.
func Precondition(h, q, v matrix, omega []float32) {
	spec.CheckPrecondition(h, q, v, omega)
	d := v.Rows
	scaled, r := make([]float32, d), spec.NewMatrix[float32](d, d)
	for i := range d {
		for k, x := range v.Row(i) {
			scaled[k] = x * (1 - omega[k])
		}
		for j := range i + 1 {
			s := dot(scaled, v.Row(j))
			h.Set(i, j, s)
			h.Set(j, i, s)
			t := dot(v.Row(i), v.Row(j)) - dot(r.Row(i)[:j], r.Row(j)[:j])
			if i == j {
				r.Set(i, i, float32(math.Sqrt(float64(t))))
			} else {
				r.Set(i, j, t/r.At(j, j))
			}
		}
	}
	for j := range d {
		x := scaled
		clear(x)
		x[j] = 1
		for i := j; i < d; i++ {
			x[i] = (x[i] - dot(r.Row(i)[j:i], x[j:i])) / r.At(i, i)
		}
		for i := d - 1; i >= j; i-- {
			x[i] /= r.At(i, i)
			axpy(x[:i], -x[i], r.Row(i)[:i])
			q.Set(i, j, x[i])
			q.Set(j, i, x[i])
		}
	}
}

// EquilibriumStep stores max(0, (1−η)X + η(XWᵀ + b)).
func (m Machine) EquilibriumStep(dst, x, w, b matrix, eta float32) {
	spec.CheckEquilibrium(dst, x, w, b)
	b.Stride = 0 // every row has the same b
	m.multiplyTransposed(dst, x, w, b)
	for i := range x.Rows {
		row, xi := dst.Row(i), x.Row(i)
		for k := range row {
			row[k] = max(0, (1-eta)*xi[k]+eta*row[k])
		}
	}
}

// AttentionMap stores KXA, Kᵢⱼ = exp(xᵢAxⱼᵀ); normalized first subtracts the
// largest logit of the row and divides by the sum of K's row.
func (m Machine) AttentionMap(dst, x, a matrix, normalized bool) {
	spec.CheckAttentionMap(dst, x, a)
	xa := m.project(x, a)
	m.attend(dst, xa, x, xa, normalized, func(i int, row []float32, sum float32) {
		for c := range row {
			if normalized {
				row[c] /= sum
			}
		}
	})
}

// attend stores Σⱼ exp(⟨qᵢ, kⱼ⟩ − top)vⱼ, where top is the row's largest logit if
// stable is set and 0 otherwise, and calls then with each row and the sum of its
// exponentials.
func (m Machine) attend(dst, q, k, v matrix, stable bool, then func(i int, row []float32, sum float32)) {
	m.exponentials(q, k, stable, func(i0 int, weights matrix, _, sums []float32) {
		out := rowsOf(dst, i0, weights.Rows)
		m.multiply(out, weights, v, matrix{})
		for i, sum := range sums {
			then(i0+i, out.Row(i), sum)
		}
	})
}

// exponentials calls then with some rows at a time, from row i0 on, of exp(⟨qᵢ, kⱼ⟩
// − top), with the tops and with the sums: top is the row's largest logit if
// stable is set, −Inf if it has none, and 0 otherwise. The logits of some rows are
// the only scratch memory.
func (m Machine) exponentials(q, k matrix, stable bool, then func(i0 int, weights matrix, tops, sums []float32)) {
	logits := spec.NewMatrix[float32](min(tile, q.Rows), k.Rows)
	sums, tops := make([]float32, logits.Rows), make([]float32, logits.Rows)
	for i0 := 0; i0 < q.Rows && !m.ended(); i0 += tile {
		n := min(tile, q.Rows-i0)
		some := rowsOf(logits, 0, n)
		m.multiplyTransposed(some, rowsOf(q, i0, n), k, matrix{})
		for i := range n {
			row := some.Row(i)
			if stable {
				tops[i] = largest(row)
				for j := range row {
					row[j] -= tops[i]
				}
			}
			m.Level.Exp(row, row)
			sums[i] = m.Level.Sum(row)
		}
		then(i0, some, tops[:n], sums[:n])
	}
}

// largest returns the largest of x, NaN if there is one, and −Inf for none.
func largest(x []float32) float32 {
	if len(x) == 0 {
		return float32(math.Inf(-1))
	}
	return slices.Max(x)
}
