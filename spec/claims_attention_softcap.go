package spec

const softcapDomain = "finite Q, K, V of any sizes with grouped heads, any mask and causal offset, ¼ ≤ c < 32"

var attentionSoftcapClaims = []Claim{
	{
		ID: "ATT-055", Name: "attention_caps_logits_before_bias", Kind: Equivalence,
		Statement: "With Softcap c the logits are c·tanh(Scale·qᵢ·kⱼ/c) + Biasᵢⱼ.",
		Domain:    softcapDomain + "; all other options beside it where they are offered",
		Given:     []Hypothesis{{"the cap comes before the bias", "ATT-060"}},
		Bound:     "reference.AttentionBound, with min(0.9u|c|, 2u(|s|A+e)) + 4u|c| + u|x| for the cap",
		Sources:   []Source{{"onnx", "softcap"}, own("3 The bound")},
		On:        []string{"Attention", "AttentionAbilities.Softcap"},
	},
	{
		ID: "ATT-056", Name: "weights_within_exp_of_twice_cap", Kind: Bound,
		Statement: "With V = I the largest weight of a query is at most exp(2c) times the least of its allowed keys, and masked keys weigh 0.",
		Domain:    softcapDomain + ", c < 4",
		Given:     []Hypothesis{{"nothing is added to capped logits", "ATT-059"}},
		Bound:     "reference.AttentionBound of both weights; masked keys bitwise",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Softcap"},
	},
	{
		ID: "ATT-057", Name: "masked_key_is_absent_key_of_any_cap", Kind: Metamorphic,
		Statement: "With Softcap too, masking keys for all queries gives the output without these keys.",
		Domain:    softcapDomain + ", no causal rule",
		Bound:     bothBounds,
		Sources:   []Source{{"onnx", "softcap before attn_mask"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Softcap"},
	},
	{
		ID: "ATT-058", Name: "output_nears_uncapped_of_large_cap", Kind: Metamorphic,
		Statement: "The output differs from that without Softcap by at most expm1(2δ)·max|v−o|, δ = max|x|³/(3c²).",
		Domain:    softcapDomain + ", c from 16 to 2¹⁰ times the largest logit",
		Bound:     bothBounds + ", beside the stated difference: |c·tanh(x/c) − x| ≤ |x|³/(3c²)",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Softcap"},
	},
	{
		ID: "ATT-059", Name: "weights_within_exp_of_twice_cap_of_any_bias", Kind: Refuted,
		Statement: "The largest weight of a query is at most exp(2c) times the least of its allowed keys, whatever the bias.",
		Domain:    "finite Q, K, bias",
		Sources:   []Source{own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Softcap", "AttentionAbilities.Bias"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1, "c": 3},
			Numbers: map[string]float64{"softcap": 1},
			Words:   map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {0}},
			},
			Excess: 0.08, // e⁻²/(1+e⁻³) = 0.1289 above e⁻³/(1+e⁻³) = 0.0474
		},
	},
	{
		ID: "ATT-060", Name: "cap_after_bias_is_cap_before_bias", Kind: Refuted,
		Statement: "With zero queries a bias b under Softcap c acts as the bias c·tanh(b/c) without it.",
		Domain:    "Q = 0, finite K, V, bias",
		Sources:   []Source{{"onnx", "softcap before attn_mask"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Softcap", "AttentionAbilities.Bias"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1, "c": 4},
			Numbers: map[string]float64{"softcap": 1},
			Words:   map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{1}, {0}},
			},
			Excess: 0.25, // 1/(1+e⁻⁴) = 0.982 instead of 1/(1+exp(−tanh 4)) = 0.731
		},
	},
}
