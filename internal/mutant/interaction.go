package mutant

import (
	"math"

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

var interactionMutants = []Mutant{
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
				for i := range dst.Rows {
					copy(dst.Row(i), lv.Row(i))
				}
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
			im.Interaction.Weights = func(dst, y, a matrix) {
				u := reference.Times(y, a)
				for i := range y.Rows {
					logits := make([]float64, y.Rows)
					for j := range logits {
						logits[j] = reference.Dot(u.Row(i), u.Row(j))
					}
					copy(dst.Row(i), reference.SoftmaxRow(logits))
				}
			}
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
				for i := range y.Rows {
					copy(dst.Row(i), p.Row(i))
				}
			}
		},
	},
	{
		Name: "weights-temperature-2", Fault: "P uses exp(−2z): the half is missing from the squared distance",
		Kills: []spec.ID{"INT-013", "INT-014"},
		Change: func(im *implementation) {
			im.Interaction.Weights = func(dst, y, a matrix) {
				p := normalized(kernelWith(y, a, func(_, _ int, z float64) float64 { return math.Exp(-2 * z) }))
				for i := range y.Rows {
					copy(dst.Row(i), p.Row(i))
				}
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
		Kills: []spec.ID{"INT-017", "INT-019", "INT-023", "INT-029"},
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
		Kills: []spec.ID{"INT-019", "INT-025"},
		Change: stepWith(func(y, a matrix) matrix {
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
		}),
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
	{
		Name: "gradient-floor", Fault: "the gradient is never smaller than 2^−40, as an epsilon in the wrong place makes it",
		Kills:  []spec.ID{"INT-007", "INT-009"},
		Change: gradientThen(func(_ int, g float64) float64 { return g + math.Copysign(0x1p-40, g) }),
	},
}
