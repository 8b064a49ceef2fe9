package spec

const sinkDomain = "finite Q, K, V of any sizes with grouped heads, any mask and causal offset"

var attentionSinkClaims = []Claim{
	{
		ID: "ATT-068", Name: "sink_adds_to_denominator", Kind: Equivalence,
		Statement: "With Sinks the weights of head h are exp xⱼ/(Σ exp xⱼ + exp Sinksₕ).",
		Domain:    sinkDomain + ", a sink for each query head from −8 to 8, or −Inf; all other options beside them where they are offered",
		Bound:     "reference.AttentionBound, the sink being a key of value 0 whose logit is exact, one rescaling more",
		Sources:   []Source{{"xiao2024", "attention sinks"}, own("3 The bound")},
		On:        []string{"Attention", "AttentionAbilities.Sinks"},
	},
	{
		ID: "ATT-069", Name: "sink_scales_output", Kind: Metamorphic,
		Statement: "A sink s makes the output 1/(1 + exp(s − lse)) of what it was, lse = log Σ exp xⱼ; one of −Inf leaves it.",
		Domain:    sinkDomain,
		Given:     []Hypothesis{{"the factor is not left out", "ATT-072"}},
		Bound:     bothBounds,
		Sources:   []Source{{"xiao2024", "attention sinks"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Sinks"},
	},
	{
		ID: "ATT-070", Name: "slopes_add_distance_to_logits", Kind: Equivalence,
		Statement: "With Slopes the logits of head h grow by Slopesₕ·(j − p), p = i + offset the position of the query.",
		Domain:    sinkDomain + ", AlibiSlopes of the heads, times 1 or 8; all other options beside them, and log-sum-exps, where they are offered",
		Bound:     "reference.AttentionBound, with 2u(|slope·(j−p)| + |bias| + |x| + e)",
		Sources:   []Source{{"press2022", "linear biases"}, own("3 The bound")},
		On:        []string{"Attention", "AttentionAbilities.Slopes"},
	},
	{
		ID: "ATT-071", Name: "slopes_are_bias_of_distance", Kind: Metamorphic,
		Statement: "Slopes act as a bias of Slopesₕ·(j − p), for each head its own.",
		Domain:    sinkDomain + ", slopes of few bits: the bias is exact",
		Given:     []Hypothesis{{"distances count with their sign", "ATT-073"}},
		Bound:     bothBounds,
		Sources:   []Source{{"press2022", "linear biases"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Slopes", "AttentionAbilities.Bias"},
	},
	{
		ID: "ATT-072", Name: "sink_leaves_output", Kind: Refuted,
		Statement: "A sink leaves the output as it was.",
		Domain:    "finite Q, K, V",
		Sources:   []Source{{"xiao2024", "attention sinks"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Sinks"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 1, "dHead": 1, "dValue": 1, "sink": 0},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}}, "V": {{1}},
			},
			Excess: 0.49, // ½ instead of 1
		},
	},
	{
		ID: "ATT-073", Name: "slopes_are_bias_of_absolute_distance", Kind: Refuted,
		Statement: "Slopes act as a bias of −Slopesₕ·|j − p|, without a causal rule too.",
		Domain:    "finite Q, K, V",
		Sources:   []Source{{"press2022", "linear biases, defined for causal attention"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Slopes", "AttentionAbilities.Bias"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 2, "dHead": 1, "dValue": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}},
			},
			Excess: 0.46, // 1/(1+e⁻¹) = 0.7311 instead of 1/(1+e) = 0.2689
		},
	},
	{
		ID: "ATT-119", Name: "masked_row_is_zero_whatever_its_sink", Kind: Identity,
		Statement: "The output of a query without an allowed key is exactly 0 whatever its sink, NaN and infinities too.",
		Domain:    sinkDomain + ", sinks of any kind",
		Bound:     "bitwise",
		Sources:   []Source{{"onnx", "rows without an allowed key"}, own(anyAttention)},
		On:        []string{"Attention", "AttentionAbilities.Sinks"},
	},
}
