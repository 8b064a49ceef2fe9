package props

import (
	"fmt"
	"slices"

	"example.com/attest/spec"
)

// Properties returns the property of every claim, in the order of the table of
// claims.
func Properties[T spec.Float]() []Property[T] {
	return slices.Concat(
		interactionProperties[T](),
		ridgeProperties[T](),
		maskedProperties[T](),
		headsProperties[T](),
		sphereProperties[T](),
		hopfieldProperties[T](),
		feedForwardProperties[T](),
		proxProperties[T](),
		alternatingProperties[T](),
		layerProperties[T](),
		asymmetricProperties[T](),
		energyProperties[T](),
		attentionProperties[T](),
		gradientProperties[T](),
		softmaxProperties[T](),
		logSoftmaxProperties[T](),
		normProperties[T](),
		linearProperties[T](),
		rmsProperties[T](),
		ropeProperties[T](),
		gatedProperties[T](),
		positionProperties[T](),
		residualProperties[T](),
		multiHeadProperties[T](),
		blockProperties[T](),
		equivalenceProperties[T](),
		determinismProperties[T](),
		determinismFormProperties[T](),
	)
}

// PropertyOf returns the property of a claim. The error names the claim.
func PropertyOf[T spec.Float](id spec.ID) (Property[T], error) {
	for _, p := range Properties[T]() {
		if p.Claim == id {
			return p, nil
		}
	}
	return Property[T]{}, fmt.Errorf("claim %s has no property", id)
}
