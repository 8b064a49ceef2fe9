package spec

// Softmax stores exp(xⱼ)/Σₖexp(xₖ) in dst for the logits x, the softmax of one
// row. Logits of −Inf get weight exactly 0; a row of nothing but −Inf gets all
// zeros.
type Softmax[T Float] func(dst, x []T)
