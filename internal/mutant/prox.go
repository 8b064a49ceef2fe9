package mutant

import (
	"math"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// applyThen makes a mutant that computes another act(x).
func applyThen(f func(x float64, act spec.Activation) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Prox.Apply = func(dst, src []float64, act spec.Activation) {
			for k, x := range src {
				dst[k] = f(x, act)
			}
		}
	}
}

// applyOnly is applyThen for one activation.
func applyOnly(only spec.Activation, f func(x float64) float64) func(im *implementation) {
	return applyThen(func(x float64, act spec.Activation) float64 {
		if act == only {
			return f(x)
		}
		return reference.Activate(x, act)
	})
}

// penaltyThen makes a mutant that changes φ(p).
func penaltyThen(f func(p, phi float64, act spec.Activation) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Prox.Penalty = func(p float64, act spec.Activation) float64 { return f(p, reference.Penalty(p, act), act) }
	}
}

// proxEta makes a mutant of the proximal step that takes another step size.
func proxEta(f func(eta float64, w matrix) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Prox.Step = func(dst, y, w, b matrix, lambda, eta float64) {
			reference.ProxStep(dst, y, w, b, lambda, f(eta, w))
		}
	}
}

var otherClaims = []spec.ID{"PRX-001", "PRX-005", "PRX-006", "PRX-007", "PRX-008", "PRX-009", "PRX-010", "PRX-011"}

var proxMutants = []Mutant{
	{
		Name: "act-others-relu", Fault: "activations that are no convex prox are replaced by ReLU",
		Kills: otherClaims,
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			if slices.Contains(spec.OtherActivations, act) {
				act = spec.ActReLU
			}
			return reference.Activate(x, act)
		}),
	},
	{
		Name: "act-others-tanh", Fault: "activations that are no convex prox are replaced by tanh",
		Kills: otherClaims,
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			if slices.Contains(spec.OtherActivations, act) {
				act = spec.ActTanh
			}
			return reference.Activate(x, act)
		}),
	},
	{
		Name: "act-gain", Fault: "activations are scaled by 1.25: slopes above 1",
		Kills:  []spec.ID{"PRX-001", "PRX-003", "PRX-004", "PRX-012", "PRX-014"},
		Change: applyThen(func(x float64, act spec.Activation) float64 { return 1.25 * reference.Activate(x, act) }),
	},
	{
		Name: "act-flipped", Fault: "activations are applied to −x",
		Kills:  []spec.ID{"PRX-001", "PRX-003", "PRX-004", "PRX-012", "PRX-019"},
		Change: applyThen(func(x float64, act spec.Activation) float64 { return reference.Activate(-x, act) }),
	},
	{
		Name: "act-shifted", Fault: "activations are applied to x + 1: a bias that was to be taken away",
		Kills:  []spec.ID{"PRX-001", "PRX-004", "PRX-012", "PRX-013", "PRX-019"},
		Change: applyThen(func(x float64, act spec.Activation) float64 { return reference.Activate(x+1, act) }),
	},
	{
		Name: "act-gelu-tanh", Fault: "GELU is the tanh approximation",
		Model: "the approximate='tanh' form served where the erf form is asked for",
		Kills: []spec.ID{"PRX-001"},
		Change: applyOnly(spec.ActGELU, func(x float64) float64 {
			return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}),
	},
	{
		Name: "act-gelu-cancelling", Fault: "GELU is x/2·(1 + erf(x/√2)), whose left tail cancels, and −Inf gives NaN",
		Kills:  []spec.ID{"PRX-001", "PRX-013"},
		Change: applyOnly(spec.ActGELU, func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }),
	},
	{
		Name: "act-gelu-float32", Fault: "GELU adds 1 to erf in float32, which leaves nothing of the left tail",
		Kills: []spec.ID{"PRX-001"},
		Change32: func(im *spec.Implementation[float32]) {
			apply := im.Prox.Apply
			im.Prox.Apply = func(dst, src []float32, act spec.Activation) {
				apply(dst, src, act)
				for k, x := range src {
					if act == spec.ActGELU {
						dst[k] = x / 2 * (1 + float32(math.Erf(float64(x)/math.Sqrt2)))
					}
				}
			}
		},
	},
	{
		Name: "act-tanh-overshoot", Fault: "tanh is a rational approximation that passes 1 by 2^−40",
		Kills:  []spec.ID{"PRX-001"},
		Change: applyOnly(spec.ActTanh, func(x float64) float64 { return math.Tanh(x) * (1 + 0x1p-40) }),
	},
	{
		Name: "act-range-overshoot", Fault: "bounded activations pass their bound by a factor of 1 + 2^−20",
		Kills: []spec.ID{"PRX-001", "PRX-014"},
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			if _, hi := reference.PenaltyDomain(act); slices.Contains(spec.ProxActivations, act) && !math.IsInf(hi, 1) {
				return reference.Activate(x, act) * (1 + 0x1p-20)
			}
			return reference.Activate(x, act)
		}),
	},
	{
		Name: "act-soft-threshold-half", Fault: "the soft threshold lies at ½ instead of 1",
		Kills:  []spec.ID{"PRX-001", "PRX-018"},
		Change: applyOnly(spec.ActSoftThreshold, func(x float64) float64 { return reference.SoftThreshold(x, 0.5) }),
	},
	{
		Name: "act-soft-threshold-none", Fault: "the soft threshold lets everything pass",
		Kills:  []spec.ID{"PRX-001", "PRX-004", "PRX-018", "PRX-019"},
		Change: applyOnly(spec.ActSoftThreshold, func(x float64) float64 { return x }),
	},
	{
		Name: "penalty-twice", Fault: "the penalty is doubled",
		Kills:  []spec.ID{"PRX-002", "PRX-004"},
		Change: penaltyThen(func(_, phi float64, _ spec.Activation) float64 { return 2 * phi }),
	},
	{
		Name: "penalty-no-quadratic", Fault: "the penalty leaves out −p²/2: the integral of act⁻¹ alone",
		Kills:  []spec.ID{"PRX-002", "PRX-004"},
		Change: penaltyThen(func(p, phi float64, _ spec.Activation) float64 { return phi + p*p/2 }),
	},
	{
		Name: "penalty-everywhere", Fault: "the penalty is 0 outside its domain",
		Kills: []spec.ID{"PRX-002"},
		Change: penaltyThen(func(_, phi float64, _ spec.Activation) float64 {
			if math.IsInf(phi, 1) {
				return 0
			}
			return phi
		}),
	},
	{
		Name: "prox-step-half", Fault: "the step goes half as far as it should",
		Kills:  []spec.ID{"PRX-015"},
		Change: proxEta(func(eta float64, _ matrix) float64 { return eta / 2 }),
	},
	{
		Name: "prox-step-unscaled", Fault: "the soft threshold is at λ instead of ηλ",
		Kills: []spec.ID{"PRX-015", "PRX-016"},
		Change: func(im *implementation) {
			im.Prox.Step = func(dst, y, w, b matrix, lambda, eta float64) {
				reference.ProxStep(dst, y, w, b, lambda/eta, eta)
			}
		},
	},
	{
		Name: "prox-step-hard-threshold", Fault: "small elements are zeroed and the others not moved towards zero",
		Kills: []spec.ID{"PRX-015"},
		Change: func(im *implementation) {
			im.Prox.Step = func(dst, y, w, b matrix, lambda, eta float64) {
				reference.ProxStep(dst, y, w, b, lambda, eta)
				for k := range dst.Rows {
					for j, x := range dst.Row(k) {
						if x != 0 && lambda > 0 {
							dst.Set(k, j, x+math.Copysign(eta*lambda, x))
						}
					}
				}
			}
		},
	},
	{
		Name: "prox-step-backwards", Fault: "the gradient is added",
		Kills: []spec.ID{"PRX-015", "PRX-016"},
		Change: func(im *implementation) {
			im.Prox.Step = func(dst, y, w, b matrix, lambda, eta float64) {
				reference.ProxStep(dst, y, w, b, -lambda, -eta)
				if lambda < 0 {
					reference.ProxStep(dst, y, w, b, lambda, -eta)
				}
			}
		},
	},
	{
		Name: "prox-step-clamped", Fault: "step sizes above 1/L are taken as 1/L",
		Kills: []spec.ID{"PRX-015", "PRX-017"},
		Change: proxEta(func(eta float64, w matrix) float64 {
			return min(eta, 1/max(0.5, reference.CurvatureBound(reference.PlusIdentity(reference.Symmetrized(w)))))
		}),
	},
	{
		Name: "prox-step-short", Fault: "step sizes are divided by 16",
		Kills:  []spec.ID{"PRX-015", "PRX-017"},
		Change: proxEta(func(eta float64, _ matrix) float64 { return eta / 16 }),
	},
}
