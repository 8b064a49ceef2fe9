package spec

// gradientFurtherClaims are sentences without a hypothesis that they need, all refuted,
// and those about special cases: the causal rule, a shared bias, absent keys, sizes
// of zero, packed sequences.
var gradientFurtherClaims = []Claim{
	{
		ID: "GRD-035", Name: "logit_gradients_sum_zero", Kind: Refuted,
		Statement: "The gradients in the logits of the keys of a query add up to 0, with a sink too.",
		Domain:    "finite dOut, Q, K, V",
		Sources:   []Source{own(ofGradients)},
		On:        []string{"AttentionBackward", "BackwardAbilities.Bias", "BackwardAbilities.BiasGradient", "BackwardAbilities.Sinks"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 1, "dHead": 1, "dValue": 1, "sink": 0},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}}, "V": {{1}}, "dOut": {{1}},
			},
			Excess: 0.24, // ½(1 − ½) = ¼
		},
	},
	{
		ID: "GRD-036", Name: "query_and_key_gradients_scale_alike", Kind: Refuted,
		Statement: "⟨dQ, Q⟩ of one query head is ⟨dK, K⟩ of its key head, whoever else uses that.",
		Domain:    "finite dOut, Q, K, V, a group of two query heads",
		Sources:   []Source{own(ofGradients)},
		On:        []string{"AttentionBackward"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"n": 2},
			Matrices: map[string][][]float64{ // a row for each query head, a query each
				"Q": {{0}, {1}}, "K": {{0}, {1}}, "V": {{0}, {1}}, "dOut": {{1}, {1}},
			},
			Excess: 0.19, // 0 against a(1−a) = 0.1966, a = 1/(1+e⁻¹)
		},
	},
	{
		ID: "GRD-037", Name: "grouped_gradient_is_that_of_first_head", Kind: Refuted,
		Statement: "dV of a key head is that for the first query head of its group alone.",
		Domain:    "finite dOut, Q, K, V, a group of two query heads",
		Sources:   []Source{own(ofGradients)},
		On:        []string{"AttentionBackward"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"n": 1},
			Matrices: map[string][][]float64{
				"Q": {{0}, {0}}, "K": {{0}}, "V": {{0}}, "dOut": {{1}, {1}},
			},
			Excess: 0.99, // 2 instead of 1
		},
	},
	{
		ID: "GRD-038", Name: "query_and_key_gradients_zero_of_equal_values", Kind: Refuted,
		Statement: "dQ and dK are 0 when all values are equal, with a sink too.",
		Domain:    "finite dOut, Q, K, V",
		Sources:   []Source{own(ofGradients)},
		On:        []string{"AttentionBackward", "BackwardAbilities.Sinks"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 1, "dHead": 1, "dValue": 1, "sink": 0},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{1}}, "V": {{1}}, "dOut": {{1}},
			},
			Excess: 0.24, // dQ = ½(1 − ½)·1
		},
	},
	{
		ID: "GRD-039", Name: "capped_gradient_invariant_of_key_translation", Kind: Refuted,
		Statement: "Adding one vector to all keys leaves the gradients, with a softcap too.",
		Domain:    "finite dOut, Q, K, V",
		Sources:   []Source{own(ofGradients)},
		On:        []string{"AttentionBackward", "BackwardAbilities.Softcap"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{1}}, "K": {{0}, {1}}, "V": {{0}, {1}}, "dOut": {{1}}, "shift": {{1}},
			},
			Excess: 0.15, // with a cap of 1: dQ is 0.0911 and then −0.0689
		},
	},
	{
		ID: "GRD-040", Name: "gradient_beside_sink_invariant_of_key_translation", Kind: Refuted,
		Statement: "Adding one vector to all keys leaves the gradients, with a sink too.",
		Domain:    "finite dOut, Q, K, V",
		Sources:   []Source{own(ofGradients)},
		On:        []string{"AttentionBackward", "BackwardAbilities.Sinks"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 1, "dHead": 1, "dValue": 1, "sink": 0},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{1}}, "K": {{0}}, "V": {{1}}, "dOut": {{1}}, "shift": {{1}},
			},
			Excess: 0.19, // dQ = a(1−a)k is 0 at k = 0, 0.1966 at k = 1
		},
	},
	{
		ID: "GRD-041", Name: "causal_gradient_is_that_of_mask", Kind: Metamorphic,
		Statement: "Causal with Offset has the gradients of the mask j ≤ i + Offset, joined by and with a given mask.",
		Domain:    gradientDomain + ", m and n unequal, Offset of either sign",
		Bound:     bothGradients,
		Sources:   []Source{{"onnx", "is_causal with an offset"}, own(ofGradients)},
		On:        []string{"AttentionBackward"},
	},
	{
		ID: "GRD-042", Name: "gradient_of_shared_bias_is_sum_of_its_copies", Kind: Metamorphic,
		Statement: "The gradient of a bias that batches, heads or queries share is the sum of those of the same bias written out; the others are the same.",
		Domain:    gradientDomain + "; biases of one to four axes and fewer keys, −Inf in them",
		Bound:     "the sum of " + gradientBound + " of all",
		Sources:   []Source{{"onnx", "attn_mask, float, broadcast"}, own(ofGradients)},
		On:        []string{"AttentionBackward", "BackwardAbilities.Bias", "BackwardAbilities.BiasGradient", "BackwardAbilities.Broadcast"},
	},
	{
		ID: "GRD-043", Name: "gradient_of_masked_key_is_gradient_without_it", Kind: Metamorphic,
		Statement: "Masking keys for all queries gives the other gradients as without these keys.",
		Domain:    gradientDomain + ", no causal rule",
		Bound:     bothGradients,
		Sources:   []Source{{"onnx", "attn_mask"}, own(ofGradients)},
		On:        []string{"AttentionBackward"},
	},
	{
		ID: "GRD-044", Name: "gradient_of_empty_sizes", Kind: Equivalence,
		Statement: "With no key, channel, query, value channel, batch or head the gradients are what their sums say, 0 for sums of nothing.",
		Domain:    "one size 0, the others 2",
		Bound:     gradientBound,
		Sources:   []Source{own(ofGradients)},
		On:        []string{"AttentionBackward"},
	},
	{
		ID: "GRD-045", Name: "packed_gradient_is_gradient_within_sequence", Kind: Equivalence,
		Statement: "With Sequences too the gradients are those of the equations over the keys that all rules together allow.",
		Domain:    packedDomain + "; all other options together where they are offered",
		Bound:     gradientBound,
		Sources:   []Source{{"dao2022code", "cu_seqlens_q, cu_seqlens_k"}, own(ofGradients)},
		On:        []string{"AttentionBackward", "BackwardAbilities.Sequences"},
	},
}
