package spec

const (
	pagedDomain  = "finite Q, K, V of any sizes with grouped heads, 1 to 6 pages of 1 to 17 slots, tables that name pages in any order and more than once, any mask and causal offset"
	cachedDomain = "finite Q, K, V of any sizes with grouped heads, 0 to 40 past and 0 to 17 new tokens, any mask and causal offset"
)

var attentionCacheClaims = []Claim{
	{
		ID: "ATT-094", Name: "paged_attention_is_attention_of_tokens_in_order", Kind: Metamorphic,
		Statement: "Attention over pages is Attention over the tokens that the table names, one after the other: token j of batch b is slot j mod slots of page Pages[b][j/slots].",
		Domain:    pagedDomain + "; key lengths of each batch where they are offered",
		Given:     []Hypothesis{{"the table is followed", "ATT-099"}},
		Bound:     bothBounds,
		Sources:   []Source{{"dao2022code", "block_table"}, own(furtherAttention)},
		On:        []string{"PagedAttention", "Attention"},
	},
	{
		ID: "ATT-095", Name: "paged_attention_independent_of_unused_slots", Kind: Metamorphic,
		Statement: "NaN, infinities or huge numbers in pages that the table does not name, in slots behind the last token and in slots that no query may see change no bit of the output, and neither do table entries behind the last token, page or not.",
		Domain:    pagedDomain + "; key lengths of each batch where they are offered",
		Bound:     "bitwise",
		Sources:   []Source{own(furtherAttention)},
		On:        []string{"PagedAttention"},
	},
	{
		ID: "ATT-096", Name: "paged_attention_invariant_of_place_of_pages", Kind: Metamorphic,
		Statement: "Moving pages to other places, with the table's entries, leaves the output.",
		Domain:    pagedDomain,
		Bound:     bothBounds,
		Sources:   []Source{own(furtherAttention)},
		On:        []string{"PagedAttention"},
	},
	{
		ID: "ATT-097", Name: "shared_page_is_copied_page", Kind: Metamorphic,
		Statement: "A page that serves several blocks of tokens, of one batch or of several, acts as a copy for each.",
		Domain:    pagedDomain,
		Bound:     bothBounds,
		Sources:   []Source{own(furtherAttention)},
		On:        []string{"PagedAttention"},
	},
	{
		ID: "ATT-098", Name: "paged_attention_is_softmax_average_of_values", Kind: Equivalence,
		Statement: "With pages too the output is the softmax average of the values that all rules together allow, and 0 where they allow none.",
		Domain:    pagedDomain + "; all options together where they are offered",
		Bound:     "reference.AttentionBound",
		Sources:   []Source{{"dao2022code", "block_table"}, own("3 The bound")},
		On:        []string{"PagedAttention"},
	},
	{
		ID: "ATT-099", Name: "paged_attention_is_attention_of_pages_in_memory", Kind: Refuted,
		Statement: "Attention over pages is Attention over the pages in the order of memory, whatever the table.",
		Domain:    "one batch, two pages of one slot, finite Q, K, V",
		Sources:   []Source{own(furtherAttention)},
		On:        []string{"PagedAttention", "Attention"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"dValue": 1, "first page": 1, "second page": 1},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}},
			},
			Excess: 0.49, // 1 instead of ½
		},
	},
	{
		ID: "ATT-100", Name: "present_is_past_then_new", Kind: Identity,
		Statement: "presentK and presentV hold the past keys and values followed by the new ones, bit for bit.",
		Domain:    cachedDomain,
		Bound:     "bitwise",
		Sources:   []Source{{"onnx", "past_key, present_key"}, own(furtherAttention)},
		On:        []string{"CachedAttention"},
	},
	{
		ID: "ATT-101", Name: "cached_attention_is_attention_over_present", Kind: Metamorphic,
		Statement: "The output is that of Attention over the present keys and values with offsets that are larger by the number of past tokens.",
		Domain:    cachedDomain + "; window and offsets of each batch where they are offered",
		Given:     []Hypothesis{{"the past comes first", "ATT-104"}},
		Bound:     bothBounds,
		Sources:   []Source{{"onnx", "past_key with is_causal"}, own(furtherAttention)},
		On:        []string{"CachedAttention", "Attention"},
	},
	{
		ID: "ATT-102", Name: "cached_attention_in_chunks_is_at_once", Kind: Metamorphic,
		Statement: "Tokens given in several calls, two of them or one for each token, each with what the one before stored as its past, give the present and the outputs of one call.",
		Domain:    "finite Q, K, V of any sizes with grouped heads, as many queries as new keys, Causal; with a window where it is offered",
		Bound:     "present bitwise; outputs: " + bothBounds,
		Sources:   []Source{{"onnx", "past_key, present_key"}, own(furtherAttention)},
		On:        []string{"CachedAttention"},
	},
	{
		ID: "ATT-103", Name: "cached_attention_is_softmax_average_of_values", Kind: Equivalence,
		Statement: "Over past and new tokens too the output is the softmax average of the values that all rules together allow, and 0 where they allow none.",
		Domain:    cachedDomain + "; all options but packed sequences together where they are offered",
		Bound:     "reference.AttentionBound; present bitwise",
		Sources:   []Source{{"onnx", "past_key, past_value"}, own("3 The bound")},
		On:        []string{"CachedAttention"},
	},
	{
		ID: "ATT-104", Name: "cached_attention_invariant_of_order_of_past_and_new", Kind: Refuted,
		Statement: "New tokens may lie before past ones: with the causal rule too the output is that over the new keys followed by the past ones.",
		Domain:    "finite Q, K, V, one past and one new token",
		Sources:   []Source{{"onnx", "past_key, present_key"}, own(furtherAttention)},
		On:        []string{"CachedAttention", "Attention"},
		Counterexample: &Counterexample{
			Sizes: map[string]int{"dValue": 1, "shift": -1},
			Matrices: map[string][][]float64{
				"Q": {{0}}, "K": {{0}, {0}}, "V": {{0}, {1}},
			},
			Excess: 1, // the past key alone is seen, whose value is 0; first in order would be the new one
		},
	},
}
