package spec

const linearDomain = "finite X (n×d), W (d×p), bias of length p or none"

var linearClaims = []Claim{
	{
		ID: "LIN-001", Name: "linear_is_product_plus_bias", Kind: Equivalence,
		Statement: "Output (i, l) is Σₖ xᵢₖwₖₗ + biasₗ.",
		Domain:    linearDomain,
		Bound:     "Σ min(uT, |t|) over the products and the bias t with T = Σ|t|, and u for each product (reference.DotBound): any order, with or without fused multiply-add",
		Sources:   []Source{{"higham2002", "ch. 3, inner products"}, own(partsSection)},
		On:        []string{"Linear"},
	},
	{
		ID: "LIN-002", Name: "linear_additive_up_to_bias", Kind: Identity,
		Statement: "With L(X) = XW + b: L(X + X′) + b = L(X) + L(X′).",
		Domain:    linearDomain + "; X + X′ exact",
		Given:     []Hypothesis{{"no ReLU is applied", "LIN-009"}},
		Bound:     "the three bounds of LIN-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Linear"},
	},
	{
		ID: "LIN-003", Name: "linear_rows_independent", Kind: Metamorphic,
		Statement: "Row i of the output depends on row i of X alone.",
		Domain:    linearDomain + "; one other row of X holds NaN or Inf",
		Bound:     "twice the bound of LIN-001",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Linear"},
	},
	{
		ID: "LIN-004", Name: "linear_zero_row_becomes_bias", Kind: Metamorphic,
		Statement: "A row of zeros becomes exactly the bias, or zeros without one.",
		Domain:    linearDomain,
		Bound:     "exact: products with zero are zero",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Linear"},
	},
	{
		ID: "LIN-005", Name: "linear_exact_of_small_integers", Kind: Equivalence,
		Statement: "For small integers the output is exact, bit for bit.",
		Domain:    "integers |x|, |w| ≤ 3·2³ and |bias| ≤ 3, d ≤ 129: every partial sum is below 2²⁴",
		Bound:     "bitwise: no operation rounds, in any order",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Linear"},
	},
	{
		ID: "LIN-006", Name: "linear_nan_reaches_row_and_column", Kind: Metamorphic,
		Statement: "NaN in xᵢₖ makes all of row i NaN, also where W is zero, and NaN in wₖₗ all of column l, also where X is zero; nothing else becomes NaN.",
		Domain:    linearDomain + ", with one NaN in X or in W",
		Bound:     "none: NaN or not",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Linear"},
	},
	{
		ID: "LIN-007", Name: "relu_is_maximum_with_zero", Kind: Equivalence,
		Statement: "ReLU is x for x > 0, +0 for x ≤ 0 and for −0, +Inf for +Inf, NaN for NaN, bit for bit.",
		Domain:    "every floating-point number",
		Bound:     "bitwise",
		Sources:   []Source{own(partsSection)},
		On:        []string{"ReLU"},
	},
	{
		ID: "LIN-008", Name: "relu_idempotent_and_homogeneous", Kind: Metamorphic,
		Statement: "ReLU(ReLU(x)) = ReLU(x), ReLU(2ᵏx) = 2ᵏReLU(x), and x = ReLU(x) − ReLU(−x).",
		Domain:    "finite x, k between −8 and 8",
		Bound:     "bitwise; the last as numbers",
		Sources:   []Source{own(partsSection)},
		On:        []string{"ReLU"},
	},
	{
		ID: "LIN-009", Name: "relu_of_linear_additive", Kind: Refuted,
		Statement: "ReLU(L(X + X′)) = ReLU(L(X)) + ReLU(L(X′)), L(X) = XW.",
		Domain:    linearDomain + "; X + X′ exact, no bias",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Linear", "ReLU"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 1, "p": 1},
			Matrices: map[string][][]float64{"X": {{1}}, "X′": {{-1}}, "W": {{1}}},
			Excess:   1,
		},
	},
}
