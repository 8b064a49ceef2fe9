package precise

import "example.com/attest/spec"

var masked = spec.Masked[float64]{
	FrozenStep: func(dst, y, x matrix, eta float64) {
		spec.CheckFrozen(dst, y, x)
		ones := func(int, int) float64 { return 1 }
		store(dst, averages(y, x, ones, true, eta))
	},
	CausalStep: func(dst, y matrix, eta float64) {
		spec.CheckCausal(dst, y)
		seen := func(i, j int) float64 {
			if j <= i {
				return 1
			}
			return 0
		}
		store(dst, averages(y, y, seen, false, eta))
	},
	SymmetricStep: func(dst, y, k matrix, eta float64) {
		spec.CheckSymmetric(dst, y, k)
		store(dst, averages(y, y, k.At, false, eta))
	},
}

// averages returns the rows (1−η)yᵢ + η Σⱼ wᵢⱼxⱼ/Σⱼ wᵢⱼ with
// wᵢⱼ = Kᵢⱼ exp(yᵢ·xⱼ − ‖yᵢ‖²/2 − ‖xⱼ‖²/2): averages, not differences. With self,
// yᵢ itself is one more key of weight one.
func averages(y, x matrix, k func(i, j int) float64, self bool, eta float64) [][]real {
	yr, xr := rows(y), rows(x)
	out := make([][]real, len(yr))
	for i, yi := range yr {
		den, sum := zero(), make([]real, y.Cols)
		for c := range sum {
			sum[c] = zero()
		}
		count := func(w real, row []real) {
			den = add(den, w)
			for c := range sum {
				sum[c] = add(sum[c], mul(w, row[c]))
			}
		}
		for j, xj := range xr {
			if kij := k(i, j); kij != 0 {
				count(mul(num(kij), exp(sub(dot(yi, xj), half(add(dot(yi, yi), dot(xj, xj)))))), xj)
			}
		}
		if self {
			count(num(1), yi)
		}
		out[i] = yi
		if den.Sign() == 0 {
			continue
		}
		out[i] = make([]real, y.Cols)
		for c := range sum {
			out[i][c] = add(mul(sub(num(1), num(eta)), yi[c]), mul(num(eta), quo(sum[c], den)))
		}
	}
	return out
}
