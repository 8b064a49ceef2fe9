package spec

var attentionDropoutClaims = []Claim{
	{
		ID: "ATT-074", Name: "kept_weights_are_scaled_and_others_dropped", Kind: Equivalence,
		Statement: "With Keep the output is Σⱼ KeepScale·aⱼvⱼ over the kept keys, a the weights over all allowed keys.",
		Domain:    attentionDomain + ", 1 ≤ KeepScale < 4; all other options beside it where they are offered",
		Bound:     "reference.AttentionBound with values KeepScale·vⱼ or 0 and two roundings more of each term",
		Sources:   []Source{{"srivastava2014", "dropout, scaled at training"}, own("3 The bound")},
		On:        []string{"Attention", "AttentionAbilities.Keep"},
	},
	{
		ID: "ATT-075", Name: "output_homogeneous_of_keep_scale", Kind: Metamorphic,
		Statement: "Keeping all keys with KeepScale 2ᵏ gives 2ᵏ times the output without Keep, bit for bit but for the sign of zero.",
		Domain:    attentionDomain + ", logits of a row within 32 of one another, 0 ≤ k ≤ 4",
		Bound:     "bitwise: scaling by powers of two commutes with rounding where nothing underflows",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Keep"},
	},
	{
		ID: "ATT-076", Name: "kept_and_dropped_add_to_all", Kind: Metamorphic,
		Statement: "The output with Keep and that with its complement add up to KeepScale times the output without.",
		Domain:    attentionDomain + ", KeepScale = 2",
		Given:     []Hypothesis{{"dropped keys stay in the denominator", "ATT-077"}},
		Bound:     "the sum of reference.AttentionBound of all three, that of the last twice",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Keep"},
	},
	{
		ID: "ATT-077", Name: "dropped_key_is_masked_key", Kind: Refuted,
		Statement: "Dropping keys, with KeepScale 1, gives the output with these keys masked.",
		Domain:    "finite Q, K, V",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Keep"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{1}, {0}}, "keep": {{1, 0}},
			},
			Excess: 0.49, // ½ instead of 1
		},
	},
	{
		ID: "ATT-118", Name: "nan_reaches_through_dropped_weights", Kind: Metamorphic,
		Statement: "A NaN in a value makes its channel NaN in the rows that may see the key, even those that drop its weight: dropped weights are 0, and 0·NaN is NaN. No other output changes in any bit.",
		Domain:    attentionDomain + ", any kept weights",
		Bound:     "bitwise",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Keep"},
	},
}
