package precise

import "example.com/attest/spec"

var heads = spec.Heads[float64]{
	Step:           headsStep,
	ConcatStep:     headsConcatStep,
	AverageStep:    headsAverageStep,
	SumStep:        headsSumStep,
	NormalizedStep: headsNormalizedStep,
}

// attended returns the rows of PY − Y with P = softmax_β, the form in which a
// Transformer computes it.
func attended(y, a matrix) [][]real {
	p, yr := softmaxBeta(y, a), rows(y)
	out := make([][]real, len(yr))
	for i := range yr {
		for c := range y.Cols {
			s := neg(yr[i][c])
			for j := range yr {
				s = add(s, mul(p[i][j], yr[j][c]))
			}
			out[i] = append(out[i], s)
		}
	}
	return out
}

// gramOf returns S = AAᵀ, nil for the zero Matrix.
func gramOf(a matrix) [][]real {
	w := weightsOf(a)
	if w == nil {
		return nil
	}
	t := transpose(w)
	s := make([][]real, len(w))
	for k := range w {
		s[k] = times(w[k], t)
	}
	return s
}

// headsStep weighs the attention of each head by its partition function:
// Nᵢ = Σₕ Dʰᵢ((PₕY)ᵢ − yᵢ)Sₕ.
func headsStep(dst, y matrix, a []matrix, eta float64) {
	spec.CheckHeads(dst, y, a)
	out := rows(y)
	sum, c := rows(spec.NewMatrix[float64](y.Rows, y.Cols)), make([]real, y.Rows)
	for i := range c {
		c[i] = zero()
	}
	for _, ah := range a {
		s, k, inc := gramOf(ah), kernel(y, ah), attended(y, ah)
		tr := num(float64(y.Cols))
		if s != nil {
			tr = zero()
			for p := range s {
				tr = add(tr, s[p][p])
			}
		}
		for i := range out {
			d := zero()
			for j := range k {
				d = add(d, k[i][j])
			}
			c[i] = add(c[i], mul(d, tr))
			for p, x := range times(inc[i], s) {
				sum[i][p] = add(sum[i][p], mul(d, x))
			}
		}
	}
	for i := range out {
		for p := range out[i] {
			if c[i].Sign() > 0 {
				out[i][p] = add(out[i][p], quo(mul(num(eta), sum[i][p]), c[i]))
			}
		}
	}
	store(dst, out)
}

func headsConcatStep(dst, y matrix, cuts []int, eta float64) {
	spec.CheckCuts(dst, y, cuts)
	for h := range len(cuts) - 1 {
		interactionStep(dst.Columns(cuts[h], cuts[h+1]), y.Columns(cuts[h], cuts[h+1]), matrix{}, eta)
	}
}

// addAttended stores Y + factor·Σₕ (PₕY − Y)V, V = Sₕ if tied, else I.
func addAttended(dst, y matrix, a []matrix, factor real, tied bool) {
	spec.CheckHeads(dst, y, a)
	out := rows(y)
	for _, ah := range a {
		var s [][]real
		if tied {
			s = gramOf(ah)
		}
		for i, r := range attended(y, ah) {
			for p, x := range times(r, s) {
				out[i][p] = add(out[i][p], mul(factor, x))
			}
		}
	}
	store(dst, out)
}

func headsAverageStep(dst, y matrix, a []matrix, eta float64) {
	addAttended(dst, y, a, quo(num(eta), num(float64(max(1, len(a))))), false)
}

func headsSumStep(dst, y matrix, a []matrix, eta float64) { addAttended(dst, y, a, num(eta), false) }

func headsNormalizedStep(dst, y matrix, a []matrix, eta float64) {
	addAttended(dst, y, a, num(eta), true)
}
