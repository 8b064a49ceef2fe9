package mutant

import (
	"math"

	"example.com/attest/spec"
)

// energiesThen changes every energy that an implementation hands over.
func energiesThen(f func(e *spec.Energy[float64])) func(im *implementation) {
	return func(im *implementation) {
		for k := range im.Energies {
			f(&im.Energies[k])
		}
	}
}

// energyStepThen replaces η in every energy's step.
func energyStepThen(f func(e *spec.Energy[float64], eta float64) float64) func(im *implementation) {
	return energiesThen(func(e *spec.Energy[float64]) {
		if step := e.Step; step != nil {
			sound := *e
			e.Step = func(dst, y matrix, eta float64) { step(dst, y, f(&sound, eta)) }
		}
	})
}

// scaleIn multiplies dst by c in place.
func scaleIn(dst matrix, c float64) {
	for i := range dst.Rows {
		for k, x := range dst.Row(i) {
			dst.Set(i, k, c*x)
		}
	}
}

var energyMutants = []Mutant{
	{
		Name: "any-gradient-twice", Fault: "an energy is handed over with twice its gradient",
		Kills: []spec.ID{"ENE-001", "ENE-006"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			grad := e.Gradient
			e.Gradient = func(dst, y matrix) { grad(dst, y); scaleIn(dst, 2) }
		}),
	},
	{
		Name: "any-gradient-negative", Fault: "an energy is handed over with the negative of its gradient",
		Kills: []spec.ID{"ENE-001", "ENE-005"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			grad := e.Gradient
			e.Gradient = func(dst, y matrix) { grad(dst, y); scaleIn(dst, -1) }
		}),
	},
	{
		Name: "any-gradient-first-channel-dropped", Fault: "the gradient leaves out the first channel",
		Kills: []spec.ID{"ENE-001"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			grad := e.Gradient
			e.Gradient = func(dst, y matrix) {
				grad(dst, y)
				for i := range dst.Rows {
					dst.Set(i, 0, 0)
				}
			}
		}),
	},
	{
		Name: "any-majorizer-is-tangent", Fault: "the majorizer's slack is taken away twice over: it lies below",
		Kills: []spec.ID{"ENE-002"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			if m := e.Majorizer; m != nil {
				e.Majorizer = func(y, y0 matrix) float64 { return 2*e.Value(y) - m(y, y0) }
			}
		}),
	},
	{
		Name: "any-majorizer-offset", Fault: "the majorizer does not touch the energy at its own point",
		Kills: []spec.ID{"ENE-002"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			if m := e.Majorizer; m != nil {
				e.Majorizer = func(y, y0 matrix) float64 { return m(y, y0) + 0x1p-10 }
			}
		}),
	},
	{
		Name: "any-step-backwards", Fault: "the step goes up the energy",
		Kills:  []spec.ID{"ENE-003", "ENE-005", "ENE-010"},
		Change: energyStepThen(func(_ *spec.Energy[float64], eta float64) float64 { return -eta }),
	},
	{
		Name: "any-step-triple", Fault: "the step goes three times as far as declared",
		Kills:  []spec.ID{"ENE-003"},
		Change: energyStepThen(func(_ *spec.Energy[float64], eta float64) float64 { return 3 * eta }),
	},
	{
		Name: "any-step-clamped", Fault: "the step never goes farther than MaxStep/2: the range looks needlessly small",
		Kills:  []spec.ID{"ENE-004"},
		Change: energyStepThen(func(e *spec.Energy[float64], eta float64) float64 { return min(eta, e.MaxStep/2) }),
	},
	{
		Name: "any-step-timid", Fault: "the step goes a tenth as far",
		Kills:  []spec.ID{"ENE-004", "ENE-006", "ENE-010"},
		Change: energyStepThen(func(_ *spec.Energy[float64], eta float64) float64 { return eta / 10 }),
	},
	{
		Name: "any-step-lazy", Fault: "the last token is not updated: the step rests where the gradient does not vanish",
		Kills: []spec.ID{"ENE-006"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			step := e.Step
			e.Step = func(dst, y matrix, eta float64) {
				step(dst, y, eta)
				copy(dst.Row(y.Rows-1), y.Row(y.Rows-1))
			}
		}),
	},
	{
		Name: "any-step-swirling", Fault: "a rotation is mixed into the update, as an asymmetric weight matrix does",
		Kills: []spec.ID{"ENE-007"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			step := e.Step
			e.Step = func(dst, y matrix, eta float64) {
				step(dst, y, eta)
				for i := range y.Rows {
					if y.Cols > 1 {
						dst.Set(i, 0, dst.At(i, 0)+eta*y.At(i, 1)/4)
						dst.Set(i, 1, dst.At(i, 1)-eta*y.At(i, 0)/4)
					}
				}
			}
		}),
	},
	{
		Name: "any-step-attracts-next", Fault: "each token is drawn to the next, which is not drawn to it",
		Kills: []spec.ID{"ENE-007"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			step := e.Step
			e.Step = func(dst, y matrix, eta float64) {
				step(dst, y, eta)
				for i := range y.Rows - 1 {
					for k := range y.Cols {
						dst.Set(i, k, dst.At(i, k)+eta*y.At(i+1, k)/4)
					}
				}
			}
		}),
	},
	{
		Name: "any-update-made-gradient", Fault: "the softmax_β step is replaced by the plain gradient step",
		Kills: []spec.ID{"ENE-008"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			e.Step = func(dst, y matrix, eta float64) {
				e.Gradient(dst, y)
				for i := range y.Rows {
					for k := range y.Cols {
						dst.Set(i, k, y.At(i, k)-eta*dst.At(i, k)/8)
					}
				}
			}
		}),
	},
	{
		Name: "any-update-linear", Fault: "the step pulls every token to the mean, a symmetric linear map",
		Kills: []spec.ID{"ENE-008"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			e.Step = func(dst, y matrix, eta float64) {
				for k := range y.Cols {
					var mean float64
					for i := range y.Rows {
						mean += y.At(i, k) / float64(y.Rows)
					}
					for i := range y.Rows {
						dst.Set(i, k, y.At(i, k)+eta/4*(mean-y.At(i, k)))
					}
				}
			}
		}),
	},
	{
		Name: "any-activation-silu", Fault: "the step ends with SiLU, which is no proximal operator",
		Kills: []spec.ID{"ENE-009"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			if e.Activation != nil {
				e.Activation = silu
			}
		}),
	},
	{
		Name: "any-activation-steep", Fault: "the activation has slope 2 above zero",
		Kills: []spec.ID{"ENE-009"},
		Change: energiesThen(func(e *spec.Energy[float64]) {
			if e.Activation != nil {
				e.Activation = func(x float64) float64 { return max(0, 2*x) }
			}
		}),
	},
}

func silu(x float64) float64 { return x / (1 + math.Exp(-x)) }
