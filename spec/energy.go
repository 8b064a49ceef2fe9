package spec

// Energy is an energy of tokens Y (n×d) that somebody hands over to be tried,
// with whatever belongs to it. Only Name and Value are needed; each further
// field is a declaration, and adds the claims about it.
type Energy[T Float] struct {
	Name string
	// Tokens and Channels are the ranges of n and d in which cases are drawn;
	// {1, 8} when both ends are zero.
	Tokens, Channels [2]int
	// Value returns E(Y).
	Value func(y Matrix[T]) T
	// Gradient stores ∇E(Y).
	Gradient func(dst, y Matrix[T])
	// Majorizer returns M(Y; Y₀) ≥ E(Y) with M(Y₀; Y₀) = E(Y₀).
	Majorizer func(y, y0 Matrix[T]) T
	// Step stores Y⁺, the update with step size η.
	Step func(dst, y Matrix[T], eta T)
	// MaxStep declares that the update does not raise E for 0 < η ≤ MaxStep.
	MaxStep float64
	// Stiffness returns q with ‖∇E(Y)‖ ≤ (q/η)‖Y⁺−Y‖: the largest curvature by
	// which the step divides the gradient. It declares that the update rests
	// only where the gradient vanishes.
	Stiffness func(y Matrix[float64]) float64
	// GradientField declares that Y − Y⁺ is itself the gradient of something.
	GradientField bool
	// Activation is the scalar function that ends the step; declaring it
	// declares it to be the proximal operator of a convex penalty.
	Activation func(x T) T
	// Project moves a drawn point into the domain of E, in place. Nil: E is
	// defined everywhere.
	Project func(y Matrix[float64])
	// ValueError bounds the rounding error of Value at Y. Nil stands for the
	// model that Value is E at relative perturbations of Y and of the result of
	// at most Roundings·u each.
	ValueError func(y Matrix[float64]) float64
	// Roundings of that model; 0 stands for 4nd + 64.
	Roundings int
}
