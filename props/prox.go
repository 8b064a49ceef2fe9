package props

import "example.com/attest/spec"

func proxProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
