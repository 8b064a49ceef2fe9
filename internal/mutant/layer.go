package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// layerStep is the step of a whole layer.
type layerStep func(dst, y, a, w, b matrix, eta1, eta2 float64, relu bool)

// layerWith makes a mutant with another step.
func layerWith(step layerStep) func(im *implementation) {
	return func(im *implementation) { im.Layer.Step = step }
}

// layerEtas changes the step sizes.
func layerEtas(f func(eta1, eta2 float64) (float64, float64)) func(im *implementation) {
	return layerWith(func(dst, y, a, w, b matrix, eta1, eta2 float64, relu bool) {
		eta1, eta2 = f(eta1, eta2)
		reference.LayerStep(dst, y, a, w, b, eta1, eta2, relu)
	})
}

// layerEnergyThen adds something to the layer's energy.
func layerEnergyThen(more func(y, a, w, b matrix) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Layer.Energy = func(y, a, w, b matrix) float64 {
			return reference.LayerEnergy(y, a, w, b) + more(y, a, w, b)
		}
	}
}

// parallelEta changes the step size of the parallel step.
func parallelEta(f func(eta float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Layer.ParallelStep = func(dst, y, a, w, b matrix, eta float64, relu bool) {
			reference.LayerParallelStep(dst, y, a, w, b, f(eta), relu)
		}
	}
}

// layerRowsThen turns a step of all tokens into one that takes them one after the
// other, each seeing those already moved.
func layerRowsThen(step func(dst, y matrix)) func(dst, y matrix) {
	return func(dst, y matrix) {
		now, next := spec.Convert[float64](y), spec.NewMatrix[float64](y.Rows, y.Cols)
		for i := range y.Rows {
			step(next, now)
			copy(now.Row(i), next.Row(i))
			copy(dst.Row(i), next.Row(i))
		}
	}
}

// plainAttention stores (1−η)Y + η·softmax(UUᵀ)Y.
func plainAttention(dst, y, a matrix, eta float64) {
	u, p := reference.Times(y, a), spec.NewMatrix[float64](y.Rows, y.Rows)
	for i := range y.Rows {
		logits := make([]float64, y.Rows)
		for j := range logits {
			logits[j] = reference.Dot(u.Row(i), u.Row(j))
		}
		copy(p.Row(i), reference.SoftmaxRow(logits))
	}
	averageStep(dst, y, p, eta)
}

// refutedLayers are the claims that fall with a layer that never raises
// anything.
var refutedLayers = []spec.ID{"LAY-003", "LAY-004", "LAY-009", "LAY-010", "LAY-011", "LAY-013", "LAY-014", "LAY-016", "LAY-022", "LAY-023"}

var layerMutants = []Mutant{
	{
		Name: "layer-energy-no-interaction", Fault: "the energy leaves out E₁",
		Kills:  []spec.ID{"LAY-001", "LAY-002"},
		Change: layerEnergyThen(func(y, a, _, _ matrix) float64 { return -reference.InteractionEnergy(y, a) }),
	},
	{
		Name: "layer-energy-ridge", Fault: "the energy has a ridge ½‖YA‖² that no step belongs to",
		Model: "Attention.get_energy of the authors' published code",
		Kills: []spec.ID{"LAY-001", "LAY-002"},
		Change: layerEnergyThen(func(y, a, _, _ matrix) float64 {
			square, _ := reference.Inner(reference.Times(y, a), reference.Times(y, a))
			return square / 2
		}),
	},
	{
		Name: "layer-energy-first-token", Fault: "the first token's distance to its target counts twice",
		Kills: []spec.ID{"LAY-001", "LAY-002", "LAY-020"},
		Change: layerEnergyThen(func(y, _, _, b matrix) float64 {
			var s float64
			for k := range y.Cols {
				s += (y.At(0, k) - b.At(0, k)) * (y.At(0, k) - b.At(0, k)) / 2
			}
			return s
		}),
	},
	{
		Name: "layer-swapped", Fault: "the feed-forward step comes before attention",
		Kills: []spec.ID{"LAY-003", "LAY-004"},
		Change: layerWith(func(dst, y, a, w, b matrix, eta1, eta2 float64, relu bool) {
			u := spec.NewMatrix[float64](y.Rows, y.Cols)
			reference.LayerStep(u, y, a, w, b, 0, eta2, relu)
			reference.InteractionStep(dst, u, a, eta1)
		}),
	},
	{
		Name: "layer-step-sizes-swapped", Fault: "the two step sizes are exchanged",
		Kills:  []spec.ID{"LAY-003", "LAY-004"},
		Change: layerEtas(func(eta1, eta2 float64) (float64, float64) { return eta2, eta1 }),
	},
	{
		Name: "layer-no-relu", Fault: "ReLU is left out",
		Kills: []spec.ID{"LAY-003", "LAY-004", "LAY-022"},
		Change: layerWith(func(dst, y, a, w, b matrix, eta1, eta2 float64, _ bool) {
			reference.LayerStep(dst, y, a, w, b, eta1, eta2, false)
		}),
	},
	{
		Name: "layer-plain-softmax", Fault: "attention is the ordinary softmax of UUᵀ: β is left out",
		Model: "the authors' published code computes beta and does not use it",
		Kills: []spec.ID{"LAY-003", "LAY-004"},
		Change: layerWith(func(dst, y, a, w, b matrix, eta1, eta2 float64, relu bool) {
			u := spec.NewMatrix[float64](y.Rows, y.Cols)
			plainAttention(u, y, a, eta1)
			reference.LayerStep(dst, u, a, w, b, 0, eta2, relu)
		}),
	},
	{
		Name: "layer-backwards", Fault: "both steps go up",
		Kills:  []spec.ID{"LAY-003", "LAY-004", "LAY-006", "LAY-007", "LAY-008", "LAY-012", "LAY-015", "LAY-019"},
		Change: layerEtas(func(eta1, eta2 float64) (float64, float64) { return -eta1, -eta2 }),
	},
	{
		Name: "layer-overlong", Fault: "both steps are four times too long",
		Kills:  []spec.ID{"LAY-003", "LAY-004", "LAY-006", "LAY-007", "LAY-008", "LAY-012", "LAY-015", "LAY-019"},
		Change: layerEtas(func(eta1, eta2 float64) (float64, float64) { return 4 * eta1, 4 * eta2 }),
	},
	{
		Name: "layer-bias-forgotten", Fault: "the feed-forward step leaves out B",
		Kills: []spec.ID{"LAY-003", "LAY-004", "LAY-006", "LAY-007", "LAY-015", "LAY-019"},
		Change: layerWith(func(dst, y, a, w, b matrix, eta1, eta2 float64, relu bool) {
			reference.LayerStep(dst, y, a, w, spec.NewMatrix[float64](b.Rows, b.Cols), eta1, eta2, relu)
		}),
	},
	{
		Name: "layer-stuck", Fault: "the layer copies its input",
		Kills:  append([]spec.ID{"LAY-021"}, refutedLayers...),
		Change: layerWith(func(dst, y, _, _, _ matrix, _, _ float64, _ bool) { copyRows(dst, y) }),
	},
	{
		Name: "layer-consensus", Fault: "every token becomes the mean of all",
		Kills: refutedLayers,
		Change: layerWith(func(dst, y, _, _, _ matrix, _, _ float64, _ bool) {
			for k := range y.Cols {
				var mean float64
				for i := range y.Rows {
					mean += y.At(i, k) / float64(y.Rows)
				}
				for i := range y.Rows {
					dst.Set(i, k, mean)
				}
			}
		}),
	},
	{
		Name: "layer-without-attention", Fault: "the attention step is left out: the feed-forward step starts from Y",
		Kills: []spec.ID{"LAY-003", "LAY-004", "LAY-021"},
		Change: layerWith(func(dst, y, a, w, b matrix, _, eta2 float64, relu bool) {
			reference.LayerStep(dst, y, a, w, b, 0, eta2, relu)
		}),
	},
	{
		Name: "layer-in-place", Fault: "tokens are updated one after the other, each seeing those already moved",
		Kills: []spec.ID{"LAY-003", "LAY-004", "LAY-020"},
		Change: layerWith(func(dst, y, a, w, b matrix, eta1, eta2 float64, relu bool) {
			layerRowsThen(func(next, now matrix) { reference.LayerStep(next, now, a, w, b, eta1, eta2, relu) })(dst, y)
		}),
	},
	{
		Name: "parallel-in-place", Fault: "the parallel step moves tokens one after the other",
		Kills: []spec.ID{"LAY-005", "LAY-020"},
		Change: func(im *implementation) {
			im.Layer.ParallelStep = func(dst, y, a, w, b matrix, eta float64, relu bool) {
				layerRowsThen(func(next, now matrix) { reference.LayerParallelStep(next, now, a, w, b, eta, relu) })(dst, y)
			}
		},
	},
	{
		Name: "parallel-backwards", Fault: "the parallel step goes up",
		Kills:  []spec.ID{"LAY-005", "LAY-017"},
		Change: parallelEta(func(eta float64) float64 { return -eta }),
	},
	{
		Name: "parallel-overlong", Fault: "the parallel step is eight times too long",
		Kills:  []spec.ID{"LAY-005", "LAY-017"},
		Change: parallelEta(func(eta float64) float64 { return 8 * eta }),
	},
	{
		Name: "parallel-clamped", Fault: "step sizes above 1 are taken as 1",
		Kills:  []spec.ID{"LAY-005", "LAY-018"},
		Change: parallelEta(func(eta float64) float64 { return math.Min(eta, 1) }),
	},
	{
		Name: "parallel-half", Fault: "the parallel step goes half as far as it should",
		Kills:  []spec.ID{"LAY-005", "LAY-018"},
		Change: parallelEta(func(eta float64) float64 { return eta / 2 }),
	},
}
