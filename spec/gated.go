package spec

// Gated stores the gated feed-forward layer (act(XG) ⊙ XU)D for X (n×d), gate
// and up (d×h) and down (h×p): SwiGLU with ActSiLU, GeGLU with ActGELU or
// ActGELUTanh, ReGLU with ActReLU, GLU with ActSigmoid. It panics if the shapes
// do not fit, dst shares memory with an operand, or act is unknown.
type Gated[T Float] func(dst, x, gate, up, down Matrix[T], act Activation)

// GateActivations lists the activations with which gated layers are tried.
var GateActivations = []Activation{ActSiLU, ActGELU, ActGELUTanh, ActReLU, ActSigmoid}
