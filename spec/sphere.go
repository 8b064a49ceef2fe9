package spec

// Sphere holds steps of tokens that are normalised back to norm R, as a
// normalisation layer without learned weights does. A token whose direction w
// is exactly zero stays where it is.
type Sphere[T Float] struct {
	// Step stores yᵢ⁺ = R·wᵢ/‖wᵢ‖, W = (1−η)Y + ηPY with A = I.
	Step func(dst, y Matrix[T], radius, eta T)
	// WeightedStep stores yᵢ⁺ = R·wᵢ/‖wᵢ‖, W = Y + η(PY − Y)S, S = AAᵀ.
	WeightedStep func(dst, y, a Matrix[T], radius, eta T)
	// AttentionStep is one head of ordinary softmax attention with a residual
	// of weight c: yᵢ⁺ = R·wᵢ/‖wᵢ‖, W = cY + softmax(YMYᵀ)YV with M and V d×d,
	// each the identity when it is the zero Matrix. Values tied to the logits'
	// matrix, V = M, M symmetric and positive semidefinite and c ≥ 0 make it a
	// descent step of −½Σᵢⱼ exp(yᵢMyⱼᵀ).
	AttentionStep func(dst, y, m, v Matrix[T], radius, c T)
}
