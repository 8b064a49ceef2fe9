package spec

var attentionMergeClaims = []Claim{
	{
		ID: "ATT-047", Name: "lse_is_log_of_sum_of_exponentials", Kind: Equivalence,
		Statement: "Beside its output an attention stores log Σⱼ exp xⱼ of the logits of each query's allowed keys, −Inf exactly when there is none.",
		Domain:    attentionDomain + "; all options together where they are offered",
		Bound:     "−log(1−B) + 4u(|log Z|+B) + 2u(|lse|+B) (reference.AttentionLSEBound); −Inf bitwise; the output: reference.AttentionBound",
		Sources:   []Source{{"blanchard2021", "log-sum-exp"}, own("3 The bound")},
		On:        []string{"AttentionLSE"},
	},
	{
		ID: "ATT-048", Name: "lse_rises_by_log_of_copies", Kind: Metamorphic,
		Statement: "Repeating all keys r times raises the log-sum-exp of each query by log r.",
		Domain:    attentionDomain + ", 2 ≤ r ≤ 4",
		Bound:     "the sum of reference.AttentionLSEBound of both",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"AttentionLSE"},
	},
	{
		ID: "ATT-049", Name: "merge_of_parts_is_attention_over_union", Kind: Metamorphic,
		Statement: "Merging the attentions over two sets of keys by their log-sum-exps gives the attention over all, and its log-sum-exp.",
		Domain:    attentionDomain + ", any division of the keys, empty parts included",
		Given: []Hypothesis{
			{"parts are weighed by their log-sum-exp, not by their sizes", "ATT-053"},
			{"no key belongs to both", "ATT-054"},
		},
		Bound:   "reference.MergeBound with the bounds of both parts as errors of its inputs",
		Sources: []Source{{"milakov2018", "normalizers join associatively"}, {"dao2022", "blocks of keys"}, own(anyAttention)},
		On:      []string{"AttentionLSE", "MergeAttention"},
	},
	{
		ID: "ATT-050", Name: "merge_is_softmax_average_of_parts", Kind: Equivalence,
		Statement: "A merge stores the average of o₁ and o₂ by the softmax of (l₁, l₂), and log(exp l₁ + exp l₂).",
		Domain:    "finite o, l finite up to 2¹² or −Inf",
		Bound:     "reference.MergeBound",
		Sources:   []Source{{"blanchard2021", "log-sum-exp"}, own(anyAttention)},
		On:        []string{"MergeAttention"},
	},
	{
		ID: "ATT-051", Name: "empty_part_is_identity_of_merge", Kind: Identity,
		Statement: "Merging with a part whose l is −Inf gives the other part bit for bit, whatever the empty part's o holds; two empty parts give +0 and −Inf.",
		Domain:    "finite o, l; NaN, infinities or numbers in the empty part's o",
		Bound:     "bitwise",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"MergeAttention"},
	},
	{
		ID: "ATT-052", Name: "merge_associative_and_commutative", Kind: Identity,
		Statement: "(a ⊕ b) ⊕ c = a ⊕ (b ⊕ c) and a ⊕ b = b ⊕ a for the merge ⊕ of outputs with their log-sum-exps.",
		Domain:    "finite o, l finite or −Inf",
		Bound:     "reference.MergeBound of each merge, those of the inner ones as errors of inputs",
		Sources:   []Source{{"milakov2018", "normalizers join associatively"}, own(anyAttention)},
		On:        []string{"MergeAttention"},
	},
	{
		ID: "ATT-053", Name: "attention_over_union_is_mean_of_equal_parts", Kind: Refuted,
		Statement: "The attention over two sets of equally many keys is the mean of the attentions over each.",
		Domain:    "finite Q, K, V, an even number of keys",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{1}}, "K": {{0}, {1}}, "V": {{0}, {1}},
			},
			Excess: 0.23, // 1/(1+1/e) = 0.7311 instead of ½
		},
	},
	{
		ID: "ATT-054", Name: "merge_of_overlapping_parts_is_attention_over_union", Kind: Refuted,
		Statement: "Merging the attentions over two sets of keys that share a key gives the attention over their union.",
		Domain:    "finite Q, K, V; all keys, and the last one again",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"AttentionLSE", "MergeAttention"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}},
			},
			Excess: 0.16, // 2/3 instead of ½
		},
	},
}
