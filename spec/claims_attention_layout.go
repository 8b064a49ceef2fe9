package spec

var attentionLayoutClaims = []Claim{
	{
		ID: "ATT-078", Name: "heads_within_tokens_are_heads_apart", Kind: Metamorphic,
		Statement: "Tensors of batch×tokens×(heads·channels) numbers, viewed by HeadsOf, give the output of tensors of batch×heads×tokens×channels, in the same place.",
		Domain:    attentionDomain,
		Given:     []Hypothesis{{"axes are exchanged, not reshaped", "ATT-079"}},
		Bound:     bothBounds,
		Sources:   []Source{{"onnx", "Attention, inputs of three axes"}, own(anyAttention)},
		On:        []string{"Attention"},
	},
	{
		ID: "ATT-079", Name: "heads_within_tokens_are_reshaped_heads", Kind: Refuted,
		Statement: "The numbers of batch×tokens×(heads·channels) tensors may be read as batch×heads×tokens×channels, with the output's too.",
		Domain:    "2 heads, finite Q, K, V",
		Sources:   []Source{{"onnx", "Attention, inputs of three axes"}, own(anyAttention)},
		On:        []string{"Attention"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"tokens": 2},
			Matrices: map[string][][]float64{
				"Q": {{0, 0}, {0, 0}}, "K": {{0, 0}, {0, 0}}, "V": {{1, 0}, {1, 0}},
			},
			Excess: 0.5, // means of (1, 1) and (0, 0) instead of (1, 0) twice
		},
	},
}
