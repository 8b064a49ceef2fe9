package spec

// LayerNorm stores gain·(x−mean)/√(var+eps) + shift for each row of src (n×d),
// mean and variance (divided by d) taken over the row; gain and shift have
// length d.
type LayerNorm[T Float] func(dst, src Matrix[T], gain, shift []T, eps T)
