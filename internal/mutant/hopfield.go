package mutant

import (
	"math"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// retrieval is one state among patterns: all of them, and those that it sees.
type retrieval struct {
	q         []float64
	all, k    matrix
	visible   []bool
	beta, eta float64
}

// retrievalOf returns that of state i.
func retrievalOf(q, k matrix, visible []bool, beta, eta float64, i int) retrieval {
	s := retrieval{q: q.Row(i), all: k, k: matrix{Cols: k.Cols, Stride: k.Cols}, visible: visible, beta: beta, eta: eta}
	for j := range k.Rows {
		if visible == nil || visible[j] {
			s.k.Rows, s.k.Data = s.k.Rows+1, append(s.k.Data, k.Row(j)...)
		}
	}
	return s
}

// logits returns β⟨kⱼ, q⟩ of the patterns that are seen.
func (s retrieval) logits() []float64 {
	x := make([]float64, s.k.Rows)
	for j := range x {
		x[j] = s.beta * reference.Dot(s.k.Row(j), s.q)
	}
	return x
}

// half returns ‖q‖²/2.
func (s retrieval) half() float64 { return reference.Dot(s.q, s.q) / 2 }

// logSumExp returns log Σ exp xⱼ.
func logSumExp(x []float64) float64 {
	if len(x) == 0 {
		return math.Inf(-1)
	}
	top, sum := slices.Max(x), 0.0
	for _, l := range x {
		sum += math.Exp(l - top)
	}
	return top + math.Log(sum)
}

// energy returns ‖q‖²/2 − (1/β) log Σⱼ exp xⱼ.
func (s retrieval) energy() float64 { return s.half() - logSumExp(s.logits())/s.beta }

// average returns Σⱼ pⱼkⱼ.
func (s retrieval) average(p []float64) []float64 {
	out := make([]float64, len(s.q))
	for j, w := range p {
		for c := range out {
			out[c] += w * s.k.At(j, c)
		}
	}
	return out
}

// attention returns softmax(x)K.
func (s retrieval) attention() []float64 { return s.average(reference.SoftmaxRow(s.logits())) }

// towards returns (1−η)q + ηo.
func (s retrieval) towards(o []float64) []float64 {
	for c, x := range s.q {
		o[c] = (1-s.eta)*x + s.eta*o[c]
	}
	return o
}

// hopfieldEnergy makes a mutant of the energy of one state.
func hopfieldEnergy(energy func(s retrieval) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Hopfield.Energy = func(dst, q, k matrix, visible []bool, beta float64) {
			for i := range q.Rows {
				dst.Set(i, 0, energy(retrievalOf(q, k, visible, beta, 0, i)))
			}
		}
	}
}

// hopfieldStep makes a mutant of the step of one state.
func hopfieldStep(step func(s retrieval) []float64) func(im *implementation) {
	return func(im *implementation) {
		im.Hopfield.Step = func(dst, q, k matrix, visible []bool, beta, eta float64) {
			for i := range q.Rows {
				copy(dst.Row(i), step(retrievalOf(q, k, visible, beta, eta, i)))
			}
		}
	}
}

// hopfieldMean is hopfieldStep for what the state is averaged with.
func hopfieldMean(mean func(s retrieval) []float64) func(im *implementation) {
	return hopfieldStep(func(s retrieval) []float64 { return s.towards(mean(s)) })
}

// hopfieldEta changes the step size.
func hopfieldEta(f func(eta float64) float64) func(im *implementation) {
	return hopfieldStep(func(s retrieval) []float64 {
		s.eta = f(s.eta)
		return s.towards(s.attention())
	})
}

// hopfieldSees changes what energies and steps see.
func hopfieldSees(change func(s *retrieval)) func(im *implementation) {
	return func(im *implementation) {
		hopfieldEnergy(func(s retrieval) float64 { change(&s); return s.energy() })(im)
		hopfieldMean(func(s retrieval) []float64 {
			seen := s
			change(&seen)
			return seen.attention()
		})(im)
	}
}

// hopfieldLogits changes the logits of energies and steps.
func hopfieldLogits(change func(s retrieval, x []float64)) func(im *implementation) {
	logits := func(s retrieval) []float64 {
		x := s.logits()
		change(s, x)
		return x
	}
	return func(im *implementation) {
		hopfieldEnergy(func(s retrieval) float64 { return s.half() - logSumExp(logits(s))/s.beta })(im)
		hopfieldMean(func(s retrieval) []float64 { return s.average(reference.SoftmaxRow(logits(s))) })(im)
	}
}

// best returns the place of the pattern of the largest score.
func (s retrieval) best(score func(k []float64) float64) int {
	at := 0
	for j := range s.k.Rows {
		if score(s.k.Row(j)) > score(s.k.Row(at)) {
			at = j
		}
	}
	return at
}

// nearest returns the pattern nearest to q, zeros where there is none.
func (s retrieval) nearest() []float64 {
	if s.k.Rows == 0 {
		return make([]float64, len(s.q))
	}
	return slices.Clone(s.k.Row(s.best(func(k []float64) float64 { return reference.Dot(k, s.q) - reference.Dot(k, k)/2 })))
}

// leastEnergy returns −½ maxⱼ‖kⱼ‖² − log(n)/β.
func (s retrieval) leastEnergy() float64 {
	var longest float64
	for j := range s.k.Rows {
		longest = max(longest, reference.Dot(s.k.Row(j), s.k.Row(j))/2)
	}
	return -longest - math.Log(float64(s.k.Rows))/s.beta
}

// unscaledBlocks is a step in float32 whose weights are taken against the largest
// logit of their own block of 16 patterns.
func unscaledBlocks(dst, q, k spec.Matrix[float32], visible []bool, beta, eta float32) {
	const block = 16
	for i := range q.Rows {
		s := retrievalOf(spec.Convert[float64](q), spec.Convert[float64](k), visible, float64(beta), float64(eta), i)
		x, sum := s.logits(), 0.0
		for j0 := 0; j0 < len(x); j0 += block {
			part := x[j0:min(j0+block, len(x))]
			top := slices.Max(part)
			for j := range part {
				part[j] = math.Exp(part[j] - top)
				sum += part[j]
			}
		}
		for j := range x {
			x[j] /= sum
		}
		for c, y := range s.towards(s.average(x)) {
			dst.Set(i, c, float32(y))
		}
	}
}

var hopfieldMutants = slices.Concat(hopfieldEnergyMutants, hopfieldStepMutants, hopfieldBothMutants)
