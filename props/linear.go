package props

import "example.com/attest/spec"

func linearProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
