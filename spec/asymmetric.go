package spec

// Asymmetric holds what is asked when the weights W (d×d) of a linear map
// y → yW are not symmetric: whether the map is the step of an energy, the forms
// that make it one, and the fixed-point iteration that needs none. A
// destination must not overlap an input.
type Asymmetric[T Float] struct {
	// Apply stores YW, Y n×d.
	Apply func(dst, y, w Matrix[T])
	// Lift stores the symmetric 2d×2d matrix [[0, W], [Wᵀ, 0]]:
	// [y, 0]·Lift(W) = [0, yW].
	Lift func(dst, w Matrix[T])
	// Dilate stores the 2d×2d matrix [[√(I−WWᵀ), W], [Wᵀ, −√(I−WᵀW)]],
	// symmetric, and for ‖W‖₂ ≤ 1 orthogonal. Beyond that, negative
	// eigenvalues under the root count as 0.
	Dilate func(dst, w Matrix[T])
	// Precondition stores H symmetric and Q symmetric positive definite with
	// I − W = HQ for W = V diag(omega) V⁻¹:
	// H = V diag(1−omega) Vᵀ, Q = (VVᵀ)⁻¹.
	Precondition func(h, q, v Matrix[T], omega []T)
	// EquilibriumStep stores X⁺ = max(0, (1−η)X + η(XWᵀ + b)), X n×d, b 1×d,
	// a row a state: forward-backward splitting for x = max(0, xWᵀ + b).
	EquilibriumStep func(dst, x, w, b Matrix[T], eta T)
	// AttentionMap stores KXA (n×d) with Kᵢⱼ = exp(xᵢAxⱼᵀ), A d×d; normalized
	// divides each row of K by its sum: the ordinary softmax attention of
	// tokens X with values XA.
	AttentionMap func(dst, x, a Matrix[T], normalized bool)
}
