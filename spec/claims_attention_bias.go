package spec

const biasDomain = "finite Q, K, V of any sizes with grouped heads, any Scale, any mask, causal offset and bias"

var attentionBiasClaims = []Claim{
	{
		ID: "ATT-038", Name: "attention_adds_bias_to_logits", Kind: Equivalence,
		Statement: "With a bias the logits are Scale·qᵢ·kⱼ + Biasᵢⱼ: the bias is added after scaling, for each batch, head, query and key.",
		Domain:    biasDomain + ", of values from 2⁻¹⁰ to 2¹⁰ and −Inf; all other options beside it where they are offered",
		Bound:     "reference.AttentionBound, with u(|xⱼ|+eⱼ) for the addition",
		Sources:   []Source{{"onnx", "attn_mask of floating-point type"}, own("3 The bound")},
		On:        []string{"Attention", "AttentionAbilities.Bias"},
	},
	{
		ID: "ATT-039", Name: "grid_of_fewer_axes_is_repeated_grid_padded_by_masked", Kind: Metamorphic,
		Statement: "A mask or bias of fewer axes, or of 1 along an axis, is the one repeated over them; keys behind its last are not allowed.",
		Domain:    biasDomain + ", grids of one to four axes",
		Given:     []Hypothesis{{"keys behind the last are masked", "ATT-044"}},
		Bound:     bothBounds,
		Sources:   []Source{{"onnx", "attn_mask, broadcasting and padding"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Broadcast", "AttentionAbilities.Bias"},
	},
	{
		ID: "ATT-040", Name: "bias_of_minus_infinity_is_mask", Kind: Metamorphic,
		Statement: "A bias of 0 and −Inf is a mask: the output is that with the mask, even if hidden keys and values hold NaN.",
		Domain:    biasDomain,
		Given:     []Hypothesis{{"the bias is −Inf, not some negative number", "ATT-046"}},
		Bound:     bothBounds + "; zeros of queries without an allowed key bitwise",
		Sources:   []Source{{"onnx", "attn_mask of floating-point type"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Bias"},
	},
	{
		ID: "ATT-041", Name: "output_invariant_of_bias_shift", Kind: Metamorphic,
		Statement: "Adding one number to the bias of all keys of a query leaves its output.",
		Domain:    biasDomain + ", shifts of ±8, ±128, −1024 and −65536, the sums exact",
		Given:     []Hypothesis{{"the number is the same for all keys of the query", "ATT-045"}},
		Bound:     bothBounds,
		Sources:   []Source{{"blanchard2021", "shifted softmax"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Bias"},
	},
	{
		ID: "ATT-042", Name: "repeated_key_is_bias_of_log_count", Kind: Metamorphic,
		Statement: "A key that is there r times weighs as much as one with log r added to its bias.",
		Domain:    biasDomain + ", 2 ≤ r ≤ 6",
		Bound:     bothBounds + ", and expm1(2|δ|)·max|v−o| where the bias is off log r by δ",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Bias"},
	},
	{
		ID: "ATT-043", Name: "weight_rises_with_bias_and_others_fall", Kind: Metamorphic,
		Statement: "Raising the bias of one key does not lower its weight and does not raise that of any other.",
		Domain:    biasDomain + ", V = I",
		Bound:     bothBounds,
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Bias"},
	},
	{
		ID: "ATT-044", Name: "short_mask_allows_later_keys", Kind: Refuted,
		Statement: "A mask of fewer keys leaves those behind its last allowed.",
		Domain:    "finite Q, K, V",
		Sources:   []Source{{"onnx", "attn_mask, padding"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Broadcast"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1, "kept": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}}, "short": {{1}},
			},
			Excess: 0.5, // 0 instead of ½
		},
	},
	{
		ID: "ATT-045", Name: "output_invariant_of_one_keys_bias", Kind: Refuted,
		Statement: "Adding a number to the bias of one key leaves the output.",
		Domain:    "finite Q, K, V, bias",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Bias"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1, "c": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}},
			},
			Excess: 0.23, // the value 1 weighs 1/(1+e) = 0.2689 instead of ½
		},
	},
	{
		ID: "ATT-046", Name: "negative_bias_is_mask", Kind: Refuted,
		Statement: "A key with a bias of −c, c > 0, gives the output without that key.",
		Domain:    "finite Q, K, V, 1 ≤ c ≤ 8",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Bias"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1, "c": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{1}, {0}},
			},
			Excess: 0.26, // 1/(1+e) = 0.2689 instead of 0
		},
	},
}
