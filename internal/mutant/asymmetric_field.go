package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// attentionMapWith makes a mutant of the attention map.
func attentionMapWith(f func(dst, x, a matrix, normalized bool)) func(im *implementation) {
	return func(im *implementation) { im.Asymmetric.AttentionMap = f }
}

var fieldMutants = []Mutant{
	{
		Name: "gradient-over-degree", Fault: "the gradient is divided by D",
		Kills: []spec.ID{"ASY-025"},
		Change: func(im *implementation) {
			im.Interaction.Gradient = func(dst, y, a matrix) {
				reference.InteractionGradient(dst, y, a)
				for i, d := range reference.Degrees(reference.Kernel(y, a)) {
					for k := range dst.Cols {
						dst.Set(i, k, dst.At(i, k)/d)
					}
				}
			}
		},
	},
	{
		Name: "gradient-causal", Fault: "each token feels only those before it",
		Kills: []spec.ID{"ASY-025"},
		Change: func(im *implementation) {
			im.Interaction.Gradient = func(dst, y, a matrix) {
				g := kernelWith(y, a, func(i, j int, z float64) float64 {
					if j > i {
						return 0
					}
					return math.Exp(-z)
				})
				l := reference.Laplacian(g, y)
				copyRows(dst, l)
			}
		},
	},
	{
		Name: "step-plain-gradient", Fault: "the step is not divided by D",
		Kills:  []spec.ID{"ASY-026"},
		Change: stepWith(func(y, a matrix) matrix { return reference.Kernel(y, a) }),
	},
	{
		Name: "step-to-the-mean", Fault: "every token weighs every other alike",
		Kills: []spec.ID{"ASY-026"},
		Change: stepWith(func(y, a matrix) matrix {
			return normalized(kernelWith(y, a, func(_, _ int, _ float64) float64 { return 1 }))
		}),
	},
	{
		Name: "attention-map-untied", Fault: "the values are X, not XA",
		Kills: []spec.ID{"ASY-027", "ASY-028"},
		Change: attentionMapWith(func(dst, x, a matrix, normalized bool) {
			attentionTo(dst, x, a, x, normalized)
		}),
	},
	{
		Name: "attention-map-always-normalized", Fault: "the weights are always divided by their sum",
		Kills: []spec.ID{"ASY-027", "ASY-028"},
		Change: attentionMapWith(func(dst, x, a matrix, _ bool) {
			reference.AttentionMap(dst, x, a, true)
		}),
	},
	{
		Name: "attention-map-never-normalized", Fault: "the weights are never divided by their sum",
		Kills: []spec.ID{"ASY-027", "ASY-030"},
		Change: attentionMapWith(func(dst, x, a matrix, _ bool) {
			reference.AttentionMap(dst, x, a, false)
		}),
	},
	{
		Name: "attention-map-mean", Fault: "normalised weights are all alike",
		Kills: []spec.ID{"ASY-027", "ASY-030"},
		Change: attentionMapWith(func(dst, x, a matrix, normalized bool) {
			logits := a
			if normalized {
				logits = spec.NewMatrix[float64](a.Rows, a.Cols)
			}
			attentionTo(dst, x, logits, reference.Times(x, a), normalized)
		}),
	},
	{
		Name: "attention-map-symmetric-part", Fault: "A is replaced by (A+Aᵀ)/2",
		Kills: []spec.ID{"ASY-027", "ASY-029"},
		Change: attentionMapWith(func(dst, x, a matrix, normalized bool) {
			reference.AttentionMap(dst, x, symmetricPart(a), normalized)
		}),
	},
	{
		Name: "attention-map-mirrored", Fault: "only the upper triangle of A is read",
		Kills: []spec.ID{"ASY-027", "ASY-029"},
		Change: attentionMapWith(func(dst, x, a matrix, normalized bool) {
			reference.AttentionMap(dst, x, mirrored(a), normalized)
		}),
	},
}

// attentionTo stores KV with the logits xᵢAxⱼᵀ.
func attentionTo(dst, x, a, v matrix, normalized bool) {
	xa := reference.Times(x, a)
	for i := range x.Rows {
		k := make([]float64, x.Rows)
		for j := range k {
			k[j] = reference.Dot(xa.Row(i), x.Row(j))
		}
		if normalized {
			k = reference.SoftmaxRow(k)
		} else {
			for j := range k {
				k[j] = math.Exp(k[j])
			}
		}
		copy(dst.Row(i), reference.RowTimes(k, v))
	}
}
