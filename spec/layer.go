package spec

// Layer is the whole unfolded layer: the softmax_β step, then the feed-forward
// step, then, if wanted, the activation.
type Layer[T Float] struct {
	// Energy returns E₁(YA) + E₂(Y), see Interaction and FeedForward.
	Energy func(y, a, w, b Matrix[T]) T
	// Step stores σ(U − η₂(UK − B)), U = (1−η₁)Y + η₁PY, σ = max(0, ·) if relu
	// is set and the identity otherwise.
	Step func(dst, y, a, w, b Matrix[T], eta1, eta2 T, relu bool)
	// ParallelStep stores σ(yᵢ − (η/qᵢ)(LYS + YK − B)ᵢ), both parts taken at
	// the same Y, qᵢ = Dᵢ·tr(S) + max row sum of |K| > 0.
	ParallelStep func(dst, y, a, w, b Matrix[T], eta T, relu bool)
}
