package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// equilibriumWith makes a mutant of the equilibrium step.
func equilibriumWith(step func(dst, x, w, b matrix, eta float64)) func(im *implementation) {
	return func(im *implementation) { im.Asymmetric.EquilibriumStep = step }
}

// residualStep stores max(0, x − M(Mx − b)) with M = I − W, or with Mᵀ first.
func residualStep(transposed bool) func(dst, x, w, b matrix, eta float64) {
	return func(dst, x, w, b matrix, _ float64) {
		m := elements(w.Rows, func(i, j int) float64 {
			if i == j {
				return 1 - w.At(i, j)
			}
			return -w.At(i, j)
		})
		first, then := reference.Transpose(m), m
		if transposed {
			first, then = m, reference.Transpose(m)
		}
		for i := range x.Rows {
			r := reference.RowTimes(x.Row(i), first)
			for k := range r {
				r[k] -= b.At(0, k)
			}
			for k, g := range reference.RowTimes(r, then) {
				dst.Set(i, k, math.Max(0, x.At(i, k)-g))
			}
		}
	}
}

// copyTo stores f(x) element by element.
func copyTo(dst, x matrix, f func(x float64) float64) {
	for i := range x.Rows {
		for k, v := range x.Row(i) {
			dst.Set(i, k, f(v))
		}
	}
}

func same(x float64) float64 { return x }

var equilibriumMutants = []Mutant{
	{
		Name: "equilibrium-without-relu", Fault: "negative states are not cut off",
		Kills: []spec.ID{"ASY-017", "ASY-021"},
		Change: equilibriumWith(func(dst, x, w, b matrix, eta float64) {
			for i := range x.Rows {
				for k := range x.Cols {
					dst.Set(i, k, (1-eta)*x.At(i, k)+eta*(reference.Dot(x.Row(i), w.Row(k))+b.At(0, k)))
				}
			}
		}),
	},
	{
		Name: "equilibrium-bias-sign", Fault: "the bias is subtracted",
		Kills: []spec.ID{"ASY-017", "ASY-018"},
		Change: equilibriumWith(func(dst, x, w, b matrix, eta float64) {
			minus := spec.Convert[float64](b)
			multiplyBy(minus, -1)
			reference.EquilibriumStep(dst, x, w, minus, eta)
		}),
	},
	{
		Name: "equilibrium-overlong", Fault: "the step goes five times as far as it should",
		Kills: []spec.ID{"ASY-017", "ASY-018", "ASY-023"},
		Change: equilibriumWith(func(dst, x, w, b matrix, eta float64) {
			reference.EquilibriumStep(dst, x, w, b, 5*eta)
		}),
	},
	{
		Name: "equilibrium-backwards", Fault: "the step goes the wrong way",
		Kills: []spec.ID{"ASY-017", "ASY-018", "ASY-023"},
		Change: equilibriumWith(func(dst, x, w, b matrix, eta float64) {
			reference.EquilibriumStep(dst, x, w, b, -eta)
		}),
	},
	{
		Name: "equilibrium-short", Fault: "the step goes an eighth as far as it should",
		Kills: []spec.ID{"ASY-017", "ASY-018", "ASY-019"},
		Change: equilibriumWith(func(dst, x, w, b matrix, eta float64) {
			reference.EquilibriumStep(dst, x, w, b, eta/8)
		}),
	},
	{
		Name: "equilibrium-stays", Fault: "the state does not move",
		Kills:  []spec.ID{"ASY-017", "ASY-018", "ASY-019", "ASY-020", "ASY-021", "ASY-024"},
		Change: equilibriumWith(func(dst, x, _, _ matrix, _ float64) { copyTo(dst, x, same) }),
	},
	{
		Name: "equilibrium-projects-only", Fault: "the state is cut off at 0 and not moved",
		Kills: []spec.ID{"ASY-017", "ASY-024"},
		Change: equilibriumWith(func(dst, x, _, _ matrix, _ float64) {
			copyTo(dst, x, func(x float64) float64 { return max(0, x) })
		}),
	},
	{
		Name: "equilibrium-symmetric-part", Fault: "W is replaced by (W+Wᵀ)/2",
		Kills: []spec.ID{"ASY-017", "ASY-020"},
		Change: equilibriumWith(func(dst, x, w, b matrix, eta float64) {
			reference.EquilibriumStep(dst, x, symmetricPart(w), b, eta)
		}),
	},
	{
		Name: "equilibrium-residual", Fault: "the step descends ½‖(I−W)x−b‖²",
		Kills:  []spec.ID{"ASY-017", "ASY-022"},
		Change: equilibriumWith(residualStep(false)),
	},
	{
		Name: "equilibrium-residual-transposed", Fault: "the step descends ½‖(I−Wᵀ)x−b‖²",
		Kills:  []spec.ID{"ASY-017", "ASY-022"},
		Change: equilibriumWith(residualStep(true)),
	},
}
