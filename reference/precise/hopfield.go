package precise

import (
	"math"

	"example.com/attest/spec"
)

var hopfield = spec.Hopfield[float64]{Energy: hopfieldEnergy, Step: hopfieldStep}

// wells are, for one state q, what the patterns contribute to its energy: with
// tⱼ = ‖q−kⱼ‖²/2 − ‖kⱼ‖²/2, E(q) = −(1/β) log Σⱼ exp(−βtⱼ), a sum of wells around
// the patterns.
type wells struct {
	patterns [][]real // visible ones
	least    real     // of the tⱼ
	depths   []real   // exp(−β(tⱼ−least))
	sum      real     // of the depths
}

// wellsOf returns them, each distance taken from the difference.
func wellsOf(q []real, k matrix, visible []bool, beta real) wells {
	var w wells
	var t []real
	for j := range k.Rows {
		if visible != nil && !visible[j] {
			continue
		}
		row := rows(spec.MatrixOf(k.Row(j)))[0]
		apart := make([]real, len(q))
		for c := range q {
			apart[c] = sub(q[c], row[c])
		}
		t = append(t, half(sub(dot(apart, apart), dot(row, row))))
		w.patterns = append(w.patterns, row)
	}
	for j := range t {
		if j == 0 || less(t[j], w.least) {
			w.least = t[j]
		}
	}
	w.sum = zero()
	for j := range t {
		w.depths = append(w.depths, exp(mul(beta, sub(w.least, t[j]))))
		w.sum = add(w.sum, w.depths[j])
	}
	return w
}

// hopfieldEnergy is least − (1/β) log Σⱼ exp(−β(tⱼ−least)).
func hopfieldEnergy(dst, q, k matrix, visible []bool, beta float64) {
	spec.CheckHopfieldEnergy(dst, q, k, visible)
	for i, qi := range rows(q) {
		w := wellsOf(qi, k, visible, num(beta))
		if len(w.patterns) == 0 {
			dst.Set(i, 0, math.Inf(1))
			continue
		}
		dst.Set(i, 0, float(sub(w.least, quo(log(w.sum), num(beta)))))
	}
}

// hopfieldStep is q + η Σⱼ aⱼ(kⱼ−q), a the depths over their sum, and (1−η)q
// without a visible pattern.
func hopfieldStep(dst, q, k matrix, visible []bool, beta, eta float64) {
	spec.CheckHopfieldStep(dst, q, k, visible)
	out := rows(q)
	for i, qi := range out {
		w := wellsOf(qi, k, visible, num(beta))
		next := make([]real, len(qi))
		for c := range qi {
			pull := neg(qi[c])
			if len(w.patterns) > 0 {
				pull = zero()
				for j, row := range w.patterns {
					pull = add(pull, mul(w.depths[j], sub(row[c], qi[c])))
				}
				pull = quo(pull, w.sum)
			}
			next[c] = add(qi[c], mul(num(eta), pull))
		}
		out[i] = next
	}
	store(dst, out)
}
