package energy

import "example.com/attest/spec"

func (m Machine) feedForward() spec.FeedForward[float32] {
	return spec.FeedForward[float32]{
		Energy:   m.FeedForwardEnergy,
		Gradient: m.FeedForwardGradient,
		Step:     m.FeedForwardStep,
	}
}

// FeedForwardEnergy returns E₂(Y) = ½ tr(Y W Yᵀ) + ½‖Y−B‖²; the products of some
// tokens are the only scratch memory.
func (m Machine) FeedForwardEnergy(y, w, b matrix) float32 {
	spec.CheckFeedForward(y, w, b)
	const some = 256
	yw := spec.NewMatrix[float32](min(some, y.Rows), y.Cols)
	var form, distance float32
	for i := range y.Rows {
		if i%some == 0 {
			m.multiply(rowsOf(yw, 0, min(some, y.Rows-i)), rowsOf(y, i, min(some, y.Rows-i)), w, matrix{})
		}
		form += dot(yw.Row(i%some), y.Row(i))
		distance += halfSquared(y.Row(i), b.Row(i))
	}
	return form/2 + distance
}

// rowsOf returns n rows of m from row i on.
func rowsOf(m matrix, i, n int) matrix {
	m.Rows, m.Data = n, m.Data[i*m.Stride:]
	return m
}

// symmetricPart returns (W+Wᵀ)/2.
func symmetricPart(w matrix) matrix {
	out := spec.NewMatrix[float32](w.Rows, w.Cols)
	for i := range w.Rows {
		for j := range i + 1 {
			x := (w.At(i, j) + w.At(j, i)) / 2
			out.Set(i, j, x)
			out.Set(j, i, x)
		}
	}
	return out
}

// FeedForwardGradient stores YK − B as Y(W+Wᵀ)/2 + (Y − B).
func (m Machine) FeedForwardGradient(dst, y, w, b matrix) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	m.addGradient(dst, y, symmetricPart(w), b)
}

// addGradient stores YWs + (Y − B) for a symmetric Ws.
func (m Machine) addGradient(dst, y, ws, b matrix) {
	for i := range y.Rows {
		row, yi, bi := dst.Row(i), y.Row(i), b.Row(i)
		for k := range row {
			row[k] = yi[k] - bi[k]
		}
	}
	m.multiply(dst, y, ws, dst)
}

// FeedForwardStep stores Y − η(YK − B).
func (m Machine) FeedForwardStep(dst, y, w, b matrix, eta float32) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	m.quadraticStep(dst, y, symmetricPart(w), b, eta)
}

// quadraticStep stores Y − η(YWs + Y − B).
func (m Machine) quadraticStep(dst, y, ws, b matrix, eta float32) {
	m.addGradient(dst, y, ws, b)
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		for k := range row {
			row[k] = yi[k] - eta*row[k]
		}
	}
}
