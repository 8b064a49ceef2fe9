package energy_test

import (
	"fmt"
	"testing"

	"example.com/attest/energy"
	"example.com/attest/internal/bench"
	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// BenchmarkPairs times operations on pairs of tokens at each level. Counted are,
// for each pair once and each channel, what the equations need with differences
// taken first: 3 operations for the distance (difference, square, sum), 3 more for
// both gradients (product, two sums); 8 more along a direction (difference,
// product and sum, and then as for a gradient, twice). Exponentials count nothing.
func BenchmarkPairs(b *testing.B) {
	const n, d = 4096, 64
	y, v, w := tokens(n, d, 1), tokens(n, d, 2), tokens(d, d, 3)
	dst, gradient := spec.NewMatrix[float32](n, d), spec.NewMatrix[float32](n, d)
	identity := spec.Matrix[float32]{}
	const pairs = float64(n) * (n - 1) / 2 * d
	for _, level := range kernel.Levels() {
		m := energy.Machine{Level: level}
		for _, f := range []struct {
			name  string
			flops float64
			run   func()
		}{
			{"energy", 3 * pairs, func() { m.InteractionEnergy(y, identity) }},
			{"step", 6 * pairs, func() { m.InteractionStep(dst, y, identity, 1) }},
			{"energy, gradient and step", 6 * pairs, func() { m.InteractionDescent(dst, gradient, y, identity, 1) }},
			{"Hessian", 14 * pairs, func() { m.InteractionHessianVector(dst, y, identity, v) }},
			{"majorizer", 6 * pairs, func() { m.InteractionMajorizer(y, v, identity) }},
			{"frozen", 6 * 2 * pairs, func() { m.FrozenStep(dst, y, v, 1) }},
			{"causal", 6 * pairs, func() { m.CausalStep(dst, y, 1) }},
			{"layer", 6*pairs + 2*n*d*d, func() { m.LayerStep(dst, y, identity, w, v, 1, 0.5, true) }},
		} {
			b.Run(fmt.Sprintf("%s/%v", f.name, level), func(b *testing.B) {
				bench.Run(b, f.flops, 0, f.run)
			})
		}
	}
}
