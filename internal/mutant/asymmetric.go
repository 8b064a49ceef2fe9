package mutant

import (
	"math"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// applyWith makes a mutant of the linear map from the weights that it uses
// instead of W.
func applyWith(f func(w matrix) matrix) func(im *implementation) {
	return func(im *implementation) {
		im.Asymmetric.Apply = func(dst, y, w matrix) { reference.ApplyWeights(dst, y, f(w)) }
	}
}

// elements returns the d×d matrix of f(i, j).
func elements(d int, f func(i, j int) float64) matrix {
	m := spec.NewMatrix[float64](d, d)
	for i := range d {
		for j := range d {
			m.Set(i, j, f(i, j))
		}
	}
	return m
}

// symmetricPart returns (W+Wᵀ)/2.
func symmetricPart(w matrix) matrix {
	return elements(w.Rows, func(i, j int) float64 { return (w.At(i, j) + w.At(j, i)) / 2 })
}

// mirrored returns W with its lower triangle replaced by the upper one.
func mirrored(w matrix) matrix {
	return elements(w.Rows, func(i, j int) float64 { return w.At(min(i, j), max(i, j)) })
}

// liftWith makes a mutant of the lift from its four blocks.
func liftWith(blocks func(i, j int, w matrix) (upLeft, upRight, downLeft, downRight float64)) func(im *implementation) {
	return func(im *implementation) {
		im.Asymmetric.Lift = func(dst, w matrix) {
			d := w.Rows
			for i := range d {
				for j := range d {
					a, b, c, e := blocks(i, j, w)
					dst.Set(i, j, a)
					dst.Set(i, d+j, b)
					dst.Set(d+i, j, c)
					dst.Set(d+i, d+j, e)
				}
			}
		}
	}
}

// dilateThen changes the dilation after it is made.
func dilateThen(f func(dst, w matrix)) func(im *implementation) {
	return func(im *implementation) {
		im.Asymmetric.Dilate = func(dst, w matrix) {
			reference.Dilate(dst, w)
			f(dst, w)
		}
	}
}

// preconditionThen changes H and Q after they are made.
func preconditionThen(f func(h, q, v matrix, omega []float64)) func(im *implementation) {
	return func(im *implementation) {
		im.Asymmetric.Precondition = func(h, q, v matrix, omega []float64) {
			reference.Precondition(h, q, v, omega)
			f(h, q, v, omega)
		}
	}
}

// multiplyBy multiplies m by c in place.
func multiplyBy(m matrix, c float64) {
	for i := range m.Rows {
		row := m.Row(i)
		for k := range row {
			row[k] *= c
		}
	}
}

var asymmetricMutants = slices.Concat(mapMutants, equilibriumMutants, fieldMutants)

var mapMutants = []Mutant{
	{
		Name: "apply-transposed", Fault: "Wᵀ is used for W",
		Model:  "weights stored as d_out×d_in, as PyTorch's Linear does",
		Kills:  []spec.ID{"ASY-001", "ASY-004"},
		Change: applyWith(reference.Transpose),
	},
	{
		Name: "apply-symmetric-part", Fault: "W is replaced by (W+Wᵀ)/2",
		Kills:  []spec.ID{"ASY-001", "ASY-003", "ASY-004", "ASY-016"},
		Change: applyWith(symmetricPart),
	},
	{
		Name: "apply-mirrored", Fault: "only the upper triangle of W is read, as from a symmetric matrix",
		Model:  "BLAS symm where gemm is needed",
		Kills:  []spec.ID{"ASY-001", "ASY-003", "ASY-004", "ASY-016"},
		Change: applyWith(mirrored),
	},
	{
		Name: "apply-upper-triangle", Fault: "the lower triangle of W is taken for zero",
		Kills: []spec.ID{"ASY-001", "ASY-002", "ASY-004", "ASY-016"},
		Change: applyWith(func(w matrix) matrix {
			return elements(w.Rows, func(i, j int) float64 {
				if i > j {
					return 0
				}
				return w.At(i, j)
			})
		}),
	},
	{
		Name: "apply-turning", Fault: "a rotation by a small angle is added",
		Kills: []spec.ID{"ASY-001", "ASY-002", "ASY-004"},
		Change: applyWith(func(w matrix) matrix {
			return elements(w.Rows, func(i, j int) float64 { return w.At(i, j) + 0x1p-6*float64(i-j) })
		}),
	},
	{
		Name: "lift-not-transposed", Fault: "both blocks of the lift are W",
		Kills: []spec.ID{"ASY-005", "ASY-006", "ASY-007"},
		Change: liftWith(func(i, j int, w matrix) (a, b, c, e float64) {
			return 0, w.At(i, j), w.At(i, j), 0
		}),
	},
	{
		Name: "lift-antisymmetric", Fault: "the lower block of the lift is −Wᵀ",
		Kills: []spec.ID{"ASY-005", "ASY-006"},
		Change: liftWith(func(i, j int, w matrix) (a, b, c, e float64) {
			return 0, w.At(i, j), -w.At(j, i), 0
		}),
	},
	{
		Name: "lift-on-the-diagonal", Fault: "W and Wᵀ stand on the diagonal",
		Kills: []spec.ID{"ASY-005", "ASY-006", "ASY-007"},
		Change: liftWith(func(i, j int, w matrix) (a, b, c, e float64) {
			return w.At(i, j), 0, 0, w.At(j, i)
		}),
	},
	{
		Name: "dilation-sign", Fault: "the lower right root lacks its minus sign",
		Kills: []spec.ID{"ASY-008", "ASY-009"},
		Change: dilateThen(func(dst, w matrix) {
			for i := w.Rows; i < 2*w.Rows; i++ {
				for j := w.Rows; j < 2*w.Rows; j++ {
					dst.Set(i, j, -dst.At(i, j))
				}
			}
		}),
	},
	{
		Name: "dilation-roots-exchanged", Fault: "√(I−WᵀW) stands where √(I−WWᵀ) should",
		Kills: []spec.ID{"ASY-008", "ASY-009"},
		Change: dilateThen(func(dst, w matrix) {
			d := w.Rows
			for i := range d {
				for j := range d {
					x, y := dst.At(i, j), dst.At(d+i, d+j)
					dst.Set(i, j, -y)
					dst.Set(d+i, d+j, -x)
				}
			}
		}),
	},
	{
		Name: "dilation-without-root", Fault: "the roots are not taken",
		Kills: []spec.ID{"ASY-008", "ASY-009"},
		Change: dilateThen(func(dst, w matrix) {
			d := w.Rows
			left, right := reference.Times(w, reference.Transpose(w)), reference.Times(reference.Transpose(w), w)
			for i := range d {
				for j := range d {
					unit := 0.0
					if i == j {
						unit = 1
					}
					dst.Set(i, j, unit-left.At(i, j))
					dst.Set(d+i, d+j, right.At(i, j)-unit)
				}
			}
		}),
	},
	{
		Name: "dilation-normalized", Fault: "a W of norm above 1 is divided by its norm",
		Kills: []spec.ID{"ASY-010"},
		Change: func(im *implementation) {
			im.Asymmetric.Dilate = func(dst, w matrix) {
				w = spec.Convert[float64](w)
				if norm := math.Sqrt(reference.SpectralNormSquared(w)); norm > 1 {
					multiplyBy(w, 1/(norm*(1+0x1p-40)))
				}
				reference.Dilate(dst, w)
			}
		},
	},
	{
		Name: "dilation-gives-up", Fault: "for a W of norm above 1 the dilation exchanges the halves",
		Kills: []spec.ID{"ASY-010"},
		Change: dilateThen(func(dst, w matrix) {
			if reference.SpectralNormSquared(w) <= 1 {
				return
			}
			d := w.Rows
			for i := range 2 * d {
				for j := range 2 * d {
					x := 0.0
					if j == (i+d)%(2*d) {
						x = 1
					}
					dst.Set(i, j, x)
				}
			}
		}),
	},
	{
		Name: "precondition-not-inverted", Fault: "Q is VVᵀ, not its inverse",
		Kills: []spec.ID{"ASY-011", "ASY-012", "ASY-013"},
		Change: preconditionThen(func(_, q, v matrix, _ []float64) {
			for i := range q.Rows {
				copy(q.Row(i), reference.RowTimes(v.Row(i), reference.Transpose(v)))
			}
		}),
	},
	{
		Name: "precondition-omega", Fault: "H is made of ω instead of 1−ω",
		Kills: []spec.ID{"ASY-011", "ASY-012", "ASY-014"},
		Change: func(im *implementation) {
			im.Asymmetric.Precondition = func(h, q, v matrix, omega []float64) {
				flipped := make([]float64, len(omega))
				for k, x := range omega {
					flipped[k] = 1 - x
				}
				reference.Precondition(h, q, v, flipped)
			}
		},
	},
	{
		Name: "precondition-tripled", Fault: "Q is three times too large",
		Kills:  []spec.ID{"ASY-011", "ASY-012", "ASY-014"},
		Change: preconditionThen(func(_, q, _ matrix, _ []float64) { multiplyBy(q, 3) }),
	},
	{
		Name: "precondition-negative", Fault: "Q is negative definite",
		Kills:  []spec.ID{"ASY-011", "ASY-012", "ASY-014"},
		Change: preconditionThen(func(_, q, _ matrix, _ []float64) { multiplyBy(q, -1) }),
	},
	{
		Name: "precondition-ridge", Fault: "I is added to VVᵀ before it is inverted",
		Kills: []spec.ID{"ASY-011", "ASY-012", "ASY-013"},
		Change: func(im *implementation) {
			im.Asymmetric.Precondition = func(h, q, v matrix, omega []float64) {
				d := v.Rows
				wide := spec.NewMatrix[float64](d, d)
				gram := reference.Times(v, reference.Transpose(v))
				values, basis := reference.SymmetricEigen(gram)
				for i := range d {
					for k := range d {
						wide.Set(i, k, basis.At(i, k)*math.Sqrt(max(0, values[k])+1))
					}
				}
				reference.Precondition(h, q, wide, omega)
				reference.Precondition(h, spec.NewMatrix[float64](d, d), v, omega)
			}
		},
	},
	{
		Name: "precondition-clipped", Fault: "eigenvalues below −1 are taken as −1, above 1 as 1",
		Kills: []spec.ID{"ASY-015"},
		Change: func(im *implementation) {
			im.Asymmetric.Precondition = func(h, q, v matrix, omega []float64) {
				clipped := make([]float64, len(omega))
				for k, x := range omega {
					clipped[k] = max(-1, min(1, x))
				}
				reference.Precondition(h, q, v, clipped)
			}
		},
	},
	{
		Name: "precondition-damped", Fault: "Q is divided by 1 + max|ω|: a shorter step than W is",
		Kills: []spec.ID{"ASY-011", "ASY-012", "ASY-015"},
		Change: preconditionThen(func(_, q, _ matrix, omega []float64) {
			top := 0.0
			for _, x := range omega {
				top = max(top, math.Abs(x))
			}
			multiplyBy(q, 1/(1+top))
		}),
	},
}
