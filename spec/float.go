package spec

// Float is an element type: float32 for the code under test, float64 for the
// reference.
type Float interface{ float32 | float64 }

// Unit returns the unit roundoff u of T: 2⁻²⁴ for float32, 2⁻⁵³ for float64.
func Unit[T Float]() float64 {
	if is32[T]() {
		return 0x1p-24
	}
	return 0x1p-53
}

// Tiny returns the smallest positive number of T: 2⁻¹⁴⁹ for float32, 2⁻¹⁰⁷⁴
// for float64. It bounds what an operation can lose to underflow.
func Tiny[T Float]() float64 {
	if is32[T]() {
		return 0x1p-149
	}
	return 0x1p-1074
}

func is32[T Float]() bool {
	var x T
	_, ok := any(x).(float32)
	return ok
}
