package spec

// LayerNorm stores gain·(x−mean)/√(var+eps) + shift for each row of src (n×d),
// mean and variance (divided by d) taken over the row; gain and shift have
// length d. A row that holds NaN becomes NaN and touches no other row. dst may
// be src itself; it panics if the shapes differ or gain or shift is not of
// length d.
type LayerNorm[T Float] func(dst, src Matrix[T], gain, shift []T, eps T)
