package spec

// Positions stores sinusoidal positions in dst (n×d): row i, at position p =
// offset + i, has sin(p·base^(−2k/d)) in channel 2k and the cosine of the same
// angle in channel 2k+1. With d odd the last channel is a sine alone. Angles are
// formed and reduced in float64 whatever T is, as for Rope. It panics unless
// base > 1.
type Positions[T Float] func(dst Matrix[T], offset int, base float64)

// Residual stores X + Y, each element rounded once. dst may be x itself, the
// stream, and is apart from y, the branch; it panics if the shapes differ.
type Residual[T Float] func(dst, x, y Matrix[T])
