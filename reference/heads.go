package reference

import "example.com/attest/spec"

var heads = spec.Heads[float64]{
	Step:           HeadsStep,
	ConcatStep:     HeadsConcatStep,
	AverageStep:    HeadsAverageStep,
	SumStep:        HeadsSumStep,
	NormalizedStep: HeadsNormalizedStep,
}

// HeadsEnergy returns E(Y) = Σₕ E₁(YAₕ).
func HeadsEnergy(y matrix, a []matrix) float64 {
	var e float64
	for _, ah := range a {
		e += InteractionEnergy(y, ah)
	}
	return e
}

// SquaredNorm returns tr(AAᵀ) = ‖A‖²_F; the zero Matrix, which stands for the
// d×d identity, has d.
func SquaredNorm(a matrix, d int) float64 {
	if a.IsZero() {
		return float64(d)
	}
	s, _ := Inner(a, a)
	return s
}

// HeadsWeights returns cᵢ = Σₕ Dʰᵢ tr(Sₕ), which is at least the largest
// eigenvalue of Σₕ Dʰᵢ Sₕ.
func HeadsWeights(y matrix, a []matrix) []float64 {
	c := make([]float64, y.Rows)
	for _, ah := range a {
		for i, d := range Degrees(Kernel(y, ah)) {
			c[i] += d * SquaredNorm(ah, y.Cols)
		}
	}
	return c
}

// throughS returns XAAᵀ, X itself when A is the zero Matrix.
func throughS(x, a matrix) matrix {
	if a.IsZero() {
		return x
	}
	return Times(Times(x, a), Transpose(a))
}

// HeadsStep stores yᵢ + (η/cᵢ) Σₕ Σⱼ Gʰᵢⱼ(yⱼ−yᵢ)Sₕ.
func HeadsStep(dst, y matrix, a []matrix, eta float64) {
	spec.CheckHeads(dst, y, a)
	sum := newMatrix(y.Rows, y.Cols)
	for _, ah := range a {
		sum = Sub(sum, throughS(Laplacian(Kernel(y, ah), y), ah))
	}
	for i, c := range HeadsWeights(y, a) {
		for k := range y.Cols {
			x := y.At(i, k)
			if c > 0 {
				x += eta * sum.At(i, k) / c
			}
			dst.Set(i, k, x)
		}
	}
}

// HeadsConcatStep stores, head by head, the softmax_β step of the head's own
// channels: (1−η)Y + η Σₕ PₕYΠₕ, Pₕ depending on the channels of head h alone.
func HeadsConcatStep(dst, y matrix, cuts []int, eta float64) {
	spec.CheckCuts(dst, y, cuts)
	for h := range len(cuts) - 1 {
		InteractionStep(dst.Columns(cuts[h], cuts[h+1]), y.Columns(cuts[h], cuts[h+1]), matrix{}, eta)
	}
}

// increment returns PY − Y in its difference form, rows Σⱼ Gᵢⱼ(yⱼ−yᵢ)/Dᵢ.
func increment(y, a matrix) matrix {
	g := Kernel(y, a)
	d := Degrees(g)
	inc := Laplacian(g, y)
	for i := range inc.Rows {
		for k := range inc.Cols {
			inc.Set(i, k, -inc.At(i, k)/d[i])
		}
	}
	return inc
}

// addScaled stores Y + cX.
func addScaled(dst, y, x matrix, c float64) {
	for i := range y.Rows {
		for k := range y.Cols {
			dst.Set(i, k, y.At(i, k)+c*x.At(i, k))
		}
	}
}

// HeadsAverageStep stores Y + (η/H) Σₕ (PₕY − Y) = (1−η)Y + (η/H) Σₕ PₕY.
func HeadsAverageStep(dst, y matrix, a []matrix, eta float64) {
	HeadsSumStep(dst, y, a, eta/float64(max(1, len(a))))
}

// HeadsSumStep stores Y + η Σₕ (PₕY − Y).
func HeadsSumStep(dst, y matrix, a []matrix, eta float64) {
	spec.CheckHeads(dst, y, a)
	sum := newMatrix(y.Rows, y.Cols)
	for _, ah := range a {
		addScaled(sum, sum, increment(y, ah), 1)
	}
	addScaled(dst, y, sum, eta)
}

// HeadsNormalizedStep stores Y + η Σₕ (PₕY − Y)Sₕ.
func HeadsNormalizedStep(dst, y matrix, a []matrix, eta float64) {
	spec.CheckHeads(dst, y, a)
	sum := newMatrix(y.Rows, y.Cols)
	for _, ah := range a {
		addScaled(sum, sum, throughS(increment(y, ah), ah), 1)
	}
	addScaled(dst, y, sum, eta)
}
