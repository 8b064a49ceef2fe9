package props

import "example.com/attest/spec"

func energyProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
