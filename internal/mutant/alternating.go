package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

type (
	quadratic = spec.Quadratic[float64]
	// alternate is a step of alternating minimisation before ReLU.
	alternate func(dst, y matrix, f, g quadratic, eta1, eta2 float64)
)

// alternating makes a mutant of both steps from the one without ReLU.
func alternating(step alternate) func(im *implementation) {
	return func(im *implementation) {
		im.Alternating.Step = step
		im.Alternating.ReLUStep = func(dst, y matrix, f, g quadratic, eta1, eta2 float64) {
			step(dst, y, f, g, eta1, eta2)
			reference.Apply(dst.Row(0), dst.Row(0), spec.ActReLU)
		}
	}
}

// alternatingRegion makes a mutant of the region.
func alternatingRegion(region func(toF, toH, c float64) bool) func(im *implementation) {
	return func(im *implementation) {
		im.Alternating.Region = func(y, yf, yh matrix, c float64) bool {
			return region(reference.Norm(reference.Sub(y, yf).Row(0)), reference.Norm(reference.Sub(y, yh).Row(0)), c)
		}
	}
}

// jointStep stores y − η₂∇(f+g)(y): the exact gradient step.
func jointStep(dst, y matrix, f, g quadratic, eta1, eta2 float64) {
	slope, other := reference.QuadraticGradient(f, y), reference.QuadraticGradient(g, y)
	for k, x := range y.Row(0) {
		dst.Set(0, k, x-eta1*slope.At(0, k)-eta2*other.At(0, k))
	}
}

// swapped takes the step along g before the one along f.
func swapped(dst, y matrix, f, g quadratic, eta1, eta2 float64) {
	reference.AlternatingStep(dst, y, g, f, eta2, eta1)
}

// etasThen changes both step sizes.
func etasThen(change func(eta float64) float64) alternate {
	return func(dst, y matrix, f, g quadratic, eta1, eta2 float64) {
		reference.AlternatingStep(dst, y, f, g, change(eta1), change(eta2))
	}
}

// symmetricSplitting goes half a step along f, one along g, half along f.
func symmetricSplitting(dst, y matrix, f, g quadratic, eta1, eta2 float64) {
	nothing := quadratic{K: spec.NewMatrix[float64](y.Cols, y.Cols), B: spec.NewMatrix[float64](1, y.Cols)}
	u := spec.NewMatrix[float64](1, y.Cols)
	reference.AlternatingStep(u, y, f, g, eta1/2, eta2)
	reference.AlternatingStep(dst, u, f, nothing, eta1/2, eta2)
}

// safeguarded keeps y where the step would raise h.
func safeguarded(dst, y matrix, f, g quadratic, eta1, eta2 float64) {
	reference.AlternatingStep(dst, y, f, g, eta1, eta2)
	value := func(q quadratic, x matrix) float64 {
		square, _ := reference.Inner(x, reference.Times(x, q.K))
		linear, _ := reference.Inner(x, q.B)
		return square/2 - linear
	}
	if value(f, dst)+value(g, dst) > value(f, y)+value(g, y) {
		copy(dst.Row(0), y.Row(0))
	}
}

var alternatingMutants = []Mutant{
	{
		Name: "aim-joint", Fault: "both gradients are taken at y: the exact gradient step",
		Kills:  []spec.ID{"AIM-001", "AIM-002", "AIM-006", "AIM-009", "AIM-010", "AIM-015"},
		Change: alternating(jointStep),
	},
	{
		Name: "aim-swapped", Fault: "the step along g comes before the one along f",
		Kills:  []spec.ID{"AIM-001", "AIM-002", "AIM-009"},
		Change: alternating(swapped),
	},
	{
		Name: "aim-one-step-size", Fault: "the first step size is used for both halves",
		Kills: []spec.ID{"AIM-001", "AIM-002", "AIM-004"},
		Change: alternating(func(dst, y matrix, f, g quadratic, eta1, _ float64) {
			reference.AlternatingStep(dst, y, f, g, eta1, eta1)
		}),
	},
	{
		Name: "aim-second-step-size", Fault: "the second step size is used for both halves",
		Kills: []spec.ID{"AIM-001", "AIM-002", "AIM-012"},
		Change: alternating(func(dst, y matrix, f, g quadratic, _, eta2 float64) {
			reference.AlternatingStep(dst, y, f, g, eta2, eta2)
		}),
	},
	{
		Name: "aim-mean-step-size", Fault: "the first half takes at most the second's step size",
		Kills: []spec.ID{"AIM-001", "AIM-002", "AIM-012"},
		Change: alternating(func(dst, y matrix, f, g quadratic, eta1, eta2 float64) {
			reference.AlternatingStep(dst, y, f, g, min(eta1, eta2), eta2)
		}),
	},
	{
		Name: "aim-backwards", Fault: "both halves go up",
		Kills:  []spec.ID{"AIM-001", "AIM-002", "AIM-004", "AIM-005", "AIM-007", "AIM-013", "AIM-014", "AIM-016", "AIM-017", "AIM-020"},
		Change: alternating(etasThen(func(eta float64) float64 { return -eta })),
	},
	{
		Name: "aim-overlong", Fault: "both step sizes are four times too large",
		Kills:  []spec.ID{"AIM-001", "AIM-002", "AIM-004", "AIM-005", "AIM-007", "AIM-008", "AIM-013", "AIM-014", "AIM-016", "AIM-017", "AIM-020"},
		Change: alternating(etasThen(func(eta float64) float64 { return 4 * eta })),
	},
	{
		Name: "aim-step-sizes-squared", Fault: "step sizes are squared",
		Kills:  []spec.ID{"AIM-001", "AIM-002", "AIM-011", "AIM-016"},
		Change: alternating(etasThen(func(eta float64) float64 { return eta * eta })),
	},
	{
		Name: "aim-symmetric-splitting", Fault: "the step along f is split in two, before and after g's",
		Model:  "Strang splitting where Lie splitting is asked for",
		Kills:  []spec.ID{"AIM-001", "AIM-002", "AIM-009"},
		Change: alternating(symmetricSplitting),
	},
	{
		Name: "aim-step-size-floor", Fault: "step sizes below ¼ are taken as ¼",
		Kills:  []spec.ID{"AIM-001", "AIM-002", "AIM-011", "AIM-016"},
		Change: alternating(etasThen(func(eta float64) float64 { return max(eta, 0.25) })),
	},
	{
		Name: "aim-safeguarded", Fault: "a step that raises h is not taken",
		Kills:  []spec.ID{"AIM-001", "AIM-002", "AIM-006", "AIM-008", "AIM-010", "AIM-015"},
		Change: alternating(safeguarded),
	},
	{
		Name: "aim-relu-between", Fault: "ReLU stands between the halves instead of behind them",
		Kills: []spec.ID{"AIM-002", "AIM-018", "AIM-019"},
		Change: func(im *implementation) {
			im.Alternating.ReLUStep = func(dst, y matrix, f, g quadratic, eta1, eta2 float64) {
				nothing := quadratic{K: spec.NewMatrix[float64](y.Cols, y.Cols), B: spec.NewMatrix[float64](1, y.Cols)}
				u := spec.NewMatrix[float64](1, y.Cols)
				reference.AlternatingStep(u, y, nothing, f, 0, eta1)
				for k, x := range u.Row(0) {
					u.Set(0, k, math.Max(min(y.At(0, k), 0), x))
				}
				reference.AlternatingStep(dst, u, nothing, g, 0, eta2)
			}
		},
	},
	{
		Name: "aim-no-relu", Fault: "ReLU is left out",
		Kills:  []spec.ID{"AIM-002", "AIM-016", "AIM-018", "AIM-019"},
		Change: func(im *implementation) { im.Alternating.ReLUStep = reference.AlternatingStep },
	},
	{
		Name: "aim-absolute", Fault: "|x| stands for max(0, x)",
		Kills: []spec.ID{"AIM-002", "AIM-013", "AIM-014", "AIM-016", "AIM-017", "AIM-020"},
		Change: func(im *implementation) {
			im.Alternating.ReLUStep = func(dst, y matrix, f, g quadratic, eta1, eta2 float64) {
				reference.AlternatingStep(dst, y, f, g, eta1, eta2)
				for k, x := range dst.Row(0) {
					dst.Set(0, k, math.Abs(x))
				}
			}
		},
	},
	{
		Name: "aim-region-unsquared", Fault: "squared distances are compared with c instead of c²",
		Kills:  []spec.ID{"AIM-003"},
		Change: alternatingRegion(func(toF, toH, c float64) bool { return toF*toF <= c*toH*toH }),
	},
	{
		Name: "aim-region-swapped", Fault: "the two centres are exchanged",
		Kills:  []spec.ID{"AIM-003"},
		Change: alternatingRegion(func(toF, toH, c float64) bool { return toH <= c*toF }),
	},
	{
		Name: "aim-region-complement", Fault: "for c > 1 the ball is taken instead of its outside",
		Kills:  []spec.ID{"AIM-003"},
		Change: alternatingRegion(func(toF, toH, c float64) bool { return (toF <= c*toH) == (c <= 1) }),
	},
	{
		Name: "aim-region-empty", Fault: "no point lies in the region",
		Kills:  []spec.ID{"AIM-003", "AIM-008"},
		Change: alternatingRegion(func(_, _, _ float64) bool { return false }),
	},
}
