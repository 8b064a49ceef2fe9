package energy

import (
	"math"

	"example.com/attest/spec"
)

func (m Machine) interaction() spec.Interaction[float32] {
	return spec.Interaction[float32]{
		Energy:        m.InteractionEnergy,
		Gradient:      m.InteractionGradient,
		HessianVector: m.InteractionHessianVector,
		Majorizer:     m.InteractionMajorizer,
		Conjugate:     Conjugate,
		Weights:       m.InteractionWeights,
		Step:          m.InteractionStep,
	}
}

// InteractionEnergy returns E₁(Y) = −Σ_{i<j} exp(−‖uᵢ−uⱼ‖²/2).
func (m Machine) InteractionEnergy(y, a matrix) float32 {
	spec.CheckTokens(y, a)
	s := m.newSweep(m.project(y, a))
	defer s.free()
	s.run()
	return s.energy()
}

// InteractionGradient stores (D−G)YS as ((D−G)U)Aᵀ.
func (m Machine) InteractionGradient(dst, y, a matrix) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	if a.IsZero() {
		m.laplacian(dst, y, y)
		return
	}
	u := m.project(y, a)
	lu := spec.NewMatrix[float32](u.Rows, u.Cols)
	m.laplacian(lu, u, u)
	m.multiplyTransposed(dst, lu, a, matrix{})
}

// InteractionStep stores the softmax_β step in difference form,
// yᵢ − η((D−G)Y)ᵢ/Dᵢ.
func (m Machine) InteractionStep(dst, y, a matrix, eta float32) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	descend(dst, y, m.laplacian(dst, m.project(y, a), y), eta)
}

// descend turns the sums (D−G)Y in dst into the step.
func descend(dst, y matrix, d []float32, eta float32) {
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		for k := range row {
			row[k] = yi[k] - eta*(row[k]/d[i])
		}
	}
}

// InteractionDescent stores the step and the gradient at Y and returns E₁(Y), all
// of one pass over the pairs of tokens.
func (m Machine) InteractionDescent(next, gradient, y, a matrix, eta float32) float32 {
	spec.CheckInteraction(gradient, y.Cols, y, a)
	spec.CheckDestination(next, y.Rows, y.Cols, y, a, gradient)
	if a.IsZero() {
		s := m.newSweep(y, y)
		defer s.free()
		s.run()
		s.store(next, 0)
		s.store(gradient, 0)
		descend(next, y, s.degrees(), eta)
		return s.energy()
	}
	u := m.project(y, a)
	s := m.newSweep(u, y, u)
	defer s.free()
	s.run()
	s.store(next, 0)
	descend(next, y, s.degrees(), eta)
	lu := spec.NewMatrix[float32](u.Rows, u.Cols)
	s.store(lu, 1)
	m.multiplyTransposed(gradient, lu, a, matrix{})
	return s.energy()
}

// InteractionHessianVector stores the derivative of the gradient in the direction
// V: with rᵢⱼ = uᵢ−uⱼ and sᵢⱼ = vᵢ−vⱼ in U = YA and VA, ((ΣⱼGᵢⱼsᵢⱼ) −
// (ΣⱼGᵢⱼ⟨rᵢⱼ, sᵢⱼ⟩rᵢⱼ))Aᵀ.
func (m Machine) InteractionHessianVector(dst, y, a, v matrix) {
	spec.CheckInteraction(dst, y.Cols, y, a, v)
	u, w := m.project(y, a), m.project(v, a)
	s := m.newSweep(u, w, u)
	defer s.free()
	s.v, s.along, s.fields[1].along = s.packTokens(m.Level, w), true, true
	s.run()
	sum, out := s.fields[0].sum.data, dst
	for k, x := range s.fields[1].sum.data {
		sum[k] -= x
	}
	if !a.IsZero() {
		out = spec.NewMatrix[float32](u.Rows, u.Cols)
	}
	s.store(out, 0)
	if !a.IsZero() {
		m.multiplyTransposed(dst, out, a, matrix{})
	}
}

// InteractionMajorizer returns E₁(Y₀) + Σ_{i<j} exp(−zᵢⱼ(Y₀))(zᵢⱼ(Y) − zᵢⱼ(Y₀)).
func (m Machine) InteractionMajorizer(y, y0, a matrix) float32 {
	spec.CheckTokens(y, a)
	y0.CheckShape("Y₀", y.Rows, y.Cols)
	at, from := m.newSweep(m.project(y, a)), m.newSweep(m.project(y0, a))
	defer at.free()
	defer from.free()
	sums := make([]float32, len(at.onDiag)) // for each tile, of its pairs with the tiles behind it
	at.eachTile(3, func(memory []float32, i, j int) {
		z, z0, g := memory[:tile*tile], memory[tile*tile:][:tile*tile], memory[2*tile*tile:][:tile*tile]
		rows, cols, panels := at.squares(z, i, j)
		from.squares(z0, i, j)
		copy(g, z0)
		m.Level.Weigh(g, tile, at.rowSums[i*tile*at.u.lanes:], memory[3*tile*tile:], rows, panels)
		for r := range rows {
			first := 0
			if i == j {
				first = r + 1
			}
			for c := first; c < cols; c++ {
				k := r*tile + c
				sums[i] += g[k] * ((z[k]/2 - z0[k]/2) - 1)
			}
		}
	})
	var out float32
	for _, s := range sums {
		out += s
	}
	return out
}

// Conjugate returns g log g − g, and 0 at g = 0.
func Conjugate(g float32) float32 {
	if g == 0 {
		return 0
	}
	x := float64(g)
	return float32(x*math.Log(x) - x)
}

// InteractionWeights stores P = D⁻¹G (n×n, the only operation here whose result
// has that size).
func (m Machine) InteractionWeights(dst, y, a matrix) {
	spec.CheckInteraction(dst, y.Rows, y, a)
	s := m.newSweep(m.project(y, a))
	defer s.free()
	s.eachTile(1, func(memory []float32, i, j int) {
		rows, cols, panels := s.squares(memory, i, j)
		m.Level.Weigh(memory, tile, s.rowSums[i*tile*s.u.lanes:], memory[tile*tile:], rows, panels)
		for r := range rows {
			g := memory[r*tile:][:cols]
			copy(dst.Row(i*tile + r)[j*tile:], g)
			for c, x := range g {
				dst.Set(j*tile+c, i*tile+r, x)
			}
		}
	})
	for i := range dst.Rows {
		dst.Set(i, i, 1)
		row := dst.Row(i)
		var d float32
		for _, g := range row {
			d += g
		}
		for j := range row {
			row[j] /= d
		}
	}
}
