package energy_test

import (
	"fmt"

	"example.com/attest/energy"
	"example.com/attest/spec"
)

// The softmax_β step lowers the energy of token interaction for every step size
// up to 2; the zero Matrix stands for the identity.
func ExampleMachine_InteractionStep() {
	m, identity := energy.Fastest(), spec.Matrix[float32]{}
	y := spec.MatrixOf([]float32{0, 0}, []float32{1, 0}, []float32{0, 2})
	next := spec.NewMatrix[float32](3, 2)
	for range 4 {
		fmt.Printf("%.3f\n", m.InteractionEnergy(y, identity))
		m.InteractionStep(next, y, identity, 1)
		y, next = next, y
	}
	// Output:
	// -0.824
	// -1.551
	// -2.461
	// -2.988
}
