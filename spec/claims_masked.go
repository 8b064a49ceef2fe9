package spec

const (
	frozenDomain  = "queries Y (m×d), keys X (n×d) that stay, A = I"
	maskDomain    = "tokens Y (n×d), A = I, weights K ≥ 0 (n×n)"
	masksSection  = "6 Masks and frozen keys"
	averageBound  = "element-wise, reference.AverageBounds.Step"
	descentMargin = "the energies' bounds before and after, and (Dᵢ/η)⟨εᵢ, |δᵢ|⟩ for each token, ε the bound of the step"
)

var maskedClaims = []Claim{
	{
		ID: "MSK-001", Name: "frozen_step_is_average_with_self", Kind: Equivalence,
		Statement: "yᵢ⁺ = (1−η)yᵢ + η(Σⱼ gᵢⱼxⱼ + yᵢ)/Dᵢ, gᵢⱼ = exp(−‖yᵢ−xⱼ‖²/2), Dᵢ = 1 + Σⱼ gᵢⱼ.",
		Domain:    frozenDomain,
		Bound:     averageBound,
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.FrozenStep"},
	},
	{
		ID: "MSK-002", Name: "causal_step_is_average_of_earlier_tokens", Kind: Equivalence,
		Statement: "yᵢ⁺ = (1−η)yᵢ + η Σ_{j≤i} Gᵢⱼyⱼ / Σ_{j≤i} Gᵢⱼ.",
		Domain:    "tokens Y (n×d), A = I",
		Bound:     averageBound,
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.CausalStep"},
	},
	{
		ID: "MSK-003", Name: "energy_nonincreasing_of_causal_step", Kind: Refuted,
		Statement: "The simultaneous causal update does not raise E₁, for any number of tokens and 0 < η ≤ 2.",
		Domain:    "n ≥ 4 tokens, A = I",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.CausalStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 4},
			Numbers:  map[string]float64{"eta": 1},
			Matrices: map[string][][]float64{"Y": {{0}, {4.5}, {2.5}, {1.5}}},
			Excess:   0.041194,
		},
	},
	{
		ID: "MSK-004", Name: "symmetric_step_is_weighted_average", Kind: Equivalence,
		Statement: "yᵢ⁺ = (1−η)yᵢ + η Σⱼ KᵢⱼGᵢⱼyⱼ / Σⱼ KᵢⱼGᵢⱼ, also for K that is not symmetric.",
		Domain:    maskDomain,
		Bound:     averageBound,
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.SymmetricStep"},
	},
	{
		ID: "MSK-005", Name: "decrease_identity_of_frozen_step", Kind: Identity,
		Statement: "For each query, E(y) − E(y⁺) = [(1/η − ½)D + ½]‖δ‖² + Σⱼ gⱼ(e^{−tⱼ} − 1 + tⱼ), E(y) = −Σⱼ exp(−‖y−xⱼ‖²/2), tⱼ the change of ‖y−xⱼ‖²/2.",
		Domain:    frozenDomain + ", 0 < η ≤ 8",
		Bound:     descentMargin + "; and the judge's rounding of the right side",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.FrozenStep"},
	},
	{
		ID: "MSK-006", Name: "energy_nonincreasing_of_frozen_step", Kind: Descent,
		Statement: "Each query's energy falls by at least [(1/η − ½)D + ½]‖δ‖² ≥ 0: the range of η is wider than 2.",
		Domain:    frozenDomain,
		Given:     []Hypothesis{{"0 < η ≤ 2D/(D−1) for each query", "MSK-007"}},
		Bound:     descentMargin,
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.FrozenStep"},
	},
	{
		ID: "MSK-007", Name: "energy_nonincreasing_of_any_frozen_step", Kind: Refuted,
		Statement: "Each query's energy does not rise, for every η > 0.",
		Domain:    frozenDomain + ", η ≤ 8",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.FrozenStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"m": 1, "n": 1, "d": 1},
			Numbers:  map[string]float64{"eta": 6}, // 2D/(D−1) = 5.2974
			Matrices: map[string][][]float64{"Y": {{0}}, "X": {{1}}},
			Excess:   0.157391, // the distance is multiplied by 1 − 6g/(1+g) = −1.2652
		},
	},
	{
		ID: "MSK-008", Name: "energy_nonincreasing_of_causal_step_of_three", Kind: Descent,
		Statement: "E₁(Y⁺) ≤ E₁(Y) for the simultaneous causal update and 0 < η ≤ 2.",
		Domain:    "tokens Y (n×d), A = I",
		Given:     []Hypothesis{{"n ≤ 3", "MSK-003"}},
		Bound:     "both energies' bounds + e^{−1/2}(n−1)Σᵢ‖εᵢ‖, ε the bound of the step",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.CausalStep"},
	},
	{
		ID: "MSK-009", Name: "energy_nonincreasing_of_symmetric_step_le_one", Kind: Descent,
		Statement: "E(Y⁺) ≤ E(Y) − (1/η − 1)Σᵢ Dᵢ‖δᵢ‖², E(Y) = −Σ_{i<j} Kᵢⱼ exp(−zᵢⱼ), Dᵢ = Σⱼ KᵢⱼGᵢⱼ.",
		Domain:    maskDomain,
		Given: []Hypothesis{
			{"K symmetric", "MSK-012"},
			{"0 < η ≤ 1", "MSK-011"},
		},
		Bound:   descentMargin,
		Sources: []Source{own(masksSection)},
		On:      []string{"Masked.SymmetricStep"},
	},
	{
		ID: "MSK-010", Name: "energy_nonincreasing_of_psd_step_le_two", Kind: Descent,
		Statement: "E(Y⁺) ≤ E(Y) − (1/η − ½)Σᵢ Dᵢ‖δᵢ‖²: padding and block masks, symmetric ALiBi Kᵢⱼ = r^|i−j|, Gram matrices.",
		Domain:    maskDomain,
		Given: []Hypothesis{
			{"K symmetric positive semidefinite", "MSK-011"},
			{"0 < η ≤ 2", "INT-018"},
		},
		Bound:   descentMargin,
		Sources: []Source{own(masksSection)},
		On:      []string{"Masked.SymmetricStep"},
	},
	{
		ID: "MSK-011", Name: "energy_nonincreasing_of_symmetric_step_le_two", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for symmetric K ≥ 0, semidefinite or not, and 1 < η ≤ 2.",
		Domain:    maskDomain,
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.SymmetricStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2, "d": 1},
			Numbers:  map[string]float64{"eta": 1.1},
			Matrices: map[string][][]float64{"Y": {{0}, {0.5}}, "K": {{0, 1}, {1, 0}}},
			Excess:   0.047227, // the difference is multiplied by −1.2
		},
	},
	{
		ID: "MSK-012", Name: "energy_nonincreasing_of_asymmetric_step", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for any K ≥ 0 and 0 < η ≤ 1, E(Y) = −Σ_{i<j} ½(Kᵢⱼ+Kⱼᵢ) exp(−zᵢⱼ).",
		Domain:    maskDomain,
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.SymmetricStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 3, "d": 1},
			Numbers:  map[string]float64{"eta": 0.5},
			Matrices: map[string][][]float64{"Y": {{0}, {0}, {3}}, "K": {{0, 0, 1}, {1, 0, 0}, {0, 0, 0}}},
			Excess:   0.180902, // −(1 + e^{−9/2})/2 to −e^{−9/8}: the first leaves the second for the third
		},
	},
	{
		ID: "MSK-013", Name: "token_without_weight_stays", Kind: Metamorphic,
		Statement: "If row i of K is zero, yᵢ⁺ = yᵢ exactly.",
		Domain:    maskDomain + ", one or more rows zero",
		Bound:     "exact",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.SymmetricStep"},
	},
	{
		ID: "MSK-014", Name: "step_with_all_ones_is_unmasked", Kind: Identity,
		Statement: "With Kᵢⱼ = 1 everywhere the masked step is the softmax_β step.",
		Domain:    "tokens Y (n×d), A = I",
		Bound:     "the bounds of both steps",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.SymmetricStep", "Interaction.Step"},
	},
	{
		ID: "MSK-015", Name: "block_mask_separates_blocks", Kind: Metamorphic,
		Statement: "With Kᵢⱼ = 1 within two blocks of tokens and 0 between them, each block moves as it does by itself, whatever the other holds, NaN included.",
		Domain:    "tokens Y (n×d) cut into two blocks, A = I",
		Bound:     "twice the bound of the step",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.SymmetricStep"},
	},
	{
		ID: "MSK-016", Name: "causal_step_of_prefix", Kind: Metamorphic,
		Statement: "The first t rows of the causal step are the causal step of the first t tokens, whatever the later tokens hold, NaN included.",
		Domain:    "tokens Y (n×d), A = I, 1 ≤ t < n",
		Bound:     "twice the bound of the step",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.CausalStep"},
	},
	{
		ID: "MSK-017", Name: "causal_step_is_frozen_step_of_each_token", Kind: Identity,
		Statement: "Row i of the causal step is the frozen step of yᵢ among the keys y₁, …, yᵢ₋₁.",
		Domain:    "tokens Y (n×d), A = I",
		Bound:     "the bounds of both steps",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.CausalStep", "Masked.FrozenStep"},
	},
	{
		ID: "MSK-018", Name: "decrease_identity_of_symmetric_step", Kind: Identity,
		Statement: "E(Y) − E(Y⁺) = (1/η − ½)Σᵢ Dᵢ‖δᵢ‖² + ½Σᵢⱼ KᵢⱼGᵢⱼ⟨δᵢ, δⱼ⟩ + Σ_{i<j} KᵢⱼGᵢⱼ(e^{−t} − 1 + t), t the change of zᵢⱼ.",
		Domain:    maskDomain + ", K symmetric, 0 < η ≤ 4",
		Bound:     descentMargin + "; and the judge's rounding of the right side",
		Sources:   []Source{own(masksSection)},
		On:        []string{"Masked.SymmetricStep"},
	},
}
