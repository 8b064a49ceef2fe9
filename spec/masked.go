package spec

// Masked holds the steps of tokens that do not all see one another. A
// destination must not overlap an input.
type Masked[T Float] struct {
	// FrozenStep moves queries Y (m×d) among keys X (n×d) that stay where they
	// are, A = I: yᵢ⁺ = (1−η)yᵢ + η(Σⱼ gᵢⱼxⱼ + yᵢ)/(Σⱼ gᵢⱼ + 1),
	// gᵢⱼ = exp(−‖yᵢ−xⱼ‖²/2). Its energy for each query is −Σⱼ gᵢⱼ.
	FrozenStep func(dst, y, x Matrix[T], eta T)
	// CausalStep updates all tokens at once, token i from tokens j ≤ i alone:
	// yᵢ⁺ = (1−η)yᵢ + η Σ_{j≤i} Gᵢⱼyⱼ / Σ_{j≤i} Gᵢⱼ, A = I. Token i is
	// independent of what tokens j > i hold, NaN included.
	CausalStep func(dst, y Matrix[T], eta T)
	// SymmetricStep weighs each pair by Kᵢⱼ ≥ 0 (n×n), A = I:
	// yᵢ⁺ = (1−η)yᵢ + η Σⱼ KᵢⱼGᵢⱼyⱼ / Σⱼ KᵢⱼGᵢⱼ, row i with row i of K. Where
	// Kᵢⱼ = 0, token j is not looked at, whatever it holds; a token all of whose
	// weights are zero, or underflow to it, stays. For symmetric K its energy is
	// −Σ_{i<j} Kᵢⱼ exp(−zᵢⱼ). The step is defined for other K too, and an
	// implementation must not use the symmetry.
	SymmetricStep func(dst, y, k Matrix[T], eta T)
}
