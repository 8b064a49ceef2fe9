package spec

// Asymmetric holds the forms that make an asymmetric weight matrix W (d×d) the
// step of an energy.
type Asymmetric[T Float] struct {
	// Lift stores the symmetric 2d×2d matrix [[0, W], [Wᵀ, 0]]:
	// [y, 0]·Lift(W) = [0, yW].
	Lift func(dst, w Matrix[T])
	// Dilate stores the symmetric orthogonal 2d×2d matrix
	// [[√(I−WWᵀ), W], [Wᵀ, −√(I−WᵀW)]] for ‖W‖₂ ≤ 1.
	Dilate func(dst, w Matrix[T])
	// Precondition stores H symmetric and Q symmetric positive definite with
	// I − W = HQ, for W = V diag(omega) V⁻¹ given by V and its eigenvalues.
	Precondition func(h, q, v Matrix[T], omega []T)
	// EquilibriumStep stores x⁺ = max(0, (1−η)x + η(xWᵀ + b)),
	// x and b 1×d: forward-backward splitting for the fixed point
	// x = max(0, xWᵀ + b).
	EquilibriumStep func(dst, x, w, b Matrix[T], eta T)
}
