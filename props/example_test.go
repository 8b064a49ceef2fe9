package props_test

import (
	"fmt"
	"math"

	"example.com/attest/props"
	"example.com/attest/spec"
)

// The energy of a modern Hopfield network with three stored patterns,
// E(y) = ½‖y‖² − log Σⱼ exp(y·xⱼ), and its update, attention over the patterns. Claims
// about any such network, HOP-001 and those that follow, take a spec.Hopfield; here
// somebody has this one alone.
var patterns = [][]float64{{1, 0}, {0, 2}, {-1, 1}}

func weights(y []float64) (w []float64, lse float64) {
	w = make([]float64, len(patterns))
	var sum float64
	for j, x := range patterns {
		w[j] = math.Exp(y[0]*x[0] + y[1]*x[1])
		sum += w[j]
	}
	for j := range w {
		w[j] /= sum
	}
	return w, math.Log(sum)
}

func hopfield() spec.Energy[float64] {
	return spec.Energy[float64]{
		Name: "hopfield", Tokens: [2]int{1, 1}, Channels: [2]int{2, 2},
		Value: func(y spec.Matrix[float64]) float64 {
			_, lse := weights(y.Row(0))
			return (y.At(0, 0)*y.At(0, 0)+y.At(0, 1)*y.At(0, 1))/2 - lse
		},
		Gradient: func(dst, y spec.Matrix[float64]) {
			w, _ := weights(y.Row(0))
			for k := range 2 {
				dst.Set(0, k, y.At(0, k)-w[0]*patterns[0][k]-w[1]*patterns[1][k]-w[2]*patterns[2][k])
			}
		},
		Step: func(dst, y spec.Matrix[float64], eta float64) {
			w, _ := weights(y.Row(0))
			for k := range 2 {
				mean := w[0]*patterns[0][k] + w[1]*patterns[1][k] + w[2]*patterns[2][k]
				dst.Set(0, k, (1-eta)*y.At(0, k)+eta*mean)
			}
		},
		MaxStep:       2,                                               // E descends for 0 < η ≤ 2 …
		Stiffness:     func(spec.Matrix[float64]) float64 { return 1 }, // … by the plain gradient step,
		GradientField: true,                                            // which is a gradient field.
	}
}

// A researcher hands over an energy with its gradient and its step. What they are
// not enough for is Unsupported.
func ExampleCheckEnergy() {
	for _, r := range props.CheckEnergy(hopfield(), props.Options{}) {
		fmt.Println(r.Claim.ID, r.Verdict, r.Claim.Name)
	}
	// Output:
	// ENE-001 Holds gradient_is_derivative_of_value
	// ENE-002 Unsupported majorizer_touches_and_lies_above
	// ENE-003 Holds energy_nonincreasing_of_declared_step
	// ENE-005 Holds step_is_descent_direction
	// ENE-006 Holds step_rests_only_where_gradient_vanishes
	// ENE-007 Holds update_is_gradient_field_of_declared
	// ENE-009 Unsupported activation_firmly_nonexpansive
	// ENE-010 Measured largest_descending_step
}

// An energy whose author forgot the term ½‖y‖² of the gradient is caught, with
// a case that a person can read.
func ExampleCheckEnergy_wrongGradient() {
	e := hopfield()
	e.Gradient = func(dst, y spec.Matrix[float64]) {
		w, _ := weights(y.Row(0))
		for k := range 2 {
			dst.Set(0, k, -w[0]*patterns[0][k]-w[1]*patterns[1][k]-w[2]*patterns[2][k])
		}
	}
	r := props.CheckEnergy(e, props.Options{})[0]
	fmt.Println(r.Claim.ID, r.Verdict)
	fmt.Println(r.Failure.What)
	fmt.Println("case", r.Example)
	// Output:
	// ENE-001 Violated
	// E(Y+V) − E(Y−V) against the integral of the gradient
	// case energy=hopfield n=1 d=2 Y=[0 1] V=[0 1]
}
