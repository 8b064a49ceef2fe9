package mutant

import (
	"math"
	"runtime"
	"sync/atomic"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// lanes is the number of tokens from which on the mutants of this file differ:
// those of a kernel with vectors of 16, whose faults few tokens never meet.
const lanes = 16

// tokensThen lets change have a copy of more than 16 tokens before each operation
// of the interaction; the operation then has as many of the rows as there were.
func tokensThen(change func(y matrix) matrix) func(im *implementation) {
	return func(im *implementation) {
		sound := im.Interaction
		changed := func(y matrix) matrix {
			if y.Rows <= lanes {
				return y
			}
			return change(spec.Convert[float64](y))
		}
		stored := func(dst, y matrix, f func(dst, y matrix)) {
			y = changed(y)
			out := spec.NewMatrix[float64](max(y.Rows, dst.Rows), y.Cols)
			whole := out
			whole.Rows = y.Rows
			f(whole, y)
			for i := range dst.Rows {
				copy(dst.Row(i), out.Row(i))
			}
		}
		im.Interaction.Energy = func(y, a matrix) float64 { return sound.Energy(changed(y), a) }
		im.Interaction.Gradient = func(dst, y, a matrix) {
			stored(dst, y, func(dst, y matrix) { sound.Gradient(dst, y, a) })
		}
		im.Interaction.Step = func(dst, y, a matrix, eta float64) {
			stored(dst, y, func(dst, y matrix) { sound.Step(dst, y, a, eta) })
		}
	}
}

// inRotatedOrder adds from the token that start returns on, round to the one
// before: a correct step and gradient whose bits depend on it.
func inRotatedOrder(start func(n int) int) func(im *implementation) {
	return func(im *implementation) {
		sums := func(y, a matrix) (laplacian matrix, d []float64) {
			n := y.Rows
			from := start(n)
			laplacian, d = spec.NewMatrix[float64](n, y.Cols), make([]float64, n)
			for i := range n {
				for k := range n {
					j := (from + k) % n
					g := math.Exp(-reference.HalfSquaredDistance(y, a, i, j))
					d[i] += g
					for c := range y.Cols {
						laplacian.Row(i)[c] += g * (y.At(i, c) - y.At(j, c))
					}
				}
			}
			return laplacian, d
		}
		im.Interaction.Step = func(dst, y, a matrix, eta float64) {
			l, d := sums(y, a)
			for i := range y.Rows {
				for c := range y.Cols {
					dst.Set(i, c, y.At(i, c)-eta*(l.At(i, c)/d[i]))
				}
			}
		}
	}
}

var interactionManyMutants = []Mutant{
	{
		Name: "interaction-channels-of-one-vector", Fault: "channels beyond the sixteenth are left out of tokens without weights",
		Kills: []spec.ID{"INT-001", "INT-002"},
		Change: func(im *implementation) {
			energy, gradient := im.Interaction.Energy, im.Interaction.Gradient
			cut := func(y, a matrix) matrix {
				if y.Cols > 16 && a.IsZero() {
					y = spec.Convert[float64](y)
					every(y.Columns(16, y.Cols), func(int, float64) float64 { return 0 })
				}
				return y
			}
			im.Interaction.Energy = func(y, a matrix) float64 { return energy(cut(y, a), a) }
			im.Interaction.Gradient = func(dst, y, a matrix) { gradient(dst, cut(y, a), a) }
		},
	},
	{
		Name: "pairs-tail-dropped", Fault: "the tokens behind the last whole vector of 16 are left out",
		Kills: []spec.ID{"INT-033"},
		Change: tokensThen(func(y matrix) matrix {
			y.Rows = y.Rows / lanes * lanes
			return y
		}),
	},
	{
		Name: "pairs-padding-counted", Fault: "what pads the last vector of 16 counts as tokens at the origin",
		Model: "zeros that pad a panel, with a weight of one where a mask is forgotten",
		Kills: []spec.ID{"INT-033"},
		Change: tokensThen(func(y matrix) matrix {
			out := spec.NewMatrix[float64]((y.Rows+lanes-1)/lanes*lanes, y.Cols)
			copy(out.Data, y.Data)
			return out
		}),
	},
	{
		Name: "pairs-lanes-interchanged", Fault: "lanes 2 and 3 of every vector but the first are interchanged",
		Kills: []spec.ID{"INT-033"},
		Change: tokensThen(func(y matrix) matrix {
			for i := lanes + 2; i+1 < y.Rows; i += lanes {
				a, b := y.Row(i), y.Row(i+1)
				for c := range a {
					a[c], b[c] = b[c], a[c]
				}
			}
			return y
		}),
	},
	{
		Name: "pairs-tile-twice", Fault: "beyond 64 tokens the energy counts the pairs within a tile from both sides",
		Kills: []spec.ID{"INT-033"},
		Change: func(im *implementation) {
			sound := im.Interaction.Energy
			im.Interaction.Energy = func(y, a matrix) float64 {
				e := sound(y, a)
				for i := 0; y.Rows > 64 && i < y.Rows; i += 64 {
					part := y
					part.Rows, part.Data = min(64, y.Rows-i), y.Data[i*y.Stride:]
					e += sound(part, a)
				}
				return e
			}
		},
	},
	{
		Name: "pairs-shared-by-threads", Fault: "the sums begin at the share of the last of GOMAXPROCS threads",
		Kills:  []spec.ID{"DET-016"},
		Change: inRotatedOrder(func(n int) int { return n - n/runtime.GOMAXPROCS(0) }),
	},
	{
		Name: "pairs-as-finished", Fault: "the sums begin elsewhere at each call",
		Model: "partial sums that are added in the order in which threads finish",
		Kills: []spec.ID{"DET-016"},
		Change: func() func(im *implementation) {
			var calls atomic.Int64
			return inRotatedOrder(func(n int) int { return int(calls.Add(7)) % n })
		}(),
	},
}
