package spec

// Quadratic is the energy ½⟨y, yK⟩ − ⟨b, y⟩ of a row vector y (1×d), K
// symmetric (d×d).
type Quadratic[T Float] struct{ K, B Matrix[T] }

// Alternating holds alternating inexact minimisation (AIM) of f+g.
type Alternating[T Float] struct {
	// Step stores u − η₂∇g(u) with u = y − η₁∇f(y).
	Step func(dst, y Matrix[T], f, g Quadratic[T], eta1, eta2 T)
	// ReLUStep stores max(0, u − η₂∇g(u)) with u = y − η₁∇f(y).
	ReLUStep func(dst, y Matrix[T], f, g Quadratic[T], eta1, eta2 T)
	// Region reports whether y lies in the Apollonius set
	// ‖y − yf‖ ≤ c·‖y − yh‖.
	Region func(y, yf, yh Matrix[T], c T) bool
}
