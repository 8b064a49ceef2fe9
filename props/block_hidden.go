package props

import (
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

func blockNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTransformer[T](t, blockParts{tokens: 2, rotary: true})
	m := s.x.Rows
	if s.self.Causal = t.Bool("causal"); t.Bool("masked") {
		s.self.Mask = drawMask(t, m, m)
	}
	places := append([]string{"token"}, optionsOfNumbers(im.AttentionAbilities)...)
	spread := nanSpread{place: t.Word("place", places...)}
	place := spread.place
	clean, spoilt, bad := spoiltTokens[T](t, place, s.x, m, &s.w.Self, s.self)
	s.self = clean.opt
	other := s
	other.x, other.self = tokensWithNaN(s.x, place == "token", bad), spoilt.opt
	y, z := s.run(t, im), other.run(t, im)
	for i := range m {
		reaches := clean.rowReached(place, i, bad) || place == "token" && (i == bad[2] || clean.opt.Allowed(0, 0, i, bad[2]))
		for k, v := range z.Row(i) {
			spread.judge(t, at("output", i, k), v, y.At(i, k), reaches)
		}
	}
	spread.report(t, places)
}

func blockHiddenMemory[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTransformer[T](t, blockParts{rotary: true, crossed: "always"})
	n := s.memory.Rows
	shown := t.Matrix("shown", 1, n, []gen.Kind{gen.Coarse, gen.Normal, gen.Ints}, 0, 0)
	s.cross.Mask = newMask(s.x.Rows, n, func(_, j int) bool { return shown.At(0, j) > 0 })
	s.bare = true
	poisoned := s
	poisoned.memory = spec.Convert[float64](s.memory)
	hidden := 0
	for j := range n {
		if !(shown.At(0, j) > 0) {
			hidden++
			poisoned.memory.Row(j)[t.Int("bad channel", 0, 8)%s.memory.Cols] = math.NaN()
		}
	}
	t.SameBits("output", poisoned.run(t, im), s.run(t, im))
	t.Informative(hidden > 0)
	t.Sometimes("some rows hidden, some not", hidden > 0 && hidden < n)
}

// poisonCache puts poison, where the case draws so, in the rows of a cache that none
// of so many tokens with the given options may see. What it returns requires it to be
// there still, and puts back what was there.
func poisonCache[T spec.Float](t *Trial, cache *spec.Cache[T], opt *spec.AttentionOptions, tokens int) (restore func()) {
	restore = func() {}
	if cache.Tokens == 0 || !t.unusual() {
		return restore
	}
	poison, poisoned := drawHidden(t)
	if !poisoned {
		return restore
	}
	for j := range cache.Tokens {
		if slices.ContainsFunc(span(0, tokens), func(i int) bool { return opt.Allowed(0, 0, i, j) }) {
			continue
		}
		for _, rows := range []spec.Matrix[T]{cache.Key, cache.Value} {
			row, again := rows.Row(j), restore
			before := slices.Clone(row)
			for c := range row {
				row[c] = T(poison)
			}
			held := slices.Clone(row)
			restore = func() {
				again()
				t.Check(firstChange(row, held) < 0, "row %d of the cache, which no token sees, was changed", j)
				copy(row, before)
			}
		}
	}
	return restore
}
