package energy

import "example.com/attest/spec"

func (m Machine) masked() spec.Masked[float32] {
	return spec.Masked[float32]{
		FrozenStep:    m.FrozenStep,
		CausalStep:    m.CausalStep,
		SymmetricStep: SymmetricStep,
	}
}

// attract adds g(x−y) to sum.
func attract(sum []float32, g float32, y, x []float32) {
	y, x = y[:len(sum)], x[:len(sum)]
	for k := range sum {
		sum[k] += g * (x[k] - y[k])
	}
}

// finishAverages turns the sums Σ w(x−y) in dst into steps y + η·sum/d. A row with d = 0
// becomes y.
func finishAverages(dst, y matrix, d []float32, eta float32) {
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		if d[i] == 0 {
			copy(row, yi)
			continue
		}
		for k := range row {
			row[k] = yi[k] + eta*(row[k]/d[i])
		}
	}
}

// FrozenStep moves queries Y among keys X that stay. See spec.Masked.
func (m Machine) FrozenStep(dst, y, x matrix, eta float32) {
	spec.CheckFrozen(dst, y, x)
	s := m.newApproach(y, x)
	defer s.free()
	s.run()
	s.finish(dst, eta)
}

// CausalStep updates token i from the tokens j ≤ i. See spec.Masked.
func (m Machine) CausalStep(dst, y matrix, eta float32) {
	spec.CheckCausal(dst, y)
	s := m.newApproach(y, y)
	defer s.free()
	s.causal = true
	s.run()
	s.finish(dst, eta)
}

// SymmetricStep weighs each pair by K; the kernel of a pair is evaluated once
// for both its tokens, and not at all where K is zero both ways. See spec.Masked.
func SymmetricStep(dst, y, k matrix, eta float32) {
	spec.CheckSymmetric(dst, y, k)
	d := make([]float32, y.Rows)
	for i := range d {
		d[i] = k.At(i, i)
		clear(dst.Row(i))
	}
	for i := range y.Rows {
		for j := i + 1; j < y.Rows; j++ {
			kij, kji := k.At(i, j), k.At(j, i)
			if kij == 0 && kji == 0 {
				continue
			}
			g := exp(-halfSquared(y.Row(i), y.Row(j)))
			if kij != 0 {
				d[i] += kij * g
				attract(dst.Row(i), kij*g, y.Row(i), y.Row(j))
			}
			if kji != 0 {
				d[j] += kji * g
				attract(dst.Row(j), kji*g, y.Row(j), y.Row(i))
			}
		}
	}
	finishAverages(dst, y, d, eta)
}
