package props

import "example.com/attest/spec"

func attentionProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
