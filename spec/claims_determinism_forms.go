package spec

const determinismFormsSection = "2 Packs, pages, gradients and layers"

// determinedOf returns a claim about operations that the named field of
// Determinism declares.
func determinedOf(id ID, field, name, statement, domain string, operations ...string) Claim {
	return Claim{
		ID: id, Name: name, Kind: Metamorphic, Statement: statement, Domain: domain,
		Bound:   "bitwise, where declared",
		Sources: []Source{own(determinismFormsSection)},
		On:      append(operations, "Determinism."+field),
	}
}

// given returns c under a hypothesis.
func (c Claim) given(h Hypothesis) Claim {
	c.Given = append(c.Given, h)
	return c
}

var determinismFormClaims = []Claim{
	determinedOf("DET-017", "Packed", "output_bits_of_packed_sequence_alone",
		"A packed sequence has the bits of that sequence alone.",
		packedDomain+", all options that are offered", "Attention", "AttentionAbilities.Sequences"),
	determinedOf("DET-018", "PageOrder", "paged_output_bits_independent_of_place_of_pages",
		"Which pages have the tokens, in what order they lie and whether one page or a copy of it serves, changes no bit.",
		pagedDomain+", up to 300 tokens, all options that are offered", "PagedAttention"),
	determinedOf("DET-019", "PageSize", "paged_output_bits_independent_of_page_size",
		"The same tokens in pages of another number of slots give the same bits.",
		pagedDomain+", up to 300 tokens, all options that are offered", "PagedAttention"),
	determinedOf("DET-020", "Pages", "paged_output_bits_of_tokens_in_order",
		"Attention over pages has the bits of attention over the tokens in order.",
		pagedDomain+", up to 300 tokens, all options that are offered", "PagedAttention", "Attention").
		given(Hypothesis{"the tokens keep their order", "DET-015"}),
	determinedOf("DET-021", "Present", "cached_output_bits_of_attention_over_present",
		"Attention over past and new tokens has the bits of attention over all of them together.",
		cachedDomain+", all options that are offered", "CachedAttention", "Attention").
		given(Hypothesis{"the tokens keep their order", "DET-015"}),
	determinedOf("DET-022", "GradientThreads", "gradient_bits_independent_of_threads",
		"All gradients have the same bits with GOMAXPROCS 1, 2, 3 and 8.",
		"finite dOut, Q, K, V, 17 to 49 queries, 129 to 300 keys, all options that are offered", "AttentionBackward"),
	determinedOf("DET-023", "GradientConcurrent", "gradient_bits_independent_of_concurrent_calls",
		"Calls that run at the same time give the gradients' bits that each gives alone, and gives again.",
		gradientDomain+", all options that are offered", "AttentionBackward"),
	determinedOf("DET-024", "GradientBatch", "gradient_bits_of_batch_alone",
		"The gradients of queries, keys and values of one element of a batch have the bits of those of that element by itself.",
		gradientDomain+", all options that are offered", "AttentionBackward"),
	determinedOf("DET-025", "GradientHeads", "gradient_bits_of_key_head_alone",
		"The gradients of one head of keys and values, and of the queries that use it, have the bits of those of these heads by themselves.",
		gradientDomain+", all options that are offered", "AttentionBackward").
		given(Hypothesis{"the queries keep their order", "DET-026"}),
	{
		ID: "DET-026", Name: "gradient_bits_of_any_query_order", Kind: Refuted,
		Statement: "The order of the queries changes no bit of the gradients of the keys and values.",
		Domain:    "finite dOut, Q, K, V",
		Sources:   []Source{own(determinismFormsSection)},
		On:        []string{"AttentionBackward"},
		Counterexample: &Counterexample{ // one key has all the weight: dV is the sum of the rows of dOut
			Sizes: map[string]int{"m": 3, "n": 1, "dHead": 1, "dValue": 1, "order rotation": 2},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}, {0}, {0}}, "K": {{0}}, "V": {{0}}, "dOut": {{0x1p60}, {1}, {-0x1p60}},
			},
		},
	},
	determinedOf("DET-027", "Parts", "linear_bits_independent_of_threads",
		"A linear layer has the same bits with GOMAXPROCS 1, 2, 3 and 8.",
		"finite X (n×d), W (d×p) and bias, n, d and p of 250 to 270", "Linear"),
	determinedOf("DET-028", "Parts", "multihead_bits_independent_of_threads",
		"Multi-head attention has the same bits with GOMAXPROCS 1, 2, 3 and 8.",
		"finite X and memory of 120 to 160 rows, all options that are offered", "MultiHead").
		given(Hypothesis{"the heads keep their order", "DET-031"}),
	determinedOf("DET-029", "Parts", "block_bits_independent_of_threads",
		"A block has the same bits with GOMAXPROCS 1, 2, 3 and 8.",
		"finite X of 120 to 160 rows, blocks of any kind", "Block"),
	determinedOf("DET-030", "Memory", "multihead_bits_without_padding",
		"Rows of the memory behind the last that any token may see can be left out.",
		"finite X, memory and weights, all options that are offered", "MultiHead"),
	{
		ID: "DET-031", Name: "multihead_bits_of_any_head_order", Kind: Refuted,
		Statement: "The order of the heads, in all weights alike, changes no bit of multi-head attention.",
		Domain:    "finite X and weights",
		Sources:   []Source{own(determinismFormsSection)},
		On:        []string{"MultiHead"},
		Counterexample: &Counterexample{ // the output adds up the heads: (2⁶⁰ + 1) − 2⁶⁰ = 0, (−2⁶⁰ + 2⁶⁰) + 1 = 1
			Sizes: map[string]int{"m": 1, "heads": 3, "order rotation": 2},
			Matrices: map[string][][]float64{
				"X": {{1}}, "WQ": {{0, 0, 0}}, "WK": {{0, 0, 0}}, "WV": {{0x1p60, 1, -0x1p60}}, "WO": {{1}, {1}, {1}},
			},
		},
	},
	determinedOf("DET-032", "Steps", "block_bits_of_cached_steps",
		"A causal block that gets its tokens in several calls, with a cache, has the bits of one call.",
		"finite tokens, blocks of any kind, steps of 1 to 3 tokens", "Block"),
}
