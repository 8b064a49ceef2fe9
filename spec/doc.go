// Package spec is the law: what a Transformer's parts and the energies behind
// them must do, stated as data. It holds the table of claims with their
// sources, the contracts that an implementation fills in, the shapes and views
// they speak of, and the error bounds that say how far rounding may carry a
// correct implementation. It has no algorithms and imports nothing of testing.
//
// # Words
//
// One concept has one word, here and in every other package.
//
//   - n tokens, m queries, dHead, dValue, dModel: sizes.
//   - query, key, value; scale multiplies q·kᵀ; logits are what the softmax
//     receives, after scale and mask; weights = softmax(logits).
//   - mask: Allowed(i, j) is true where query i may attend to key j.
//   - Y is the matrix of tokens, a token a row; A (d×p) the weights of the
//     interaction; U = YA; S = AAᵀ. zᵢⱼ = ‖uᵢ−uⱼ‖²/2, Gᵢⱼ = exp(−zᵢⱼ),
//     Dᵢ = Σⱼ Gᵢⱼ (the self term included), L = D−G, P = D⁻¹G.
//   - softmax_β: the row softmax of uᵢ·uⱼ − ‖uⱼ‖²/2, which equals P.
//   - position p of a token; a rotary embedding turns pairs of channels by the
//     angle θ = p·ω, ω the frequency of the pair.
//   - gate, up, down: the matrices of a gated layer; its hidden units are
//     act(gate)·up.
//   - energy E, gradient, step, step size η, descent; a majorizer touches the
//     energy at the current point and lies above it elsewhere; prox is the
//     proximal operator; curvature bound L of a function is an upper bound on
//     the largest eigenvalue of its Hessian.
//   - got, want, err = |got − want|, bound (the largest err that rounding
//     allows, derived), ratio = err/bound.
//   - u: the unit roundoff, 2⁻²⁴ for float32 and 2⁻⁵³ for float64.
package spec
