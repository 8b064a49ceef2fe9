package vectors

import (
	"fmt"
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// showing asks for the products of queries and keys at a stage, too.
func (c testCase) showing(stage spec.QKStage) testCase {
	c.stage = &stage
	return c
}

func stageCases() []testCase {
	s := size{heads: 4, keyHeads: 2, m: 3, n: 7, d: 8, dv: 8}
	flags := [...]string{"QKScaled", "QKCapped", "QKLogits", "QKWeights"}
	var out []testCase
	for stage, flag := range flags {
		out = append(out,
			draw(fmt.Sprintf("stage %d", stage), s, fills{}, flag).showing(spec.QKStage(stage)),
			draw(fmt.Sprintf("stage %d with all options", stage), s, fills{}, flag, "QKOptions").causal(3).bias(11, 4, 3, 7).
				mask(func(i, j int) bool { return (i+2*j)%5 != 0 }).keep(1.5, func(i, j int) bool { return (i+j)%3 != 0 }).
				options(func(o *spec.AttentionOptions) {
					o.Softcap, o.Slopes, o.Sinks = 1, spec.AlibiSlopes(4), []float32{0, 1, -1, 2}
				}).showing(spec.QKStage(stage)),
			draw(fmt.Sprintf("stage %d, a query without an allowed key", stage), s, fills{}, flag, "NoAllowedKey").
				mask(func(i, _ int) bool { return i != 1 }).showing(spec.QKStage(stage)))
	}
	for _, stage := range []spec.QKStage{spec.QKLogits, spec.QKWeights} {
		hidden := draw(fmt.Sprintf("stage %d, NaN in hidden keys", stage), s, fills{}, flags[stage], "HiddenNaN").
			mask(func(_, j int) bool { return j != 2 }).showing(stage)
		for g := range 2 {
			for e := range 8 {
				hidden.k.Set(0, g, 2, e, math.NaN())
				hidden.v.Set(0, g, 2, e, math.NaN())
			}
		}
		out = append(out, hidden)
	}
	visible := draw("stage 0, NaN in a key that nobody may attend to", s, fills{}, "QKScaled", "NaN").mask(func(_, j int) bool { return j != 2 }).showing(spec.QKScaled)
	visible.k.Set(0, 1, 2, 0, math.NaN())
	return append(out, visible,
		draw("stage 3, 129 keys", size{m: 2, n: 129, d: 8, dv: 8}, fills{}, "QKWeights", "ManyKeys").showing(spec.QKWeights),
		draw("stage 3, logits of size 1000", s, fills{{Exponent: 5}, {Exponent: 5}, {}}, "QKWeights", "LargeLogits").showing(spec.QKWeights),
		draw("stage 3 with broadcast and short masks", size{batch: 2, heads: 4, keyHeads: 2, m: 3, n: 7, d: 8, dv: 8}, fills{}, "QKWeights", "Broadcast", "ShortMask").
			maskOf(func(k int) bool { return k%5 != 2 }, 2, 1, 1, 6).showing(spec.QKWeights))
}

// drawParts returns two parts to be joined: log-sum-exps of 2^exponent times
// usual numbers.
func drawParts(comment string, exponent int, change func(p *parts), flags ...string) testCase {
	one := draw(comment, size{batch: 2, heads: 3, keyHeads: 3, m: 4, n: 4, d: 8, dv: 8}, fills{}, flags...)
	two := draw(comment, size{batch: 2, heads: 3, keyHeads: 3, m: 4, n: 4, d: 1, dv: 1}, fills{{Exponent: exponent}, {Exponent: exponent}, {}}, flags...)
	p := &parts{one.q, two.q, one.k, two.k}
	change(p)
	return testCase{comment: comment, flags: one.flags, merged: p}
}

func mergeCases() []testCase {
	none := math.Inf(-1)
	empty := func(l, o tensor, hold float64) { // every other row
		for row := range l.Data {
			if row%2 == 0 {
				l.Data[row] = none
				for e := range o.Shape[3] {
					o.Data[row*o.Shape[3]+e] = hold
				}
			}
		}
	}
	return []testCase{
		drawParts("log-sum-exps near one another", 0, func(*parts) {}, "Merge"),
		drawParts("log-sum-exps up to 100 apart", 5, func(*parts) {}, "Merge"),
		drawParts("log-sum-exps up to 10000 apart", 12, func(*parts) {}, "Merge", "MergeFar"),
		drawParts("log-sum-exps of size 1000 that are equal", 9, func(p *parts) { p.l2.Data = p.l1.Data }, "Merge", "MergeFar"),
		drawParts("an empty first part that holds NaN", 0, func(p *parts) { empty(p.l1, p.o1, math.NaN()) }, "Merge", "MergeEmpty"),
		drawParts("an empty second part that holds NaN", 0, func(p *parts) { empty(p.l2, p.o2, math.NaN()) }, "Merge", "MergeEmpty"),
		drawParts("two empty parts", 0, func(p *parts) { empty(p.l1, p.o1, 1); empty(p.l2, p.o2, 1) }, "Merge", "MergeEmpty", "NoAllowedKey"),
	}
}

// withGradients asks for gradients, too, of a number whose gradient in the output
// is drawn.
func (c testCase) withGradients() testCase {
	plain := c.plain()
	s := plain.outShape()
	dOut := draw("gradient: "+c.comment, size{batch: s[0], keyHeads: s[1], m: s[2], d: s[3]}, fills{}).q
	c.dOut = &dOut
	return c
}

func gradientCases() []testCase {
	s := size{batch: 2, heads: 4, keyHeads: 2, m: 5, n: 7, d: 8, dv: 6}
	one := size{heads: 2, keyHeads: 1, m: 4, n: 9, d: 8, dv: 8}
	three := func(i, j int) bool { return (i+2*j)%3 != 0 }
	hidden := draw("gradients, NaN in hidden keys, values and a query that sees nothing", one, fills{}, "Gradients", "HiddenNaN", "NoAllowedKey").
		mask(func(i, j int) bool { return j != 2 && i != 1 }).withGradients()
	for e := range 8 {
		hidden.k.Set(0, 0, 2, e, math.NaN())
		hidden.v.Set(0, 0, 2, e, math.NaN())
		hidden.q.Set(0, 1, 1, e, math.NaN())
		hidden.dOut.Set(0, 1, 1, e, math.NaN())
	}
	spoilt := draw("gradients, NaN in a value that some queries see", one, fills{}, "Gradients", "NaN").causal(1).withGradients()
	spoilt.v.Set(0, 0, 4, 3, math.NaN())
	spoiltOut := draw("gradients, NaN in the gradient of one output", one, fills{}, "Gradients", "NaN").withGradients()
	spoiltOut.dOut.Set(0, 1, 2, 3, math.NaN())
	return []testCase{
		draw("gradients of one head", size{m: 4, n: 6, d: 8, dv: 8}, fills{}, "Gradients").withGradients(),
		draw("gradients of two batches and grouped heads", s, fills{}, "Gradients", "Grouped", "Batch").withGradients(),
		draw("gradients, 129 keys", size{m: 2, n: 129, d: 8, dv: 8}, fills{}, "Gradients", "ManyKeys").withGradients(),
		draw("gradients, a single key", size{m: 3, n: 1, d: 4, dv: 4}, fills{}, "Gradients", "SingleKey").withGradients(),
		draw("gradients, no keys", size{m: 3, d: 4, dv: 4}, fills{}, "Gradients", "Empty", "NoAllowedKey").withGradients(),
		draw("gradients, logits of size 100", s, fills{{Exponent: 4}, {Exponent: 4}, {}}, "Gradients", "LargeLogits").withGradients(),
		draw("gradients, equal values", one, fills{2: {Kind: gen.One}}, "Gradients", "CancellingGradient").withGradients(),
		draw("gradients, a scale of 3", s, fills{}, "Gradients", "Scale").options(func(o *spec.AttentionOptions) { o.Scale = 3 }).withGradients(),
		draw("gradients, causal", s, fills{}, "Gradients", "Causal").causal(2).withGradients(),
		draw("gradients, two queries before the first key", one, fills{}, "Gradients", "Causal", "NoAllowedKey").causal(-2).withGradients(),
		draw("gradients, masked", s, fills{}, "Gradients", "Mask").mask(three).withGradients(),
		draw("gradients, a mask of batches and the first 6 of 7 keys", s, fills{}, "Gradients", "Broadcast", "ShortMask").maskOf(func(k int) bool { return k%5 != 2 }, 2, 1, 1, 6).withGradients(),
		draw("gradients, a window, key lengths and offsets", s, fills{}, "Gradients", "Window", "KeyLengths", "Offsets").options(windowed(3, 1)).
			options(func(o *spec.AttentionOptions) { o.KeyLengths, o.Offsets = []int{7, 4}, []int{2, 0} }).withGradients(),
		draw("gradients of three packed sequences", size{heads: 2, keyHeads: 1, m: 9, n: 12, d: 8, dv: 8}, fills{}, "Gradients", "Packed", "Causal").causal(1).
			options(func(o *spec.AttentionOptions) {
				o.Sequences = &spec.Sequences{Queries: []int{0, 4, 4, 9}, Keys: []int{0, 5, 7, 12}}
			}).withGradients(),
		draw("gradients, softcap 1", s, fills{}, "Gradients", "SoftcapGradient").options(func(o *spec.AttentionOptions) { o.Softcap = 1 }).withGradients(),
		draw("gradients, slopes", s, fills{}, "Gradients", "Slopes").options(func(o *spec.AttentionOptions) { o.Slopes, o.Offset = spec.AlibiSlopes(4), 2 }).withGradients(),
		draw("gradients of a bias of batches, heads, queries and keys", s, fills{}, "Gradients", "BiasGradient").bias(0, 2, 4, 5, 7).withGradients(),
		draw("gradients of a bias of heads and keys", s, fills{}, "Gradients", "BiasGradient").bias(0, 4, 1, 7).withGradients(),
		draw("gradients of a bias of the first 6 of 7 keys, every fifth hidden", s, fills{}, "Gradients", "BiasGradient", "ShortBias", "BiasHides").bias(5, 6).withGradients(),
		draw("gradients of sinks", s, fills{}, "Gradients", "SinkGradient").options(func(o *spec.AttentionOptions) { o.Sinks = []float32{-1, 0, 2, float32(math.Inf(-1))} }).withGradients(),
		draw("gradients, a third of the weights dropped", s, fills{}, "Gradients", "KeepGradient").keep(1.5, three).withGradients(),
		draw("gradients with all options", s, fills{}, "Gradients", "AllTogether").causal(3).options(windowed(4, -1)).bias(11, 2, 1, 5, 7).mask(three).
			keep(1.25, func(i, j int) bool { return (i+j)%5 != 0 }).options(func(o *spec.AttentionOptions) {
			o.Softcap, o.Slopes, o.Sinks = 3, spec.AlibiSlopes(4), []float32{0, 1, -1, 2}
		}).withGradients(),
		hidden, spoilt, spoiltOut,
	}
}
