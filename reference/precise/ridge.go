package precise

import "example.com/attest/spec"

var ridge = spec.Ridge[float64]{
	Energy:      ridgeEnergy,
	Step:        ridgeStep,
	ChannelStep: ridgeChannelStep,
}

// ridgeEnergy takes both terms from the Gram matrix: ‖YA‖² is its trace.
func ridgeEnergy(y, a matrix, lambda float64) float64 {
	spec.CheckTokens(y, a)
	g, _ := gram(y, a)
	s := zero()
	for i := range g {
		s = add(s, mul(half(num(lambda)), g[i][i]))
		for j := range i {
			s = sub(s, exp(sub(g[i][j], half(add(g[i][i], g[j][j])))))
		}
	}
	return float(s)
}

// ridgeStep is attention in dot-product form with a null key of value 0:
// weights exp(uᵢ·uⱼ − ‖uⱼ‖²/2) and λ·exp(‖uᵢ‖²/2).
func ridgeStep(dst, y, a matrix, lambda, eta float64) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	g, _ := gram(y, a)
	yr := rows(y)
	out := make([][]real, len(yr))
	for i := range yr {
		// Logits less that of the token itself, ‖uᵢ‖²/2: the null key's is then
		// log λ, and one weight is 1.
		den := num(lambda)
		w := make([]real, len(yr))
		for j := range yr {
			w[j] = exp(sub(sub(g[i][j], half(g[j][j])), half(g[i][i])))
			den = add(den, w[j])
		}
		for c := range y.Cols {
			s := zero()
			for j := range yr {
				s = add(s, mul(w[j], yr[j][c]))
			}
			out[i] = append(out[i], blend(yr[i][c], quo(s, den), eta))
		}
	}
	store(dst, out)
}

// blend returns (1−η)x + ηy.
func blend(x, y real, eta float64) real {
	return add(mul(sub(num(1), num(eta)), x), mul(num(eta), y))
}

// ridgeChannelStep is (1−η)xₖ + η sₖ(sₖD+λ)⁻¹G xₖ as it stands, with
// zᵢⱼ = Σₖ sₖ(xᵢₖ−xⱼₖ)²/2.
func ridgeChannelStep(dst, x matrix, s []float64, lambda, eta float64) {
	spec.CheckChannels(dst, x, s)
	xr := rows(x)
	out := make([][]real, len(xr))
	for i := range xr {
		degree := zero()
		w := make([]real, len(xr))
		for j := range xr {
			z := zero()
			for k := range s {
				r := sub(xr[i][k], xr[j][k])
				z = add(z, mul(num(s[k]), mul(r, r)))
			}
			w[j] = exp(neg(half(z)))
			degree = add(degree, w[j])
		}
		for k := range s {
			sum := zero()
			if s[k] != 0 {
				for j := range xr {
					sum = add(sum, mul(w[j], xr[j][k]))
				}
				sum = quo(mul(num(s[k]), sum), add(mul(num(s[k]), degree), num(lambda)))
			}
			out[i] = append(out[i], blend(xr[i][k], sum, eta))
		}
	}
	store(dst, out)
}
