package spec

// Softmax stores exp(xⱼ)/Σₖexp(xₖ) in dst for the logits x, the softmax of one
// row. Logits of −Inf get weight exactly 0; a row of nothing but −Inf gets all
// zeros. A logit that is NaN or +Inf makes every weight NaN. An empty row is
// left alone. dst may be x itself; it panics if the lengths differ.
type Softmax[T Float] func(dst, x []T)

// LogSoftmax stores xⱼ − log Σₖexp(xₖ) in dst for the logits x, the logarithms
// of the softmax of one row. The largest logit is subtracted first, so that a
// common shift costs nothing. Logits of −Inf get −Inf, which is all that a row
// of nothing but −Inf gets. A logit that is NaN or +Inf makes everything NaN.
// An empty row is left alone. dst may be x itself; it panics if the lengths
// differ.
type LogSoftmax[T Float] func(dst, x []T)
