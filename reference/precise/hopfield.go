package precise

import (
	"math"

	"example.com/attest/spec"
)

var hopfield = spec.Hopfield[float64]{Energy: hopfieldEnergy, Step: hopfieldStep}

// pulls are the visible patterns as one state feels them: exp(β(⟨kⱼ, q⟩ − ⟨k₀, q⟩)),
// k₀ the one of the largest product.
type pulls struct {
	patterns [][]real
	first    real   // ⟨k₀, q⟩
	factors  []real // of the patterns
	sum      real   // of the factors
}

func pullsOf(q []real, k matrix, visible []bool, beta real) pulls {
	p, products := pulls{sum: zero()}, []real(nil)
	for j := range k.Rows {
		if visible != nil && !visible[j] {
			continue
		}
		row := rows(spec.MatrixOf(k.Row(j)))[0]
		p.patterns, products = append(p.patterns, row), append(products, dot(row, q))
	}
	for j, x := range products {
		if j == 0 || less(p.first, x) {
			p.first = x
		}
	}
	for _, x := range products {
		f := exp(mul(beta, sub(x, p.first)))
		p.factors, p.sum = append(p.factors, f), add(p.sum, f)
	}
	return p
}

// hopfieldEnergy is ‖q‖²/2 − ⟨k₀, q⟩ − (1/β) log Σⱼ exp(β(⟨kⱼ, q⟩ − ⟨k₀, q⟩)).
func hopfieldEnergy(dst, q, k matrix, visible []bool, beta float64) {
	spec.CheckHopfieldEnergy(dst, q, k, visible)
	for i, qi := range rows(q) {
		p := pullsOf(qi, k, visible, num(beta))
		if len(p.patterns) == 0 {
			dst.Set(i, 0, math.Inf(1))
			continue
		}
		dst.Set(i, 0, float(sub(sub(half(dot(qi, qi)), p.first), quo(log(p.sum), num(beta)))))
	}
}

// hopfieldStep is (1−η)q + ηΣⱼfⱼkⱼ/Σⱼfⱼ, f the factors, the average undivided until
// its end, and (1−η)q without a visible pattern.
func hopfieldStep(dst, q, k matrix, visible []bool, beta, eta float64) {
	spec.CheckHopfieldStep(dst, q, k, visible)
	out := rows(q)
	for i, qi := range out {
		p := pullsOf(qi, k, visible, num(beta))
		next := make([]real, len(qi))
		for c, x := range qi {
			next[c] = mul(sub(num(1), num(eta)), x)
		}
		if len(p.patterns) > 0 {
			for c, x := range times(p.factors, p.patterns) {
				next[c] = add(next[c], quo(mul(num(eta), x), p.sum))
			}
		}
		out[i] = next
	}
	store(dst, out)
}
