package spec

const (
	determinismDomain  = attentionDomain + ", all options that are offered"
	determinismSection = "1 What changes no bit"
)

// determined returns a claim that the named field of Determinism declares.
func determined(id ID, field, name, statement, domain string, given ...Hypothesis) Claim {
	return Claim{
		ID: id, Name: name, Kind: Metamorphic, Statement: statement, Domain: domain, Given: given,
		Bound:   "bitwise, where declared",
		Sources: []Source{own(determinismSection)},
		On:      []string{"Attention", "Determinism." + field},
	}
}

var determinismClaims = []Claim{
	determined("DET-001", "Threads", "output_independent_of_threads",
		"The output has the same bits with GOMAXPROCS 1, 2, 3 and 8.", determinismDomain+", up to 300 keys, in every sixteenth case up to 4300"),
	determined("DET-002", "Concurrent", "output_independent_of_concurrent_calls",
		"Calls that run at the same time give the bits that each gives alone.", determinismDomain),
	determined("DET-003", "Batch", "output_bits_of_batch_alone",
		"One element of a batch has the bits of that element by itself.", determinismDomain),
	determined("DET-004", "Position", "output_bits_permute_with_batch",
		"Permuting the elements of a batch permutes the outputs.", determinismDomain),
	determined("DET-005", "Heads", "output_bits_of_head_alone",
		"One query head has the bits of that head with its key head by itself.", determinismDomain),
	determined("DET-006", "Heads", "output_bits_permute_with_heads_of_repeated_key_heads",
		"Query heads in another order, each with its own copy of its key head, give the outputs in that order.", determinismDomain),
	determined("DET-007", "Queries", "output_bits_of_query_alone",
		"One query has the bits of that query by itself with its offset.", determinismDomain),
	determined("DET-008", "Position", "output_bits_permute_with_queries",
		"Permuting the queries, with their rows of mask, bias and kept weights, permutes the outputs.",
		determinismDomain+", but for those that go by position"),
	determined("DET-009", "Prefix", "output_bits_of_causal_prefix",
		"The first t outputs under the causal rule have the bits of those without the later queries and the keys that only these see.", determinismDomain),
	determined("DET-010", "Cache", "output_bits_of_past_and_new_tokens",
		"New queries over past and new keys have the bits of the same rows of all tokens together, wherever the past ends and for one token or many.", determinismDomain),
	determined("DET-011", "Values", "output_bits_of_channel_alone",
		"One channel of the output has the bits of that channel of the values by itself.", determinismDomain),
	determined("DET-012", "Rules", "output_bits_of_rules_as_mask",
		"Causal rule, window and key lengths give the bits of a mask that says the same, but for the sign of zero.", determinismDomain),
	determined("DET-013", "Padding", "output_bits_without_padding",
		"Keys behind the last that any query may see can be left out, but for the sign of zero.", determinismDomain),
	determined("DET-014", "Absent", "output_bits_without_masked_keys",
		"Keys that no query may see can be left out, wherever they are, but for the sign of zero.", determinismDomain,
		Hypothesis{"the other keys keep their order", "DET-015"}),
	{
		ID: "DET-015", Name: "output_bits_of_any_key_order", Kind: Refuted,
		Statement: "The order of the keys changes no bit of the output.",
		Domain:    "finite Q, K, V",
		Sources:   []Source{own(determinismSection)},
		On:        []string{"Attention"},
		Counterexample: &Counterexample{ // (2⁶⁰ + 1) − 2⁶⁰ = 0, (−2⁶⁰ + 2⁶⁰) + 1 = 1
			Sizes: map[string]int{"m": 1, "n": 3, "dHead": 1, "dValue": 1, "order rotation": 2},
			Words: map[string]string{"masks": "none"},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}, {0}}, "V": {{0x1p60}, {1}, {-0x1p60}},
			},
		},
	},
	{
		ID: "DET-016", Name: "energy_gradient_step_bits_independent_of_threads", Kind: Metamorphic,
		Statement: "The interaction energy, its gradient and its step have the same bits with GOMAXPROCS 1, 2, 3 and 8.",
		Domain:    "230 to 260 finite tokens of 16 to 20 channels, A = I",
		Bound:     "bitwise, where declared",
		Sources:   []Source{own(determinismSection)},
		On:        []string{"Interaction.Energy", "Interaction.Gradient", "Interaction.Step", "Determinism.Energies"},
	},
	determined("DET-033", "Deaf", "output_bits_beside_masked_query",
		"Masking all keys of one query changes no bit of the others' outputs, but for the sign of zero.", determinismDomain),
	determined("DET-034", "Channels", "output_bits_of_zero_head_channels",
		"More channels that are zero in the queries, at the same Scale, change no bit.", determinismDomain),
}
