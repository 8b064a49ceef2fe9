package spec

const rmsDomain = "finite rows X (n×d), gain of length d, eps ≥ 0, mean x² + eps > 0"

var rmsClaims = []Claim{
	{
		ID: "RMS-001", Name: "rows_are_scaled_by_root_mean_square", Kind: Equivalence,
		Statement: "Output (i, k) is gainₖxᵢₖ/√(mean xᵢ² + eps).",
		Domain:    rmsDomain,
		Bound:     "|y|(σ/2 + 5u), σ the relative error of a sum of squares in any order and 4u (reference.RMSBound)",
		Sources:   []Source{{"zhang2019", "root mean square normalization"}, own(partsSection)},
		On:        []string{"RMSNorm"},
	},
	{
		ID: "RMS-002", Name: "output_invariant_of_power_of_two_scale", Kind: Metamorphic,
		Statement: "RMS(2ᵏX) with 4ᵏ·eps is RMS(X) with eps, bit for bit.",
		Domain:    rmsDomain + "; nothing overflows or underflows",
		Given:     []Hypothesis{{"eps is multiplied by 4ᵏ", "RMS-003"}},
		Bound:     "bitwise: every intermediate result is multiplied by a power of two; twice the bound of RMS-001 for an implementation that does not repeat its own bits",
		Sources:   []Source{{"zhang2019", "invariance to re-scaling"}, own(partsSection)},
		On:        []string{"RMSNorm"},
	},
	{
		ID: "RMS-003", Name: "output_invariant_of_scale_at_fixed_eps", Kind: Refuted,
		Statement: "RMS(2ᵏX) = RMS(X) with the same eps > 0.",
		Domain:    rmsDomain + ", 1 ≤ k ≤ 8",
		Sources:   []Source{own(partsSection)},
		On:        []string{"RMSNorm"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 1, "k": 1},
			Numbers:  map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{"X": {{1}}},
			Excess:   0.1873, // 2/√5 = 0.8944 against 1/√2 = 0.7071
		},
	},
	{
		ID: "RMS-004", Name: "output_odd_of_sign_flip", Kind: Metamorphic,
		Statement: "RMS(−X) = −RMS(X), bit for bit; flipping the sign of some channels flips those alone.",
		Domain:    rmsDomain,
		Bound:     "bitwise: squares do not see the sign; twice the bound of RMS-001 for an implementation that does not repeat its own bits",
		Sources:   []Source{own(partsSection)},
		On:        []string{"RMSNorm"},
	},
	{
		ID: "RMS-005", Name: "output_invariant_of_shift", Kind: Refuted,
		Statement: "RMS(X + c) = RMS(X).",
		Domain:    rmsDomain + "; any number c for which X + c is exact",
		Sources:   []Source{{"zhang2019", "no re-centring"}, own(partsSection)},
		On:        []string{"RMSNorm"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 2},
			Numbers:  map[string]float64{"eps": 1, "c": 1},
			Matrices: map[string][][]float64{"X": {{0, 1}}},
			Excess:   0.5345, // first channel: 1/√(5/2 + 1) against 0
		},
	},
	{
		ID: "RMS-006", Name: "zero_row_stays_zero", Kind: Metamorphic,
		Statement: "A row of zeros becomes a row of zeros.",
		Domain:    "gain of length d, eps > 0",
		Bound:     "exact, but for the sign of zero",
		Sources:   []Source{own(partsSection)},
		On:        []string{"RMSNorm"},
	},
	{
		ID: "RMS-007", Name: "mean_square_of_output", Kind: Identity,
		Statement: "With gain 1, each output row has mean square s/(s + eps), s = mean x².",
		Domain:    rmsDomain,
		Bound:     "the mean of 2|y|b + b², b the bound of RMS-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"RMSNorm"},
	},
	{
		ID: "RMS-008", Name: "output_norm_is_sqrt_d_of_eps_zero", Kind: Identity,
		Statement: "‖RMS(y)‖² = d with gain 1: normalized tokens have equal norms.",
		Domain:    "rows that are not zero",
		Given:     []Hypothesis{{"eps = 0", "RMS-009"}},
		Bound:     "the sum of 2|y|b + b², b the bound of RMS-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"RMSNorm"},
	},
	{
		ID: "RMS-009", Name: "output_norm_is_sqrt_d", Kind: Refuted,
		Statement: "‖RMS(y)‖² = d with gain 1, whatever eps ≥ 0.",
		Domain:    "rows that are not zero",
		Sources:   []Source{own(partsSection)},
		On:        []string{"RMSNorm"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 1},
			Numbers:  map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{"X": {{1}}},
			Excess:   0.5,
		},
	},
	{
		ID: "RMS-010", Name: "output_commutes_with_permutation_of_channels", Kind: Metamorphic,
		Statement: "Permuting the channels of X and gain permutes the output.",
		Domain:    rmsDomain,
		Bound:     "twice the bound of RMS-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"RMSNorm"},
	},
	{
		ID: "RMS-011", Name: "rows_are_independent", Kind: Metamorphic,
		Statement: "Each output row depends on its own row alone: a row of NaN becomes NaN and leaves the others as they are by themselves.",
		Domain:    rmsDomain + ", one row of them holding NaN",
		Bound:     "twice the bound of RMS-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"RMSNorm"},
	},
	{
		ID: "RMS-012", Name: "equals_layer_norm_of_zero_mean", Kind: Identity,
		Statement: "RMS(X) = LN(X) with shift 0.",
		Domain:    "rows (z, −z), whose mean is 0; eps > 0",
		Given:     []Hypothesis{{"the rows have mean 0", "RMS-013"}},
		Bound:     "the bounds of RMS-001 and LNM-001",
		Sources:   []Source{{"zhang2019", "equal to LayerNorm when the mean is zero"}, own(partsSection)},
		On:        []string{"RMSNorm", "LayerNorm"},
	},
	{
		ID: "RMS-013", Name: "equals_layer_norm", Kind: Refuted,
		Statement: "RMS(X) = LN(X) with shift 0, whatever the mean of the rows.",
		Domain:    rmsDomain,
		Sources:   []Source{own(partsSection)},
		On:        []string{"RMSNorm", "LayerNorm"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 1},
			Numbers:  map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{"X": {{1}}},
			Excess:   0.7071, // 1/√2 against 0
		},
	},
}
