package spec

import "slices"

// Activation names an elementwise activation function.
type Activation string

// The activations that the law speaks of. A parameter, where there is one,
// is fixed in the name's comment.
const (
	ActReLU          Activation = "relu"           // max(0, x)
	ActReLU6         Activation = "relu6"          // min(max(0, x), 6)
	ActHardTanh      Activation = "hardtanh"       // clip to [−1, 1]
	ActLeakyReLU     Activation = "leaky-relu"     // slope 1/8 below zero
	ActSoftThreshold Activation = "soft-threshold" // sign(x)·max(0, |x|−1)
	ActTanh          Activation = "tanh"
	ActSigmoid       Activation = "sigmoid"
	ActSoftplus      Activation = "softplus"     // log(1+eˣ)
	ActELU           Activation = "elu"          // eˣ−1 below zero
	ActSoftsign      Activation = "softsign"     // x/(1+|x|)
	ActArctan        Activation = "arctan"       // (2/π)·atan((π/2)x)
	ActHardSigmoid   Activation = "hard-sigmoid" // clip(x/6+½, 0, 1)
	ActGELU          Activation = "gelu"         // xΦ(x), the erf form
	ActGELUTanh      Activation = "gelu-tanh"    // x/2·(1+tanh(√(2/π)(x+0.044715x³)))
	ActSiLU          Activation = "silu"         // x/(1+e⁻ˣ)
	ActMish          Activation = "mish"         // x·tanh(softplus(x))
	ActHardSwish     Activation = "hard-swish"   // x·clip(x/6+½, 0, 1)
	ActSELU          Activation = "selu"         // λx, λα(eˣ−1) with the usual λ, α
	ActELU2          Activation = "elu2"         // 2(eˣ−1) below zero
	ActSquaredReLU   Activation = "squared-relu" // max(0, x)²
)

// ProxActivations lists the activations that are the proximal operator of a
// convex penalty; OtherActivations lists those that are not.
var (
	ProxActivations = []Activation{ActReLU, ActReLU6, ActHardTanh, ActLeakyReLU, ActSoftThreshold, ActTanh, ActSigmoid,
		ActSoftplus, ActELU, ActSoftsign, ActArctan, ActHardSigmoid}
	OtherActivations = []Activation{ActGELU, ActGELUTanh, ActSiLU, ActMish, ActHardSwish, ActSELU, ActELU2, ActSquaredReLU}
)

// CheckActivation panics with a constant text when act is no activation.
func CheckActivation(act Activation) {
	if !slices.Contains(ProxActivations, act) && !slices.Contains(OtherActivations, act) {
		panic("attest: unknown activation")
	}
}

// CheckActivate checks the operands of Prox.Apply.
func CheckActivate[T Float](dst, src []T, act Activation) {
	CheckElementwise(dst, src)
	CheckActivation(act)
}

// Prox holds activations and the penalties whose proximal operator they are.
type Prox[T Float] struct {
	// Apply stores act(x) for each x of src in dst, which may be src itself.
	Apply func(dst, src []T, act Activation)
	// Penalty returns φ(p), the convex penalty with
	// act(x) = argmin_p φ(p) + (p−x)²/2, up to a constant; +Inf outside its
	// domain. It is defined for ProxActivations.
	Penalty func(p T, act Activation) T
	// Step stores prox_{ηφ}(Y − η∇E₂(Y)) for the penalty λ|·| summed over the
	// elements (soft threshold) or, with lambda < 0, the indicator of Y ≥ 0
	// (ReLU).
	Step func(dst, y, w, b Matrix[T], lambda, eta T)
}
