package vectors

import (
	"fmt"
	"math"

	"example.com/attest/spec"
)

// windowed sets a window.
func windowed(left, right int) func(o *spec.AttentionOptions) {
	return func(o *spec.AttentionOptions) { o.Window = &spec.Window{Left: left, Right: right} }
}

func windowCases() []testCase {
	s := size{m: 6, n: 9, d: 8, dv: 8}
	var out []testCase
	for _, w := range [][2]int{{0, 0}, {2, 1}, {3, -1}, {-1, 2}, {-1, -1}} {
		out = append(out, draw(fmt.Sprintf("window of %d to the left, %d to the right", w[0], w[1]), s, fills{}, "Window").options(windowed(w[0], w[1])))
	}
	return append(out,
		draw("window of 2 and 0 at offset 3", s, fills{}, "Window").options(func(o *spec.AttentionOptions) {
			windowed(2, 0)(o)
			o.Offset = 3
		}),
		draw("window of 3 and 3, causal", s, fills{}, "Window", "Causal").causal(1).options(windowed(3, 3)),
		draw("window of 40 and 0, causal, 70 tokens", size{m: 70, n: 70, d: 4, dv: 4}, fills{}, "Window", "Causal", "ManyKeys").causal(0).options(windowed(40, 0)),
		draw("window left of the first key", s, fills{}, "Window", "NoAllowedKey").options(func(o *spec.AttentionOptions) {
			windowed(1, 0)(o)
			o.Offset = -3
		}))
}

func cacheCases() []testCase {
	two := size{batch: 2, heads: 4, keyHeads: 2, m: 3, n: 9, d: 8, dv: 8}
	each := func(lengths, offsets []int) func(o *spec.AttentionOptions) {
		return func(o *spec.AttentionOptions) { o.KeyLengths, o.Offsets = lengths, offsets }
	}
	return []testCase{
		draw("one new token behind 8 past ones", size{m: 1, n: 9, d: 8, dv: 8}, fills{}, "Cache").causal(8),
		draw("one new token behind 128 past ones, 8 heads, 2 of keys", size{heads: 8, keyHeads: 2, m: 1, n: 129, d: 8, dv: 8}, fills{}, "Cache", "ManyKeys").causal(128),
		draw("three new tokens behind 6 past ones", size{m: 3, n: 9, d: 8, dv: 8}, fills{}, "Cache").causal(6),
		draw("key lengths of two batches", two, fills{}, "KeyLengths").options(each([]int{9, 4}, nil)),
		draw("a batch without keys", two, fills{}, "KeyLengths", "NoAllowedKey").options(each([]int{0, 7}, nil)),
		draw("offsets of two batches, causal", two, fills{}, "Offsets", "Causal").causal(0).options(each(nil, []int{6, 1})),
		draw("a negative offset, causal", two, fills{}, "Offsets", "Causal", "NoAllowedKey").causal(0).options(each(nil, []int{-2, 3})),
		draw("key lengths and offsets at the bottom right, causal", two, fills{}, "Cache", "KeyLengths", "Offsets").causal(0).options(each([]int{8, 5}, []int{5, 2})),
	}
}

func logitCases() []testCase {
	s := size{heads: 4, keyHeads: 2, m: 5, n: 7, d: 8, dv: 8}
	capped := func(c float64) func(o *spec.AttentionOptions) {
		return func(o *spec.AttentionOptions) { o.Softcap = c }
	}
	sloped := func(o *spec.AttentionOptions) { o.Slopes, o.Offset = spec.AlibiSlopes(4), 2 }
	sinks := func(x ...float32) func(o *spec.AttentionOptions) {
		return func(o *spec.AttentionOptions) { o.Sinks = x }
	}
	three := func(i, j int) bool { return (i+2*j)%3 != 0 }
	return []testCase{
		draw("softcap 1", s, fills{}, "Softcap").options(capped(1)),
		draw("softcap 2, logits of size 1000", s, fills{{Exponent: 5}, {Exponent: 5}, {}}, "Softcap", "LargeLogits").options(capped(2)),
		draw("softcap 1 and a mask", s, fills{}, "Softcap", "Mask").options(capped(1)).mask(three),
		draw("a bias of keys", s, fills{}, "Bias").bias(0, 7),
		draw("a bias of queries and keys", s, fills{}, "Bias").bias(0, 5, 7),
		draw("a bias of heads, queries and keys", s, fills{}, "Bias").bias(0, 4, 5, 7),
		draw("a bias of batches, heads, queries and keys", size{batch: 2, heads: 4, keyHeads: 2, m: 3, n: 5, d: 8, dv: 8}, fills{}, "Bias", "Batch").bias(0, 2, 4, 3, 5),
		draw("a bias of heads and keys, shared by the queries", s, fills{}, "Bias").bias(0, 4, 1, 7),
		draw("a bias of the first 4 of 7 keys", s, fills{}, "Bias", "ShortBias").bias(0, 5, 4),
		draw("a bias that hides every third place", s, fills{}, "Bias", "BiasHides").bias(3, 4, 5, 7),
		draw("a bias that hides everything", s, fills{}, "Bias", "BiasHides", "NoAllowedKey").bias(1, 5, 7),
		draw("softcap 1 and a bias", s, fills{}, "Softcap", "Bias").options(capped(1)).bias(0, 5, 7),
		draw("slopes of 4 heads at offset 2", s, fills{}, "Slopes").options(sloped),
		draw("slopes of 4 heads, causal", s, fills{}, "Slopes", "Causal").options(sloped).causal(2),
		draw("sinks of 4 heads", s, fills{}, "Sinks").options(sinks(-1, 0, 2, 5)),
		draw("a sink far above the logits", s, fills{}, "Sinks").options(sinks(0, 60, 60, 0)),
		draw("sinks and a query without an allowed key", s, fills{}, "Sinks", "NoAllowedKey").options(sinks(1, 1, 1, 1)).mask(func(i, _ int) bool { return i != 2 }),
		draw("a third of the weights dropped", s, fills{}, "Keep").keep(1.5, three),
		draw("all weights dropped", s, fills{}, "Keep").keep(2, func(_, _ int) bool { return false }),
		draw("all options together", s, fills{}, "AllTogether").options(capped(3)).options(sloped).options(sinks(0, 1, -1, 2)).
			bias(11, 4, 5, 7).mask(three).causal(3).options(windowed(4, -1)).keep(1.25, func(i, j int) bool { return (i+j)%5 != 0 }),
	}
}

func packedCases() []testCase {
	s := size{heads: 2, keyHeads: 1, m: 9, n: 12, d: 8, dv: 8}
	packed := func(o *spec.AttentionOptions) {
		o.Sequences = &spec.Sequences{Queries: []int{0, 4, 4, 9}, Keys: []int{0, 5, 7, 12}}
	}
	return []testCase{
		draw("three sequences, one without a query", s, fills{}, "Packed").options(packed),
		draw("three sequences, causal", s, fills{}, "Packed", "Causal").options(packed).causal(0),
		draw("three sequences at the bottom right, causal", s, fills{}, "Packed", "Offsets", "Causal").options(packed).causal(0).
			options(func(o *spec.AttentionOptions) { o.Offsets = []int{1, 2, 0} }),
		draw("three sequences with key lengths and a window", s, fills{}, "Packed", "KeyLengths", "Window").options(packed).options(windowed(2, 1)).
			options(func(o *spec.AttentionOptions) { o.KeyLengths = []int{3, 0, 4} }),
		draw("a sequence without a key", size{m: 4, n: 3, d: 8, dv: 8}, fills{}, "Packed", "NoAllowedKey").
			options(func(o *spec.AttentionOptions) {
				o.Sequences = &spec.Sequences{Queries: []int{0, 2, 4}, Keys: []int{0, 0, 3}}
			}),
	}
}

func lseCases() []testCase {
	s := size{heads: 2, keyHeads: 1, m: 4, n: 9, d: 8, dv: 8}
	return []testCase{
		draw("log-sum-exps of 9 keys", s, fills{}, "LSE").withLSE(),
		draw("log-sum-exps of 129 keys", size{m: 2, n: 129, d: 8, dv: 8}, fills{}, "LSE", "ManyKeys").withLSE(),
		draw("log-sum-exps of logits of size 1000", s, fills{{Exponent: 5}, {Exponent: 5}, {}}, "LSE", "LargeLogits").withLSE(),
		draw("log-sum-exps, causal, two queries before the first key", s, fills{}, "LSE", "NoAllowedKey").withLSE().causal(-2),
		draw("log-sum-exps with sinks, one of them none", s, fills{}, "LSE", "Sinks").withLSE().
			options(func(o *spec.AttentionOptions) { o.Sinks = []float32{1, float32(math.Inf(-1))} }),
		draw("log-sum-exps with all options", s, fills{}, "LSE", "AllTogether").withLSE().causal(5).bias(11, 2, 4, 9).mask(func(i, j int) bool { return (i+2*j)%5 != 0 }).
			keep(1.5, func(i, j int) bool { return (i+j)%3 != 0 }).
			options(func(o *spec.AttentionOptions) {
				o.Softcap, o.Slopes, o.Sinks = 3, spec.AlibiSlopes(2), []float32{0, 1}
			}),
		draw("log-sum-exps of three packed sequences, one of no key that counts", size{heads: 2, keyHeads: 1, m: 6, n: 12, d: 8, dv: 8}, fills{}, "LSE", "Packed", "KeyLengths", "NoAllowedKey").withLSE().
			options(func(o *spec.AttentionOptions) {
				o.Sequences, o.KeyLengths = &spec.Sequences{Queries: []int{0, 2, 4, 6}, Keys: []int{0, 5, 7, 12}}, []int{5, 0, 4}
			}),
	}
}
