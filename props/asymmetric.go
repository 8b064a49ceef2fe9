package props

import "example.com/attest/spec"

func asymmetricProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
