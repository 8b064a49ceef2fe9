package props

import (
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

// CheckAttention tries every claim about attention alone on a kernel.
func CheckAttention[T spec.Float](kernel spec.Attention[T], opt Options) []*Result {
	return supported(Check(&spec.Implementation[T]{Name: "attention", Attention: kernel}, opt))
}

// CheckEnergy tries the claims about energies of any kind, those that the
// energy declares something for. The refuted claims, which speak of this
// project's own energies, are left out.
func CheckEnergy[T spec.Float](e spec.Energy[T], opt Options) []*Result {
	var out []*Result
	for _, p := range energyProperties[T]() {
		if c, _ := spec.ClaimByID(p.Claim); c.Kind != spec.Refuted {
			out = append(out, Run(p, energyImplementation(e), Oracle[T](), opt))
		}
	}
	return supported(out)
}

func energyImplementation[T spec.Float](e spec.Energy[T]) *spec.Implementation[T] {
	if e.Value == nil {
		panic("attest: the energy has no Value")
	}
	name := e.Name
	if name == "" {
		name = "energy"
	}
	e.Name = name
	return &spec.Implementation[T]{Name: name, Energies: []spec.Energy[T]{e}}
}

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
