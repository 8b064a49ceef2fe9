package props

import "example.com/attest/spec"

func softmaxProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
