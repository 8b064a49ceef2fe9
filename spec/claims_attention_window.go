package spec

const windowDomain = "finite Q, K, V of any sizes with grouped heads, any mask and causal offset"

var attentionWindowClaims = []Claim{
	{
		ID: "ATT-061", Name: "window_is_mask_of_positions", Kind: Metamorphic,
		Statement: "With a window, query i at position p = Offset + i may attend to key j only if p − Left ≤ j ≤ p + Right, −1 being no limit, joined by and with the causal rule and a mask.",
		Domain:    windowDomain + ", −1 ≤ Left, Right ≤ 12, Offset of either sign",
		Given:     []Hypothesis{{"the window moves with Offset", "ATT-066"}},
		Bound:     bothBounds + "; NaN in what no query may see",
		Sources:   []Source{{"onnx", "left and right window"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Window"},
	},
	{
		ID: "ATT-062", Name: "key_length_is_absence_of_later_keys", Kind: Metamorphic,
		Statement: "With KeyLengths the output for batch b is that with its first KeyLengths[b] keys alone; later ones may hold NaN.",
		Domain:    windowDomain + ", lengths from 0 to n that differ between batches",
		Bound:     bothBounds + "; zeros of length 0 bitwise",
		Sources:   []Source{{"onnx", "nonpad_kv_seqlen"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.KeyLengths"},
	},
	{
		ID: "ATT-063", Name: "offset_of_batch_is_offset_alone", Kind: Metamorphic,
		Statement: "With Offsets the output for batch b is that of the batch alone with Offset = Offsets[b].",
		Domain:    windowDomain + ", Causal or a window, offsets of either sign that differ between batches",
		Bound:     bothBounds,
		Sources:   []Source{{"onnx", "is_causal with nonpad_kv_seqlen"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Offsets"},
	},
	{
		ID: "ATT-064", Name: "new_queries_after_past_are_tail_of_all", Kind: Metamorphic,
		Statement: "Queries that come later, with all keys and Offset = the number of past tokens, get the last outputs of all queries together, wherever the sequence is split, token by token too.",
		Domain:    "as many queries as keys, Causal, with a window where it is offered",
		Given:     []Hypothesis{{"Offset is the number of past tokens", "ATT-067"}},
		Bound:     bothBounds,
		Sources:   []Source{{"onnx", "past_key, past_value"}, own(anyAttention)},
		On:        []string{"Attention"},
	},
	{
		ID: "ATT-065", Name: "rules_compose_by_and", Kind: Equivalence,
		Statement: "A key counts exactly if mask, bias, causal rule, window, key length and packed sequence all allow it, with the offset of the batch; beside them softcap, slopes, sinks and kept weights do what each does alone.",
		Domain:    attentionDomain + ", all options that are offered together, masks, biases and kept weights with any axes and fewer keys; bottom-right offsets among the offsets; channels, heads, queries or keys in large numbers",
		Bound:     "reference.AttentionBound; the log-sum-exps, where they are offered: reference.AttentionLSEBound",
		Sources:   []Source{{"onnx", "Attention, composition of masks"}, own(anyAttention)},
		On:        []string{"Attention"},
	},
	{
		ID: "ATT-066", Name: "window_independent_of_offset", Kind: Refuted,
		Statement: "A window counts positions from query 0, whatever the Offset: key j only if i − Left ≤ j ≤ i + Right.",
		Domain:    "finite Q, K, V",
		Sources:   []Source{{"onnx", "left and right window"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Window"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1, "left": 0, "right": 0, "past": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}},
			},
			Excess: 1, // key 1, not key 0
		},
	},
	{
		ID: "ATT-067", Name: "causal_rule_is_bottom_right", Kind: Refuted,
		Statement: "Causal without Offset lets the last query see all keys: it is Causal with Offset BottomRight(m, n).",
		Domain:    "finite Q, K, V",
		Sources:   []Source{{"onnx", "is_causal without a cache"}, own(anyAttention)},
		On:        []string{"Attention"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}},
			},
			Excess: 0.5, // key 0 alone instead of both
		},
	},
}
