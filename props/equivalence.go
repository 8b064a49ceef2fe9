package props

import "example.com/attest/spec"

func equivalenceProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
