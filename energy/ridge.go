package energy

import (
	"math"

	"example.com/attest/spec"
)

func (m Machine) ridge() spec.Ridge[float32] {
	return spec.Ridge[float32]{
		Energy:      m.RidgeEnergy,
		Step:        m.RidgeStep,
		ChannelStep: m.RidgeChannelStep,
	}
}

// RidgeEnergy returns E₁(Y) + λ‖YA‖²/2; the weights are applied once for both.
func (m Machine) RidgeEnergy(y, a matrix, lambda float32) float32 {
	spec.CheckTokens(y, a)
	u := m.project(y, a)
	var r float32
	for i := range u.Rows {
		r += dot(u.Row(i), u.Row(i))
	}
	return m.InteractionEnergy(u, matrix{}) + lambda/2*r
}

// RidgeStep stores the step in difference form,
// yᵢ − η(((D−G)Y)ᵢ + λyᵢ)/(Dᵢ+λ).
func (m Machine) RidgeStep(dst, y, a matrix, lambda, eta float32) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	d := m.laplacian(dst, m.project(y, a), y)
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		den := d[i] + lambda
		for k := range row {
			row[k] = yi[k] - eta*((row[k]+lambda*yi[k])/den)
		}
	}
}

// RidgeChannelStep stores the step of channels with squared weights s,
// xᵢₖ − η(sₖ((D−G)X)ᵢₖ + λxᵢₖ)/(sₖDᵢ+λ), and xᵢₖ − ηxᵢₖ where sₖ = 0.
func (m Machine) RidgeChannelStep(dst, x matrix, s []float32, lambda, eta float32) {
	spec.CheckChannels(dst, x, s)
	u := spec.NewMatrix[float32](x.Rows, x.Cols)
	for k, sk := range s {
		root := float32(math.Sqrt(float64(sk)))
		for i := range x.Rows {
			u.Set(i, k, root*x.At(i, k))
		}
	}
	d := m.laplacian(dst, u, x)
	for i := range x.Rows {
		row, xi := dst.Row(i), x.Row(i)
		for k, sk := range s {
			if sk == 0 {
				row[k] = xi[k] - eta*xi[k]
				continue
			}
			row[k] = xi[k] - eta*((sk*row[k]+lambda*xi[k])/(sk*d[i]+lambda))
		}
	}
}
