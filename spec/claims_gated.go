package spec

const gatedDomain = "finite X (n×d), gate and up (d×h), down (h×p), act one of silu, gelu, gelu-tanh, relu, sigmoid"

var gatedClaims = []Claim{
	{
		ID: "GLU-001", Name: "output_is_gated_product", Kind: Equivalence,
		Statement: "The output is (act(XG) ⊙ XU)D.",
		Domain:    gatedDomain,
		Bound:     "product rule through the layer, sums in any order, slopes of act at most 1.1 (silu), 1.13 (both gelu), 1 (relu), ¼ (sigmoid) (reference.GateBounds)",
		Sources:   []Source{{"shazeer2020", "gated linear units in the feed-forward layer"}, own(partsSection)},
		On:        []string{"Gated"},
	},
	{
		ID: "GLU-002", Name: "zero_gate_gives_zero", Kind: Metamorphic,
		Statement: "With G = 0 the output is zero.",
		Domain:    gatedDomain,
		Given:     []Hypothesis{{"act(0) = 0", "GLU-003"}},
		Bound:     "exact, but for the sign of zero",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
	},
	{
		ID: "GLU-003", Name: "zero_gate_gives_zero_of_any_act", Kind: Refuted,
		Statement: "With G = 0 the output is zero for act = sigmoid.",
		Domain:    gatedDomain,
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 1, "h": 1, "p": 1},
			Matrices: map[string][][]float64{"X": {{1}}, "U": {{1}}, "D": {{1}}},
			Excess:   0.5,
		},
	},
	{
		ID: "GLU-004", Name: "output_linear_in_up_branch_of_power_of_two", Kind: Metamorphic,
		Statement: "2ᵏU in place of U multiplies the output by 2ᵏ, bit for bit; so does 2ᵏD in place of D, and −U changes its sign.",
		Domain:    gatedDomain + "; nothing underflows",
		Bound:     "bitwise, but for the sign of zero",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
	},
	{
		ID: "GLU-005", Name: "output_additive_in_up_branch", Kind: Metamorphic,
		Statement: "The output of U + U′ is the sum of those of U and U′.",
		Domain:    gatedDomain + ", U + U′ exact",
		Bound:     "the three bounds of GLU-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
	},
	{
		ID: "GLU-006", Name: "output_homogeneous_in_relu_gate", Kind: Metamorphic,
		Statement: "2ᵏG in place of G multiplies the output by 2ᵏ, bit for bit.",
		Domain:    gatedDomain + "; nothing underflows",
		Given:     []Hypothesis{{"act = relu", "GLU-007"}},
		Bound:     "bitwise, but for the sign of zero",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
	},
	{
		ID: "GLU-007", Name: "output_homogeneous_in_silu_gate", Kind: Refuted,
		Statement: "2G in place of G doubles the output for act = silu.",
		Domain:    gatedDomain,
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 1, "h": 1, "p": 1},
			Matrices: map[string][][]float64{"X": {{1}}, "G": {{1}}, "U": {{1}}, "D": {{1}}},
			Excess:   0.29947, // silu(2) = 1.76159 against 2·silu(1) = 1.46212
		},
	},
	{
		ID: "GLU-008", Name: "branches_interchangeable", Kind: Refuted,
		Statement: "Interchanging G and U changes nothing, for act = silu.",
		Domain:    gatedDomain,
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 1, "h": 1, "p": 1},
			Matrices: map[string][][]float64{"X": {{1}}, "G": {{2}}, "U": {{1}}, "D": {{1}}},
			Excess:   0.29947, // silu(2)·1 against silu(1)·2
		},
	},
	{
		ID: "GLU-009", Name: "difference_of_reflected_gates_is_bilinear", Kind: Identity,
		Statement: "The output of G less that of −G is (XG ⊙ XU)D.",
		Domain:    gatedDomain,
		Given:     []Hypothesis{{"act(x) − act(−x) = x, as for silu, gelu, gelu-tanh and relu", "GLU-010"}},
		Bound:     "the bounds of GLU-001 at G and −G",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
	},
	{
		ID: "GLU-010", Name: "difference_of_reflected_sigmoid_gates_is_bilinear", Kind: Refuted,
		Statement: "The output of G less that of −G is (XG ⊙ XU)D for act = sigmoid.",
		Domain:    gatedDomain,
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 1, "h": 1, "p": 1},
			Matrices: map[string][][]float64{"X": {{1}}, "G": {{1}}, "U": {{1}}, "D": {{1}}},
			Excess:   0.5378, // tanh ½ = 0.46212 against 1
		},
	},
	{
		ID: "GLU-011", Name: "output_invariant_of_order_of_hidden_units", Kind: Metamorphic,
		Statement: "Permuting the columns of G and U and the rows of D together changes nothing.",
		Domain:    gatedDomain,
		Bound:     "twice the bound of GLU-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
	},
	{
		ID: "GLU-012", Name: "rows_are_independent", Kind: Metamorphic,
		Statement: "Each output row depends on its own row alone: a row of NaN becomes NaN and leaves the others as they are by themselves.",
		Domain:    gatedDomain + ", one row holding NaN",
		Bound:     "twice the bound of GLU-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Gated"},
	},
	{
		ID: "GLU-013", Name: "gelu_forms_within_2_to_minus_11", Kind: Bound,
		Statement: "|gelu_tanh(x) − gelu(x)| ≤ 2⁻¹¹: the largest difference is 4.73·10⁻⁴, near |x| = 2.7.",
		Domain:    "|x| ≤ 2⁹",
		Bound:     "the bounds of both activations",
		Sources:   []Source{{"hendrycks2016", "the tanh form"}, own(partsSection)},
		On:        []string{"Prox.Apply"},
	},
	{
		ID: "GLU-014", Name: "gelu_forms_equal", Kind: Refuted,
		Statement: "gelu_tanh(x) = gelu(x) up to rounding.",
		Domain:    "|x| ≤ 8",
		Sources:   []Source{{"hendrycks2016", "the tanh form"}, own(partsSection)},
		On:        []string{"Prox.Apply"},
		Counterexample: &Counterexample{
			Numbers: map[string]float64{"x": -2.5},
			Excess:  4.39e-4,
		},
	},
	{
		ID: "GLU-015", Name: "gates_nondecreasing_right_of_their_minimum", Kind: Bound,
		Statement: "x ≤ y implies act(x) ≤ act(y) for x ≥ −3/4 and both forms of GELU, and for x ≥ −5/4 and SiLU: their least values lie at −0.7518, −0.7525 and −1.2785.",
		Domain:    "lower end ≤ x ≤ y ≤ 16",
		Given: []Hypothesis{
			{"x ≥ −3/4 for GELU", "PRX-005"},
			{"x ≥ −5/4 for SiLU", "PRX-006"},
		},
		Bound:   "the bounds of both activations",
		Sources: []Source{own(partsSection)},
		On:      []string{"Prox.Apply"},
	},
}
