package spec

// FeedForward is the quadratic energy of the feed-forward layer for tokens
// Y (n×d), weights W (d×d, any) and B (n×d),
//
//	E₂(Y) = ½ tr(Y W Yᵀ) + ½‖Y−B‖²,   K = (W+Wᵀ)/2 + I.
type FeedForward[T Float] struct {
	// Energy returns E₂(Y).
	Energy func(y, w, b Matrix[T]) T
	// Gradient stores YK − B (n×d).
	Gradient func(dst, y, w, b Matrix[T])
	// Step stores Y − η(YK − B) (n×d); at η = 1 it is the linear layer
	// −Y(W+Wᵀ)/2 + B.
	Step func(dst, y, w, b Matrix[T], eta T)
}
