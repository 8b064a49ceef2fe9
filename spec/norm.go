package spec

// LayerNorm stores gain·(x−mean)/√(var+eps) + shift for each row of src (n×d),
// mean and variance (divided by d) taken over the row; gain and shift have
// length d. A row that holds NaN becomes NaN and touches no other row. dst may
// be src itself; it panics if the shapes differ or gain or shift is not of
// length d.
type LayerNorm[T Float] func(dst, src Matrix[T], gain, shift []T, eps T)

// RMSNorm stores gain·x/√(mean x² + eps) for each row of src (n×d), the mean
// taken over the row; gain has length d. Nothing is subtracted. A row that holds
// NaN becomes NaN and touches no other row. dst may be src itself; it panics if
// the shapes differ or gain is not of length d.
type RMSNorm[T Float] func(dst, src Matrix[T], gain []T, eps T)
