package spec

const rowDomain = "finite rows X (n×d), gain and shift of length d, eps ≥ 0, variance + eps well above the rounding of the variance"

var normClaims = []Claim{
	{
		ID: "LNM-001", Name: "rows_are_centred_and_scaled", Kind: Equivalence,
		Statement: "Output (i, k) is gainₖ(xᵢₖ − μᵢ)/√(σᵢ² + eps) + shiftₖ, μᵢ the mean of row i and σᵢ² = Σₖ(xᵢₖ − μᵢ)²/d.",
		Domain:    rowDomain,
		Bound:     "element-wise, reference.NormBounds.Output: two passes, sums in any order",
		Sources:   []Source{{"ba2016", "layer normalization"}, own(partsSection)},
		On:        []string{"LayerNorm"},
	},
	{
		ID: "LNM-002", Name: "output_invariant_of_exact_shift", Kind: Metamorphic,
		Statement: "LN(X + c) = LN(X).",
		Domain:    rowDomain + "; any number c for which X + c is exact",
		Bound:     "the bounds of LNM-001 at X and at X + c",
		Sources:   []Source{{"ba2016", "invariance"}, own(partsSection)},
		On:        []string{"LayerNorm"},
	},
	{
		ID: "LNM-003", Name: "output_invariant_of_power_of_two_scale", Kind: Metamorphic,
		Statement: "LN(2ᵏX) with 4ᵏ·eps is LN(X) with eps, bit for bit.",
		Domain:    rowDomain + "; nothing overflows or underflows",
		Given:     []Hypothesis{{"eps is multiplied by 4ᵏ", "LNM-011"}},
		Bound:     "bitwise: every intermediate result is multiplied by a power of two; twice the bound of LNM-001 for an implementation that does not repeat its own bits",
		Sources:   []Source{{"ba2016", "invariance"}, own(partsSection)},
		On:        []string{"LayerNorm"},
	},
	{
		ID: "LNM-004", Name: "constant_row_becomes_shift", Kind: Metamorphic,
		Statement: "A constant row becomes exactly the shift.",
		Domain:    "rows of one integer of at most 10 bits, d a power of two up to 128, so that the mean is exact; eps > 0",
		Bound:     "bitwise: x − μ is exactly 0",
		Sources:   []Source{own(partsSection)},
		On:        []string{"LayerNorm"},
	},
	{
		ID: "LNM-005", Name: "mean_and_variance_of_output", Kind: Identity,
		Statement: "With gain 1 and shift 0, each output row has mean 0 and variance σ²/(σ² + eps).",
		Domain:    rowDomain,
		Bound:     "the mean of the bounds b of LNM-001, and the mean of 2|y|b + b²",
		Sources:   []Source{own(partsSection)},
		On:        []string{"LayerNorm"},
	},
	{
		ID: "LNM-006", Name: "output_commutes_with_permutation_of_channels", Kind: Metamorphic,
		Statement: "Permuting the channels of X, gain and shift permutes the output.",
		Domain:    rowDomain,
		Bound:     "twice the bound of LNM-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"LayerNorm"},
	},
	{
		ID: "LNM-007", Name: "output_variance_one", Kind: Refuted,
		Statement: "With gain 1 and shift 0, each output row has variance 1 whatever eps ≥ 0.",
		Domain:    rowDomain,
		Sources:   []Source{own(partsSection)},
		On:        []string{"LayerNorm"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 2},
			Numbers:  map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{"X": {{0, 1}}},
			Excess:   0.8, // σ² = 1/4: variance (1/4)/(5/4) = 1/5
		},
	},
	{
		ID: "LNM-008", Name: "output_norm_is_sqrt_d_of_eps_zero", Kind: Identity,
		Statement: "‖LN(y)‖² = d with gain 1 and shift 0: normalized tokens have equal norms.",
		Domain:    "rows that are not constant",
		Given: []Hypothesis{
			{"eps = 0", "LNM-007"},
			{"the norms are those of LN(Y), not of LN(Y)A", "LNM-009"},
		},
		Bound:   "the sum of 2|y|b + b², b the bound of LNM-001",
		Sources: []Source{own(partsSection)},
		On:      []string{"LayerNorm"},
	},
	{
		ID: "LNM-009", Name: "weighted_norms_equal_of_layer_norm", Kind: Refuted,
		Statement: "The rows of LN(Y)A have equal norms, so that the ordinary softmax would be softmax_β after LayerNorm.",
		Domain:    "rows that are not constant, weights A (d×p), eps = 2^−20, gain 1, shift 0",
		Sources:   []Source{own(partsSection)},
		On:        []string{"LayerNorm"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2, "d": 3, "p": 1},
			Matrices: map[string][][]float64{"X": {{1, 0, -1}, {0, 1, -1}}, "A": {{1}, {0}, {0}}},
			Excess:   1.49, // squared norms 3/2 and 0
		},
	},
	{
		ID: "LNM-010", Name: "gain_then_shift_after_normalization", Kind: Metamorphic,
		Statement: "LN with gain and shift is gain·(LN with gain 1 and shift 0) + shift.",
		Domain:    rowDomain,
		Bound:     "the bound of LNM-001 at both",
		Sources:   []Source{{"ba2016", "gain and bias"}, own(partsSection)},
		On:        []string{"LayerNorm"},
	},
	{
		ID: "LNM-011", Name: "output_invariant_of_scale_at_fixed_eps", Kind: Refuted,
		Statement: "LN(2ᵏX) = LN(X) with the same eps > 0.",
		Domain:    rowDomain + ", 1 ≤ k ≤ 8",
		Sources:   []Source{own(partsSection)},
		On:        []string{"LayerNorm"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 2, "k": 1},
			Numbers:  map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{"X": {{0, 1}}},
			Excess:   0.2598, // 1/√5 = 0.4472 against 1/√2 = 0.7071
		},
	},
	{
		ID: "LNM-012", Name: "rows_are_independent", Kind: Metamorphic,
		Statement: "Each output row depends on its own row alone: a row of NaN becomes NaN and leaves the others as they are by themselves.",
		Domain:    rowDomain + ", one row of them holding NaN",
		Bound:     "twice the bound of LNM-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"LayerNorm"},
	},
	{
		ID: "LNM-013", Name: "normalizing_twice_is_once_of_eps_zero", Kind: Metamorphic,
		Statement: "LN(LN(X)) = LN(X) with gain 1 and shift 0.",
		Domain:    rowDomain + "; rows that are not constant",
		Given:     []Hypothesis{{"eps = 0", "LNM-007"}},
		Bound:     "b′ + (m + |y|r)/(1 − r): b′ and b the bounds of LNM-001 for both, m the mean and r the root mean square of a row of b",
		Sources:   []Source{own(partsSection)},
		On:        []string{"LayerNorm"},
	},
}
