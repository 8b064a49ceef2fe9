package props

import "example.com/attest/spec"

func normProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
