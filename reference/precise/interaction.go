package precise

import "example.com/attest/spec"

type matrix = spec.Matrix[float64]

var interaction = spec.Interaction[float64]{
	Energy:        interactionEnergy,
	Gradient:      interactionGradient,
	Majorizer:     interactionMajorizer,
	HessianVector: interactionHessianVector,
	Weights:       interactionWeights,
	Step:          interactionStep,
}

// gram returns UUᵀ, U = YA, and U: the second form of the squared distances,
// ‖uᵢ−uⱼ‖² = ‖uᵢ‖² + ‖uⱼ‖² − 2uᵢ·uⱼ.
func gram(y, a matrix) (g, u [][]real) {
	w := weightsOf(a)
	for _, r := range rows(y) {
		u = append(u, times(r, w))
	}
	g = make([][]real, len(u))
	for i := range u {
		for j := range u {
			g[i] = append(g[i], dot(u[i], u[j]))
		}
	}
	return g, u
}

// halfSquared returns all zᵢⱼ from the Gram matrix.
func halfSquared(y, a matrix) [][]real {
	g, _ := gram(y, a)
	z := make([][]real, len(g))
	for i := range g {
		for j := range g {
			z[i] = append(z[i], sub(half(add(g[i][i], g[j][j])), g[i][j]))
		}
	}
	return z
}

func kernel(y, a matrix) [][]real {
	z := halfSquared(y, a)
	for i := range z {
		for j := range z {
			z[i][j] = exp(neg(z[i][j]))
		}
	}
	return z
}

func interactionEnergy(y, a matrix) float64 {
	spec.CheckTokens(y, a)
	k := kernel(y, a)
	s := zero()
	for i := range k {
		for j := range i {
			s = sub(s, k[i][j])
		}
	}
	return float(s)
}

// interactionGradient is (D−G)YS with S formed first.
func interactionGradient(dst, y, a matrix) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	k := kernel(y, a)
	yr := rows(y)
	out := make([][]real, len(yr))
	for i := range k {
		row := make([]real, y.Cols)
		for c := range row {
			row[c] = zero()
			for j := range k {
				row[c] = add(row[c], mul(k[i][j], sub(yr[i][c], yr[j][c])))
			}
		}
		if w := weightsOf(a); w != nil {
			t := transpose(w)
			s := make([][]real, len(w))
			for p := range w {
				s[p] = times(w[p], t)
			}
			row = times(row, s)
		}
		out[i] = row
	}
	store(dst, out)
}

func interactionMajorizer(y, y0, a matrix) float64 {
	spec.CheckTokens(y, a)
	y0.CheckShape("Y₀", y.Rows, y.Cols)
	z, z0 := halfSquared(y, a), halfSquared(y0, a)
	s := zero()
	for i := range z {
		for j := range i {
			g := exp(neg(z0[i][j]))
			s = add(s, mul(g, sub(sub(z[i][j], z0[i][j]), num(1))))
		}
	}
	return float(s)
}

// interactionWeights is the row softmax of uᵢ·uⱼ − ‖uⱼ‖²/2: the weights as a
// Transformer computes them, not as the kernel does.
func interactionWeights(dst, y, a matrix) {
	spec.CheckInteraction(dst, y.Rows, y, a)
	store(dst, softmaxBeta(y, a))
}

func softmaxBeta(y, a matrix) [][]real {
	g, _ := gram(y, a)
	out := make([][]real, len(g))
	for i := range g {
		logits := make([]real, len(g))
		top := zero()
		for j := range g {
			logits[j] = sub(g[i][j], half(g[j][j]))
			if j == 0 {
				top = logits[j]
			}
			top = maximum(top, logits[j])
		}
		sum := zero()
		for j := range logits {
			logits[j] = exp(sub(logits[j], top))
			sum = add(sum, logits[j])
		}
		for j := range logits {
			out[i] = append(out[i], quo(logits[j], sum))
		}
	}
	return out
}

func interactionStep(dst, y, a matrix, eta float64) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	p := softmaxBeta(y, a)
	yr := rows(y)
	out := make([][]real, len(yr))
	for i := range yr {
		for c := range y.Cols {
			s := mul(sub(num(1), num(eta)), yr[i][c])
			for j := range yr {
				s = add(s, mul(num(eta), mul(p[i][j], yr[j][c])))
			}
			out[i] = append(out[i], s)
		}
	}
	store(dst, out)
}

// interactionHessianVector differentiates (D−G)YS by the product rule:
// ((D−G)V + (D−G)′Y)S with G′ᵢⱼ = −Gᵢⱼ⟨(yᵢ−yⱼ)A, (vᵢ−vⱼ)A⟩.
func interactionHessianVector(dst, y, a, v matrix) {
	spec.CheckInteraction(dst, y.Cols, y, a, v)
	k := kernel(y, a)
	w := weightsOf(a)
	yr, vr := rows(y), rows(v)
	out := make([][]real, len(yr))
	for i := range k {
		row := make([]real, y.Cols)
		for c := range row {
			row[c] = zero()
		}
		for j := range k {
			dy, dv := make([]real, y.Cols), make([]real, y.Cols)
			for c := range dy {
				dy[c], dv[c] = sub(yr[i][c], yr[j][c]), sub(vr[i][c], vr[j][c])
			}
			slope := neg(mul(k[i][j], dot(times(dy, w), times(dv, w))))
			for c := range row {
				row[c] = add(row[c], add(mul(k[i][j], dv[c]), mul(slope, dy[c])))
			}
		}
		if w != nil {
			row = times(times(row, w), transpose(w))
		}
		out[i] = row
	}
	store(dst, out)
}
