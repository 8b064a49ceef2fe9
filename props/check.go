package props

import (
	"math"
	"strings"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// Oracle returns the judge for implementations over T: the reference for
// float32, its evaluation in higher precision for float64.
func Oracle[T spec.Float]() *spec.Implementation[float64] {
	if spec.Unit[T]() == spec.Unit[float64]() {
		return precise.Implementation()
	}
	return reference.Implementation()
}

// Check tries every claim on the implementation and returns a result for each,
// in the order of the table of claims. Claims about operations that it does not
// offer come back Unsupported.
func Check[T spec.Float](im *spec.Implementation[T], opt Options) []*Result {
	return runAll(Properties[T](), im, opt)
}

// CheckAttention tries every claim about attention on a kernel, as TestAttention
// does, and returns a result for each; those that need more than is declared come
// back Unsupported.
func CheckAttention[T spec.Float](kernel spec.Attention[T], takes spec.AttentionAbilities, opt Options) []*Result {
	im := kernelOf("attention", kernel, takes)
	return runAll(kernelProperties(im), im, opt)
}

// CheckAttentionBackward tries every claim about gradients of attention on a
// kernel, as TestAttentionBackward does, and returns a result for each; those that
// need more than is declared come back Unsupported.
func CheckAttentionBackward[T spec.Float](forward spec.Attention[T], backward spec.AttentionBackward[T], takes spec.BackwardAbilities, opt Options) []*Result {
	return runAll(affirmed(gradientProperties[T]()), backwardOf("gradients", forward, backward, takes), opt)
}

func runAll[T spec.Float](ps []Property[T], im *spec.Implementation[T], opt Options) []*Result {
	var out []*Result
	for _, p := range ps {
		out = append(out, Run(p, im, Oracle[T](), opt))
	}
	return out
}

// backwardOf returns an implementation that is a kernel for gradients, of whose
// rounding nothing is known, and one for the forward pass, which may be nil.
func backwardOf[T spec.Float](name string, forward spec.Attention[T], backward spec.AttentionBackward[T], takes spec.BackwardAbilities) *spec.Implementation[T] {
	im := kernelOf(name, forward, takes.AttentionAbilities)
	im.AttentionBackward, im.BackwardAbilities, im.BackwardProfile = backward, takes, im.Profile
	return im
}

// kernelOf returns an implementation that is a kernel of whose rounding nothing
// is known: its profile covers an online softmax over blocks of any size.
func kernelOf[T spec.Float](name string, kernel spec.Attention[T], takes spec.AttentionAbilities) *spec.Implementation[T] {
	return &spec.Implementation[T]{Name: name, Attention: kernel, AttentionAbilities: takes, Profile: spec.Profile{KeyBlock: 1}}
}

// kernelProperties returns the properties that a kernel is asked about: those of
// attention in all its forms, and what else of the table im offers all for, but for
// a level of determinism.
func kernelProperties[T spec.Float](im *spec.Implementation[T]) []Property[T] {
	var out []Property[T]
	for _, p := range affirmed(Properties[T]()) {
		need := missing(p, im)
		level := strings.HasPrefix(need, "Determinism.") && !strings.Contains(need, " and ")
		if need == "" || level || strings.HasPrefix(string(p.Claim), "ATT-") {
			out = append(out, p)
		}
	}
	return out
}

// affirmed drops the properties of refuted claims.
func affirmed[T spec.Float](in []Property[T]) []Property[T] {
	var out []Property[T]
	for _, p := range in {
		if c, err := spec.ClaimByID(p.Claim); err != nil || c.Kind != spec.Refuted {
			out = append(out, p)
		}
	}
	return out
}

// CheckEnergy tries the claims about energies of any kind and returns a result
// for each; those for which the energy declares nothing come back Unsupported.
// The refuted claims, which speak of this project's own energies, are left out.
func CheckEnergy[T spec.Float](e spec.Energy[T], opt Options) []*Result {
	return runAll(affirmed(energyProperties[T]()), energyImplementation(e), opt)
}

func energyImplementation[T spec.Float](e spec.Energy[T]) *spec.Implementation[T] {
	switch {
	case e.Value == nil:
		panic("attest: the energy has no Value")
	case !(e.MaxStep >= 0) || math.IsInf(e.MaxStep, 1):
		panic("attest: MaxStep of the energy is negative or not finite")
	case e.MaxStep > 0 && e.Step == nil:
		panic("attest: the energy declares MaxStep without a Step")
	case e.GradientField && e.Step == nil:
		panic("attest: the energy declares GradientField without a Step")
	case e.Roundings < 0:
		panic("attest: Roundings of the energy is negative")
	case badRange(e.Tokens) || badRange(e.Channels):
		panic("attest: the energy's range of tokens or channels is empty or not positive")
	}
	name := e.Name
	if name == "" {
		name = "energy"
	}
	e.Name = name
	return &spec.Implementation[T]{Name: name, Energies: []spec.Energy[T]{e}}
}

// badRange reports whether r is neither unset nor a range of positive sizes.
func badRange(r [2]int) bool { return r != [2]int{} && (r[0] < 1 || r[1] < r[0]) }
