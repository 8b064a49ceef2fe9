package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

var interactionValueMutants = []Mutant{
	{
		Name: "energy-diagonal", Fault: "the energy counts each token's pair with itself",
		Kills:  []spec.ID{"INT-001", "INT-007", "INT-010"},
		Change: energyScaled(1, -0.5),
	},
	{
		Name: "energy-twice", Fault: "the energy counts each pair twice",
		Kills:  []spec.ID{"INT-001", "INT-006", "INT-007", "INT-010", "INT-011", "INT-016"},
		Change: energyScaled(2, 0),
	},
	{
		Name: "energy-sign", Fault: "the energy has the wrong sign",
		Kills:  []spec.ID{"INT-001", "INT-006", "INT-010", "INT-011", "INT-016"},
		Change: energyScaled(-1, 0),
	},
	{
		Name: "energy-last-token-dropped", Fault: "the last token's pairs are left out of the energy",
		Kills: []spec.ID{"INT-001", "INT-007", "INT-026"},
		Change: func(im *implementation) {
			e := im.Interaction.Energy
			im.Interaction.Energy = func(y, a matrix) float64 {
				y.Rows = max(0, y.Rows-1)
				return e(y, a)
			}
		},
	},
	{
		Name: "gradient-half", Fault: "the gradient is halved: each pair counted for one of its tokens",
		Kills:  []spec.ID{"INT-002", "INT-008", "INT-016", "INT-023"},
		Change: gradientThen(func(_ int, g float64) float64 { return g / 2 }),
	},
	{
		Name: "gradient-sign", Fault: "the gradient has the wrong sign",
		Kills:  []spec.ID{"INT-002", "INT-006", "INT-008", "INT-016", "INT-023"},
		Change: gradientThen(func(_ int, g float64) float64 { return -g }),
	},
	{
		Name: "gradient-noise-floor", Fault: "the gradient gets 2^−60 where it should be exactly zero, or vanish by underflow",
		Kills:  []spec.ID{"INT-007", "INT-009"},
		Change: gradientThen(func(_ int, g float64) float64 { return g + 0x1p-60 }),
	},
	{
		Name: "gradient-through-Gram", Fault: "squared distances are taken from a Gram matrix, so equal tokens are not at distance zero",
		Model: "|x|²+|y|²−2x·y, the usual way to make a distance a matrix product",
		Kills: []spec.ID{"INT-025"},
		Change: func(im *implementation) {
			im.Interaction.Step = func(dst, y, a matrix, eta float64) {
				u := reference.Times(y, a)
				g := kernelWith(y, a, func(i, j int, _ float64) float64 {
					x, z := u.Row(i), u.Row(j)
					return math.Exp(float64(float32(reference.Dot(x, z))) - (reference.Dot(x, x)+reference.Dot(z, z))/2)
				})
				averageStep(dst, y, normalized(g), eta)
			}
		},
	},
	{
		Name: "gradient-no-transpose", Fault: "the gradient leaves out the factor Aᵀ's second channel onwards",
		Kills: []spec.ID{"INT-002", "INT-016"},
		Change: func(im *implementation) {
			im.Interaction.Gradient = func(dst, y, a matrix) {
				if !a.IsZero() && a.Cols > 1 {
					a.Cols--
				}
				reference.InteractionGradient(dst, y, a)
			}
		},
	},
	{
		Name: "hessian-gauss-newton", Fault: "the Hessian leaves out its negative part −r⟨r,s⟩",
		Kills: []spec.ID{"INT-003", "INT-005"},
		Change: func(im *implementation) {
			im.Interaction.HessianVector = func(dst, y, a, v matrix) {
				g := reference.Kernel(y, a)
				lv := reference.Laplacian(g, reference.Times(v, a))
				if !a.IsZero() {
					lv = reference.Times(lv, reference.Transpose(a))
				}
				copyRows(dst, lv)
			}
		},
	},
	{
		Name: "hessian-twice", Fault: "the Hessian is doubled",
		Kills:  []spec.ID{"INT-003", "INT-004", "INT-005"},
		Change: hessianThen(func(h, _ float64) float64 { return 2 * h }),
	},
	{
		Name: "hessian-negative", Fault: "the Hessian has the wrong sign",
		Kills:  []spec.ID{"INT-003", "INT-004", "INT-005"},
		Change: hessianThen(func(h, _ float64) float64 { return -h }),
	},
	{
		Name: "majorizer-no-constant", Fault: "the majorizer leaves out E₁(Y₀)",
		Kills: []spec.ID{"INT-010", "INT-011"},
		Change: func(im *implementation) {
			m := im.Interaction.Majorizer
			im.Interaction.Majorizer = func(y, y0, a matrix) float64 {
				return m(y, y0, a) - reference.InteractionEnergy(y0, a)
			}
		},
	},
	{
		Name: "majorizer-touches-elsewhere", Fault: "the majorizer is expanded at Y instead of Y₀",
		Kills: []spec.ID{"INT-010", "INT-011"},
		Change: func(im *implementation) {
			im.Interaction.Majorizer = func(y, y0, a matrix) float64 { return reference.InteractionMajorizer(y0, y, a) }
		},
	},
	{
		Name: "conjugate-no-linear", Fault: "the conjugate is g log g without −g",
		Kills: []spec.ID{"INT-012"},
		Change: func(im *implementation) {
			im.Interaction.Conjugate = func(g float64) float64 { return g * math.Log(max(g, 1e-300)) }
		},
	},
	{
		Name: "conjugate-base-2", Fault: "the conjugate takes the logarithm to base 2",
		Kills: []spec.ID{"INT-012"},
		Change: func(im *implementation) {
			im.Interaction.Conjugate = func(g float64) float64 {
				if g == 0 {
					return 0
				}
				return g*math.Log2(g) - g
			}
		},
	},
	{
		Name: "weights-plain-softmax", Fault: "P is the ordinary softmax of UUᵀ: β is left out",
		Model: "the authors' published code computes beta and does not use it",
		Kills: []spec.ID{"INT-013", "INT-015"},
		Change: func(im *implementation) {
			im.Interaction.Weights = func(dst, y, a matrix) { copyRows(dst, dotSoftmax(y, a)) }
		},
	},
	{
		Name: "weights-no-self", Fault: "P leaves out the token itself",
		Kills: []spec.ID{"INT-013", "INT-014"},
		Change: func(im *implementation) {
			im.Interaction.Weights = func(dst, y, a matrix) {
				p := normalized(kernelWith(y, a, func(i, j int, z float64) float64 {
					if i == j {
						return 0
					}
					return math.Exp(-z)
				}))
				copyRows(dst, p)
			}
		},
	},
	{
		Name: "weights-temperature-2", Fault: "P uses exp(−2z): the half is missing from the squared distance",
		Kills: []spec.ID{"INT-013", "INT-014"},
		Change: func(im *implementation) {
			im.Interaction.Weights = func(dst, y, a matrix) {
				p := normalized(kernelWith(y, a, func(_, _ int, z float64) float64 { return math.Exp(-2 * z) }))
				copyRows(dst, p)
			}
		},
	},
	{
		Name: "weights-uniform", Fault: "every token weighs every other alike",
		Kills: []spec.ID{"INT-013", "INT-014"},
		Change: func(im *implementation) {
			im.Interaction.Weights = func(dst, y, a matrix) {
				for i := range y.Rows {
					for j := range y.Rows {
						dst.Set(i, j, 1/float64(y.Rows))
					}
				}
			}
		},
	},
	{
		Name: "weights-key-side-only", Fault: "β is applied to the queries instead of the keys, where the softmax cancels it",
		Kills: []spec.ID{"INT-013", "INT-015"},
		Change: func(im *implementation) {
			im.Interaction.Weights = func(dst, y, a matrix) {
				u := reference.Times(y, a)
				for i := range y.Rows {
					logits := make([]float64, y.Rows)
					for j := range logits {
						logits[j] = reference.Dot(u.Row(i), u.Row(j)) - reference.Dot(u.Row(i), u.Row(i))/2
					}
					copy(dst.Row(i), reference.SoftmaxRow(logits))
				}
			}
		},
	},
	{
		Name: "gradient-floor", Fault: "the gradient is never smaller than 2^−40, as an epsilon in the wrong place makes it",
		Kills:  []spec.ID{"INT-007", "INT-009"},
		Change: gradientThen(func(_ int, g float64) float64 { return g + math.Copysign(0x1p-40, g) }),
	},
}
