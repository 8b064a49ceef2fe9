package spec

const ropeDomain = "finite rows X (n×d), even number of turned channels Dims ≤ d, both layouts, base 10, 500, 10⁴ or 10⁶, positions up to 2²⁰"

var ropeClaims = []Claim{
	{
		ID: "ROP-001", Name: "pairs_are_turned_by_position", Kind: Equivalence,
		Statement: "At position p, pair k (x, y) becomes (x cos θ − y sin θ, x sin θ + y cos θ), θ = p·base^(−2k/Dims).",
		Domain:    ropeDomain,
		Given:     []Hypothesis{{"angles are formed in float64", "ROP-009"}},
		Bound:     "((4 ln base + 8)·2⁻⁵³·|θ| + 4u)·√(x²+y²) (reference.RopeBound)",
		Sources:   []Source{{"su2024", "rotary position embedding"}, own(partsSection)},
		On:        []string{"Rope"},
	},
	{
		ID: "ROP-002", Name: "norm_of_each_pair_kept", Kind: Identity,
		Statement: "Each pair keeps its norm √(x²+y²).",
		Domain:    ropeDomain,
		Bound:     "√2·4u·√(x²+y²): sine and cosine belong to one angle, whichever, so that the angle's error does not count",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Rope"},
	},
	{
		ID: "ROP-003", Name: "position_zero_is_identity", Kind: Metamorphic,
		Statement: "The row at position 0 comes back bit for bit.",
		Domain:    ropeDomain + ", negative offsets among them; no −0",
		Bound:     "bitwise: cos 0 = 1 and sin 0 = 0",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Rope"},
	},
	{
		ID: "ROP-004", Name: "inner_product_depends_on_difference_of_positions", Kind: Metamorphic,
		Statement: "⟨rope(q, a), rope(k, b)⟩ = ⟨rope(q, a+s), rope(k, b+s)⟩.",
		Domain:    ropeDomain,
		Bound:     "Σ over channels of |q′|e_k + |k′|e_q + e_q e_k at both places, e the bounds of ROP-001",
		Sources:   []Source{{"su2024", "relative position in the inner product"}, own(partsSection)},
		On:        []string{"Rope"},
	},
	{
		ID: "ROP-005", Name: "offsets_add", Kind: Metamorphic,
		Statement: "rope(rope(x, a), b) = rope(x, a + b); with b = −a the row comes back.",
		Domain:    ropeDomain + ", negative offsets among them",
		Bound:     "the bounds of ROP-001 at a, at b for what came out of a, and at a + b; √2 times the first, which b turns",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Rope"},
	},
	{
		ID: "ROP-006", Name: "channels_beyond_dims_untouched", Kind: Metamorphic,
		Statement: "Channels from Dims on come back bit for bit, and change nothing in the others.",
		Domain:    ropeDomain + ", Dims < d",
		Bound:     "bitwise",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Rope"},
	},
	{
		ID: "ROP-007", Name: "layouts_equal_after_permutation", Kind: Metamorphic,
		Statement: "The interleaved layout is the half layout of the channels in the order 0, 2, 4, …, 1, 3, 5, …, put back.",
		Domain:    ropeDomain,
		Given:     []Hypothesis{{"the channels are permuted", "ROP-010"}},
		Bound:     "bitwise: the same operations on the same numbers",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Rope"},
	},
	{
		ID: "ROP-008", Name: "output_commutes_with_power_of_two_scale", Kind: Metamorphic,
		Statement: "rope(±2ᵏX) = ±2ᵏ·rope(X), bit for bit.",
		Domain:    ropeDomain + "; nothing underflows",
		Bound:     "bitwise, but for the sign of zero",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Rope"},
	},
	{
		ID: "ROP-009", Name: "float32_angles_suffice", Kind: Refuted,
		Statement: "The angle fl₃₂(fl₃₂(p)·fl₃₂(ω)), ω = base^(−2k/Dims), turns (1, 0) to within 4·2⁻²⁴ in each coordinate of where position p belongs.",
		Domain:    "base 10⁴, positions up to 2²⁰",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Rope"},
		Counterexample: &Counterexample{
			Sizes:  map[string]int{"pairs": 2, "k": 1, "p": 1000003},
			Excess: 2.34e-4,
		},
	},
	{
		ID: "ROP-010", Name: "layouts_equal", Kind: Refuted,
		Statement: "The interleaved layout gives what the half layout gives.",
		Domain:    ropeDomain,
		Sources:   []Source{own(partsSection)},
		On:        []string{"Rope"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "pairs": 2, "rest": 0, "offset": 1},
			Words:    map[string]string{"base": "10000", "reach": "near"},
			Matrices: map[string][][]float64{"X": {{1, 0, 0, 0}}},
			Excess:   0.8414, // sin 1 in channel 1 against 0
		},
	},
	{
		ID: "ROP-011", Name: "rows_are_independent", Kind: Metamorphic,
		Statement: "Row i at offset o is the single row at offset o + i, bit for bit; NaN in a pair reaches that pair alone.",
		Domain:    ropeDomain,
		Bound:     "bitwise",
		Sources:   []Source{own(partsSection)},
		On:        []string{"Rope"},
	},
}
