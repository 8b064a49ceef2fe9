package reference

import "math"

// Laplacian returns LX, rows Σⱼ gᵢⱼ(xᵢ−xⱼ).
func Laplacian(g, x matrix) matrix {
	out := newMatrix(x.Rows, x.Cols)
	for i := range x.Rows {
		for j := range x.Rows {
			for k := range x.Cols {
				out.Set(i, k, out.At(i, k)+g.At(i, j)*(x.At(i, k)-x.At(j, k)))
			}
		}
	}
	return out
}

// KL returns Σ_{i<j} Gᵢⱼ(Y)(e^{−t} − 1 + t) with t = zᵢⱼ(Y′) − zᵢⱼ(Y): what the
// majorizer at Y exceeds the energy by at Y′. Every term is at least 0. The
// second value is Σ Gᵢⱼ(e^{−t} + 1 + |t|), the size of what was added.
func KL(y, next, a matrix) (sum, size float64) {
	for i := range y.Rows {
		for j := range i {
			z := HalfSquaredDistance(y, a, i, j)
			t := HalfSquaredDistance(next, a, i, j) - z
			// e^{−z}(e^{−t}−1+t), written so that neither factor overflows.
			if t < -1 {
				sum += math.Exp(-z-t) + math.Exp(-z)*(t-1)
			} else {
				sum += math.Exp(-z) * (math.Expm1(-t) + t)
			}
			size += math.Exp(-z-t) + math.Exp(-z)*(1+math.Abs(t))
		}
	}
	return sum, size
}

// Inner returns the Frobenius inner product ⟨X, Y⟩ and Σ|xy|.
func Inner(x, y matrix) (sum, size float64) {
	for i := range x.Rows {
		for k := range x.Cols {
			t := x.At(i, k) * y.At(i, k)
			sum += t
			size += math.Abs(t)
		}
	}
	return sum, size
}

// Sub returns X − Y.
func Sub(x, y matrix) matrix {
	out := newMatrix(x.Rows, x.Cols)
	for i := range x.Rows {
		for k := range x.Cols {
			out.Set(i, k, x.At(i, k)-y.At(i, k))
		}
	}
	return out
}

// Times returns XM, X itself when M is the zero Matrix.
func Times(x, m matrix) matrix {
	if m.IsZero() {
		return x
	}
	out := newMatrix(x.Rows, m.Cols)
	for i := range x.Rows {
		copy(out.Row(i), RowTimes(x.Row(i), m))
	}
	return out
}

// Transpose returns Mᵀ.
func Transpose(m matrix) matrix {
	out := newMatrix(m.Cols, m.Rows)
	for i := range m.Rows {
		for j, x := range m.Row(i) {
			out.Set(j, i, x)
		}
	}
	return out
}
