package spec

const (
	multiHeadDomain  = "finite tokens X and memory of any channels, weights of any rank, biases or none, grouped heads, rotary embedding or none"
	multiHeadSection = "1 Multi-head attention"
	bothMultiHeads   = "the sum of reference.MultiHeadBound of both"
)

var multiHeadClaims = []Claim{
	{
		ID: "MHA-001", Name: "multi_head_of_all_options", Kind: Equivalence,
		Statement: "Multi-head attention to a memory is concat(headₕ)·WO + bO, headₕ the attention of head h of XWQ + bQ to head KeyHead(h) of memory·WK + bK and memory·WV + bV, queries and keys turned to their positions.",
		Domain:    multiHeadDomain + ", any options",
		Bound:     "the bounds of the projections carried through rotation, attention and the output layer (reference.MultiHeadBound)",
		Sources:   []Source{{"vaswani2017", "section 3.2.2"}, {"su2024", "queries and keys are turned, values are not"}, own(multiHeadSection)},
		On:        []string{"MultiHead"},
	},
	{
		ID: "MHA-002", Name: "grouped_heads_are_repeated_weights", Kind: Metamorphic,
		Statement: "Fewer heads of keys and values are those whose slices of WK, bK, WV, bV are repeated for each head of queries that they serve.",
		Domain:    multiHeadDomain,
		Bound:     bothMultiHeads,
		Sources:   []Source{own(multiHeadSection)},
		On:        []string{"MultiHead"},
	},
	{
		ID: "MHA-003", Name: "output_invariant_of_first_position", Kind: Metamorphic,
		Statement: "Moving the rotary embedding's Offset, for queries and keys alike, leaves the output.",
		Domain:    multiHeadDomain + ", rotary embedding, moved by up to 200 places",
		Bound:     bothMultiHeads,
		Sources:   []Source{{"su2024", "only differences of positions enter a logit"}, own(multiHeadSection)},
		On:        []string{"MultiHead"},
	},
	{
		ID: "MHA-004", Name: "key_bias_irrelevant_of_unturned_keys", Kind: Metamorphic,
		Statement: "A bias of the keys leaves the output: it adds q·bK to every logit of a row.",
		Domain:    multiHeadDomain + ", no softcap, no sinks",
		Given:     []Hypothesis{{"no rotary embedding", "MHA-005"}},
		Bound:     bothMultiHeads,
		Sources:   []Source{own(multiHeadSection)},
		On:        []string{"MultiHead"},
	},
	{
		ID: "MHA-005", Name: "key_bias_irrelevant", Kind: Refuted,
		Statement: "A bias of the keys leaves the output where queries and keys are turned.",
		Domain:    "one head, finite X and weights",
		Sources:   []Source{own(multiHeadSection)},
		On:        []string{"MultiHead"},
		Counterexample: &Counterexample{ // all keys are the bias, turned by 0 and by 1
			Sizes: map[string]int{"m": 2, "d": 2},
			Matrices: map[string][][]float64{
				"X": {{1, 0}, {0, 1}}, "WQ": {{1, 0}, {0, 1}}, "WK": {{0, 0}, {0, 0}}, "WV": {{1, 0}, {0, 1}}, "WO": {{1, 0}, {0, 1}},
				"bkey": {{2, 0}},
			},
			Excess: 0.2148, // token 0 weighs keys (2, 0) and (2 cos 1, 2 sin 1): 1/(1+exp(2 cos 1 − 2)) instead of ½
		},
	},
	{
		ID: "MHA-006", Name: "value_bias_adds_of_some_allowed_key", Kind: Metamorphic,
		Statement: "A bias of the values adds its slice of each head times WO to the output.",
		Domain:    multiHeadDomain + ", any mask, no sinks, no dropout",
		Given:     []Hypothesis{{"the token may attend to some key", "MHA-007"}},
		Bound:     bothMultiHeads,
		Sources:   []Source{own(multiHeadSection)},
		On:        []string{"MultiHead"},
	},
	{
		ID: "MHA-007", Name: "value_bias_adds_of_any_mask", Kind: Refuted,
		Statement: "A bias of the values adds its slice of each head times WO to the output of any token.",
		Domain:    "one head, finite X and weights",
		Sources:   []Source{own(multiHeadSection)},
		On:        []string{"MultiHead"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "d": 1},
			Matrices: map[string][][]float64{
				"X": {{0}}, "WQ": {{0}}, "WK": {{0}}, "WV": {{0}}, "WO": {{1}}, "M": {{0}}, "bvalue": {{1}},
			},
			Excess: 1, // a token that sees nothing gets 0
		},
	},
	{
		ID: "MHA-008", Name: "nan_reaches_rows_that_depend_on_it", Kind: Metamorphic,
		Statement: "A NaN in a token makes its row NaN if that sees a key, in a row of the memory the rows that may see it, in the bias of a key that may be seen its row, in a sink or a slope the rows that see a key in that head; no other output changes in any bit.",
		Domain:    multiHeadDomain + ", any options but dropout",
		Bound:     "bitwise",
		Sources:   []Source{own(multiHeadSection)},
		On:        []string{"MultiHead"},
	},
}
