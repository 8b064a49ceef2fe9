package spec

// Hopfield retrieves patterns, the rows of K (n×d), from states, the rows of
// Q (m×d), that do not see one another: the continuous Hopfield network whose
// update is attention with the patterns for keys and values and the scale β. A
// finite β > 0 is its inverse temperature. visible says which patterns count;
// nil is all. What hidden ones hold is never used. Without a visible pattern the
// sum is empty: the energy is +Inf, and the attention 0, as Attention says. NaN in
// a visible pattern makes every result NaN, in a state those of the state.
type Hopfield[T Float] struct {
	// Energy stores E(qᵢ) = ‖qᵢ‖²/2 − (1/β) log Σⱼ exp(β⟨kⱼ, qᵢ⟩) in the m×1 dst.
	Energy func(dst, q, k Matrix[T], visible []bool, beta T)
	// Step stores qᵢ − η∇E(qᵢ) = (1−η)qᵢ + η·softmax(βKqᵢ)K.
	Step func(dst, q, k Matrix[T], visible []bool, beta, eta T)
}
