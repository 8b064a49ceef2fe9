package spec

// Sphere holds steps of tokens that are normalised back to norm R.
type Sphere[T Float] struct {
	// Step stores yᵢ⁺ = R·w/‖w‖, w = (1−η)yᵢ + η(PY)ᵢ with A = I; a token with
	// w = 0 stays.
	Step func(dst, y Matrix[T], radius, eta T)
	// WeightedStep stores yᵢ⁺ = R·w/‖w‖, w = yᵢ + η((PY)ᵢ − yᵢ)S, S = AAᵀ.
	WeightedStep func(dst, y, a Matrix[T], radius, eta T)
	// TiedStep is the ordinary softmax with values tied to S = AAᵀ:
	// yᵢ⁺ = R·w/‖w‖, w = c·yᵢ + (softmax(YSYᵀ)YS)ᵢ, c ≥ 0.
	TiedStep func(dst, y, a Matrix[T], radius, c T)
}
