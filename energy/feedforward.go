package energy

import "example.com/attest/spec"

var feedForward = spec.FeedForward[float32]{
	Energy:   FeedForwardEnergy,
	Gradient: FeedForwardGradient,
	Step:     FeedForwardStep,
}

// FeedForwardEnergy returns E₂(Y) = ½ tr(Y W Yᵀ) + ½‖Y−B‖², token by token: a
// token's YW is the only scratch memory.
func FeedForwardEnergy(y, w, b matrix) float32 {
	spec.CheckFeedForward(y, w, b)
	yw := make([]float32, y.Cols)
	var form, distance float32
	for i := range y.Rows {
		yi := y.Row(i)
		clear(yw)
		for k, x := range yi {
			axpy(yw, x, w.Row(k))
		}
		form += dot(yw, yi)
		distance += halfSquared(yi, b.Row(i))
	}
	return form/2 + distance
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
func FeedForwardGradient(dst, y, w, b matrix) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	addGradient(dst, y, symmetricPart(w), b)
}

// addGradient stores YWs + (Y − B) for a symmetric Ws.
func addGradient(dst, y, ws, b matrix) {
	for i := range y.Rows {
		row, yi, bi := dst.Row(i), y.Row(i), b.Row(i)
		for k := range row {
			row[k] = yi[k] - bi[k]
		}
		for k, x := range yi {
			axpy(row, x, ws.Row(k))
		}
	}
}

// FeedForwardStep stores Y − η(YK − B).
func FeedForwardStep(dst, y, w, b matrix, eta float32) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	quadraticStep(dst, y, symmetricPart(w), b, eta)
}

// quadraticStep stores Y − η(YWs + Y − B).
func quadraticStep(dst, y, ws, b matrix, eta float32) {
	addGradient(dst, y, ws, b)
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		for k := range row {
			row[k] = yi[k] - eta*row[k]
		}
	}
}
