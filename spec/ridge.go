package spec

// Ridge is the interaction energy with a ridge, F(Y) = E₁(Y) + λ‖YA‖²/2, whose
// step has an attention sink: the denominator D+λ.
type Ridge[T Float] struct {
	// Energy returns F(Y).
	Energy func(y, a Matrix[T], lambda T) T
	// Step stores Y⁺ = (1−η)Y + η(D+λ)⁻¹GY (n×d), λ ≥ 0.
	Step func(dst, y, a Matrix[T], lambda, eta T)
	// ChannelStep is the step for E₁(X√s) + λ‖X‖²/2 where channel k of X (n×d)
	// has its own squared weight s[k] ≥ 0 (S = diag(s)):
	// xₖ⁺ = (1−η)xₖ + η sₖ(sₖD+λ)⁻¹G xₖ. A channel with sₖ = 0 becomes
	// (1−η)xₖ, whatever λ ≥ 0.
	ChannelStep func(dst, x Matrix[T], s []T, lambda, eta T)
}
