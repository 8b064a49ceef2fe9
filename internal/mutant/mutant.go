// Package mutant is the proof that the suite can fail: implementations with one
// planted fault each, and the claims that must reject them.
package mutant

import (
	"fmt"
	"slices"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// Mutant is an implementation with one fault.
type Mutant struct {
	Name  string
	Fault string    // what is wrong, in one sentence
	Model string    // a real bug of this kind, where one is known
	Kills []spec.ID // every claim that must reject it
	// Change plants the fault in a copy of the reference. Change32, set
	// instead, plants it in a copy of the float32 implementation.
	Change   func(im *spec.Implementation[float64])
	Change32 func(im *spec.Implementation[float32])
}

// All lists every mutant.
func All() []Mutant {
	return slices.Concat(
		interactionMutants,
		ridgeMutants,
		maskedMutants,
		headsMutants,
		sphereMutants,
		hopfieldMutants,
		feedForwardMutants,
		proxMutants,
		alternatingMutants,
		layerMutants,
		asymmetricMutants,
		energyMutants,
		attentionMutants,
		gradientMutants,
		softmaxMutants,
		normMutants,
		linearMutants,
		logSoftmaxMutants,
		rmsMutants,
		ropeMutants,
		gatedMutants,
		positionMutants,
		residualMutants,
		blockMutants,
		equivalenceMutants,
		determinismMutants,
		determinismFormMutants,
		oneCheckMutants,
	)
}

// Death is what became of a mutant under one claim.
type Death struct {
	Claim   spec.ID
	Cases   int // tried until it was rejected
	Killed  bool
	Verdict props.Verdict
	Reason  string
	Sites   []string // of the check that rejected it; see props.Failure
}

// Try runs the claims that must reject m and says what each found.
func Try(m Mutant, opt props.Options) []Death {
	opt.NoReduce = true
	var deaths []Death
	for _, id := range m.Kills {
		if m.Change32 != nil {
			im, oracle := suite.Float32()
			deaths = append(deaths, try(m, id, m.Change32, im, oracle, opt))
		} else {
			im, oracle := suite.Reference()
			deaths = append(deaths, try(m, id, m.Change, im, oracle, opt))
		}
	}
	return deaths
}

func try[T spec.Float](m Mutant, id spec.ID, change func(*spec.Implementation[T]), im *spec.Implementation[T], oracle *spec.Implementation[float64], opt props.Options) Death {
	p, err := props.PropertyOf[T](id)
	if err != nil {
		return Death{Claim: id, Reason: err.Error()}
	}
	sound := *im
	im.Energies = slices.Clone(im.Energies)
	change(im)
	im.Name = m.Name
	r := props.Run(p, im, oracle, opt)
	d := Death{Claim: id, Cases: max(r.Cases, 1), Verdict: r.Verdict, Reason: r.Reason}
	if r.Failure != nil {
		d.Sites = r.Failure.Sites
	}
	switch r.Verdict {
	case props.Violated:
		d.Killed = true
	case props.Vacuous:
		d.Killed = r.Claim.Kind == spec.Refuted
	case props.Measured:
		// Nothing is asserted of a rate; the fault shows where the middle halves
		// of the measured rates do not overlap.
		lo, hi := middle(r.Rates)
		soundLo, soundHi := middle(props.Run(p, &sound, oracle, opt).Rates)
		d.Killed = lo > soundHi || hi < soundLo
		d.Reason = fmt.Sprintf("middle half of the rates [%.3g, %.3g], of the sound ones [%.3g, %.3g]", lo, hi, soundLo, soundHi)
	}
	return d
}

// middle returns the quartiles of the rates.
func middle(rates []float64) (lo, hi float64) {
	s := slices.Sorted(slices.Values(rates))
	return s[len(s)/4], s[len(s)*3/4]
}
