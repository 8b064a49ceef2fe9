package precise

import "example.com/attest/spec"

var layer = spec.Layer[float64]{
	Energy:       layerEnergy,
	Step:         layerStep,
	ParallelStep: layerParallelStep,
}

// layerEnergy adds both energies before it rounds.
func layerEnergy(y, a, w, b matrix) float64 {
	spec.CheckLayer(y, a, w, b)
	s := quadraticForm(y, w, b)
	k := kernel(y, a)
	for i := range k {
		for j := range i {
			s = sub(s, k[i][j])
		}
	}
	return float(s)
}

// layerStep is σ(((1−η₁)Y + η₁PY)((1−η₂)I − η₂(W+Wᵀ)/2) + η₂B): the softmax_β
// of the logits, then the linear layer.
func layerStep(dst, y, a, w, b matrix, eta1, eta2 float64, relu bool) {
	spec.CheckLayerStep(dst, y, a, w, b)
	p, yr := softmaxBeta(y, a), rows(y)
	u := make([][]real, len(yr))
	for i := range yr {
		averaged := times(p[i], yr)
		for c := range averaged {
			averaged[c] = add(mul(sub(one, num(eta1)), yr[i][c]), mul(num(eta1), averaged[c]))
		}
		u[i] = averaged
	}
	store(dst, rectified(feedForwardRows(u, w, rows(b), num(eta2)), relu))
}

// rectified returns max(0, ·) of the elements if relu is set.
func rectified(m [][]real, relu bool) [][]real {
	for i := range m {
		for c := range m[i] {
			if relu {
				m[i][c] = maximum(m[i][c], zero())
			}
		}
	}
	return m
}

func layerParallelStep(dst, y, a, w, b matrix, eta float64, relu bool) {
	spec.CheckLayerStep(dst, y, a, w, b)
	g, k, yr, br := kernel(y, a), curvature(w), rows(y), rows(b)
	top, trace := zero(), num(float64(y.Cols))
	for _, row := range k {
		s := zero()
		for _, x := range row {
			s = add(s, maximum(x, neg(x)))
		}
		top = maximum(top, s)
	}
	weights := weightsOf(a)
	if weights != nil {
		trace = zero()
		for _, row := range weights {
			trace = add(trace, dot(row, row))
		}
	}
	out := make([][]real, len(yr))
	for i := range yr {
		degree := zero()
		for _, x := range g[i] {
			degree = add(degree, x)
		}
		// ((D−G)Y)ᵢ = Dᵢyᵢ − (GY)ᵢ, then through S.
		slope := times(g[i], yr)
		for c := range slope {
			slope[c] = sub(mul(degree, yr[i][c]), slope[c])
		}
		if weights != nil {
			slope = times(times(slope, weights), transpose(weights))
		}
		pull := rowDifference(times(yr[i], k), br[i])
		rate := quo(num(eta), add(mul(degree, trace), top))
		for c := range slope {
			slope[c] = sub(yr[i][c], mul(rate, add(slope[c], pull[c])))
		}
		out[i] = slope
	}
	store(dst, rectified(out, relu))
}
