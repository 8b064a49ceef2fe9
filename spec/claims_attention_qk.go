package spec

const qkDomain = "finite Q, K, V of any sizes with grouped heads, any mask and causal offset; window, key lengths, bias, softcap, sinks, slopes and kept weights where they are offered"

var attentionQKClaims = []Claim{
	{
		ID: "ATT-086", Name: "qk_scaled_is_scaled_product_of_every_key", Kind: Equivalence,
		Statement: "At the stage QKScaled an attention stores Scale·qᵢ·kⱼ beside its output, of every key, allowed or not, and before any cap.",
		Domain:    qkDomain,
		Bound:     "|s|(Sⱼ + uAⱼ) + c·u|s|Aⱼ and what underflows (reference.AttentionQKBound); the output: reference.AttentionBound",
		Sources:   []Source{{"onnx", "qk_matmul_output_mode 0"}, own(furtherAttention)},
		On:        []string{"AttentionQK"},
	},
	{
		ID: "ATT-087", Name: "qk_capped_is_capped_product_of_every_key", Kind: Equivalence,
		Statement: "At the stage QKCapped an attention stores c·tanh(Scale·qᵢ·kⱼ/c) of every key, without bias and mask.",
		Domain:    qkDomain + ", ¼ ≤ c < 32",
		Given:     []Hypothesis{{"the bias comes after the cap, at the next stage", "ATT-092"}},
		Bound:     "that of QKScaled and min(0.9u|c|, 2u(|s|A+e)) + 4u|c| + u|x| for the cap (reference.AttentionQKBound); the output: reference.AttentionBound",
		Sources:   []Source{{"onnx", "qk_matmul_output_mode 1"}, own(furtherAttention)},
		On:        []string{"AttentionQK", "AttentionAbilities.Softcap"},
	},
	{
		ID: "ATT-088", Name: "qk_logits_are_logits_and_minus_infinity", Kind: Equivalence,
		Statement: "At the stage QKLogits an attention stores its logits, with slopes and bias, and exactly −Inf for keys that are not allowed.",
		Domain:    qkDomain,
		Bound:     "eⱼ of reference.AttentionBound (reference.AttentionQKBound); −Inf bitwise; the output: reference.AttentionBound",
		Sources:   []Source{{"onnx", "qk_matmul_output_mode 2"}, own(furtherAttention)},
		On:        []string{"AttentionQK"},
	},
	{
		ID: "ATT-089", Name: "qk_weights_are_softmax_and_zero", Kind: Equivalence,
		Statement: "At the stage QKWeights an attention stores its weights, sinks in the denominator and before any is dropped, and exactly +0 for keys that are not allowed and for queries without an allowed key.",
		Domain:    qkDomain,
		Given:     []Hypothesis{{"queries without an allowed key have no weights, not equal ones", "ATT-093"}},
		Bound:     "reference.AttentionBound for V = I (reference.AttentionQKBound); zeros bitwise; the output: reference.AttentionBound",
		Sources:   []Source{{"onnx", "qk_matmul_output_mode 3"}, own(furtherAttention)},
		On:        []string{"AttentionQK"},
	},
	{
		ID: "ATT-090", Name: "output_is_average_by_qk_weights", Kind: Metamorphic,
		Statement: "The output is Σⱼ aᵢⱼvⱼ with the weights a that are stored beside it, and these are the softmax of the stored logits: exp(xᵢⱼ − lseᵢ) with the stored log-sum-exps, where these are offered.",
		Domain:    "finite Q, K, V of any sizes with grouped heads, any mask and causal offset; bias, softcap and slopes where they are offered",
		Bound:     "the output: reference.AttentionBound and Σ|v|·reference.AttentionQKBound; weights: that bound, and the relative error expm1(e + max e) that the errors e of the logits cause, expm1(e + reference.AttentionLSEBound) with a stored log-sum-exp",
		Sources:   []Source{own(furtherAttention)},
		On:        []string{"AttentionQK"},
	},
	{
		ID: "ATT-091", Name: "qk_independent_of_hidden_keys", Kind: Metamorphic,
		Statement: "NaN, infinities or huge numbers in keys and values that no query may see change no bit of the output and of what the stages QKLogits and QKWeights store; at QKScaled they change the products of their own key alone.",
		Domain:    attentionDomain,
		Bound:     "bitwise",
		Sources:   []Source{own(furtherAttention)},
		On:        []string{"AttentionQK"},
	},
	{
		ID: "ATT-092", Name: "qk_capped_holds_bias", Kind: Refuted,
		Statement: "The stages QKCapped and QKLogits store the same, whatever the bias.",
		Domain:    "finite Q, K, a bias of the first key",
		Sources:   []Source{{"onnx", "qk_matmul_output_mode: earlier texts had 1 and 2 the other way round"}, own(furtherAttention)},
		On:        []string{"AttentionQK", "AttentionAbilities.Bias"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 1, "dHead": 1, "dValue": 1, "c": 1},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}}, "V": {{0}},
			},
			Excess: 1, // 0 and 1
		},
	},
	{
		ID: "ATT-093", Name: "qk_weights_equal_of_no_allowed_key", Kind: Refuted,
		Statement: "At the stage QKWeights each row sums to 1: a query without an allowed key has equal weights.",
		Domain:    "finite Q, K, V, any mask",
		Sources:   []Source{{"onnx", "qk_matmul_output_mode 3, rows without an allowed key"}, own(furtherAttention)},
		On:        []string{"AttentionQK"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"m": 1, "n": 1, "dHead": 1, "dValue": 1},
			Words: map[string]string{"masks": "drawn"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}}, "V": {{1}}, "M": {{0}},
			},
			Excess: 1, // the sum is 0
		},
	},
}
