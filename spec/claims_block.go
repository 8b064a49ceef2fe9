package spec

const (
	blockDomain  = "finite X, memory, weights; LayerNorm or RMSNorm, with or without gate, any of its activations, grouped heads, rotary embedding or none"
	blockSection = "2 Blocks"
	blockErrors  = "3 Errors through a block"
	bothBlocks   = "the sum of reference.BlockBound of both"
	carried      = "the bounds of the parts, each for inputs that are off by those before it (reference.BlockBound)"
)

var blockClaims = []Claim{
	{
		ID: "BLK-001", Name: "pre_norm_encoder_value", Kind: Equivalence,
		Statement: "An encoder's block stores y + F(N₂(y)), y = x + A(N₁(x)): A multi-head attention, F the feed-forward branch.",
		Domain:    blockDomain + ", any options of self-attention",
		Bound:     carried,
		Sources:   []Source{{"xiong2020", "pre-norm"}, own(blockErrors)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-002", Name: "post_norm_encoder_value", Kind: Equivalence,
		Statement: "A post-norm encoder's block stores N₂(y + F(y)), y = N₁(x + A(x)).",
		Domain:    blockDomain + ", any options of self-attention",
		Bound:     carried,
		Sources:   []Source{{"vaswani2017", "section 3.1"}, own(blockErrors)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-003", Name: "pre_norm_decoder_value", Kind: Equivalence,
		Statement: "A decoder's block has causal self-attention and, between it and the feed-forward branch, one to the memory: y + C(N(y), memory).",
		Domain:    blockDomain + ", with or without memory, any mask of it",
		Bound:     carried,
		Sources:   []Source{{"vaswani2017", "section 3.1"}, {"xiong2020", "pre-norm"}, own(blockErrors)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-004", Name: "post_norm_decoder_value", Kind: Equivalence,
		Statement: "A post-norm decoder's block normalizes each of its sums, that with attention to the memory as well.",
		Domain:    blockDomain + ", with or without memory, any mask of it",
		Bound:     carried,
		Sources:   []Source{{"vaswani2017", "section 3.1"}, own(blockErrors)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-005", Name: "block_is_composition_of_parts", Kind: Metamorphic,
		Statement: "The block is the norms, multi-head attentions, linear or gated layers, activations and residual sums of the same implementation, one after the other.",
		Domain:    blockDomain + ", with or without memory, any options of self-attention",
		Bound:     "bitwise where the implementation declares ComposedBlock, twice reference.BlockBound elsewhere",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block", "LayerNorm", "RMSNorm", "MultiHead", "Linear", "Prox.Apply", "Gated", "Residual"},
	},
	{
		ID: "BLK-006", Name: "identity_of_silent_pre_norm_branches", Kind: Metamorphic,
		Statement: "With output weights and biases of all branches zero the block is the identity, bit for bit but for the sign of zero.",
		Domain:    blockDomain,
		Given:     []Hypothesis{{"pre-norm", "BLK-007"}},
		Bound:     "bitwise: x + 0 = x",
		Sources:   []Source{{"he2016", "identity mappings"}, own(blockSection)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-007", Name: "identity_of_silent_branches", Kind: Refuted,
		Statement: "A post-norm block whose branches are zero is the identity.",
		Domain:    "small blocks, RMSNorm",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"m": 1, "d": 1},
			Numbers: map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{
				"X": {{2}}, "WQ": {{0}}, "WK": {{0}}, "WV": {{0}}, "WO": {{0}}, "up": {{0}}, "down": {{0}},
			},
			Excess: 1.333, // 2 → 2/√5 → 2/3
		},
	},
	{
		ID: "BLK-008", Name: "rows_normalized_of_post_norm", Kind: Bound,
		Statement: "Without gain and shift in its last norm, the squares of each output row add to at most d, and with LayerNorm the row adds to 0.",
		Domain:    blockDomain,
		Given:     []Hypothesis{{"post-norm", "BLK-009"}},
		Bound:     "reference.BlockBound of each element, and the judge's sums",
		Sources:   []Source{{"ba2016", "equation (3)"}, own(blockSection)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-009", Name: "rows_normalized", Kind: Refuted,
		Statement: "The squares of each output row of a pre-norm block add to at most d.",
		Domain:    "small blocks, RMSNorm",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"m": 1, "d": 1},
			Numbers: map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{
				"X": {{2}}, "WQ": {{0}}, "WK": {{0}}, "WV": {{0}}, "WO": {{0}}, "up": {{0}}, "down": {{0}},
			},
			Excess: 2.99, // 2² against 1
		},
	},
	{
		ID: "BLK-010", Name: "prefix_independent_of_later_tokens_of_causal_block", Kind: Metamorphic,
		Statement: "The first t rows of the block are the block of the first t tokens.",
		Domain:    blockDomain + ", with or without memory",
		Given:     []Hypothesis{{"self-attention is causal", "BLK-011"}},
		Bound:     bothBlocks,
		Sources:   []Source{{"vaswani2017", "section 3.1: predictions depend on earlier positions"}, own(blockSection)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-011", Name: "prefix_independent_of_later_tokens", Kind: Refuted,
		Statement: "The first t rows of a block are the block of the first t tokens, whatever these may attend to.",
		Domain:    "small pre-norm blocks, RMSNorm",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"m": 2, "d": 1, "kept": 2},
			Numbers: map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{
				"X": {{1}, {-1}}, "WQ": {{0}}, "WK": {{0}}, "WV": {{1}}, "WO": {{1}}, "up": {{0}}, "down": {{0}},
			},
			Excess: 0.707, // the mean of ±1/√2 is added to 1, not 1/√2
		},
	},
	{
		ID: "BLK-012", Name: "block_commutes_with_token_order_of_unordered_attention", Kind: Metamorphic,
		Statement: "Permuting the tokens permutes the rows of the block.",
		Domain:    blockDomain + ", nothing masked, with or without memory",
		Given: []Hypothesis{
			{"no rotary embedding", "BLK-013"},
			{"self-attention is not causal", "BLK-014"},
		},
		Bound:   bothBlocks,
		Sources: []Source{{"vaswani2017", "section 3.5: without positions order is lost"}, own(blockSection)},
		On:      []string{"Block"},
	},
	{
		ID: "BLK-013", Name: "block_commutes_with_token_order_of_turned_tokens", Kind: Refuted,
		Statement: "Permuting the tokens permutes the rows of a block with a rotary embedding.",
		Domain:    "small pre-norm blocks, RMSNorm",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"m": 2, "d": 2, "token rotation": 1},
			Numbers: map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{
				"X": {{1, 0}, {0, 1}}, "WQ": {{1, 0}, {0, 1}}, "WK": {{1, 0}, {0, 1}}, "WV": {{1, 0}, {0, 1}}, "WO": {{1, 0}, {0, 1}},
				"up": {{0}, {0}}, "down": {{0, 0}},
			},
			Excess: 0.2, // logits of the other token: ∓(2/3) sin 1
		},
	},
	{
		ID: "BLK-014", Name: "block_commutes_with_token_order_of_causal_attention", Kind: Refuted,
		Statement: "Permuting the tokens permutes the rows of a causal block.",
		Domain:    "small pre-norm blocks, RMSNorm",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"m": 2, "d": 1, "token rotation": 1},
			Numbers: map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{
				"X": {{1}, {-1}}, "WQ": {{0}}, "WK": {{0}}, "WV": {{1}}, "WO": {{1}}, "up": {{0}}, "down": {{0}},
			},
			Excess: 0.707, // the first token sees itself alone, the second both
		},
	},
	{
		ID: "BLK-015", Name: "block_of_each_token_of_diagonal_mask", Kind: Metamorphic,
		Statement: "Each row of the block is the block of its token alone.",
		Domain:    blockDomain + ", with or without memory",
		Given:     []Hypothesis{{"every token may attend to itself alone", "BLK-011"}},
		Bound:     bothBlocks,
		Sources:   []Source{{"vaswani2017", "section 3.3: the feed-forward network is applied to each position alike"}, own(blockSection)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-016", Name: "cached_decoding_is_full_pass_of_causal_block", Kind: Metamorphic,
		Statement: "Taking the tokens a few at a time, each time behind those in the cache, gives the rows of the block of all; room behind the last token stays as it was.",
		Domain:    blockDomain + ", with or without memory, window, slopes",
		Given:     []Hypothesis{{"self-attention is causal", "BLK-011"}},
		Bound:     "twice reference.BlockBound; room bitwise",
		Sources:   []Source{{"onnx", "past and present keys and values"}, own(blockSection)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-017", Name: "nan_reaches_tokens_that_may_see_it", Kind: Metamorphic,
		Statement: "A NaN in a token makes its own row NaN and the rows that may attend to it, one in the bias of a key that may be seen its row, one in a sink or a slope the rows that see a key; no other output changes in any bit.",
		Domain:    blockDomain + ", any mask, causal or not, with or without memory",
		Bound:     "bitwise",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-018", Name: "output_independent_of_hidden_memory", Kind: Metamorphic,
		Statement: "NaN in rows of the memory that no token may attend to changes no bit of the output.",
		Domain:    blockDomain + ", with memory",
		Bound:     "bitwise",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-019", Name: "empty_memory_is_no_memory_of_pre_norm", Kind: Metamorphic,
		Statement: "With a memory of no rows and no output bias the block is the one without attention to a memory, bit for bit but for the sign of zero.",
		Domain:    blockDomain,
		Given:     []Hypothesis{{"pre-norm", "BLK-020"}},
		Bound:     "bitwise where the implementation declares ComposedBlock, the sum of reference.BlockBound of both elsewhere",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-020", Name: "empty_memory_is_no_memory", Kind: Refuted,
		Statement: "With a memory of no rows a post-norm block is the one without attention to a memory.",
		Domain:    "small blocks, RMSNorm",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"m": 1, "d": 1},
			Numbers: map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{
				"X": {{2}}, "WQ": {{0}}, "WK": {{0}}, "WV": {{0}}, "WO": {{0}}, "up": {{0}}, "down": {{0}},
			},
			Excess: 0.1119, // one norm more: 2/√13 instead of 2/3
		},
	},
	{
		ID: "BLK-021", Name: "pre_norm_block_homogeneous_of_scaled_eps", Kind: Metamorphic,
		Statement: "Stream, output weights and output biases of all branches times 2ᵏ give the output times 2ᵏ, bit for bit but for the sign of zero.",
		Domain:    blockDomain + "; pre-norm, |k| ≤ 8, no GELU: nothing underflows",
		Given:     []Hypothesis{{"eps is multiplied by 4ᵏ", "BLK-022"}},
		Bound:     "bitwise: the norms' outputs keep their bits; the bounds of both for an implementation that does not repeat its own bits",
		Sources:   []Source{{"ba2016", "invariance to re-scaling"}, own(blockSection)},
		On:        []string{"Block"},
	},
	{
		ID: "BLK-022", Name: "pre_norm_block_homogeneous_at_fixed_eps", Kind: Refuted,
		Statement: "Stream, output weights and output biases times 2ᵏ give the output times 2ᵏ with the same eps > 0.",
		Domain:    "small pre-norm blocks, RMSNorm, 1 ≤ k ≤ 4",
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"m": 1, "d": 1, "k": 1},
			Numbers: map[string]float64{"eps": 1},
			Matrices: map[string][][]float64{
				"X": {{1}}, "WQ": {{0}}, "WK": {{0}}, "WV": {{0}}, "WO": {{0}}, "up": {{1}}, "down": {{1}},
			},
			Excess: 0.374, // 2 + 2·2/√5 against 2(1 + 1/√2)
		},
	},
	{
		ID: "BLK-023", Name: "output_invariant_of_memory_order", Kind: Metamorphic,
		Statement: "Permuting the rows of the memory and the columns of its mask leaves the output, of a causal block too.",
		Domain:    blockDomain + ", with memory, no rotary embedding of it",
		Bound:     bothBlocks,
		Sources:   []Source{own(blockSection)},
		On:        []string{"Block"},
	},
}
