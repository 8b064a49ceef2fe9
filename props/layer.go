package props

import "example.com/attest/spec"

func layerProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
