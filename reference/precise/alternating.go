package precise

import "example.com/attest/spec"

var alternating = spec.Alternating[float64]{
	Step: func(dst, y matrix, f, g spec.Quadratic[float64], eta1, eta2 float64) {
		spec.CheckAlternating(dst, y, f, g)
		store(dst, [][]real{alternate(y, f, g, eta1, eta2)})
	},
	ReLUStep: func(dst, y matrix, f, g spec.Quadratic[float64], eta1, eta2 float64) {
		spec.CheckAlternating(dst, y, f, g)
		out := alternate(y, f, g, eta1, eta2)
		for k := range out {
			out[k] = maximum(out[k], zero())
		}
		store(dst, [][]real{out})
	},
	Region: func(y, yf, yh matrix, c float64) bool {
		spec.CheckRegion(y, yf, yh)
		toF, toH := rowDifference(rows(y)[0], rows(yf)[0]), rowDifference(rows(y)[0], rows(yh)[0])
		return !less(mul(mul(num(c), num(c)), dot(toH, toH)), dot(toF, toF))
	},
}

// alternate returns y·F·G + η₁bf·G + η₂bg with F = I − η₁Kf, G = I − η₂Kg: the
// two half-steps multiplied out.
func alternate(y matrix, f, g spec.Quadratic[float64], eta1, eta2 float64) []real {
	factor := func(q spec.Quadratic[float64], eta float64) [][]real {
		m := rows(q.K)
		for i := range m {
			for j := range m {
				m[i][j] = neg(mul(num(eta), m[i][j]))
			}
			m[i][i] = add(m[i][i], num(1))
		}
		return m
	}
	first, last := factor(f, eta1), factor(g, eta2)
	both := make([][]real, len(first))
	for i := range first {
		both[i] = times(first[i], last)
	}
	out, pulled, bg := times(rows(y)[0], both), times(rows(f.B)[0], last), rows(g.B)[0]
	for k := range out {
		out[k] = add(out[k], add(mul(num(eta1), pulled[k]), mul(num(eta2), bg[k])))
	}
	return out
}
