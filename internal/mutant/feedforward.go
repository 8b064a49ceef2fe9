package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// quadraticEta makes a mutant of the feed-forward step that takes another step
// size.
func quadraticEta(f func(eta float64, y, w, b matrix) float64) func(im *implementation) {
	return func(im *implementation) {
		im.FeedForward.Step = func(dst, y, w, b matrix, eta float64) {
			reference.FeedForwardStep(dst, y, w, b, f(eta, y, w, b))
		}
	}
}

// quadraticGradient makes a mutant whose gradient and step use another
// gradient.
func quadraticGradient(f func(dst, y, w, b matrix)) func(im *implementation) {
	return func(im *implementation) {
		im.FeedForward.Gradient = f
		im.FeedForward.Step = func(dst, y, w, b matrix, eta float64) {
			g := spec.NewMatrix[float64](y.Rows, y.Cols)
			f(g, y, w, b)
			for i := range y.Rows {
				for k := range y.Cols {
					dst.Set(i, k, y.At(i, k)-eta*g.At(i, k))
				}
			}
		}
	}
}

// copyRows copies m into dst, row by row.
func copyRows(dst, m matrix) {
	for i := range m.Rows {
		copy(dst.Row(i), m.Row(i))
	}
}

// multiplied returns c·m.
func multiplied(m matrix, c float64) matrix {
	out := spec.Convert[float64](m)
	for k := range out.Data {
		out.Data[k] *= c
	}
	return out
}

var feedForwardMutants = []Mutant{
	{
		Name: "ffn-energy-no-half", Fault: "the quadratic form is not halved",
		Kills: []spec.ID{"FFN-001"},
		Change: func(im *implementation) {
			im.FeedForward.Energy = func(y, w, b matrix) float64 {
				return reference.FeedForwardEnergy(y, multiplied(w, 2), b)
			}
		},
	},
	{
		Name: "ffn-energy-upper-triangle", Fault: "the upper triangle of W stands for both: right for symmetric W alone",
		Kills: []spec.ID{"FFN-001", "FFN-011"},
		Change: func(im *implementation) {
			im.FeedForward.Energy = func(y, w, b matrix) float64 {
				v := spec.Convert[float64](w)
				for i := range v.Rows {
					for j := range i {
						v.Set(i, j, v.At(j, i))
					}
				}
				return reference.FeedForwardEnergy(y, v, b)
			}
		},
	},
	{
		Name: "ffn-gradient-asymmetric", Fault: "the gradient uses W instead of its symmetric part",
		Model: "automatic differentiation replaced by Y·W",
		Kills: []spec.ID{"FFN-002", "FFN-003", "FFN-004", "FFN-008", "FFN-011"},
		Change: quadraticGradient(func(dst, y, w, b matrix) {
			copyRows(dst, reference.Sub(reference.Times(y, reference.PlusIdentity(w)), b))
		}),
	},
	{
		Name: "ffn-gradient-no-identity", Fault: "the gradient leaves out Y, the pull towards B",
		Kills: []spec.ID{"FFN-002", "FFN-003", "FFN-004", "FFN-005", "FFN-008", "FFN-010"},
		Change: quadraticGradient(func(dst, y, w, b matrix) {
			copyRows(dst, reference.Sub(reference.Times(y, reference.Symmetrized(w)), b))
		}),
	},
	{
		Name: "ffn-gradient-bias-sign", Fault: "B is added where it should be taken away",
		Kills: []spec.ID{"FFN-002", "FFN-003", "FFN-004", "FFN-005", "FFN-007", "FFN-008", "FFN-010"},
		Change: quadraticGradient(func(dst, y, w, b matrix) {
			reference.FeedForwardGradient(dst, y, w, multiplied(b, -1))
		}),
	},
	{
		Name: "ffn-step-half", Fault: "the step goes half as far as it should",
		Kills:  []spec.ID{"FFN-003", "FFN-004", "FFN-005", "FFN-007", "FFN-008", "FFN-010"},
		Change: quadraticEta(func(eta float64, _, _, _ matrix) float64 { return eta / 2 }),
	},
	{
		Name: "ffn-step-backwards", Fault: "the step goes up the energy",
		Kills:  []spec.ID{"FFN-003", "FFN-004", "FFN-005", "FFN-007", "FFN-008"},
		Change: quadraticEta(func(eta float64, _, _, _ matrix) float64 { return -eta }),
	},
	{
		Name: "ffn-step-clamped", Fault: "step sizes above 1/L are taken as 1/L",
		Kills: []spec.ID{"FFN-006", "FFN-003", "FFN-004"},
		Change: quadraticEta(func(eta float64, _, w, _ matrix) float64 {
			return min(eta, 1/max(0.5, reference.CurvatureBound(reference.PlusIdentity(reference.Symmetrized(w)))))
		}),
	},
	{
		Name: "ffn-step-backtracking", Fault: "the step is halved until the energy falls",
		Kills: []spec.ID{"FFN-006", "FFN-003", "FFN-004"},
		Change: quadraticEta(func(eta float64, y, w, b matrix) float64 {
			next, before := spec.NewMatrix[float64](y.Rows, y.Cols), reference.FeedForwardEnergy(y, w, b)
			for range 40 {
				reference.FeedForwardStep(next, y, w, b, eta)
				if reference.FeedForwardEnergy(next, w, b) < before {
					break
				}
				eta /= 2
			}
			return eta
		}),
	},
	{
		Name: "ffn-step-unit", Fault: "the step size is ignored: the linear layer always",
		Kills:  []spec.ID{"FFN-003", "FFN-004", "FFN-007", "FFN-009"},
		Change: quadraticEta(func(_ float64, _, _, _ matrix) float64 { return 1 }),
	},
	{
		Name: "ffn-step-whole", Fault: "step sizes are rounded up to whole numbers",
		Kills:  []spec.ID{"FFN-003", "FFN-004", "FFN-009"},
		Change: quadraticEta(func(eta float64, _, _, _ matrix) float64 { return math.Ceil(eta) }),
	},
	{
		Name: "ffn-weights-bfloat16", Fault: "the step rounds W to eight bits",
		Model: "weights kept in bfloat16 behind a float32 interface",
		Kills: []spec.ID{"FFN-003", "FFN-004", "FFN-008"},
		Change32: func(im *spec.Implementation[float32]) {
			step := im.FeedForward.Step
			im.FeedForward.Step = func(dst, y, w, b spec.Matrix[float32], eta float32) {
				short := spec.Convert[float32](w)
				for k, x := range short.Data {
					short.Data[k] = math.Float32frombits(math.Float32bits(x) &^ 0xffff)
				}
				step(dst, y, short, b, eta)
			}
		},
	},
	{
		Name: "ffn-bias-broadcast", Fault: "the first row of B is used for every token",
		Model: "a bias where the energy has one target a token",
		Kills: []spec.ID{"FFN-003", "FFN-012"},
		Change: func(im *implementation) {
			im.FeedForward.Step = func(dst, y, w, b matrix, eta float64) {
				same := spec.NewMatrix[float64](b.Rows, b.Cols)
				for i := range b.Rows {
					copy(same.Row(i), b.Row(0))
				}
				reference.FeedForwardStep(dst, y, w, same, eta)
			}
		},
	},
	{
		Name: "ffn-neighbour-leak", Fault: "each token's result takes a little of the one before it: a buffer is not cleared",
		Kills: []spec.ID{"FFN-003", "FFN-012"},
		Change: func(im *implementation) {
			im.FeedForward.Step = func(dst, y, w, b matrix, eta float64) {
				reference.FeedForwardStep(dst, y, w, b, eta)
				for i := y.Rows - 1; i > 0; i-- {
					dst.Set(i, 0, dst.At(i, 0)+dst.At(i-1, 0)/64)
				}
			}
		},
	},
}
