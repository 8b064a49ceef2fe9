package spec

const (
	packedDomain     = "finite Q, K, V, 1 to 4 sequences of 0 to 9 queries and 0 to 40 keys, grouped heads, any mask and causal offset"
	furtherAttention = "5 Packed sequences, pages, caches and stages"
)

var attentionSequencesClaims = []Claim{
	{
		ID: "ATT-080", Name: "packed_sequence_is_sequence_alone", Kind: Metamorphic,
		Statement: "With Sequences the outputs of a sequence are those of its queries over its keys alone, positions counted from its first query and key.",
		Domain:    packedDomain + "; with a window, and offsets and key lengths for each sequence, where they are offered, bottom-right offsets among them",
		Given: []Hypothesis{
			{"a query sees keys of its own sequence alone", "ATT-084"},
			{"positions count within the sequence", "ATT-085"},
		},
		Bound:   bothBounds,
		Sources: []Source{{"dao2022code", "cu_seqlens_q, cu_seqlens_k"}, own(furtherAttention)},
		On:      []string{"Attention", "AttentionAbilities.Sequences"},
	},
	{
		ID: "ATT-081", Name: "packed_sequence_independent_of_other_tokens", Kind: Metamorphic,
		Statement: "NaN, infinities or huge numbers in the queries, keys and values of all other sequences change no bit of a sequence's outputs.",
		Domain:    packedDomain,
		Bound:     "bitwise",
		Sources:   []Source{{"dao2022code", "cu_seqlens_q, cu_seqlens_k"}, own(furtherAttention)},
		On:        []string{"Attention", "AttentionAbilities.Sequences"},
	},
	{
		ID: "ATT-082", Name: "packed_sequences_are_mask_of_blocks", Kind: Metamorphic,
		Statement: "Sequences act as the mask that allows key j to query i exactly if both are of one sequence s and j − Keys[s] keeps to the causal rule and the window of i − Queries[s]; a single sequence allows what none does.",
		Domain:    packedDomain + ", with a window where it is offered",
		Bound:     bothBounds,
		Sources:   []Source{{"dao2022code", "cu_seqlens_q, cu_seqlens_k"}, own(furtherAttention)},
		On:        []string{"Attention", "AttentionAbilities.Sequences"},
	},
	{
		ID: "ATT-083", Name: "packed_attention_is_softmax_average_within_sequence", Kind: Equivalence,
		Statement: "With Sequences too the output is the softmax average of the values that all rules together allow, and 0 where they allow none.",
		Domain:    packedDomain + "; all other options together where they are offered: masks, biases and kept weights go by the tokens as they lie, distances by the positions within the sequence",
		Bound:     "reference.AttentionBound",
		Sources:   []Source{{"dao2022code", "cu_seqlens_q, cu_seqlens_k"}, own("3 The bound")},
		On:        []string{"Attention", "AttentionAbilities.Sequences"},
	},
	{
		ID: "ATT-084", Name: "packed_sequences_see_one_another", Kind: Refuted,
		Statement: "Packing leaves the output as it is for one sequence of all tokens.",
		Domain:    "two sequences, finite Q, K, V",
		Sources:   []Source{own(furtherAttention)},
		On:        []string{"Attention", "AttentionAbilities.Sequences"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1, "first queries": 0, "first keys": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}},
			},
			Excess: 0.49, // 1, the second key alone, instead of ½
		},
	},
	{
		ID: "ATT-085", Name: "packed_causal_rule_counts_all_tokens", Kind: Refuted,
		Statement: "The causal rule compares places among all packed tokens: key j of the same sequence is seen exactly if j ≤ i.",
		Domain:    "two sequences, finite Q, K, V",
		Sources:   []Source{own(furtherAttention)},
		On:        []string{"Attention", "AttentionAbilities.Sequences"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1, "first queries": 0, "first keys": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}},
			},
			Excess: 1, // the sequence's query 0 sees its key 0, which is key 1 of all
		},
	},
}
