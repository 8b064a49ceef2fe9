package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// ridgeWith makes a mutant of the ridge step from the sink that each token
// gets.
func ridgeWith(sink func(y, a matrix, i int, lambda float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Ridge.Step = func(dst, y, a matrix, lambda, eta float64) {
			sinkAverage(dst, y, reference.Kernel(y, a), eta, func(i, _ int) (float64, float64) { return 1, sink(y, a, i, lambda) })
		}
	}
}

// channelsWith makes a mutant of the channel step from the weight of the kernel
// and the sink in each channel.
func channelsWith(f func(sk, lambda float64) (weight, sink float64)) func(im *implementation) {
	return func(im *implementation) {
		im.Ridge.ChannelStep = func(dst, x matrix, s []float64, lambda, eta float64) {
			sinkAverage(dst, x, reference.Kernel(x, reference.ChannelWeights(s)), eta,
				func(_, k int) (float64, float64) { return f(s[k], lambda) })
		}
	}
}

// sinkAverage stores (1−η)yₖ + η wGyₖ/(wD+μ) with (w, μ) = of(i, k), and
// (1−η)yₖ where the denominator is 0.
func sinkAverage(dst, y, g matrix, eta float64, of func(i, k int) (weight, sink float64)) {
	for i := range y.Rows {
		for k := range y.Cols {
			w, mu := of(i, k)
			den, num := mu, 0.0
			for j := range y.Rows {
				den += w * g.At(i, j)
				num += w * g.At(i, j) * y.At(j, k)
			}
			if den != 0 {
				num /= den
			}
			dst.Set(i, k, (1-eta)*y.At(i, k)+eta*num)
		}
	}
}

// ridgeArguments calls the sound steps with other step sizes or ridges.
func ridgeArguments(f func(lambda, eta float64) (float64, float64)) func(im *implementation) {
	return func(im *implementation) {
		step, channels := im.Ridge.Step, im.Ridge.ChannelStep
		im.Ridge.Step = func(dst, y, a matrix, lambda, eta float64) {
			lambda, eta = f(lambda, eta)
			step(dst, y, a, lambda, eta)
		}
		im.Ridge.ChannelStep = func(dst, x matrix, s []float64, lambda, eta float64) {
			lambda, eta = f(lambda, eta)
			channels(dst, x, s, lambda, eta)
		}
	}
}

// ridgeEnergyThen changes F from its tokens and what it is.
func ridgeEnergyThen(f func(y, a matrix, lambda, value float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Ridge.Energy = func(y, a matrix, lambda float64) float64 {
			return f(y, a, lambda, reference.RidgeEnergy(y, a, lambda))
		}
	}
}

// rowsThen changes the result of the ridge step, row by row.
func rowsThen(f func(i int, next, y []float64)) func(im *implementation) {
	return func(im *implementation) {
		step := im.Ridge.Step
		im.Ridge.Step = func(dst, y, a matrix, lambda, eta float64) {
			step(dst, y, a, lambda, eta)
			for i := range y.Rows {
				f(i, dst.Row(i), y.Row(i))
			}
		}
	}
}

// interactionStepThen makes a mutant of the step without a sink.
func interactionStepThen(step func(dst, y, a matrix, eta float64)) func(im *implementation) {
	return func(im *implementation) { im.Interaction.Step = step }
}

var ridgeMutants = []Mutant{
	{
		Name: "ridge-energy-no-half", Fault: "the ridge is λ‖YA‖² without the half",
		Kills: []spec.ID{"RDG-001"},
		Change: ridgeEnergyThen(func(y, a matrix, lambda, f float64) float64 {
			return 2*f - reference.InteractionEnergy(y, a)
		}),
	},
	{
		Name: "ridge-energy-of-tokens", Fault: "the ridge is on Y instead of YA",
		Kills: []spec.ID{"RDG-001"},
		Change: ridgeEnergyThen(func(y, a matrix, lambda, _ float64) float64 {
			return reference.InteractionEnergy(y, a) + lambda/2*reference.Dot(y.Data, y.Data)
		}),
	},
	{
		Name: "ridge-energy-first-token-twice", Fault: "the first token's ridge is counted twice",
		Kills: []spec.ID{"RDG-001", "RDG-018"},
		Change: ridgeEnergyThen(func(y, a matrix, lambda, f float64) float64 {
			if y.Rows == 0 {
				return f
			}
			u := reference.Times(y, a)
			return f + lambda/2*reference.Dot(u.Row(0), u.Row(0))
		}),
	},
	{
		Name: "ridge-no-sink", Fault: "the denominator is D, without λ",
		Model:  "the authors' published code: an energy with a ridge, an attention without a sink",
		Kills:  []spec.ID{"RDG-002", "RDG-006", "RDG-007", "RDG-008", "RDG-017", "RDG-020", "RDG-021"},
		Change: ridgeWith(func(_, _ matrix, _ int, _ float64) float64 { return 0 }),
	},
	{
		Name: "ridge-constant-null-logit", Fault: "the null key of the dot-product form has the constant logit log λ",
		Model:  "an attention sink as [xiao2024] has it, put into the ridge's place",
		Kills:  []spec.ID{"RDG-002", "RDG-006", "RDG-007", "RDG-008", "RDG-009", "RDG-021"},
		Change: ridgeWith(func(y, a matrix, i int, lambda float64) float64 { return lambda * math.Exp(-halfNorm(y, a, i)) }),
	},
	{
		Name: "ridge-null-logit-of-half-norm", Fault: "the query's share of the null logit is counted half",
		Kills:  []spec.ID{"RDG-002", "RDG-006", "RDG-007", "RDG-008", "RDG-009"},
		Change: ridgeWith(func(y, a matrix, i int, lambda float64) float64 { return lambda * math.Exp(-halfNorm(y, a, i)/2) }),
	},
	{
		Name: "ridge-step-clamped", Fault: "step sizes above 1 are taken as 1",
		Kills:  []spec.ID{"RDG-002", "RDG-004", "RDG-006", "RDG-010", "RDG-011"},
		Change: ridgeArguments(func(lambda, eta float64) (float64, float64) { return lambda, min(eta, 1) }),
	},
	{
		Name: "ridge-step-half", Fault: "the steps go half as far as they should",
		Kills:  []spec.ID{"RDG-002", "RDG-003", "RDG-004", "RDG-006", "RDG-007", "RDG-008", "RDG-010", "RDG-011", "RDG-012", "RDG-016", "RDG-017"},
		Change: ridgeArguments(func(lambda, eta float64) (float64, float64) { return lambda, eta / 2 }),
	},
	{
		Name: "ridge-step-overlong", Fault: "the steps go three times as far as they should",
		Kills:  []spec.ID{"RDG-002", "RDG-003", "RDG-006", "RDG-010", "RDG-011", "RDG-012", "RDG-013", "RDG-016", "RDG-017"},
		Change: ridgeArguments(func(lambda, eta float64) (float64, float64) { return lambda, 3 * eta }),
	},
	{
		Name: "ridge-step-backwards", Fault: "the steps go up the energy",
		Kills:  []spec.ID{"RDG-003", "RDG-005", "RDG-012", "RDG-017"},
		Change: ridgeArguments(func(lambda, eta float64) (float64, float64) { return lambda, -eta }),
	},
	{
		Name: "ridge-floor", Fault: "λ is never less than 2^−4, as an epsilon in the denominator makes it",
		Kills:  []spec.ID{"RDG-002", "RDG-016"},
		Change: ridgeArguments(func(lambda, eta float64) (float64, float64) { return max(lambda, 0x1p-4), eta }),
	},
	{
		Name: "ridge-sink-by-length", Fault: "the sink is λ divided by the number of tokens",
		Kills:  []spec.ID{"RDG-002", "RDG-006", "RDG-021"},
		Change: ridgeWith(func(y, _ matrix, _ int, lambda float64) float64 { return lambda / float64(y.Rows) }),
	},
	{
		Name: "ridge-sink-at-mean", Fault: "the sink pulls to the mean of the tokens instead of the origin",
		Kills: []spec.ID{"RDG-017", "RDG-020", "RDG-002"},
		Change: func(im *implementation) {
			im.Ridge.Step = func(dst, y, a matrix, lambda, eta float64) {
				centred, mean := spec.Convert[float64](y), make([]float64, y.Cols)
				for i := range y.Rows {
					for k := range mean {
						mean[k] += y.At(i, k) / float64(y.Rows)
					}
				}
				for i := range y.Rows {
					for k := range mean {
						centred.Set(i, k, y.At(i, k)-mean[k])
					}
				}
				reference.RidgeStep(dst, centred, a, lambda, eta)
				for i := range y.Rows {
					for k := range mean {
						dst.Set(i, k, dst.At(i, k)+mean[k])
					}
				}
			}
		},
	},
	{
		Name: "ridge-sink-by-position", Fault: "later tokens have a larger sink",
		Kills:  []spec.ID{"RDG-018", "RDG-006"},
		Change: ridgeWith(func(_, _ matrix, i int, lambda float64) float64 { return lambda * float64(i+1) }),
	},
	{
		Name: "ridge-in-place", Fault: "tokens are updated one after the other, each seeing those already moved",
		Kills: []spec.ID{"RDG-006", "RDG-018"},
		Change: func(im *implementation) {
			im.Ridge.Step = func(dst, y, a matrix, lambda, eta float64) {
				now, next := spec.Convert[float64](y), spec.NewMatrix[float64](y.Rows, y.Cols)
				for i := range y.Rows {
					reference.RidgeStep(next, now, a, lambda, eta)
					copy(now.Row(i), next.Row(i))
					copy(dst.Row(i), next.Row(i))
				}
			}
		},
	},
	{
		Name: "ridge-first-channel-frozen", Fault: "the first channel does not move",
		Kills:  []spec.ID{"RDG-019", "RDG-006"},
		Change: rowsThen(func(_ int, next, y []float64) { next[0] = y[0] }),
	},
	{
		Name: "ridge-negative-part-lost", Fault: "results below zero become zero",
		Kills: []spec.ID{"RDG-019", "RDG-006"},
		Change: rowsThen(func(_ int, next, _ []float64) {
			for k, x := range next {
				next[k] = max(x, 0)
			}
		}),
	},
	{
		Name: "channel-sink-not-divided", Fault: "every channel has the sink λ instead of λ/sₖ",
		Kills:  []spec.ID{"RDG-010", "RDG-011"},
		Change: channelsWith(func(_, lambda float64) (float64, float64) { return 1, lambda }),
	},
	{
		Name: "channel-sink-multiplied", Fault: "the sink of a channel is λsₖ instead of λ/sₖ",
		Kills:  []spec.ID{"RDG-010", "RDG-011"},
		Change: channelsWith(func(sk, lambda float64) (float64, float64) { return 1, lambda * sk }),
	},
	{
		Name: "channel-no-ridge", Fault: "the channel step has no sink",
		Kills:  []spec.ID{"RDG-010", "RDG-011", "RDG-021"},
		Change: channelsWith(func(_, _ float64) (float64, float64) { return 1, 0 }),
	},
	{
		Name: "channel-root-weights", Fault: "the sink of a channel is λ/√sₖ: S is taken for A",
		Kills:  []spec.ID{"RDG-010", "RDG-011"},
		Change: channelsWith(func(sk, lambda float64) (float64, float64) { return math.Sqrt(sk), lambda }),
	},
	{
		Name: "channel-climbs", Fault: "a channel of weight above 1 is overrelaxed beyond 2",
		Kills: []spec.ID{"RDG-010", "RDG-012", "RDG-013"},
		Change: func(im *implementation) {
			step := im.Ridge.ChannelStep
			im.Ridge.ChannelStep = func(dst, x matrix, s []float64, lambda, eta float64) {
				step(dst, x, s, lambda, eta)
				for k := range s {
					for i := range x.Rows {
						if s[k] > 0.5 {
							dst.Set(i, k, x.At(i, k)+4*(dst.At(i, k)-x.At(i, k)))
						}
					}
				}
			}
		},
	},
	{
		Name: "one-sink-still", Fault: "the step with the one sink moves nothing: the refutation must come from a step that moves",
		Kills:  []spec.ID{"RDG-013", "RDG-002"},
		Change: ridgeArguments(func(lambda, _ float64) (float64, float64) { return lambda, 0 }),
	},
	{
		Name: "interaction-shrinks", Fault: "the step without a sink shrinks tokens to the origin, where F is least",
		Kills: []spec.ID{"RDG-005", "RDG-016"},
		Change: interactionStepThen(func(dst, y, _ matrix, eta float64) {
			for i := range y.Rows {
				for k, x := range y.Row(i) {
					dst.Set(i, k, (1-min(eta, 1))*x)
				}
			}
		}),
	},
	{
		Name: "interaction-with-sink", Fault: "the step without a sink has one, of weight 1",
		Kills: []spec.ID{"RDG-005", "RDG-016"},
		Change: interactionStepThen(func(dst, y, a matrix, eta float64) {
			reference.RidgeStep(dst, y, a, 1, min(eta, 1))
		}),
	},
	{
		Name: "interaction-backwards", Fault: "the step without a sink goes up the energy",
		Kills:  []spec.ID{"RDG-014", "RDG-015", "RDG-016"},
		Change: etaThen(func(eta float64) float64 { return -eta }),
	},
	{
		Name: "interaction-outward", Fault: "the step without a sink also stretches the tokens by a tenth",
		Kills: []spec.ID{"RDG-014", "RDG-015"},
		Change: interactionStepThen(func(dst, y, a matrix, eta float64) {
			reference.InteractionStep(dst, y, a, eta)
			for i := range y.Rows {
				for k, x := range dst.Row(i) {
					dst.Set(i, k, 1.1*x)
				}
			}
		}),
	},
	{
		Name: "ridge-translation-removed", Fault: "the ridge is ignored for tokens away from the origin: the step commutes with translations",
		Kills: []spec.ID{"RDG-020", "RDG-017"},
		Change: func(im *implementation) {
			im.Ridge.Step = func(dst, y, a matrix, _, eta float64) { reference.InteractionStep(dst, y, a, eta) }
		},
	},
}

// halfNorm returns ‖uᵢ‖²/2, the query's share of a null logit.
func halfNorm(y, a matrix, i int) float64 {
	u := reference.Times(y, a)
	return reference.Dot(u.Row(i), u.Row(i)) / 2
}
