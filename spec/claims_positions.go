package spec

const positionDomain = "n positions from offset on, |p| ≤ 2²⁰, d ≥ 1 channels, base 10, 500, 10⁴ or 10⁶"

var positionClaims = []Claim{
	{
		ID: "POS-001", Name: "channels_are_sines_and_cosines", Kind: Equivalence,
		Statement: "At position p, channel 2k is sin(p·base^(−2k/d)) and channel 2k+1 the cosine of the same angle θ.",
		Domain:    positionDomain,
		Bound:     "(4 ln base + 8)·2⁻⁵³·|θ| + 2u (reference.PositionsBound)",
		Sources:   []Source{{"vaswani2017", "section 3.5"}, own(partsSection)},
		On:        []string{"Positions"},
	},
	{
		ID: "POS-002", Name: "channels_bounded_by_one", Kind: Bound,
		Statement: "Every channel lies in [−1, 1].",
		Domain:    positionDomain,
		Bound:     "2u",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Positions"},
	},
	{
		ID: "POS-003", Name: "shift_is_a_rotation_of_its_size_alone", Kind: Identity,
		Statement: "PE(p+s) = R(s)·PE(p), R(s) turning (sine, cosine) of pair k by s·base^(−2k/d): the matrix does not depend on p.",
		Domain:    positionDomain,
		Bound:     "the bounds of POS-001 at both places, the latter times √2, and that of the angle of R(s)",
		Sources:   []Source{{"vaswani2017", "section 3.5"}, own(partsSection)},
		On:        []string{"Positions"},
	},
	{
		ID: "POS-004", Name: "squared_norm_is_half_of_channels_of_even_d", Kind: Identity,
		Statement: "‖PE(p)‖² = d/2 at every position.",
		Domain:    positionDomain,
		Given:     []Hypothesis{{"d is even", "POS-005"}},
		Bound:     "4u for each pair: sine and cosine belong to one angle",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Positions"},
	},
	{
		ID: "POS-005", Name: "squared_norm_is_half_of_channels", Kind: Refuted,
		Statement: "‖PE(p)‖² = d/2 at every position, whatever d.",
		Domain:    positionDomain,
		Sources:   []Source{own(partsSection)},
		On:        []string{"Positions"},
		Counterexample: &Counterexample{
			Sizes:  map[string]int{"n": 1, "d": 1, "offset": 1},
			Words:  map[string]string{"base": "10000", "reach": "near"},
			Excess: 0.208, // sin²1 = 0.7081 against ½
		},
	},
	{
		ID: "POS-006", Name: "inner_product_depends_on_difference_of_positions", Kind: Identity,
		Statement: "⟨PE(p), PE(q)⟩ = Σₖcos((p−q)·base^(−2k/d)).",
		Domain:    positionDomain + ", d even",
		Bound:     "Σ of the bounds of POS-001 at both places and their products",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Positions"},
	},
	{
		ID: "POS-007", Name: "position_zero_alternates", Kind: Metamorphic,
		Statement: "Position 0 is exactly 0, 1, 0, 1, ….",
		Domain:    positionDomain,
		Bound:     "bitwise",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Positions"},
	},
	{
		ID: "POS-008", Name: "rows_depend_on_position_alone", Kind: Metamorphic,
		Statement: "Row i at offset o is the single row at offset o + i, bit for bit.",
		Domain:    positionDomain,
		Bound:     "bitwise",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Positions"},
	},
	{
		ID: "POS-009", Name: "positions_are_rotary_embeddings_of_a_constant", Kind: Identity,
		Statement: "PE(p) is the interleaved rotary embedding of (0, 1, 0, 1, …) at position −p.",
		Domain:    positionDomain + ", d even, one position",
		Bound:     "the bounds of POS-001 and ROP-001",
		Sources:   []Source{{"su2024", "rotary position embedding"}, own(partsSection)},
		On:        []string{"Positions", "Rope"},
	},
}

var residualClaims = []Claim{
	{
		ID: "RES-001", Name: "sum_is_rounded_once", Kind: Equivalence,
		Statement: "Each element is the floating-point number nearest to xᵢₖ + yᵢₖ.",
		Domain:    "finite X, Y (n×d)",
		Bound:     "bitwise",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Residual"},
	},
	{
		ID: "RES-002", Name: "zero_branch_is_identity", Kind: Metamorphic,
		Statement: "X + 0 = X and 0 + X = X, bit for bit: a branch that gives nothing leaves the stream alone.",
		Domain:    "finite X (n×d), no −0",
		Bound:     "bitwise",
		Sources:   []Source{{"he2016", "identity shortcuts"}, own(partsSection)},
		On:        []string{"Residual"},
	},
	{
		ID: "RES-003", Name: "sum_commutes", Kind: Metamorphic,
		Statement: "X + Y = Y + X, bit for bit.",
		Domain:    "finite X, Y (n×d)",
		Bound:     "bitwise",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Residual"},
	},
	{
		ID: "RES-004", Name: "branches_associate_of_exact_sums", Kind: Metamorphic,
		Statement: "(X + Y) + Z = X + (Y + Z), bit for bit.",
		Domain:    "X, Y, Z (n×d)",
		Given:     []Hypothesis{{"every sum of them is exact", "RES-005"}},
		Bound:     "bitwise",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Residual"},
	},
	{
		ID: "RES-005", Name: "branches_associate", Kind: Refuted,
		Statement: "(X + Y) + Z = X + (Y + Z) for all floating-point numbers: the order in which branches join the stream does not matter.",
		Domain:    "X, Y, Z (n×d)",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Residual"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 1},
			Matrices: map[string][][]float64{"X": {{0x1p60}}, "Y": {{-0x1p60}}, "Z": {{1}}},
			Excess:   1,
		},
	},
}
