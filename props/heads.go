package props

import "example.com/attest/spec"

func headsProperties[T spec.Float]() []Property[T] {
	return []Property[T]{}
}
