package vectors

import (
	"fmt"
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// level is a set of tests that an implementation takes or leaves as a whole.
type level struct {
	name, description string
	cases             func() []testCase
}

// levels in the order in which an implementation grows. New ones go to the end,
// so that the tests of the others keep their IDs.
var levels = []level{
	{"core", "One result for every query: sizes, sorts of numbers, scales, batches and heads, no mask.", coreCases},
	{"masks", "Masks, the causal rule with an offset, and both.", maskCases},
	{"gqa", "Fewer heads of keys and values than of queries.", groupedCases},
	{"edge", "Empty sizes, queries without a key, NaN, exact results, very large and very small numbers.", edgeCases},
	{"determinism", "Results that must agree bit for bit with one another.", determinismCases},
	{"windows", "Windows around the position of a query, with offsets and the causal rule.", windowCases},
	{"cache", "New queries over past and new keys, with key lengths and offsets of each batch.", cacheCases},
	{"logits", "What is done to logits and weights: softcap, bias, slopes, sinks, dropped weights.", logitCases},
	{"packed", "Sequences of different lengths, one after the other.", packedCases},
	{"lse", "The logarithm of each query's sum of exponentials as a second result.", lseCases},
	{"broadcast", "Masks, biases and kept weights of one to four axes, some shared, and of fewer keys than there are.", broadcastCases},
	{"pages", "Keys and values in pages that a table names.", pagedCases},
	{"present", "Past and new keys and values apart, and both together as further results.", presentCases},
	{"qk", "Products of queries and keys as a second result, at four stages on their way to weights.", stageCases},
	{"merge", "Two partial results joined into one; no attention.", mergeCases},
	{"gradients", "Gradients in queries, keys, values, bias and sinks as further results.", gradientCases},
}

// notes by flag: what it means when tests that carry it fail and others do not.
var notes = map[string]Note{
	"Value":              {"The formula itself is computed wrongly.", []string{"ATT-001"}},
	"TailKeys":           {"The number of keys is not a multiple of 8: keys behind the last full vector or block are dropped, or what lies behind the last key is counted.", []string{"ATT-001"}},
	"TailChannels":       {"A number of channels is not a multiple of 8: channels behind the last full vector are dropped.", []string{"ATT-001"}},
	"ManyKeys":           {"More keys than one block holds: partial results are joined wrongly.", []string{"ATT-001"}},
	"RisingMaximum":      {"Later keys have larger logits: sums are not rescaled when the maximum rises.", []string{"ATT-001"}},
	"LargeLogits":        {"Logits of size 100 and more: the maximum is not subtracted before the exponential.", []string{"ATT-025"}},
	"Scale":              {"A scale other than 1/√dHead is ignored or taken twice.", []string{"ATT-001", "ATT-009"}},
	"Batch":              {"Elements of the batch or heads are mixed up.", []string{"ATT-018", "ATT-020"}},
	"Mask":               {"Forbidden keys get weight, or allowed ones none.", []string{"ATT-001", "ATT-005"}},
	"Causal":             {"The causal rule is off by one, or its offset is ignored or counted from the wrong end.", []string{"ATT-008"}},
	"NegativeOffset":     {"Queries before the first key: their result is exactly 0.", []string{"ATT-008"}},
	"MaskAndCausal":      {"Only one of mask and causal rule is obeyed.", []string{"ATT-008"}},
	"MaskedBlock":        {"All keys of a first block are forbidden: its maximum of −Inf spoils the rest.", []string{"ATT-001"}},
	"NoAllowedKey":       {"A query without an allowed key: its result is exactly 0, not NaN and not the mean of the values.", []string{"ATT-006"}},
	"HiddenNaN":          {"NaN in keys and values that no query may see reaches the result.", []string{"ATT-007"}},
	"Grouped":            {"Query head h does not use key head ⌊h/(heads/keyHeads)⌋.", []string{"ATT-019", "ATT-036"}},
	"Empty":              {"A size is 0: there is nothing to write, or the result is exactly 0 (no keys) or a mean (no channels of query and key).", []string{"ATT-037"}},
	"SingleKey":          {"One allowed key has weight 1: the result is its value, exactly.", []string{"ATT-014"}},
	"EqualLogits":        {"2ᵏ equal logits and integer values: the result is their mean, exactly.", []string{"ATT-015"}},
	"NaN":                {"A NaN does not reach what depends on it, or reaches what does not.", []string{"ATT-017"}},
	"Subnormal":          {"Values below 2⁻¹²⁶: the machine takes them for 0, which this set does not allow for.", []string{"ATT-001"}},
	"HugeValues":         {"Values of size 2¹⁰⁰: an intermediate result overflows.", []string{"ATT-001"}},
	"CancellingValues":   {"Values far larger than their weighted mean: precision is lost.", []string{"ATT-001"}},
	"Repeat":             {"Two calls with the same operands differ: a race, or state kept between calls.", []string{"ATT-016"}},
	"PowerOfFour":        {"Queries times 4 at a quarter of the scale change the result: something is rounded by its absolute size.", []string{"ATT-009"}},
	"Window":             {"A side of the window is off by one, not counted from the query's position, or −1 is taken for a number.", []string{"ATT-061", "ATT-065"}},
	"KeyLengths":         {"Keys beyond the length of their batch count, or the length of another batch is taken.", []string{"ATT-062"}},
	"Offsets":            {"The offset of another batch is taken, or a negative one for 0.", []string{"ATT-063"}},
	"Cache":              {"New queries are not placed behind the past keys.", []string{"ATT-064"}},
	"Softcap":            {"The cap is left out, or taken before the scale or behind the bias.", []string{"ATT-055"}},
	"Bias":               {"A bias is scaled, capped, or its axes are not aligned from the right.", []string{"ATT-038", "ATT-039"}},
	"ShortBias":          {"A bias with fewer elements than keys: the keys behind it are not allowed.", []string{"ATT-044"}},
	"BiasHides":          {"−Inf in a bias takes the key away: no NaN, and 0 for a query without any.", []string{"ATT-040"}},
	"Slopes":             {"A slope is not multiplied by how far the key is ahead of the query's position, or belongs to another head.", []string{"ATT-070"}},
	"Sinks":              {"A sink is not in the denominator, is in the numerator, or belongs to another head.", []string{"ATT-068"}},
	"Keep":               {"Weights are dropped before the softmax, or those kept are not multiplied.", []string{"ATT-074"}},
	"Packed":             {"A query sees keys of another sequence, or its position is not counted from the begin of its own.", []string{"ATT-080", "ATT-083"}},
	"LSE":                {"The log-sum-exp is of base 2, without the maximum or the sink, or not −Inf without an allowed key.", []string{"ATT-047"}},
	"Broadcast":          {"Axes of a mask, a bias or kept weights are not aligned from the right, or one of 1 is not shared.", []string{"ATT-039"}},
	"ShortMask":          {"A mask of fewer keys than there are: those behind it are not allowed.", []string{"ATT-039", "ATT-044"}},
	"ShortKeep":          {"Kept weights of fewer keys than there are: the weights behind them are dropped.", []string{"ATT-074"}},
	"Pages":              {"Token j of a batch is not looked for in slot j mod slots of the page that its row of the table names at j/slots.", []string{"ATT-094", "ATT-098"}},
	"PageOrder":          {"Pages are taken as they lie in memory.", []string{"ATT-096", "ATT-099"}},
	"SharedPage":         {"A page that is named more than once.", []string{"ATT-097"}},
	"PagesBehind":        {"The table is read behind the last token that counts, or a slot behind it is.", []string{"ATT-095"}},
	"Present":            {"The present keys and values are not the past ones followed by the new ones, bit for bit, or attention is not over both.", []string{"ATT-100", "ATT-103"}},
	"PresentOffset":      {"Offsets are not counted from the first new token.", []string{"ATT-101"}},
	"QKScaled":           {"Stage 0 is not the scaled product of every query and key, allowed or not.", []string{"ATT-086"}},
	"QKCapped":           {"Stage 1 is not the capped product of every query and key, or it is stage 2.", []string{"ATT-087", "ATT-092"}},
	"QKLogits":           {"Stage 2 is not the logits, −Inf for a key that is not allowed.", []string{"ATT-088"}},
	"QKWeights":          {"Stage 3 is not the weights before any is dropped, the sink in the denominator, 0 for a key that is not allowed.", []string{"ATT-089", "ATT-093"}},
	"QKOptions":          {"What an option does to logits or weights is shown at the wrong stage.", []string{"ATT-087", "ATT-088", "ATT-089"}},
	"Merge":              {"Parts are not weighed by their sums of exponentials.", []string{"ATT-050", "ATT-053"}},
	"MergeFar":           {"Log-sum-exps are large or far apart: the larger is not subtracted before the exponential.", []string{"ATT-050"}},
	"MergeEmpty":         {"A part of log-sum-exp −Inf is not left out: what it holds is used, −Inf − (−Inf) is NaN, or the other part changes.", []string{"ATT-051"}},
	"Gradients":          {"Gradients in queries, keys or values are wrong.", []string{"GRD-001", "GRD-002", "GRD-003"}},
	"CancellingGradient": {"All values are equal: the gradients in queries and keys are 0 up to the bound.", []string{"GRD-028"}},
	"SoftcapGradient":    {"The slope of the cap is left out, or taken of what is added behind it.", []string{"GRD-006"}},
	"BiasGradient":       {"The gradient of a bias is not added up over all that share an element, or not 0 where nothing is allowed.", []string{"GRD-004", "GRD-042"}},
	"SinkGradient":       {"The gradient of a sink is not minus its weight times the mean of the others' gradients.", []string{"GRD-005"}},
	"KeepGradient":       {"Dropped weights give gradients to values, or the mean forgets what is kept.", []string{"GRD-009"}},
	"AllTogether":        {"Several options together are not what each is alone.", []string{"ATT-065"}},
}

func coreCases() []testCase {
	var out []testCase
	for _, s := range []size{
		{m: 1, n: 1, d: 1, dv: 1}, {m: 1, n: 2, d: 1, dv: 1}, {m: 3, n: 5, d: 4, dv: 4}, {m: 4, n: 8, d: 8, dv: 8},
		{m: 7, n: 9, d: 7, dv: 5}, {m: 9, n: 7, d: 9, dv: 9}, {m: 15, n: 17, d: 16, dv: 15}, {m: 16, n: 16, d: 16, dv: 16},
		{m: 17, n: 33, d: 17, dv: 16}, {m: 2, n: 63, d: 8, dv: 8}, {m: 2, n: 64, d: 8, dv: 8}, {m: 2, n: 65, d: 8, dv: 8},
		{m: 2, n: 129, d: 16, dv: 8}, {m: 1, n: 257, d: 8, dv: 8},
	} {
		flags := []string{"Value"}
		if s.n%8 != 0 {
			flags = append(flags, "TailKeys")
		}
		if s.d%8 != 0 || s.dv%8 != 0 {
			flags = append(flags, "TailChannels")
		}
		if s.n > 64 {
			flags = append(flags, "ManyKeys")
		}
		out = append(out, draw(fmt.Sprintf("%d queries, %d keys, %d and %d channels", s.m, s.n, s.d, s.dv), s, fills{}, flags...))
	}
	s := size{m: 4, n: 12, d: 8, dv: 8}
	for _, kind := range []gen.Kind{gen.Uniform, gen.Clustered, gen.Translated, gen.EqualNorm, gen.OneHot, gen.Heavy} {
		out = append(out, draw("tokens: "+string(kind), s, fills{{Kind: kind}, {Kind: kind}, {Kind: gen.Normal}}, "Value"))
	}
	for _, scale := range []float64{0, 0.125, 1, 3} {
		c := draw(fmt.Sprintf("scale %g", scale), s, fills{}, "Scale")
		c.opt.Scale = scale
		out = append(out, c)
	}
	out = append(out,
		draw("rising logits", size{m: 3, n: 70, d: 1, dv: 8}, fills{{Kind: gen.One}, {Kind: gen.Iota, Exponent: -2}, {}}, "RisingMaximum", "ManyKeys"),
		draw("large logits", s, fills{{Exponent: 4}, {Exponent: 4}, {}}, "LargeLogits"),
		draw("two batches of three heads", size{batch: 2, keyHeads: 3, m: 3, n: 6, d: 8, dv: 8}, fills{}, "Batch"))
	return out
}

func maskCases() []testCase {
	s := size{m: 6, n: 6, d: 8, dv: 8}
	long := size{m: 3, n: 70, d: 8, dv: 8}
	hidden := draw("NaN in hidden keys and values", s, fills{}, "HiddenNaN", "Mask").mask(func(_, j int) bool { return j != 2 && j != 5 })
	for _, j := range []int{2, 5} {
		for c := range 8 {
			hidden.k.Set(0, 0, j, c, math.NaN())
			hidden.v.Set(0, 0, j, c, math.NaN())
		}
	}
	return []testCase{
		draw("causal, as many queries as keys", s, fills{}, "Causal").causal(0),
		draw("causal, fewer queries, counted from the first key", size{m: 3, n: 7, d: 8, dv: 8}, fills{}, "Causal").causal(0),
		draw("causal, fewer queries, the last of them at the last key", size{m: 3, n: 7, d: 8, dv: 8}, fills{}, "Causal").causal(4),
		draw("causal, more queries than keys", size{m: 7, n: 3, d: 8, dv: 8}, fills{}, "Causal").causal(0),
		draw("causal, 65 tokens", size{m: 65, n: 65, d: 4, dv: 4}, fills{}, "Causal", "ManyKeys").causal(0),
		draw("causal, two queries before the first key", s, fills{}, "Causal", "NegativeOffset").causal(-2),
		draw("every third key forbidden", s, fills{}, "Mask").mask(func(i, j int) bool { return (i+j)%3 != 0 }),
		draw("only the diagonal allowed", s, fills{}, "Mask").mask(func(i, j int) bool { return i == j }),
		draw("only later keys allowed", s, fills{}, "Mask", "NoAllowedKey").mask(func(i, j int) bool { return j > i }),
		draw("the first 64 of 70 keys forbidden", long, fills{}, "Mask", "MaskedBlock").mask(func(_, j int) bool { return j >= 64 }),
		draw("the last 6 of 70 keys forbidden", long, fills{}, "Mask", "ManyKeys").mask(func(_, j int) bool { return j < 64 }),
		draw("one query without an allowed key", s, fills{}, "NoAllowedKey").mask(func(i, _ int) bool { return i != 3 }),
		draw("mask and causal rule", s, fills{}, "MaskAndCausal").mask(func(i, j int) bool { return (i+2*j)%4 != 0 }).causal(1),
		hidden,
	}
}

func groupedCases() []testCase {
	var out []testCase
	for _, h := range [][2]int{{2, 1}, {4, 2}, {6, 2}, {6, 3}, {8, 1}} {
		s := size{heads: h[0], keyHeads: h[1], m: 2, n: 5, d: 4, dv: 4}
		out = append(out, draw(fmt.Sprintf("%d heads, %d of keys", h[0], h[1]), s, fills{}, "Grouped"))
	}
	s := size{batch: 2, heads: 4, keyHeads: 2, m: 3, n: 6, d: 8, dv: 8}
	return append(out,
		draw("two batches of 4 heads, 2 of keys", s, fills{}, "Grouped", "Batch"),
		draw("4 heads, 2 of keys, causal", s, fills{}, "Grouped", "Causal").causal(3),
		draw("4 heads, 2 of keys, masked", s, fills{}, "Grouped", "Mask").mask(func(i, j int) bool { return (i+j)%2 == 0 }))
}

func edgeCases() []testCase {
	s := size{m: 4, n: 6, d: 8, dv: 8}
	base := draw("", s, fills{})
	nan := func(comment string, of func(*testCase) *spec.Tensor[float64], token, channel int) testCase {
		return base.with(comment, func(c *testCase) { of(c).Set(0, 0, token, channel, math.NaN()) }, "NaN")
	}
	exact := func(c testCase) testCase {
		c.exact = true
		return c
	}
	return []testCase{
		draw("no keys", size{m: 3, d: 4, dv: 4}, fills{}, "Empty", "NoAllowedKey"),
		draw("no queries", size{n: 3, d: 4, dv: 4}, fills{}, "Empty"),
		draw("no channels of queries and keys", size{m: 3, n: 4, dv: 4}, fills{}, "Empty"),
		draw("no channels of values", size{m: 3, n: 4, d: 4}, fills{}, "Empty"),
		draw("no query has an allowed key", s, fills{}, "NoAllowedKey").mask(func(_, _ int) bool { return false }),
		exact(draw("a single key", size{m: 3, n: 1, d: 8, dv: 8}, fills{}, "SingleKey")),
		exact(draw("a single allowed key", s, fills{}, "SingleKey", "Mask").mask(func(i, j int) bool { return j == (5*i+1)%6 })),
		exact(draw("eight equal logits, integer values", size{m: 2, n: 8, d: 4, dv: 4}, fills{{Kind: gen.Zero}, {}, {Kind: gen.Ints}}, "EqualLogits")),
		nan("NaN in a query", func(c *testCase) *spec.Tensor[float64] { return &c.q }, 1, 3),
		nan("NaN in a key", func(c *testCase) *spec.Tensor[float64] { return &c.k }, 2, 0),
		nan("NaN in a value", func(c *testCase) *spec.Tensor[float64] { return &c.v }, 2, 5),
		nan("NaN in a key that some queries see", func(c *testCase) *spec.Tensor[float64] { return &c.k }, 3, 1).causal(1),
		draw("subnormal values", s, fills{2: {Exponent: -130}}, "Subnormal"),
		draw("huge values", s, fills{2: {Exponent: 100}}, "HugeValues"),
		draw("values far from their mean", s, fills{2: {Kind: gen.Translated, Exponent: 10}}, "CancellingValues"),
		draw("logits of size 1000", s, fills{{Exponent: 5}, {Exponent: 5}, {}}, "LargeLogits"),
		draw("one logit far above the others", s, fills{{Kind: gen.OneHot, Exponent: 7}, {Kind: gen.OneHot}, {}}, "LargeLogits"),
	}
}

func determinismCases() []testCase {
	s := size{heads: 4, keyHeads: 2, m: 5, n: 70, d: 8, dv: 8}
	whole := draw("70 keys of 4 heads", s, fills{}, "Repeat")
	whole.repeat = true
	scaled := whole.with("the same, queries times 4, a quarter of the scale", func(c *testCase) {
		c.opt.Scale /= 4
		for k := range c.q.Data {
			c.q.Data[k] *= 4
		}
	}, "PowerOfFour")
	scaled.like = whole.comment
	hidden := draw("the last three keys forbidden", s, fills{}, "Repeat", "Mask").mask(func(_, j int) bool { return j < 67 })
	hidden.repeat = true
	poisoned := hidden.with("the same, NaN in the forbidden keys and values", func(c *testCase) {
		for h := range 2 {
			for j := 67; j < 70; j++ {
				for e := range 8 {
					c.k.Set(0, h, j, e, math.NaN())
					c.v.Set(0, h, j, e, math.NaN())
				}
			}
		}
	}, "HiddenNaN")
	poisoned.like = hidden.comment
	return []testCase{whole, scaled, hidden, poisoned}
}
