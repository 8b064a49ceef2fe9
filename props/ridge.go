package props

import "example.com/attest/spec"

func ridgeProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
