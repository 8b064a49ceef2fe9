package mutant

import (
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

type (
	matrix         = spec.Matrix[float64]
	implementation = spec.Implementation[float64]
)

// stepWith makes a mutant of the softmax_β step from the weights that it uses
// instead of P.
func stepWith(weights func(y, a matrix) matrix) func(im *implementation) {
	return func(im *implementation) {
		im.Interaction.Step = func(dst, y, a matrix, eta float64) {
			averageStep(dst, y, weights(y, a), eta)
		}
	}
}

// averageStep stores (1−η)Y + ηPY.
func averageStep(dst, y, p matrix, eta float64) {
	for i := range y.Rows {
		for k := range y.Cols {
			var s float64
			for j := range y.Rows {
				s += p.At(i, j) * (y.At(j, k) - y.At(i, k))
			}
			dst.Set(i, k, y.At(i, k)+eta*s)
		}
	}
}

// normalized divides each row by its sum; a row of zeros stays.
func normalized(g matrix) matrix {
	for i := range g.Rows {
		var d float64
		for _, x := range g.Row(i) {
			d += x
		}
		for j := range g.Rows {
			if d != 0 {
				g.Set(i, j, g.At(i, j)/d)
			}
		}
	}
	return g
}

// kernelWith returns the matrix of f(zᵢⱼ).
func kernelWith(y, a matrix, f func(i, j int, z float64) float64) matrix {
	g := spec.NewMatrix[float64](y.Rows, y.Rows)
	for i := range y.Rows {
		for j := range y.Rows {
			g.Set(i, j, f(i, j, reference.HalfSquaredDistance(y, a, i, j)))
		}
	}
	return g
}

// dotSoftmax returns the ordinary softmax of UUᵀ, without β.
func dotSoftmax(y, a matrix) matrix {
	u := reference.Times(y, a)
	p := spec.NewMatrix[float64](y.Rows, y.Rows)
	for i := range y.Rows {
		logits := make([]float64, y.Rows)
		for j := range logits {
			logits[j] = reference.Dot(u.Row(i), u.Row(j))
		}
		copy(p.Row(i), reference.SoftmaxRow(logits))
	}
	return p
}

// energyScaled multiplies E₁ by c and adds c0 for each token.
func energyScaled(c, perToken float64) func(im *implementation) {
	return func(im *implementation) {
		e := im.Interaction.Energy
		im.Interaction.Energy = func(y, a matrix) float64 { return c*e(y, a) + perToken*float64(y.Rows) }
	}
}

// gradientThen changes each element of the gradient.
func gradientThen(f func(i int, g float64) float64) func(im *implementation) {
	return func(im *implementation) {
		grad := im.Interaction.Gradient
		im.Interaction.Gradient = func(dst, y, a matrix) {
			grad(dst, y, a)
			for i := range dst.Rows {
				for k, g := range dst.Row(i) {
					dst.Set(i, k, f(i, g))
				}
			}
		}
	}
}

// hessianThen changes the Hessian–vector product H(V).
func hessianThen(f func(h, v float64) float64) func(im *implementation) {
	return func(im *implementation) {
		hv := im.Interaction.HessianVector
		im.Interaction.HessianVector = func(dst, y, a, v matrix) {
			hv(dst, y, a, v)
			for i := range dst.Rows {
				for k, h := range dst.Row(i) {
					dst.Set(i, k, f(h, v.At(i, k)))
				}
			}
		}
	}
}

// etaThen changes the step size.
func etaThen(f func(eta float64) float64) func(im *implementation) {
	return func(im *implementation) {
		step := im.Interaction.Step
		im.Interaction.Step = func(dst, y, a matrix, eta float64) { step(dst, y, a, f(eta)) }
	}
}

var interactionMutants = slices.Concat(interactionValueMutants, interactionStepMutants, interactionManyMutants)
