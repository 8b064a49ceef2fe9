package mutant

import (
	"math"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

var hopfieldEnergyMutants = []Mutant{
	{
		Name: "hopfield-energy-without-norm", Fault: "E is the log-sum-exp alone, without ‖q‖²/2",
		Kills:  []spec.ID{"HOP-001", "HOP-004", "HOP-005", "HOP-006", "HOP-007", "HOP-009", "HOP-010", "HOP-011", "HOP-012", "HOP-013", "HOP-014", "HOP-020", "HOP-025"},
		Change: hopfieldEnergy(func(s retrieval) float64 { return s.energy() - s.half() }),
	},
	{
		Name: "hopfield-energy-whole-norm", Fault: "E has ‖q‖² in place of ‖q‖²/2",
		Kills:  []spec.ID{"HOP-001", "HOP-004", "HOP-005", "HOP-006", "HOP-007", "HOP-008", "HOP-009", "HOP-010", "HOP-011", "HOP-012", "HOP-013", "HOP-020", "HOP-024"},
		Change: hopfieldEnergy(func(s retrieval) float64 { return s.energy() + s.half() }),
	},
	{
		Name: "hopfield-energy-quarter-norm", Fault: "E has ‖q‖²/4 in place of ‖q‖²/2",
		Kills:  []spec.ID{"HOP-001", "HOP-004", "HOP-005", "HOP-006", "HOP-007", "HOP-010", "HOP-011", "HOP-012", "HOP-013", "HOP-014", "HOP-020", "HOP-025"},
		Change: hopfieldEnergy(func(s retrieval) float64 { return s.energy() - s.half()/2 }),
	},
	{
		Name: "hopfield-energy-without-beta", Fault: "the log-sum-exp is not divided by β",
		Kills:  []spec.ID{"HOP-001", "HOP-004", "HOP-005", "HOP-006", "HOP-009", "HOP-010", "HOP-011", "HOP-012", "HOP-014", "HOP-018", "HOP-020", "HOP-025"},
		Change: hopfieldEnergy(func(s retrieval) float64 { return s.half() - logSumExp(s.logits()) }),
	},
	{
		Name: "hopfield-energy-sign", Fault: "the log-sum-exp is added",
		Kills:  []spec.ID{"HOP-001", "HOP-004", "HOP-005", "HOP-006", "HOP-008", "HOP-009", "HOP-010", "HOP-011", "HOP-012", "HOP-013", "HOP-018", "HOP-020", "HOP-024", "HOP-029"},
		Change: hopfieldEnergy(func(s retrieval) float64 { return s.half() + logSumExp(s.logits())/s.beta }),
	},
	{
		Name: "hopfield-energy-log-mean-exp", Fault: "the mean of the exponentials over all patterns, hidden ones too, takes the place of their sum",
		Kills:  []spec.ID{"HOP-001", "HOP-004", "HOP-012", "HOP-018", "HOP-020", "HOP-028", "HOP-029"},
		Change: hopfieldEnergy(func(s retrieval) float64 { return s.energy() + math.Log(float64(s.all.Rows))/s.beta }),
	},
	{
		Name: "hopfield-energy-average", Fault: "the product with the mean of the patterns takes the place of the log-sum-exp: β is 0",
		Kills: []spec.ID{"HOP-001", "HOP-004", "HOP-005", "HOP-006", "HOP-009", "HOP-010", "HOP-011", "HOP-012", "HOP-024"},
		Change: hopfieldEnergy(func(s retrieval) float64 {
			var mean float64
			for _, x := range s.logits() {
				mean += x / s.beta / float64(s.k.Rows)
			}
			return s.half() - mean - math.Log(float64(s.k.Rows))/s.beta
		}),
	},
	{
		Name: "hopfield-energy-sharper", Fault: "the energy takes 4β for β",
		Kills:  []spec.ID{"HOP-001", "HOP-004", "HOP-005", "HOP-006", "HOP-010", "HOP-011", "HOP-018", "HOP-025"},
		Change: hopfieldEnergy(func(s retrieval) float64 { s.beta *= 4; return s.energy() }),
	},
	{
		Name: "hopfield-energy-clamped", Fault: "the energy without ‖q‖²/2 is not let below the bound of E: the theorem is made true by force",
		Kills:  []spec.ID{"HOP-001", "HOP-004", "HOP-005", "HOP-006", "HOP-008", "HOP-009", "HOP-010", "HOP-011", "HOP-012", "HOP-013", "HOP-020", "HOP-024"},
		Change: hopfieldEnergy(func(s retrieval) float64 { return max(s.energy(), s.half()+s.leastEnergy()) }),
	},
	{
		Name: "hopfield-energy-of-hidden", Fault: "the energy counts hidden patterns",
		Kills:  []spec.ID{"HOP-001", "HOP-004", "HOP-005", "HOP-006", "HOP-009", "HOP-010", "HOP-011", "HOP-012", "HOP-014", "HOP-016", "HOP-017", "HOP-018", "HOP-020", "HOP-025", "HOP-027", "HOP-028", "HOP-029"},
		Change: hopfieldEnergy(func(s retrieval) float64 { s.k = s.all; return s.energy() }),
	},
	{
		Name: "hopfield-energy-of-nothing-finite", Fault: "the energy without a visible pattern is ‖q‖²/2",
		Kills: []spec.ID{"HOP-029"},
		Change: hopfieldEnergy(func(s retrieval) float64 {
			if s.k.Rows == 0 {
				return s.half()
			}
			return s.energy()
		}),
	},
}

var hopfieldStepMutants = []Mutant{
	{
		Name: "hopfield-step-of-one", Fault: "η is not used: the step is attention",
		Kills:  []spec.ID{"HOP-002", "HOP-007", "HOP-011", "HOP-020", "HOP-021", "HOP-029"},
		Change: hopfieldEta(func(float64) float64 { return 1 }),
	},
	{
		Name: "hopfield-step-backwards", Fault: "the step goes up the energy",
		Kills:  []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-007", "HOP-008", "HOP-009", "HOP-010", "HOP-011", "HOP-020", "HOP-021", "HOP-022", "HOP-023", "HOP-026", "HOP-029", "HOP-032"},
		Change: hopfieldEta(func(eta float64) float64 { return -eta }),
	},
	{
		Name: "hopfield-step-overlong", Fault: "the step goes three times as far as it should, beyond 2",
		Kills:  []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-007", "HOP-009", "HOP-010", "HOP-011", "HOP-020", "HOP-022", "HOP-023", "HOP-026", "HOP-029"},
		Change: hopfieldEta(func(eta float64) float64 { return 3 * eta }),
	},
	{
		Name: "hopfield-step-half", Fault: "the step goes half as far as it should",
		Kills:  []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-007", "HOP-008", "HOP-010", "HOP-011", "HOP-019", "HOP-020", "HOP-021", "HOP-023", "HOP-026", "HOP-029", "HOP-032"},
		Change: hopfieldEta(func(eta float64) float64 { return eta / 2 }),
	},
	{
		Name: "hopfield-step-clamped-at-two", Fault: "step sizes above 2 are taken as 2: the theorem is made true by force",
		Kills:  []spec.ID{"HOP-002", "HOP-007", "HOP-011", "HOP-020", "HOP-029"},
		Change: hopfieldEta(func(eta float64) float64 { return min(eta, 2) }),
	},
	{
		Name: "hopfield-step-clamped-at-one", Fault: "step sizes above 1 are taken as 1",
		Kills:  []spec.ID{"HOP-002", "HOP-007", "HOP-011", "HOP-020", "HOP-021", "HOP-029"},
		Change: hopfieldEta(func(eta float64) float64 { return min(eta, 1) }),
	},
	{
		Name: "hopfield-step-residual", Fault: "the state is kept whole: q + η·softmax(βKq)K",
		Model: "the residual of a Transformer, which adds and does not average",
		Kills: []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-007", "HOP-008", "HOP-009", "HOP-010", "HOP-011", "HOP-020", "HOP-021", "HOP-022", "HOP-023", "HOP-026", "HOP-029", "HOP-032"},
		Change: hopfieldStep(func(s retrieval) []float64 {
			o := s.attention()
			for c, x := range s.q {
				o[c] = x + s.eta*o[c]
			}
			return o
		}),
	},
	{
		Name: "hopfield-step-guarded", Fault: "a step that raises the log-sum-exp's negative is not taken",
		Kills: []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-008", "HOP-010", "HOP-011", "HOP-020", "HOP-023", "HOP-026"},
		Change: hopfieldStep(func(s retrieval) []float64 {
			next := s
			next.q = s.towards(s.attention())
			if logSumExp(next.logits()) < logSumExp(s.logits()) {
				return s.q
			}
			return next.q
		}),
	},
	{
		Name: "hopfield-step-by-count", Fault: "weights are divided by the number of patterns in place of their sum",
		Kills: []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-009", "HOP-010", "HOP-011", "HOP-023", "HOP-032"},
		Change: hopfieldMean(func(s retrieval) []float64 {
			x := s.logits()
			for j, top := 0, slices.Max(append(s.logits(), math.Inf(-1))); j < len(x); j++ {
				x[j] = math.Exp(x[j]-top) / float64(len(x))
			}
			return s.average(x)
		}),
	},
	{
		Name: "hopfield-step-blunt", Fault: "the step takes β/2 for β",
		Kills:  []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-010", "HOP-011", "HOP-023", "HOP-032"},
		Change: hopfieldMean(func(s retrieval) []float64 { s.beta /= 2; return s.attention() }),
	},
	{
		Name: "hopfield-step-without-beta", Fault: "the step takes 1 for β",
		Kills:  []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-010", "HOP-011", "HOP-023", "HOP-032"},
		Change: hopfieldMean(func(s retrieval) []float64 { s.beta = 1; return s.attention() }),
	},
	{
		Name: "hopfield-step-hard", Fault: "the pattern of the largest product is taken alone",
		Model: "hard attention, the limit of large β",
		Kills: []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-009", "HOP-010", "HOP-011", "HOP-019", "HOP-026", "HOP-030"},
		Change: hopfieldMean(func(s retrieval) []float64 {
			if s.k.Rows == 0 {
				return make([]float64, len(s.q))
			}
			return slices.Clone(s.k.Row(s.best(func(k []float64) float64 { return reference.Dot(k, s.q) })))
		}),
	},
	{
		Name: "hopfield-step-nearest", Fault: "the nearest pattern is taken alone",
		Kills:  []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-009", "HOP-010", "HOP-011", "HOP-019", "HOP-023", "HOP-026", "HOP-030", "HOP-031"},
		Change: hopfieldMean(func(s retrieval) []float64 { return s.nearest() }),
	},
	{
		Name: "hopfield-step-by-distance", Fault: "weights are those of −β‖q−kⱼ‖²/2, not of β⟨kⱼ, q⟩",
		Model: "mean shift",
		Kills: []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-010", "HOP-011", "HOP-023", "HOP-031"},
		Change: hopfieldMean(func(s retrieval) []float64 {
			x := s.logits()
			for j := range x {
				x[j] -= s.beta * reference.Dot(s.k.Row(j), s.k.Row(j)) / 2
			}
			return s.average(reference.SoftmaxRow(x))
		}),
	},
	{
		Name: "hopfield-step-stored-stays", Fault: "a state that is a stored pattern stays",
		Kills: []spec.ID{"HOP-019", "HOP-031"},
		Change: hopfieldStep(func(s retrieval) []float64 {
			if slices.Equal(s.nearest(), s.q) {
				return s.q
			}
			return s.towards(s.attention())
		}),
	},
	{
		Name: "hopfield-step-to-hidden", Fault: "the step counts hidden patterns",
		Kills:  []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-010", "HOP-011", "HOP-017", "HOP-020", "HOP-022", "HOP-023", "HOP-026", "HOP-027", "HOP-028", "HOP-029"},
		Change: hopfieldMean(func(s retrieval) []float64 { s.k = s.all; return s.attention() }),
	},
	{
		Name: "hopfield-step-zero-times-hidden", Fault: "hidden patterns have the weight 0 and are multiplied by it",
		Model: "a mask of the weights alone, which lets NaN through",
		Kills: []spec.ID{"HOP-002", "HOP-003", "HOP-005", "HOP-006", "HOP-017", "HOP-020", "HOP-022", "HOP-023", "HOP-026", "HOP-027", "HOP-028", "HOP-029"},
		Change: hopfieldMean(func(s retrieval) []float64 {
			o := s.attention()
			for j, seen := range s.visible {
				for c := range o {
					if !seen {
						o[c] += 0 * s.all.At(j, c)
					}
				}
			}
			return o
		}),
	},
	{
		Name: "hopfield-step-of-nothing-stays", Fault: "without a visible pattern a state stays",
		Kills: []spec.ID{"HOP-029"},
		Change: hopfieldStep(func(s retrieval) []float64 {
			if s.k.Rows == 0 {
				return s.q
			}
			return s.towards(s.attention())
		}),
	},
	{
		Name: "hopfield-step-blocks-not-rescaled", Fault: "each block of 16 patterns has its own maximum, and the blocks' sums are added as they are",
		Model:    "an online softmax that forgets to rescale when the maximum grows",
		Kills:    []spec.ID{"HOP-002", "HOP-003", "HOP-015", "HOP-018"},
		Change32: func(im *spec.Implementation[float32]) { im.Hopfield.Step = unscaledBlocks },
	},
}

var hopfieldBothMutants = []Mutant{
	{
		Name: "hopfield-unshifted", Fault: "exponentials are taken of the logits as they are, without the largest subtracted",
		Kills: []spec.ID{"HOP-012", "HOP-022", "HOP-023"},
		Change: func(im *implementation) {
			hopfieldEnergy(func(s retrieval) float64 {
				var sum float64
				for _, x := range s.logits() {
					sum += math.Exp(x)
				}
				return s.half() - math.Log(sum)/s.beta
			})(im)
			hopfieldMean(func(s retrieval) []float64 {
				p, sum := s.logits(), 0.0
				for j, x := range p {
					p[j] = math.Exp(x)
					sum += p[j]
				}
				for j := range p {
					p[j] /= sum
				}
				return s.average(p)
			})(im)
		},
	},
	{
		Name: "hopfield-tail-dropped", Fault: "the last of an odd number of patterns is left out",
		Model: "a loop by twos without its rest",
		Kills: []spec.ID{"HOP-001", "HOP-002", "HOP-003", "HOP-004", "HOP-010", "HOP-011", "HOP-012", "HOP-015", "HOP-018"},
		Change: hopfieldSees(func(s *retrieval) {
			if s.k.Rows > 1 {
				s.k.Rows &^= 1
			}
		}),
	},
	{
		Name: "hopfield-position-weighted", Fault: "later patterns count more, by the places of all",
		Kills: []spec.ID{"HOP-001", "HOP-002", "HOP-003", "HOP-004", "HOP-010", "HOP-011", "HOP-012", "HOP-014", "HOP-015", "HOP-018", "HOP-020", "HOP-028"},
		Change: hopfieldLogits(func(s retrieval, x []float64) {
			at := 0
			for j := range s.all.Rows {
				if s.visible == nil || s.visible[j] {
					x[at] += float64(j) / 8
					at++
				}
			}
		}),
	},
	{
		Name: "hopfield-last-channel-left-out", Fault: "logits leave out the last of several channels",
		Kills: []spec.ID{"HOP-001", "HOP-002", "HOP-003", "HOP-004", "HOP-005", "HOP-006", "HOP-010", "HOP-011", "HOP-012", "HOP-016", "HOP-017", "HOP-020", "HOP-023", "HOP-032"},
		Change: hopfieldLogits(func(s retrieval, x []float64) {
			for j := range x {
				if d := len(s.q); d > 1 {
					x[j] -= s.beta * s.k.At(j, d-1) * s.q[d-1]
				}
			}
		}),
	},
	{
		Name: "hopfield-channels-of-one-vector", Fault: "logits leave out what lies behind sixteen channels",
		Model: "a loop over vectors of channels that ends after the first",
		Kills: []spec.ID{"HOP-001", "HOP-002"},
		Change: hopfieldLogits(func(s retrieval, x []float64) {
			for j := range x {
				for c := 16; c < len(s.q); c++ {
					x[j] -= s.beta * s.k.At(j, c) * s.q[c]
				}
			}
		}),
	},
	{
		Name: "hopfield-rectified-logits", Fault: "negative logits are taken for 0",
		Kills: []spec.ID{"HOP-001", "HOP-002", "HOP-003", "HOP-004", "HOP-005", "HOP-006", "HOP-010", "HOP-011", "HOP-012", "HOP-020", "HOP-023", "HOP-025"},
		Change: hopfieldLogits(func(_ retrieval, x []float64) {
			for j := range x {
				x[j] = max(x[j], 0)
			}
		}),
	},
	{
		Name: "hopfield-rectified-states", Fault: "negative channels of a state give no logit",
		Kills: []spec.ID{"HOP-001", "HOP-002", "HOP-003", "HOP-004", "HOP-005", "HOP-006", "HOP-009", "HOP-010", "HOP-011", "HOP-012", "HOP-016", "HOP-017", "HOP-020", "HOP-023", "HOP-024", "HOP-025", "HOP-032"},
		Change: hopfieldLogits(func(s retrieval, x []float64) {
			for j := range x {
				for c, y := range s.q {
					x[j] -= s.beta * s.k.At(j, c) * min(y, 0)
				}
			}
		}),
	},
	{
		Name: "hopfield-nan-left-out", Fault: "patterns whose logit is NaN are left out",
		Kills: []spec.ID{"HOP-030"},
		Change: hopfieldLogits(func(_ retrieval, x []float64) {
			for j := range x {
				if math.IsNaN(x[j]) {
					x[j] = math.Inf(-1)
				}
			}
		}),
	},
	{
		Name: "hopfield-nan-to-all", Fault: "a state that is NaN makes all results NaN",
		Kills: []spec.ID{"HOP-030"},
		Change: func(im *implementation) {
			sound := im.Hopfield
			spoil := func(dst, q matrix) {
				if slices.ContainsFunc(spec.Convert[float64](q).Data, math.IsNaN) {
					for i := range dst.Rows {
						for c := range dst.Cols {
							dst.Set(i, c, math.NaN())
						}
					}
				}
			}
			im.Hopfield.Energy = func(dst, q, k matrix, visible []bool, beta float64) {
				sound.Energy(dst, q, k, visible, beta)
				spoil(dst, q)
			}
			im.Hopfield.Step = func(dst, q, k matrix, visible []bool, beta, eta float64) {
				sound.Step(dst, q, k, visible, beta, eta)
				spoil(dst, q)
			}
		},
	},
}
