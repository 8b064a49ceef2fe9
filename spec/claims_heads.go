package spec

const (
	headsDomain = "finite tokens Y (n×d), one to four heads Aₕ (d×pₕ) of any rank, n ≥ 1, 0 ≤ η ≤ 2 unless said otherwise"
	cutsDomain  = "finite tokens Y (n×d), one to three heads that own disjoint ranges of channels, n ≥ 1"
	headsSlack  = "SLACK = the rounding of both energies, and Σₕ e^{−1/2}(n−1)Σᵢ‖εᵢ|Aₕ|‖, ε the bound of the step"
)

var headsSources = []Source{own("7 Several heads"), {"vaswani2017", "multi-head attention"}}

var headsClaims = []Claim{
	{
		ID: "HED-001", Name: "tied_step_value", Kind: Equivalence,
		Statement: "yᵢ⁺ = yᵢ + (η/cᵢ) Σₕ Σⱼ Gʰᵢⱼ(yⱼ−yᵢ)Sₕ with cᵢ = Σₕ Dʰᵢ tr(Sₕ).",
		Domain:    headsDomain,
		Bound:     "element-wise, reference.HeadsBounds.Step",
		Sources:   headsSources,
		On:        []string{"Heads.Step"},
	},
	{
		ID: "HED-002", Name: "concat_step_value", Kind: Equivalence,
		Statement: "Y⁺ = (1−η)Y + η Σₕ PₕYΠₕ, Pₕ = D⁻¹G of the channels of head h.",
		Domain:    cutsDomain,
		Bound:     "element-wise, reference.HeadsBounds.ConcatStep",
		Sources:   headsSources,
		On:        []string{"Heads.ConcatStep"},
	},
	{
		ID: "HED-003", Name: "average_step_value", Kind: Equivalence,
		Statement: "Y⁺ = (1−η)Y + (η/H) Σₕ PₕY.",
		Domain:    headsDomain,
		Bound:     "element-wise, reference.HeadsBounds.AverageStep",
		Sources:   headsSources,
		On:        []string{"Heads.AverageStep"},
	},
	{
		ID: "HED-004", Name: "sum_step_value", Kind: Equivalence,
		Statement: "Y⁺ = Y + η Σₕ (PₕY − Y).",
		Domain:    headsDomain,
		Bound:     "element-wise, reference.HeadsBounds.SumStep",
		Sources:   headsSources,
		On:        []string{"Heads.SumStep"},
	},
	{
		ID: "HED-005", Name: "normalized_step_value", Kind: Equivalence,
		Statement: "Y⁺ = Y + η Σₕ (PₕY − Y)Sₕ.",
		Domain:    headsDomain,
		Bound:     "element-wise, reference.HeadsBounds.NormalizedStep",
		Sources:   headsSources,
		On:        []string{"Heads.NormalizedStep"},
	},
	{
		ID: "HED-006", Name: "energy_nonincreasing_of_tied_step_le_two", Kind: Descent,
		Statement: "E(Y⁺) ≤ E(Y) − (1/η − ½) Σᵢ cᵢ‖δᵢ‖² for the tied, partition-weighted step, E(Y) = Σₕ E₁(YAₕ).",
		Domain:    headsDomain,
		Given: []Hypothesis{
			{"0 ≤ η ≤ 2", "HED-007"},
			{"values tied to Sₕ, each head counted once", "HED-013"},
			{"each head weighted by its partition function Dʰᵢ", "HED-015"},
		},
		Bound:   headsSlack + "; and what rounding δ to float64 costs the guarantee",
		Sources: []Source{own("7 Several heads"), {"hunter2004", "majorize-minimize"}},
		On:      []string{"Heads.Step"},
	},
	{
		ID: "HED-007", Name: "energy_nonincreasing_of_any_tied_step", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for the tied step of every η > 0.",
		Domain:    headsDomain + ", 2 < η ≤ 4",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.Step"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2, "d": 1, "heads": 1, "A1 p": 1},
			Numbers:  map[string]float64{"eta": 3},
			Matrices: map[string][][]float64{"Y": {{0}, {1}}, "A1": {{1}}},
			Excess:   0.157391, // the softmax_β step with η = 3
		},
	},
	{
		ID: "HED-008", Name: "energy_nonincreasing_of_concat_step_le_two", Kind: Descent,
		Statement: "E(Y⁺) ≤ E(Y) − (1/η − ½) Σₕ Σᵢ Dʰᵢ‖δᵢΠₕ‖² for the concatenation of heads.",
		Domain:    cutsDomain,
		Given: []Hypothesis{
			{"0 ≤ η ≤ 2", "HED-009"},
			{"each head moves its own channels alone", "HED-012"},
		},
		Bound:   headsSlack,
		Sources: []Source{own("7 Several heads")},
		On:      []string{"Heads.ConcatStep"},
	},
	{
		ID: "HED-009", Name: "energy_nonincreasing_of_any_concat_step", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for the concatenation of heads with every η > 0.",
		Domain:    cutsDomain + ", 2 < η ≤ 4",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.ConcatStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2, "d": 1, "heads": 1},
			Numbers:  map[string]float64{"eta": 3},
			Matrices: map[string][][]float64{"Y": {{0}, {1}}},
			Excess:   0.157391,
		},
	},
	{
		ID: "HED-010", Name: "concat_step_of_one_head_is_interaction_step", Kind: Identity,
		Statement: "With one head the concatenation is the softmax_β step Y⁺ = (1−η)Y + ηPY.",
		Domain:    tokenDomain + ", A = I",
		Bound:     "the bounds of both steps",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.ConcatStep", "Interaction.Step"},
	},
	{
		ID: "HED-011", Name: "energy_nonincreasing_of_average_of_two_tokens", Kind: Descent,
		Statement: "E(Y⁺) ≤ E(Y) for the average of heads, 0 ≤ η ≤ 2.",
		Domain:    headsDomain,
		Given:     []Hypothesis{{"n = 2", "HED-012"}},
		Bound:     headsSlack,
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.AverageStep"},
	},
	{
		ID: "HED-012", Name: "energy_nonincreasing_of_average", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for the average of heads with η = 1.",
		Domain:    "2 to 5 tokens of 2 or 3 channels, a head for each channel",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.AverageStep", "Heads.ConcatStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 3, "d": 2},
			Matrices: map[string][][]float64{"Y": {{0, 0}, {0, 10}, {10, 10}}},
			Excess:   1.912, // from −2 to −0.087881
		},
	},
	{
		ID: "HED-013", Name: "energy_nonincreasing_of_plain_sum", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for the plain sum of heads Y + Σₕ (PₕY − Y).",
		Domain:    headsDomain,
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.SumStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2, "d": 1, "heads": 3, "A1 p": 1, "A2 p": 1, "A3 p": 1},
			Matrices: map[string][][]float64{"Y": {{0}, {1}}, "A1": {{1}}, "A2": {{1}}, "A3": {{1}}},
			Excess:   0.472173, // one head's step with η = 3, counted three times
		},
	},
	{
		ID: "HED-014", Name: "sum_of_equal_heads_is_longer_step", Kind: Identity,
		Statement: "The plain sum of H equal heads with step size η is the softmax_β step with step size Hη.",
		Domain:    tokenDomain + ", 2 ≤ H ≤ 5, η < 1",
		Bound:     "the bounds of both steps",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.SumStep", "Interaction.Step"},
	},
	{
		ID: "HED-015", Name: "energy_nonincreasing_of_normalized_tied_heads", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for tied heads that are each normalised by itself, however short the step: η Σₕ‖Sₕ‖ ≤ 1.",
		Domain:    "two tokens of two channels, two heads of one column, nearly parallel; y₁−y₀ = (0, 16), A₁ = (1, −along/16)ᵀ, A₂ = (1, opposite/16)ᵀ",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.NormalizedStep"},
		Counterexample: &Counterexample{
			Numbers: map[string]float64{"along": 1.875, "opposite": 0.46875, "eta": 0.25},
			Excess:  0.0017,
		},
	},
	{
		ID: "HED-016", Name: "steps_invariant_under_permutation_of_heads", Kind: Metamorphic,
		Statement: "The tied step, the average, the sum and the normalised heads do not depend on the order of the heads.",
		Domain:    headsDomain,
		Bound:     "twice the step's bound",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.Step", "Heads.AverageStep", "Heads.SumStep", "Heads.NormalizedStep"},
	},
	{
		ID: "HED-017", Name: "zero_heads_do_nothing", Kind: Metamorphic,
		Statement: "If every Sₕ = 0 the tied step and the normalised heads leave Y, and heads with Sₕ = 0 added to others change nothing; without heads the average and the sum leave Y too.",
		Domain:    headsDomain + "; none to three zero heads",
		Bound:     "exact where every head is zero, else the bounds of both steps",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.Step", "Heads.NormalizedStep", "Heads.AverageStep", "Heads.SumStep"},
	},
	{
		ID: "HED-018", Name: "tied_step_commutes_with_permutation", Kind: Metamorphic,
		Statement: "Permuting the tokens permutes the tied step.",
		Domain:    headsDomain,
		Bound:     "twice the step's bound",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.Step"},
	},
	{
		ID: "HED-019", Name: "tied_step_of_one_identity_head_is_interaction_step", Kind: Identity,
		Statement: "With one head without weights the tied step of size dη is the softmax_β step of size η, since tr(I) = d.",
		Domain:    tokenDomain + ", A = I, η < 1",
		Bound:     "the bounds of both steps",
		Sources:   []Source{own("7 Several heads")},
		On:        []string{"Heads.Step", "Interaction.Step"},
	},
}
