package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

var interactionStepMutants = []Mutant{
	{
		Name: "step-half", Fault: "the step goes half as far as it should",
		Kills:  []spec.ID{"INT-017", "INT-018", "INT-019", "INT-021", "INT-023", "INT-031", "INT-032"},
		Change: etaThen(func(eta float64) float64 { return eta / 2 }),
	},
	{
		Name: "step-backwards", Fault: "the step goes up the energy",
		Kills:  []spec.ID{"INT-017", "INT-019", "INT-020", "INT-021", "INT-023", "INT-031"},
		Change: etaThen(func(eta float64) float64 { return -eta }),
	},
	{
		Name: "step-clamped", Fault: "step sizes above 1 are taken as 1",
		Kills:  []spec.ID{"INT-018", "INT-019", "INT-022", "INT-031"},
		Change: etaThen(func(eta float64) float64 { return min(eta, 1) }),
	},
	{
		Name: "step-overlong", Fault: "the step goes five times as far as it should",
		Kills:  []spec.ID{"INT-017", "INT-019", "INT-020", "INT-021", "INT-031"},
		Change: etaThen(func(eta float64) float64 { return 5 * eta }),
	},
	{
		Name: "step-no-self", Fault: "a token's own weight is left out of D and of the sum",
		Kills: []spec.ID{"INT-019", "INT-023", "INT-031"},
		Change: stepWith(func(y, a matrix) matrix {
			return normalized(kernelWith(y, a, func(i, j int, z float64) float64 {
				if i == j {
					return 0
				}
				return math.Exp(-z)
			}))
		}),
	},
	{
		Name: "step-temperature-2", Fault: "the step weighs by exp(−2z)",
		Kills: []spec.ID{"INT-017", "INT-019", "INT-021", "INT-023", "INT-029"},
		Change: stepWith(func(y, a matrix) matrix {
			return normalized(kernelWith(y, a, func(_, _ int, z float64) float64 { return math.Exp(-2 * z) }))
		}),
	},
	{
		Name: "step-unnormalized", Fault: "the weights are not divided by D: the plain gradient step",
		Kills:  []spec.ID{"INT-019", "INT-023", "INT-024", "INT-030", "INT-032"},
		Change: stepWith(func(y, a matrix) matrix { return reference.Kernel(y, a) }),
	},
	{
		Name: "step-neighbour-degree", Fault: "each row is divided by its neighbour's D",
		Kills: []spec.ID{"INT-023", "INT-029"},
		Change: stepWith(func(y, a matrix) matrix {
			g := reference.Kernel(y, a)
			d := reference.Degrees(g)
			for i := range g.Rows {
				for j := range g.Rows {
					g.Set(i, j, g.At(i, j)/d[(i+1)%len(d)])
				}
			}
			return g
		}),
	},
	{
		Name: "step-symmetric-normalization", Fault: "weights D^{−1/2}GD^{−1/2} are used, whose rows do not sum to one",
		Kills: []spec.ID{"INT-019", "INT-023", "INT-029"},
		Change: stepWith(func(y, a matrix) matrix {
			g := reference.Kernel(y, a)
			d := reference.Degrees(g)
			for i := range g.Rows {
				for j := range g.Rows {
					g.Set(i, j, g.At(i, j)/math.Sqrt(d[i]*d[j]))
				}
			}
			return g
		}),
	},
	{
		Name: "step-mean-kept", Fault: "the step is corrected to keep the plain mean",
		Kills: []spec.ID{"INT-029", "INT-030"},
		Change: func(im *implementation) {
			im.Interaction.Step = func(dst, y, a matrix, eta float64) {
				reference.InteractionStep(dst, y, a, eta)
				for k := range y.Cols {
					var drift float64
					for i := range y.Rows {
						drift += (dst.At(i, k) - y.At(i, k)) / float64(y.Rows)
					}
					for i := range y.Rows {
						dst.Set(i, k, dst.At(i, k)-drift)
					}
				}
			}
		},
	},
	{
		Name: "step-in-place", Fault: "tokens are updated one after the other, each seeing those already moved",
		Kills: []spec.ID{"INT-019", "INT-026", "INT-028"},
		Change: func(im *implementation) {
			im.Interaction.Step = func(dst, y, a matrix, eta float64) {
				now, next := spec.Convert[float64](y), spec.NewMatrix[float64](y.Rows, y.Cols)
				for i := range y.Rows {
					reference.InteractionStep(next, now, a, eta)
					copy(now.Row(i), next.Row(i))
					copy(dst.Row(i), next.Row(i))
				}
			}
		},
	},
	{
		Name: "step-position-weighted", Fault: "later tokens weigh more",
		Kills: []spec.ID{"INT-026", "INT-028", "INT-031"},
		Change: stepWith(func(y, a matrix) matrix {
			return normalized(kernelWith(y, a, func(i, j int, z float64) float64 { return math.Exp(-z) * (1 + 0.1*float64(i*j)) }))
		}),
	},
	{
		Name: "step-dot-product", Fault: "the logits are uᵢ·uⱼ without −‖uⱼ‖²/2, which a translation changes",
		Kills:  []spec.ID{"INT-019", "INT-025"},
		Change: stepWith(dotSoftmax),
	},
	{
		Name: "step-first-channel-twice", Fault: "the first channel counts twice in the distances",
		Kills: []spec.ID{"INT-019", "INT-027"},
		Change: stepWith(func(y, a matrix) matrix {
			return normalized(kernelWith(y, a, func(i, j int, z float64) float64 {
				r := y.At(i, 0) - y.At(j, 0)
				return math.Exp(-z - r*r/2)
			}))
		}),
	},
	{
		Name: "step-absolute-values", Fault: "the increments lose their sign in the last channel",
		Kills: []spec.ID{"INT-027", "INT-017"},
		Change: func(im *implementation) {
			im.Interaction.Step = func(dst, y, a matrix, eta float64) {
				reference.InteractionStep(dst, y, a, eta)
				k := y.Cols - 1
				for i := range y.Rows {
					dst.Set(i, k, y.At(i, k)+math.Abs(dst.At(i, k)-y.At(i, k)))
				}
			}
		},
	},
	{
		Name: "step-contracting", Fault: "tokens are pulled to their mean: smooth, but another map",
		Kills: []spec.ID{"INT-019", "INT-022"},
		Change: func(im *implementation) {
			im.Interaction.Step = func(dst, y, a matrix, eta float64) {
				for k := range y.Cols {
					var mean float64
					for i := range y.Rows {
						mean += y.At(i, k) / float64(y.Rows)
					}
					for i := range y.Rows {
						dst.Set(i, k, y.At(i, k)+min(eta, 1)*(mean-y.At(i, k)))
					}
				}
			}
		},
	},
	{
		Name: "step-stuck-when-near", Fault: "tokens closer than 2^−3 are taken for equal and do not move",
		Kills: []spec.ID{"INT-020"},
		Change: func(im *implementation) {
			im.Interaction.Step = func(dst, y, a matrix, eta float64) {
				reference.InteractionStep(dst, y, a, eta)
				for i := range y.Rows {
					for k := range y.Cols {
						if d := dst.At(i, k) - y.At(i, k); math.Abs(d) < 0x1p-3 {
							dst.Set(i, k, y.At(i, k)-d/8)
						}
					}
				}
			}
		},
	},
	{
		Name: "step-gradient-of-doubled-energy", Fault: "step and gradient agree up to a factor of two in both: the wrong preconditioner",
		Kills: []spec.ID{"INT-023", "INT-002", "INT-024"},
		Change: func(im *implementation) {
			gradientThen(func(_ int, g float64) float64 { return 2 * g })(im)
			stepWith(func(y, a matrix) matrix {
				g := reference.Kernel(y, a)
				for k := range g.Data {
					g.Data[k] *= 2
				}
				return g
			})(im)
		},
	},
}
