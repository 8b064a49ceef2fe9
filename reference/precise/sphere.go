package precise

import "example.com/attest/spec"

var sphere = spec.Sphere[float64]{
	Step: func(dst, y matrix, radius, eta float64) {
		sphereWeightedStep(dst, y, matrix{}, radius, eta)
	},
	WeightedStep:  sphereWeightedStep,
	AttentionStep: sphereAttentionStep,
}

// sphereWeightedStep is R·w/‖w‖ for w = y + η(PY − y)S, P the softmax of
// uᵢ·uⱼ − ‖uⱼ‖²/2, the average taken before the token is subtracted.
func sphereWeightedStep(dst, y, a matrix, radius, eta float64) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	p, yr, w := softmaxBeta(y, a), rows(y), weightsOf(a)
	out := make([][]real, len(yr))
	for i := range yr {
		inc := times(p[i], yr)
		for c := range inc {
			inc[c] = sub(inc[c], yr[i][c])
		}
		if w != nil {
			inc = times(times(inc, w), transpose(w))
		}
		for c := range inc {
			inc[c] = add(yr[i][c], mul(num(eta), inc[c]))
		}
		out[i] = onSphere(inc, yr[i], radius)
	}
	store(dst, out)
}

// onSphere returns R·w/‖w‖, and y when w is zero.
func onSphere(w, y []real, radius float64) []real {
	norm := sqrt(dot(w, w))
	if norm.Sign() == 0 {
		return y
	}
	out := make([]real, len(w))
	for c := range w {
		out[c] = quo(mul(num(radius), w[c]), norm)
	}
	return out
}

// sphereAttentionStep is R·w/‖w‖ for w = cy + Σⱼ exp(lᵢⱼ)yⱼV / Σⱼ exp(lᵢⱼ), the
// average taken before the product by V, logits less that of the first key.
func sphereAttentionStep(dst, y, m, v matrix, radius, c float64) {
	spec.CheckSphere(dst, y, m, v)
	yr, mr, vr := rows(y), weightsOf(m), weightsOf(v)
	out := make([][]real, len(yr))
	for i := range yr {
		query := times(yr[i], mr)
		first := dot(query, yr[0])
		sum, p := zero(), make([]real, len(yr))
		for j := range yr {
			p[j] = exp(sub(dot(query, yr[j]), first))
			sum = add(sum, p[j])
		}
		mean := times(p, yr)
		for k := range mean {
			mean[k] = quo(mean[k], sum)
		}
		mean = times(mean, vr)
		w := make([]real, len(mean))
		for k := range w {
			w[k] = add(mul(num(c), yr[i][k]), mean[k])
		}
		out[i] = onSphere(w, yr[i], radius)
	}
	store(dst, out)
}
