package precise

import "example.com/attest/spec"

var feedForward = spec.FeedForward[float64]{
	Energy:   feedForwardEnergy,
	Gradient: feedForwardGradient,
	Step:     feedForwardStep,
}

func feedForwardEnergy(y, w, b matrix) float64 {
	spec.CheckFeedForward(y, w, b)
	return float(quadraticForm(y, w, b))
}

// quadraticForm is ½⟨Y, YK⟩ − ⟨Y, B⟩ + ½‖B‖²: the square is multiplied out.
func quadraticForm(y, w, b matrix) real {
	k := curvature(w)
	br := rows(b)
	s := zero()
	for i, r := range rows(y) {
		s = add(s, half(dot(r, times(r, k))))
		s = sub(s, dot(r, br[i]))
		s = add(s, half(dot(br[i], br[i])))
	}
	return s
}

// curvature returns K = (W+Wᵀ)/2 + I.
func curvature(w matrix) [][]real {
	wr := rows(w)
	k := make([][]real, len(wr))
	for i := range wr {
		for j := range wr {
			x := half(add(wr[i][j], wr[j][i]))
			if i == j {
				x = add(x, num(1))
			}
			k[i] = append(k[i], x)
		}
	}
	return k
}

func feedForwardGradient(dst, y, w, b matrix) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	k, br := curvature(w), rows(b)
	out := rows(y)
	for i, r := range out {
		out[i] = rowDifference(times(r, k), br[i])
	}
	store(dst, out)
}

func feedForwardStep(dst, y, w, b matrix, eta float64) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	store(dst, feedForwardRows(rows(y), w, rows(b), num(eta)))
}

// feedForwardRows returns Y((1−η)I − η(W+Wᵀ)/2) + ηB: the step as the linear
// layer that it is.
func feedForwardRows(y [][]real, w matrix, b [][]real, eta real) [][]real {
	m := curvature(w)
	for i := range m {
		for j := range m {
			m[i][j] = neg(mul(eta, m[i][j]))
		}
		m[i][i] = add(m[i][i], num(1))
	}
	out := make([][]real, len(y))
	for i, r := range y {
		out[i] = times(r, m)
		for c := range out[i] {
			out[i][c] = add(out[i][c], mul(eta, b[i][c]))
		}
	}
	return out
}

// rowDifference returns x − y.
func rowDifference(x, y []real) []real {
	out := make([]real, len(x))
	for k := range x {
		out[k] = sub(x[k], y[k])
	}
	return out
}
