package mutant

import (
	"math"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// sphereNormalizing replaces how all three steps bring a direction to norm R.
func sphereNormalizing(scale func(w, y []float64, radius float64)) func(im *implementation) {
	all := func(dst, w, y matrix, radius float64) {
		for i := range y.Rows {
			copy(dst.Row(i), w.Row(i))
			scale(dst.Row(i), y.Row(i), radius)
		}
	}
	return func(im *implementation) {
		im.Sphere.Step = func(dst, y matrix, radius, eta float64) {
			all(dst, reference.SphereDirection(y, matrix{}, eta), y, radius)
		}
		im.Sphere.WeightedStep = func(dst, y, a matrix, radius, eta float64) {
			all(dst, reference.SphereDirection(y, a, eta), y, radius)
		}
		im.Sphere.AttentionStep = func(dst, y, m, v matrix, radius, c float64) {
			all(dst, reference.SphereAttentionDirection(y, m, v, c), y, radius)
		}
	}
}

// multiply scales w in place.
func multiply(w []float64, by float64) {
	for k := range w {
		w[k] *= by
	}
}

// spherePlain replaces the direction of the steps of softmax_β.
func spherePlain(direction func(y, a matrix, eta float64) matrix) func(im *implementation) {
	store := func(dst, y, a matrix, radius, eta float64) {
		w := direction(y, a, eta)
		for i := range y.Rows {
			sphereRow(dst.Row(i), w.Row(i), y.Row(i), radius)
		}
	}
	return func(im *implementation) {
		im.Sphere.Step = func(dst, y matrix, radius, eta float64) { store(dst, y, matrix{}, radius, eta) }
		im.Sphere.WeightedStep = store
	}
}

// sphereRow stores R·w/‖w‖, and y when w is zero.
func sphereRow(dst, w, y []float64, radius float64) {
	norm := reference.Norm(w)
	for k := range dst {
		if norm == 0 {
			dst[k] = y[k]
		} else {
			dst[k] = radius * (w[k] / norm)
		}
	}
}

// sphereEta changes the step size of the steps of softmax_β.
func sphereEta(f func(eta float64) float64) func(im *implementation) {
	return spherePlain(func(y, a matrix, eta float64) matrix { return reference.SphereDirection(y, a, f(eta)) })
}

// sphereHead calls the sound head with other arguments.
func sphereHead(f func(y, m, v matrix, c float64) (matrix, matrix, float64)) func(im *implementation) {
	return func(im *implementation) {
		im.Sphere.AttentionStep = func(dst, y, m, v matrix, radius, c float64) {
			m, v, c = f(y, m, v, c)
			reference.SphereAttentionStep(dst, y, m, v, radius, c)
		}
	}
}

// scaledMatrix returns c·M, c·I for the zero Matrix.
func scaledMatrix(m matrix, d int, c float64) matrix {
	out := spec.NewMatrix[float64](d, d)
	for i := range d {
		for k := range d {
			switch {
			case !m.IsZero():
				out.Set(i, k, c*m.At(i, k))
			case i == k:
				out.Set(i, k, c)
			}
		}
	}
	return out
}

// headAverage makes a mutant of the head from the factor by which it changes
// the weight of key j for query i before they are normalised.
func headAverage(factor func(i, j int) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Sphere.AttentionStep = func(dst, y, m, v matrix, radius, c float64) {
			values, logits := reference.Times(y, v), reference.SphereLogits(y, m)
			for i := range y.Rows {
				p := reference.SoftmaxRow(logits.Row(i))
				w, sum := make([]float64, y.Cols), 0.0
				for j := range p {
					p[j] *= factor(i, j)
					sum += p[j]
				}
				for k := range w {
					w[k] = c * y.At(i, k)
					for j := range p {
						w[k] += p[j] / sum * values.At(j, k)
					}
				}
				sphereRow(dst.Row(i), w, y.Row(i), radius)
			}
		}
	}
}

// sphereWeights replaces P.
func sphereWeights(logit func(y, u matrix, i, j int) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Interaction.Weights = func(dst, y, a matrix) {
			u := reference.Times(y, a)
			for i := range y.Rows {
				logits := make([]float64, y.Rows)
				for j := range logits {
					logits[j] = logit(y, u, i, j)
				}
				copy(dst.Row(i), reference.SoftmaxRow(logits))
			}
		}
	}
}

// unscaledTiles is a head in float32 whose weights are taken against the
// maximum of their own tile.
func unscaledTiles(dst, y, m, v spec.Matrix[float32], radius, c float32) {
	const tile = 48
	in, values := spec.Convert[float64](y), reference.Times(spec.Convert[float64](y), spec.Convert[float64](v))
	logits := reference.SphereLogits(in, spec.Convert[float64](m))
	for i := range y.Rows {
		mean, sum := make([]float64, y.Cols), 0.0
		for j0 := 0; j0 < y.Rows; j0 += tile {
			keys := logits.Row(i)[j0:min(j0+tile, y.Rows)]
			for j, l := range keys {
				p := math.Exp(l - slices.Max(keys))
				sum += p
				for k := range mean {
					mean[k] += p * values.At(j0+j, k)
				}
			}
		}
		for k := range mean {
			mean[k] = float64(c)*in.At(i, k) + mean[k]/sum
		}
		sphereRow(mean, slices.Clone(mean), in.Row(i), float64(radius))
		for k, x := range mean {
			dst.Set(i, k, float32(x))
		}
	}
}

var sphereMutants = []Mutant{
	{
		Name: "sphere-not-normalized", Fault: "the direction is returned as it is",
		Kills:  []spec.ID{"SPH-001", "SPH-002", "SPH-003", "SPH-004", "SPH-006", "SPH-012", "SPH-022"},
		Change: sphereNormalizing(func(_, _ []float64, _ float64) {}),
	},
	{
		Name: "sphere-unit-radius", Fault: "tokens are brought to norm 1 whatever R",
		Kills:  []spec.ID{"SPH-001", "SPH-002", "SPH-003", "SPH-004", "SPH-006", "SPH-022", "SPH-023"},
		Change: sphereNormalizing(func(w, y []float64, _ float64) { sphereRow(w, w, y, 1) }),
	},
	{
		Name: "sphere-epsilon", Fault: "2^−10 is added to the squared norm, so that short directions end inside the sphere",
		Model: "the eps of LayerNorm and RMSNorm",
		Kills: []spec.ID{"SPH-001", "SPH-002", "SPH-003", "SPH-004", "SPH-005", "SPH-006", "SPH-023"},
		Change: sphereNormalizing(func(w, _ []float64, radius float64) {
			multiply(w, radius/math.Sqrt(reference.Dot(w, w)+0x1p-10))
		}),
	},
	{
		Name: "sphere-zero-unguarded", Fault: "a direction of zero is divided by its norm",
		Kills:  []spec.ID{"SPH-005"},
		Change: sphereNormalizing(func(w, _ []float64, radius float64) { multiply(w, radius/reference.Norm(w)) }),
	},
	{
		Name: "sphere-zero-to-axis", Fault: "a token whose direction is zero is put on the first axis",
		Kills: []spec.ID{"SPH-005"},
		Change: sphereNormalizing(func(w, _ []float64, radius float64) {
			if norm := reference.Norm(w); norm > 0 {
				multiply(w, radius/norm)
			} else {
				w[0] = radius
			}
		}),
	},
	{
		Name: "sphere-last-channel-left-out", Fault: "the norm leaves out the last of several channels",
		Kills: []spec.ID{"SPH-001", "SPH-004", "SPH-020"},
		Change: sphereNormalizing(func(w, y []float64, radius float64) {
			if norm := reference.Norm(w[:max(1, len(w)-1)]); norm > 0 {
				multiply(w, radius/norm)
			} else {
				copy(w, y)
			}
		}),
	},
	{
		Name: "sphere-positive-orthant", Fault: "a rectifier before the normalisation drops what is negative",
		Kills: []spec.ID{"SPH-001", "SPH-003", "SPH-020", "SPH-022"},
		Change: sphereNormalizing(func(w, y []float64, radius float64) {
			for k, x := range w {
				w[k] = max(x, 0)
			}
			sphereRow(w, w, y, radius)
		}),
	},
	{
		Name: "sphere-stays", Fault: "no token moves: every energy stays too",
		Kills:  []spec.ID{"SPH-001", "SPH-002", "SPH-003", "SPH-006", "SPH-008", "SPH-009", "SPH-011", "SPH-012", "SPH-014", "SPH-015", "SPH-016", "SPH-017"},
		Change: sphereNormalizing(func(w, y []float64, _ float64) { copy(w, y) }),
	},
	{
		Name: "sphere-radius-ignored", Fault: "each token is put back to the norm it had, not to R",
		Kills:  []spec.ID{"SPH-001", "SPH-002", "SPH-009"},
		Change: sphereNormalizing(func(w, y []float64, _ float64) { sphereRow(w, w, y, reference.Norm(y)) }),
	},
	{
		Name: "sphere-step-clamped", Fault: "step sizes above 1 are taken as 1",
		Kills:  []spec.ID{"SPH-001", "SPH-006", "SPH-008", "SPH-011"},
		Change: sphereEta(func(eta float64) float64 { return min(eta, 1) }),
	},
	{
		Name: "sphere-step-half", Fault: "the step goes half as far as it should",
		Kills:  []spec.ID{"SPH-001", "SPH-002", "SPH-006", "SPH-008", "SPH-011"},
		Change: sphereEta(func(eta float64) float64 { return eta / 2 }),
	},
	{
		Name: "sphere-step-backwards", Fault: "the step goes up the energy",
		Kills:  []spec.ID{"SPH-001", "SPH-002", "SPH-006", "SPH-007", "SPH-010"},
		Change: sphereEta(func(eta float64) float64 { return -eta }),
	},
	{
		Name: "sphere-step-overlong", Fault: "the step goes eight times as far as it should",
		Kills:  []spec.ID{"SPH-001", "SPH-002", "SPH-006", "SPH-007", "SPH-010", "SPH-022"},
		Change: sphereEta(func(eta float64) float64 { return 8 * eta }),
	},
	{
		Name: "sphere-no-self", Fault: "a token's own weight is left out of D and of the sum",
		Kills: []spec.ID{"SPH-001", "SPH-006", "SPH-022"},
		Change: spherePlain(func(y, a matrix, eta float64) matrix {
			w := spec.NewMatrix[float64](y.Rows, y.Cols)
			averageStep(w, y, normalized(kernelWith(y, a, func(i, j int, z float64) float64 {
				if i == j {
					return 0
				}
				return math.Exp(-z)
			})), eta)
			return w
		}),
	},
	{
		Name: "sphere-without-S", Fault: "the increment is not multiplied by S",
		Kills: []spec.ID{"SPH-002", "SPH-006"},
		Change: spherePlain(func(y, a matrix, eta float64) matrix {
			w := spec.NewMatrix[float64](y.Rows, y.Cols)
			reference.InteractionStep(w, y, a, eta)
			return w
		}),
	},
	{
		Name: "sphere-position-weighted", Fault: "later tokens weigh more",
		Kills: []spec.ID{"SPH-019", "SPH-021", "SPH-001"},
		Change: spherePlain(func(y, a matrix, eta float64) matrix {
			w := spec.NewMatrix[float64](y.Rows, y.Cols)
			averageStep(w, y, normalized(kernelWith(y, a, func(i, j int, z float64) float64 {
				return math.Exp(-z) * (1 + float64(i*j)/8)
			})), eta)
			return w
		}),
	},
	{
		Name: "head-causal", Fault: "the head sees no later token",
		Kills: []spec.ID{"SPH-003", "SPH-012", "SPH-019", "SPH-021"},
		Change: headAverage(func(i, j int) float64 {
			if j > i {
				return 0
			}
			return 1
		}),
	},
	{
		Name: "head-no-self", Fault: "the head sees every token but its own, unless it is alone",
		Kills: []spec.ID{"SPH-003", "SPH-012"},
		Change: headAverage(func(i, j int) float64 {
			if j == i {
				return 0x1p-60
			}
			return 1
		}),
	},
	{
		Name: "head-scaled-logits", Fault: "logits are divided by √d",
		Model: "scaled dot-product attention where none is meant",
		Kills: []spec.ID{"SPH-003", "SPH-012"},
		Change: sphereHead(func(y, m, v matrix, c float64) (matrix, matrix, float64) {
			return scaledMatrix(m, y.Cols, 1/math.Sqrt(float64(y.Cols))), v, c
		}),
	},
	{
		Name: "head-values-untied", Fault: "values are the tokens, without V",
		Kills:  []spec.ID{"SPH-003", "SPH-012", "SPH-023"},
		Change: sphereHead(func(_, m, _ matrix, c float64) (matrix, matrix, float64) { return m, matrix{}, c }),
	},
	{
		Name: "head-values-negated", Fault: "values have the wrong sign",
		Kills: []spec.ID{"SPH-003", "SPH-012", "SPH-013"},
		Change: sphereHead(func(y, m, v matrix, c float64) (matrix, matrix, float64) {
			return m, scaledMatrix(v, y.Cols, -1), c
		}),
	},
	{
		Name: "head-residual-negated", Fault: "the residual is subtracted",
		Kills:  []spec.ID{"SPH-003", "SPH-012", "SPH-013", "SPH-023"},
		Change: sphereHead(func(_, m, v matrix, c float64) (matrix, matrix, float64) { return m, v, -c }),
	},
	{
		Name: "head-residual-lost", Fault: "the residual is left out",
		Kills:  []spec.ID{"SPH-003", "SPH-012"},
		Change: sphereHead(func(_, m, v matrix, _ float64) (matrix, matrix, float64) { return m, v, 0 }),
	},
	{
		Name: "head-tiles-not-rescaled", Fault: "each tile of 48 keys has its own maximum, and the tiles' sums are added as they are",
		Model:    "an online softmax that forgets to rescale when the maximum grows",
		Kills:    []spec.ID{"SPH-003"},
		Change32: func(im *spec.Implementation[float32]) { im.Sphere.AttentionStep = unscaledTiles },
	},
	{
		Name: "head-guarded", Fault: "a step that would raise the energy is not taken: the theorem is made true by force",
		Kills: []spec.ID{"SPH-003", "SPH-014", "SPH-015", "SPH-016", "SPH-017"},
		Change: func(im *implementation) {
			im.Sphere.AttentionStep = func(dst, y, m, v matrix, radius, c float64) {
				reference.SphereAttentionStep(dst, y, m, v, radius, c)
				if reference.ExponentialEnergy(dst, m) > reference.ExponentialEnergy(y, m) {
					copyRows(dst, y)
				}
			}
		},
	},
	{
		Name: "weights-beta-of-tokens", Fault: "β is made of ‖yⱼ‖ instead of ‖yⱼA‖",
		Kills: []spec.ID{"SPH-018", "INT-013"},
		Change: sphereWeights(func(y, u matrix, i, j int) float64 {
			return reference.Dot(u.Row(i), u.Row(j)) - reference.Dot(y.Row(j), y.Row(j))/2
		}),
	},
	{
		Name: "weights-beta-at-own-key", Fault: "β is applied at the token's own key alone, as if the others' were alike",
		Kills: []spec.ID{"SPH-018", "INT-013"},
		Change: sphereWeights(func(_, u matrix, i, j int) float64 {
			l := reference.Dot(u.Row(i), u.Row(j))
			if i == j {
				l -= reference.Dot(u.Row(i), u.Row(i)) / 2
			}
			return l
		}),
	},
}
