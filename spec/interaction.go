package spec

// Interaction is the interaction energy of tokens Y (n×d) under weights A (d×p),
//
//	E₁(Y) = −Σ_{i<j} exp(−zᵢⱼ),   zᵢⱼ = ‖(yᵢ−yⱼ)A‖²/2,
//
// and what belongs to it, with G, D, L, P as in the package comment.
type Interaction[T Float] struct {
	// Energy returns E₁(Y).
	Energy func(y, a Matrix[T]) T
	// Gradient stores ∇E₁(Y) = (D−G) Y S (n×d).
	Gradient func(dst, y, a Matrix[T])
	// HessianVector stores ∇²E₁(Y)[V], the derivative of the gradient at Y in
	// the direction V (n×d).
	HessianVector func(dst, y, a, v Matrix[T])
	// Majorizer returns E₁(Y₀) + Σ_{i<j} exp(−zᵢⱼ(Y₀)) (zᵢⱼ(Y) − zᵢⱼ(Y₀)).
	Majorizer func(y, y0, a Matrix[T]) T
	// Conjugate returns g log g − g for g > 0 and 0 for g = 0: the function of
	// g whose least value of g·z + Conjugate(g) over g ≥ 0 is −exp(−z).
	Conjugate func(g T) T
	// Weights stores P (n×n).
	Weights func(dst, y, a Matrix[T])
	// Step stores the softmax_β step Y⁺ = (1−η)Y + ηPY (n×d).
	Step func(dst, y, a Matrix[T], eta T)
}
