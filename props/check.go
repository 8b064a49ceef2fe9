package props

import (
	"math"

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
	oracle := Oracle[T]()
	var out []*Result
	for _, p := range Properties[T]() {
		out = append(out, Run(p, im, oracle, opt))
	}
	return out
}

// CheckAttention tries every claim about attention alone on a kernel. The
// refuted claims, which say what attention does not do, are left out.
func CheckAttention[T spec.Float](kernel spec.Attention[T], opt Options) []*Result {
	im := kernelOf("attention", kernel)
	var out []*Result
	for _, p := range affirmed(Properties[T]()) {
		out = append(out, Run(p, im, Oracle[T](), opt))
	}
	return supported(out)
}

// CheckAttentionBackward tries every claim about gradients of attention on a
// kernel, those about its own forward pass too if that is not nil. The refuted
// claims are left out.
func CheckAttentionBackward[T spec.Float](forward spec.Attention[T], backward spec.AttentionBackward[T], opt Options) []*Result {
	im := backwardOf("gradients", forward, backward)
	var out []*Result
	for _, p := range affirmed(gradientProperties[T]()) {
		out = append(out, Run(p, im, Oracle[T](), opt))
	}
	return supported(out)
}

// backwardOf returns an implementation that is a kernel for gradients, of which
// nothing is known, and one for the forward pass, which may be nil.
func backwardOf[T spec.Float](name string, forward spec.Attention[T], backward spec.AttentionBackward[T]) *spec.Implementation[T] {
	im := kernelOf(name, forward)
	im.AttentionBackward, im.BackwardProfile = backward, im.Profile
	return im
}

// kernelOf returns an implementation that is a kernel of which nothing is
// known: its profile covers an online softmax over blocks of any size.
func kernelOf[T spec.Float](name string, kernel spec.Attention[T]) *spec.Implementation[T] {
	return &spec.Implementation[T]{Name: name, Attention: kernel, Profile: spec.Profile{KeyBlock: 1}}
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

// CheckEnergy tries the claims about energies of any kind, those that the
// energy declares something for. The refuted claims, which speak of this
// project's own energies, are left out.
func CheckEnergy[T spec.Float](e spec.Energy[T], opt Options) []*Result {
	var out []*Result
	for _, p := range affirmed(energyProperties[T]()) {
		out = append(out, Run(p, energyImplementation(e), Oracle[T](), opt))
	}
	return supported(out)
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

// supported drops the results of claims about operations that were not handed
// over.
func supported(in []*Result) []*Result {
	var out []*Result
	for _, r := range in {
		if r.Verdict != Unsupported {
			out = append(out, r)
		}
	}
	return out
}
