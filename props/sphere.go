package props

import "example.com/attest/spec"

func sphereProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
