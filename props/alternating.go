package props

import "example.com/attest/spec"

func alternatingProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
