package spec

const (
	logitDomain  = "finite logits x of length n ≥ 1, some of them −Inf"
	partsSection = "The parts of a Transformer"
)

var softmaxClaims = []Claim{
	{
		ID: "SMX-001", Name: "weights_are_normalized_exponentials", Kind: Equivalence,
		Statement: "The weights are exp(xⱼ)/Σₖexp(xₖ).",
		Domain:    logitDomain,
		Bound:     "pⱼ(relⱼ + Σₖpₖrelₖ + Σₖmin(u, pₖ) + 2u), relⱼ = u(m−xⱼ) + 4u + 5u·(number of distinct logits above xⱼ) (reference.SoftmaxBounds.Weight)",
		Sources:   []Source{{"blanchard2021", "the shifted softmax"}, own(partsSection)},
		On:        []string{"Softmax"},
	},
	{
		ID: "SMX-002", Name: "weights_nonnegative_and_sum_to_one", Kind: Bound,
		Statement: "Every weight lies in [0, 1] and they sum to 1.",
		Domain:    "finite logits, n ≥ 1",
		Bound:     "the sum of the bounds of SMX-001; weights are at least 0 exactly and at most 1 + 2u",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Softmax"},
	},
	{
		ID: "SMX-003", Name: "weights_invariant_of_exact_shift", Kind: Metamorphic,
		Statement: "softmax(x + c) = softmax(x).",
		Domain:    "finite logits, any number c",
		Given:     []Hypothesis{{"x + c is exact: no logit is rounded", "SMX-004"}},
		Bound:     "twice the bound of SMX-001: the differences of the logits are the same",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Softmax"},
	},
	{
		ID: "SMX-004", Name: "weights_invariant_of_rounded_shift", Kind: Refuted,
		Statement: "softmax(fl(x + c)) = softmax(x) for every c, x + c rounded to a floating-point number.",
		Domain:    "finite logits, any number c",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Softmax"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2},
			Numbers:  map[string]float64{"c": 0x1p60},
			Matrices: map[string][][]float64{"x": {{0, 1}}},
			Excess:   0.231, // 1/2 against 1/(1+e) = 0.2689
		},
	},
	{
		ID: "SMX-005", Name: "weights_ordered_as_logits", Kind: Bound,
		Statement: "xᵢ ≤ xⱼ implies pᵢ ≤ pⱼ; in particular equal logits have equal weights.",
		Domain:    logitDomain,
		Bound:     "pᵢ(relᵢ + 2u) + pⱼ(relⱼ + 2u): both share the sum (reference.SoftmaxBounds.Order)",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Softmax"},
	},
	{
		ID: "SMX-006", Name: "minus_infinity_weighs_nothing", Kind: Metamorphic,
		Statement: "A logit of −Inf gets weight exactly +0 and leaves the other weights as they are without it; a row of nothing but −Inf gets +0 everywhere.",
		Domain:    logitDomain + ", possibly all",
		Bound:     "the zeros bitwise; the others twice the bound of SMX-001",
		Sources:   []Source{{"onnx", "fully masked rows are zero since opset 24"}, own(partsSection)},
		On:        []string{"Softmax"},
	},
	{
		ID: "SMX-007", Name: "weights_finite_of_huge_logits", Kind: Bound,
		Statement: "Nothing overflows: for finite logits up to the largest number the weights are those of SMX-001.",
		Domain:    "finite logits of magnitude up to 2^127 (float32) and 2^1023 (float64)",
		Bound:     "SMX-001",
		Sources:   []Source{{"blanchard2021", "overflow of the unshifted form"}, own(partsSection)},
		On:        []string{"Softmax"},
	},
	{
		ID: "SMX-008", Name: "weights_commute_with_permutation", Kind: Metamorphic,
		Statement: "Permuting the logits permutes the weights.",
		Domain:    logitDomain,
		Bound:     "twice the bound of SMX-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Softmax"},
	},
	{
		ID: "SMX-009", Name: "nan_reaches_every_weight", Kind: Metamorphic,
		Statement: "If any logit is NaN or +Inf, every weight is NaN.",
		Domain:    "logits with a NaN or +Inf at any place, the others finite or −Inf",
		Bound:     "none: NaN or not",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Softmax"},
	},
}
