package props

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// EnergiesOf returns the energies that an implementation's own operations make
// up, with fixed weights where an operation takes some, ready to be tried as
// energies of any kind.
func EnergiesOf[T spec.Float](im *spec.Implementation[T]) []spec.Energy[T] {
	var out []spec.Energy[T]
	if im.Interaction.Energy != nil {
		out = append(out, interactionEnergyOf("interaction", im, spec.Matrix[T]{}))
		a := spec.MatrixOf([]T{1, 0.5}, []T{-0.25, 1}, []T{0.5, 0})
		weighted := interactionEnergyOf("interaction-weighted", im, a)
		weighted.Channels = [2]int{3, 3}
		weighted.Stiffness = nil // a step along the null space of S moves without a gradient
		out = append(out, weighted)
	}
	if im.FeedForward.Energy != nil {
		out = append(out, feedForwardEnergyOf(im))
	}
	if im.FeedForward.Energy != nil && im.ReLU != nil {
		out = append(out, reluEnergyOf(im))
	}
	if im.Hopfield.Energy != nil && im.Hopfield.Step != nil {
		out = append(out, hopfieldEnergyOf(im))
	}
	return out
}

func interactionEnergyOf[T spec.Float](name string, im *spec.Implementation[T], a spec.Matrix[T]) spec.Energy[T] {
	op := im.Interaction
	wideA := wide(a)
	e := spec.Energy[T]{
		Name:     name,
		Value:    func(y spec.Matrix[T]) T { return op.Energy(y, a) },
		Gradient: func(dst, y spec.Matrix[T]) { op.Gradient(dst, y, a) },
		MaxStep:  2,
		ValueError: func(y matrix) float64 {
			return valueBound(y, wideA, reference.RoundingOf[T]())
		},
		// The step divides the gradient of token i by Dᵢ.
		Stiffness: func(y matrix) float64 {
			var most float64
			for _, d := range reference.Degrees(reference.Kernel(y, wideA)) {
				most = max(most, d)
			}
			return most
		},
	}
	if op.Majorizer != nil {
		e.Majorizer = func(y, y0 spec.Matrix[T]) T { return op.Majorizer(y, y0, a) }
	}
	if op.Step != nil {
		e.Step = func(dst, y spec.Matrix[T], eta T) { op.Step(dst, y, a, eta) }
	}
	return e
}

// feedForwardEnergyOf fixes three channels, K = W + I with row sums of at most
// 2, and one row B for every token; its step ends at MaxStep = 2/2.
func feedForwardEnergyOf[T spec.Float](im *spec.Implementation[T]) spec.Energy[T] {
	op := im.FeedForward
	w := spec.MatrixOf([]T{0.5, 0.25, 0}, []T{0.25, -0.5, 0.125}, []T{0, 0.125, 0.25})
	b := func(rows int) spec.Matrix[T] {
		m := spec.NewMatrix[T](rows, 3)
		for i := range rows {
			copy(m.Row(i), []T{1, -0.5, 0.25})
		}
		return m
	}
	return spec.Energy[T]{
		Name:          "feed-forward",
		Channels:      [2]int{3, 3},
		Value:         func(y spec.Matrix[T]) T { return op.Energy(y, w, b(y.Rows)) },
		Gradient:      func(dst, y spec.Matrix[T]) { op.Gradient(dst, y, w, b(y.Rows)) },
		Step:          func(dst, y spec.Matrix[T], eta T) { op.Step(dst, y, w, b(y.Rows), eta) },
		MaxStep:       1,
		GradientField: true,
		Stiffness:     func(matrix) float64 { return 1 },
	}
}

// hopfieldEnergyOf fixes three channels, four patterns, one of them hidden, and β = 2.
// The energy of tokens is the sum of theirs as states, and the gradient is what the
// step with η = 1 goes back.
func hopfieldEnergyOf[T spec.Float](im *spec.Implementation[T]) spec.Energy[T] {
	op, beta := im.Hopfield, T(2)
	k := spec.MatrixOf([]T{1, 0.5, 0}, []T{-0.5, 1, 0.25}, []T{4, 4, 4}, []T{0, -0.75, 1})
	visible := []bool{true, true, false, true}
	return spec.Energy[T]{
		Name:     "hopfield",
		Channels: [2]int{3, 3},
		Value: func(y spec.Matrix[T]) (sum T) {
			e := spec.NewMatrix[T](y.Rows, 1)
			op.Energy(e, y, k, visible, beta)
			for _, x := range e.Data {
				sum += x
			}
			return sum
		},
		Gradient: func(dst, y spec.Matrix[T]) {
			op.Step(dst, y, k, visible, beta, 1)
			for i := range dst.Rows {
				for c, x := range y.Row(i) {
					dst.Set(i, c, x-dst.At(i, c))
				}
			}
		},
		Step:          func(dst, y spec.Matrix[T], eta T) { op.Step(dst, y, k, visible, beta, eta) },
		MaxStep:       2,
		Stiffness:     func(matrix) float64 { return 1 },
		GradientField: true,
	}
}

// reluEnergyOf is the feed-forward energy over Y ≥ 0: its step ends with ReLU,
// the proximal operator of the constraint.
func reluEnergyOf[T spec.Float](im *spec.Implementation[T]) spec.Energy[T] {
	e := feedForwardEnergyOf(im)
	linear := e.Step
	e.Name = "feed-forward-relu"
	e.GradientField = false
	e.Stiffness = nil // at the boundary the step rests where the gradient points outward
	e.Step = func(dst, y spec.Matrix[T], eta T) {
		linear(dst, y, eta)
		for i := range dst.Rows {
			im.ReLU(dst.Row(i), dst.Row(i))
		}
	}
	e.Activation = func(x T) T {
		y := []T{x}
		im.ReLU(y, y)
		return y[0]
	}
	e.Project = func(y matrix) {
		for k, x := range y.Data {
			y.Data[k] = math.Abs(x)
		}
	}
	return e
}
