package reference

import (
	"math"

	"example.com/attest/spec"
)

type matrix = spec.Matrix[float64]

func newMatrix(rows, cols int) matrix { return spec.NewMatrix[float64](rows, cols) }

var interaction = spec.Interaction[float64]{
	Energy:        InteractionEnergy,
	Gradient:      InteractionGradient,
	HessianVector: InteractionHessianVector,
	Majorizer:     InteractionMajorizer,
	Conjugate:     Conjugate,
	Weights:       InteractionWeights,
	Step:          InteractionStep,
}

// Difference returns (yᵢ − yⱼ)A: the difference is taken first, so that a
// common translation of the tokens costs no accuracy.
func Difference(y, a matrix, i, j int) []float64 {
	r := make([]float64, y.Cols)
	for k := range r {
		r[k] = y.At(i, k) - y.At(j, k)
	}
	if a.IsZero() {
		return r
	}
	return RowTimes(r, a)
}

// RowTimes returns the row vector xM.
func RowTimes(x []float64, m matrix) []float64 {
	out := make([]float64, m.Cols)
	for l := range out {
		for k := range x {
			out[l] += x[k] * m.At(k, l)
		}
	}
	return out
}

// Dot returns Σₖ xₖyₖ.
func Dot(x, y []float64) float64 {
	var s float64
	for k := range x {
		s += x[k] * y[k]
	}
	return s
}

// Norm returns ‖x‖₂.
func Norm(x []float64) float64 { return math.Sqrt(Dot(x, x)) }

// HalfSquaredDistance returns zᵢⱼ = ‖(yᵢ−yⱼ)A‖²/2.
func HalfSquaredDistance(y, a matrix, i, j int) float64 {
	r := Difference(y, a, i, j)
	return Dot(r, r) / 2
}

// Kernel returns G, Gᵢⱼ = exp(−zᵢⱼ) (n×n, symmetric, ones on the diagonal).
func Kernel(y, a matrix) matrix {
	g := spec.NewMatrix[float64](y.Rows, y.Rows)
	for i := range y.Rows {
		for j := range y.Rows {
			g.Set(i, j, math.Exp(-HalfSquaredDistance(y, a, i, j)))
		}
	}
	return g
}

// Degrees returns D, Dᵢ = Σⱼ Gᵢⱼ.
func Degrees(g matrix) []float64 {
	d := make([]float64, g.Rows)
	for i := range d {
		for _, x := range g.Row(i) {
			d[i] += x
		}
	}
	return d
}

// InteractionEnergy returns E₁(Y) = −Σ_{i<j} exp(−zᵢⱼ).
func InteractionEnergy(y, a matrix) float64 {
	spec.CheckTokens(y, a)
	var e float64
	for i := range y.Rows {
		for j := i + 1; j < y.Rows; j++ {
			e -= math.Exp(-HalfSquaredDistance(y, a, i, j))
		}
	}
	return e
}

// InteractionGradient stores ∇E₁(Y) = LYS row by row as
// Σⱼ Gᵢⱼ ((yᵢ−yⱼ)A) Aᵀ.
func InteractionGradient(dst, y, a matrix) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	g := Kernel(y, a)
	for i := range y.Rows {
		sum := make([]float64, max(a.Cols, y.Cols))
		for j := range y.Rows {
			for l, r := range Difference(y, a, i, j) {
				sum[l] += g.At(i, j) * r
			}
		}
		copy(dst.Row(i), TimesTransposed(sum, a))
	}
}

// TimesTransposed returns the row vector xMᵀ, x itself when m is the zero
// Matrix.
func TimesTransposed(x []float64, m matrix) []float64 {
	if m.IsZero() {
		return x
	}
	out := make([]float64, m.Rows)
	for k := range out {
		out[k] = Dot(x[:m.Cols], m.Row(k))
	}
	return out
}

// InteractionHessianVector stores the derivative of the gradient in the
// direction V: row i is Σⱼ Gᵢⱼ (s − r⟨r, s⟩) Aᵀ with r = (yᵢ−yⱼ)A and
// s = (vᵢ−vⱼ)A.
func InteractionHessianVector(dst, y, a, v matrix) {
	spec.CheckInteraction(dst, y.Cols, y, a, v)
	g := Kernel(y, a)
	for i := range y.Rows {
		sum := make([]float64, max(a.Cols, y.Cols))
		for j := range y.Rows {
			r, s := Difference(y, a, i, j), Difference(v, a, i, j)
			rs := Dot(r, s)
			for l := range r {
				sum[l] += g.At(i, j) * (s[l] - r[l]*rs)
			}
		}
		copy(dst.Row(i), TimesTransposed(sum, a))
	}
}

// InteractionMajorizer returns
// E₁(Y₀) + Σ_{i<j} exp(−zᵢⱼ(Y₀)) (zᵢⱼ(Y) − zᵢⱼ(Y₀)).
func InteractionMajorizer(y, y0, a matrix) float64 {
	spec.CheckTokens(y, a)
	y0.CheckShape("Y₀", y.Rows, y.Cols)
	var m float64
	for i := range y.Rows {
		for j := i + 1; j < y.Rows; j++ {
			z, z0 := HalfSquaredDistance(y, a, i, j), HalfSquaredDistance(y0, a, i, j)
			m += math.Exp(-z0) * (z - z0 - 1)
		}
	}
	return m
}

// Conjugate returns g log g − g, and 0 at g = 0.
func Conjugate(g float64) float64 {
	if g == 0 {
		return 0
	}
	return g*math.Log(g) - g
}

// InteractionWeights stores P = D⁻¹G.
func InteractionWeights(dst, y, a matrix) {
	spec.CheckInteraction(dst, y.Rows, y, a)
	g := Kernel(y, a)
	d := Degrees(g)
	for i := range y.Rows {
		for j := range y.Rows {
			dst.Set(i, j, g.At(i, j)/d[i])
		}
	}
}

// InteractionStep stores the softmax_β step in its difference form,
// yᵢ + η Σⱼ Gᵢⱼ(yⱼ−yᵢ)/Dᵢ = (1−η)yᵢ + η(PY)ᵢ.
func InteractionStep(dst, y, a matrix, eta float64) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	g := Kernel(y, a)
	weightedStep(dst, y, g, Degrees(g), eta)
}

// weightedStep stores yᵢ + η Σⱼ gᵢⱼ(yⱼ−yᵢ)/dᵢ.
func weightedStep(dst, y, g matrix, d []float64, eta float64) {
	for i := range y.Rows {
		inc := make([]float64, y.Cols)
		for j := range y.Rows {
			for k := range inc {
				inc[k] += g.At(i, j) * (y.At(j, k) - y.At(i, k))
			}
		}
		for k := range inc {
			dst.Set(i, k, y.At(i, k)+eta*inc[k]/d[i])
		}
	}
}
