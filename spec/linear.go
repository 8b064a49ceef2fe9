package spec

// Linear stores X·W + bias for X (n×d), W (d×p) and bias of length p, which may
// be nil.
type Linear[T Float] func(dst, x, w Matrix[T], bias []T)

// ReLU stores max(0, x) for each x of src; NaN stays NaN, −0 becomes +0.
type ReLU[T Float] func(dst, src []T)
