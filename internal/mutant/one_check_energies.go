package mutant

import (
	"math"
	"runtime"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

var oneCheckEnergies = []Mutant{
	{
		Name: "conjugate-too-low", Fault: "the conjugate is g·log g − 2g",
		Kills: []spec.ID{"INT-012"},
		Change: func(im *implementation) {
			im.Interaction.Conjugate = func(g float64) float64 { return reference.Conjugate(g) - g }
		},
	},
	{
		Name: "conjugate-of-zero", Fault: "the conjugate of 0 is 0·log 0 − 0",
		Kills: []spec.ID{"INT-012"},
		Change: func(im *implementation) {
			im.Interaction.Conjugate = func(g float64) float64 { return g*math.Log(g) - g }
		},
	},
	{
		Name: "step-decays-tokens", Fault: "the step multiplies tokens by 1 − 2⁻²⁰ besides, as a decay of weights would",
		Kills:  []spec.ID{"INT-007", "INT-023"},
		Change: tokensAfterStep(func(_ int, x float64) float64 { return x * (1 - 0x1p-20) }),
	},
	{
		Name: "gradient-beyond-64-tokens", Fault: "the gradient is twice as large from the 65th token on",
		Kills: []spec.ID{"INT-033"},
		Change: gradientThen(func(i int, g float64) float64 {
			if i >= 64 {
				return 2 * g
			}
			return g
		}),
	},
	{
		Name: "gradient-never-zero", Fault: "gradients that are 0 become 2⁻⁹⁰",
		Kills: []spec.ID{"INT-033", "INT-007"},
		Change: gradientThen(func(_ int, g float64) float64 {
			if g == 0 {
				return 0x1p-90
			}
			return g
		}),
	},
	{
		Name: "step-beyond-64-tokens", Fault: "the step moves tokens from the 65th on a little",
		Kills: []spec.ID{"INT-033"},
		Change: tokensAfterStep(func(i int, x float64) float64 {
			if i >= 64 && x != 0 && math.Abs(x) < 64 {
				return x * (1 - 0x1p-20)
			}
			return x
		}),
	},
	{
		Name: "energy-of-threads", Fault: "the last bits of the energy, not of the step, depend on GOMAXPROCS",
		Kills: []spec.ID{"DET-016"},
		Change: func(im *implementation) {
			inner := im.Interaction.Energy
			im.Interaction.Energy = func(y, a matrix) float64 { return inner(y, a) * (1 + float64(runtime.GOMAXPROCS(0))*0x1p-50) }
		},
	},
	{
		Name: "gradient-of-threads", Fault: "the last bits of the gradient, not of the energy, depend on GOMAXPROCS",
		Kills:  []spec.ID{"DET-016"},
		Change: gradientThen(func(_ int, g float64) float64 { return g * (1 + float64(runtime.GOMAXPROCS(0))*0x1p-50) }),
	},
	{
		Name: "heads-average-of-none", Fault: "without heads the average is 0 instead of the tokens",
		Kills: []spec.ID{"HED-017"},
		Change: func(im *implementation) {
			inner := im.Heads.AverageStep
			im.Heads.AverageStep = func(dst, y matrix, a []matrix, eta float64) {
				if inner(dst, y, a, eta); len(a) == 0 {
					every(dst, func(int, float64) float64 { return 0 })
				}
			}
		},
	},
	{
		Name: "hopfield-step-along-first-axis", Fault: "the step, not the energy, adds 2⁻⁸ to the first channel",
		Kills: []spec.ID{"HOP-016", "HOP-002"},
		Change: hopfieldStepThen(func(dst, _ matrix) {
			every(dst.Columns(0, min(1, dst.Cols)), func(_ int, x float64) float64 { return x + 0x1p-8 })
		}),
	},
	{
		Name: "hopfield-stored-state-decays", Fault: "the step of a state that is a pattern loses 2⁻⁸ of it",
		Kills: []spec.ID{"HOP-020"},
		Change: func(im *implementation) {
			inner := im.Hopfield.Step
			im.Hopfield.Step = func(dst, q, k matrix, visible []bool, beta, eta float64) {
				inner(dst, q, k, visible, beta, eta)
				every(dst, func(i int, x float64) float64 {
					for j := range k.Rows {
						if slices.Equal(k.Row(j), q.Row(i)) {
							return x * (1 - 0x1p-8)
						}
					}
					return x
				})
			}
		},
	},
	{
		Name: "hopfield-step-times-zeros", Fault: "the step of each state adds 0 times the other states, which NaN survives",
		Kills: []spec.ID{"HOP-030"},
		Change: hopfieldStepThen(func(dst, q matrix) {
			var zero float64
			for i := range q.Rows {
				for _, x := range q.Row(i) {
					zero += 0 * x
				}
			}
			every(dst, func(_ int, x float64) float64 { return x + zero })
		}),
	},
	{
		Name: "hopfield-log-sum-exp-thrice", Fault: "the log-sum-exp counts three times in the energy: it is less convex than the patterns allow",
		Kills: []spec.ID{"HOP-024", "HOP-001"},
		Change: func(im *implementation) {
			inner := im.Hopfield.Energy
			im.Hopfield.Energy = func(dst, q, k matrix, visible []bool, beta float64) {
				inner(dst, q, k, visible, beta)
				every(dst, func(i int, x float64) float64 { return 3*x - reference.Dot(q.Row(i), q.Row(i)) })
			}
		},
	},
	{
		Name: "lift-keeps-idle-channels", Fault: "a channel that no other leads to keeps its second copy",
		Kills: []spec.ID{"ASY-006"},
		Change: liftWith(func(i, j int, w matrix) (upLeft, upRight, downLeft, downRight float64) {
			idle := i == j
			for k := range w.Rows {
				idle = idle && w.At(k, j) == 0
			}
			if idle {
				downRight = 1
			}
			return 0, w.At(i, j), w.At(j, i), downRight
		}),
	},
	{
		Name: "lift-of-rounded-weights", Fault: "both blocks of the lift are rounded to 5 bits",
		Kills: []spec.ID{"ASY-005"},
		Change: liftWith(func(i, j int, w matrix) (upLeft, upRight, downLeft, downRight float64) {
			return 0, shorten(w.At(i, j), 5), shorten(w.At(j, i), 5), 0
		}),
	},
	{
		Name: "dilation-of-weights-as-given", Fault: "the lower block of the dilation is W instead of Wᵀ",
		Kills: []spec.ID{"ASY-009"},
		Change: dilateThen(func(dst, w matrix) {
			d := w.Rows
			for i := range d {
				for k := range d {
					dst.Set(d+i, k, w.At(i, k))
				}
			}
		}),
	},
	{
		Name: "precondition-h-above-diagonal", Fault: "H is larger by 2⁻⁵⁰ of itself above its diagonal",
		Kills: []spec.ID{"ASY-012"},
		Change: preconditionThen(func(h, _, _ matrix, _ []float64) {
			for i := range h.Rows {
				every(spec.Matrix[float64]{Rows: 1, Cols: h.Cols - i - 1, Stride: h.Stride, Data: h.Row(i)[i+1:]}, func(_ int, x float64) float64 { return x * (1 + 0x1p-50) })
			}
		}),
	},
	{
		Name: "precondition-q-below-diagonal", Fault: "Q is larger by 2⁻⁵⁰ of itself below its diagonal",
		Kills: []spec.ID{"ASY-012"},
		Change: preconditionThen(func(_, q, _ matrix, _ []float64) {
			for i := range q.Rows {
				every(spec.Matrix[float64]{Rows: 1, Cols: i, Stride: q.Stride, Data: q.Row(i)[:i]}, func(_ int, x float64) float64 { return x * (1 + 0x1p-50) })
			}
		}),
	},
	{
		Name: "dilation-of-rounded-weights", Fault: "the blocks W and Wᵀ of the dilation are rounded to 5 bits",
		Kills: []spec.ID{"ASY-009"},
		Change: dilateThen(func(dst, w matrix) {
			d := w.Rows
			for i := range d {
				for k := range d {
					dst.Set(i, d+k, shorten(w.At(i, k), 5))
					dst.Set(d+k, i, shorten(w.At(i, k), 5))
				}
			}
		}),
	},
	{
		Name: "precondition-both-negative", Fault: "H and Q both have the other sign: their product is right",
		Kills: []spec.ID{"ASY-012"},
		Change: preconditionThen(func(h, q, _ matrix, _ []float64) {
			multiplyBy(h, -1)
			multiplyBy(q, -1)
		}),
	},
	{
		Name: "frozen-step-backwards", Fault: "queries move away from the keys",
		Kills: []spec.ID{"MSK-006"},
		Change: func(im *implementation) {
			im.Masked.FrozenStep = func(dst, y, x matrix, eta float64) { reference.FrozenStep(dst, y, x, -eta) }
		},
	},
}

// tokensAfterStep changes the tokens that the interaction's step stores.
func tokensAfterStep(f func(i int, x float64) float64) func(im *implementation) {
	return func(im *implementation) {
		inner := im.Interaction.Step
		im.Interaction.Step = func(dst, y, a matrix, eta float64) {
			inner(dst, y, a, eta)
			every(dst, f)
		}
	}
}

// hopfieldStepThen lets f change what the step of states stores.
func hopfieldStepThen(f func(dst, q matrix)) func(im *implementation) {
	return func(im *implementation) {
		inner := im.Hopfield.Step
		im.Hopfield.Step = func(dst, q, k matrix, visible []bool, beta, eta float64) {
			inner(dst, q, k, visible, beta, eta)
			f(dst, q)
		}
	}
}
