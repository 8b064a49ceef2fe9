package energy

import "example.com/attest/spec"

func (m Machine) heads() spec.Heads[float32] {
	return spec.Heads[float32]{
		Step:           m.HeadsStep,
		ConcatStep:     m.HeadsConcatStep,
		AverageStep:    m.HeadsAverageStep,
		SumStep:        m.HeadsSumStep,
		NormalizedStep: m.HeadsNormalizedStep,
	}
}

// HeadsStep stores yᵢ + (η/cᵢ)Nᵢ with N = −Σₕ ((Dʰ−Gʰ)Uₕ)Aₕᵀ and
// cᵢ = Σₕ Dʰᵢ‖Aₕ‖²_F. A head costs n·p scratch.
func (m Machine) HeadsStep(dst, y matrix, a []matrix, eta float32) {
	spec.CheckHeads(dst, y, a)
	clearRows(dst)
	c := make([]float32, y.Rows)
	for _, ah := range a {
		t := squaredNorm(ah, y.Cols)
		for i, d := range m.gather(dst, y, ah, nil) {
			c[i] += d * t
		}
	}
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		for k := range row {
			if c[i] > 0 {
				row[k] = yi[k] + eta*(row[k]/c[i])
			} else {
				row[k] = yi[k]
			}
		}
	}
}

// gather adds −((D−G)U)Aᵀ to dst, each row first multiplied by scale(Dᵢ) if
// scale is not nil, and returns D.
func (m Machine) gather(dst, y, a matrix, scale func(d float32) float32) []float32 {
	u := m.project(y, a)
	lu := spec.NewMatrix[float32](u.Rows, u.Cols)
	d := m.laplacian(lu, u, u)
	for i := range u.Rows {
		factor := float32(-1)
		if scale != nil {
			factor = -scale(d[i])
		}
		if row := lu.Row(i); a.IsZero() {
			axpy(dst.Row(i), factor, row)
		} else {
			for k := range row {
				row[k] *= factor
			}
		}
	}
	if !a.IsZero() {
		m.multiplyTransposed(dst, lu, a, dst)
	}
	return d
}

// squaredNorm returns ‖A‖²_F, d when A is the zero Matrix.
func squaredNorm(a matrix, d int) float32 {
	if a.IsZero() {
		return float32(d)
	}
	var s float32
	for k := range a.Rows {
		s += dot(a.Row(k), a.Row(k))
	}
	return s
}

func clearRows(m matrix) {
	for i := range m.Rows {
		clear(m.Row(i))
	}
}

// HeadsConcatStep stores the softmax_β step of each head's own channels; the
// heads are views of Y, nothing is copied.
func (m Machine) HeadsConcatStep(dst, y matrix, cuts []int, eta float32) {
	spec.CheckCuts(dst, y, cuts)
	for h := range len(cuts) - 1 {
		if cuts[h] < cuts[h+1] {
			m.InteractionStep(dst.Columns(cuts[h], cuts[h+1]), y.Columns(cuts[h], cuts[h+1]), matrix{}, eta)
		}
	}
}

// HeadsAverageStep stores (1−η)Y + (η/H) Σₕ PₕY.
func (m Machine) HeadsAverageStep(dst, y matrix, a []matrix, eta float32) {
	m.HeadsSumStep(dst, y, a, eta/float32(max(1, len(a))))
}

// HeadsSumStep stores Y − η Σₕ (Dʰ)⁻¹(Dʰ−Gʰ)Y.
func (m Machine) HeadsSumStep(dst, y matrix, a []matrix, eta float32) {
	spec.CheckHeads(dst, y, a)
	clearRows(dst)
	ly := spec.NewMatrix[float32](y.Rows, y.Cols)
	for _, ah := range a {
		for i, d := range m.laplacian(ly, m.project(y, ah), y) {
			axpy(dst.Row(i), -1/d, ly.Row(i))
		}
	}
	finish(dst, y, eta)
}

// HeadsNormalizedStep stores Y − η Σₕ ((Dʰ)⁻¹(Dʰ−Gʰ)Uₕ)Aₕᵀ.
func (m Machine) HeadsNormalizedStep(dst, y matrix, a []matrix, eta float32) {
	spec.CheckHeads(dst, y, a)
	clearRows(dst)
	for _, ah := range a {
		m.gather(dst, y, ah, func(d float32) float32 { return 1 / d })
	}
	finish(dst, y, eta)
}

// finish stores Y + η·dst.
func finish(dst, y matrix, eta float32) {
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		for k := range row {
			row[k] = yi[k] + eta*row[k]
		}
	}
}
