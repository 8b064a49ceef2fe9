package spec

// Linear stores X·W + bias for X (n×d), W (d×p) and bias of length p, which may
// be nil. Every product counts, also those with zero: NaN in X reaches its
// whole row, NaN in W its whole column. It panics as CheckLinear says.
type Linear[T Float] func(dst, x, w Matrix[T], bias []T)

// ReLU stores max(0, x) for each x of src; NaN stays NaN, −0 becomes +0. dst
// may be src itself; it panics as CheckElementwise says.
type ReLU[T Float] func(dst, src []T)
