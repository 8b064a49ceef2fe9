package props

import (
	"math"

	"example.com/attest/spec"
)

func multiHeadNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawMultiHead[T](t, true)
	s.opt = drawOptions(t, im, &s.w, s.x.Rows, s.memory.Rows)
	s.opt.Keep, s.opt.KeepScale = nil, 0 // what a dropped weight multiplies is for nobody to say
	places := append([]string{"token", "memory"}, optionsOfNumbers(im.AttentionAbilities)...)
	spread := nanSpread{place: t.Word("place", places...)}
	place := spread.place
	clean, spoilt, bad := spoiltTokens[T](t, place, s.x, s.memory.Rows, &s.w, s.opt)
	s.opt = clean.opt
	other, itself := s, s.toItself()
	other.opt = spoilt.opt
	other.x = tokensWithNaN(s.x, place == "token" || place == "memory" && itself, bad)
	switch {
	case itself:
		other.memory = other.x
	case place == "memory":
		other.memory = tokensWithNaN(s.memory, true, bad)
	}
	y, z := s.run(t, im), other.run(t, im)
	for i := range y.Rows {
		reaches := clean.rowReached(place, i, bad)
		for h := range s.w.Heads {
			own := (place == "token" || itself && place == "memory") && i == bad[2] && clean.visible(0, h, i) > 0
			key := (place == "memory" || itself && place == "token") && clean.opt.Allowed(0, h, i, bad[2])
			reaches = reaches || own || key
		}
		for k, v := range z.Row(i) {
			spread.judge(t, at("output", i, k), v, y.At(i, k), reaches)
		}
	}
	spread.report(t, places)
}

// spoiltTokens draws a place, with a token of n keys or of the tokens x for its third
// index, and returns the attention of all heads to n keys as far as options go,
// without and with a NaN there if the place is in an option.
func spoiltTokens[T spec.Float](t *Trial, place string, x matrix, n int, w *spec.MultiHeadWeights[float64], opt spec.AttentionOptions) (clean, spoilt attentionScene[T], at [4]int) {
	s := attentionScene[T]{q: tensor{Shape: [4]int{1, w.Heads, x.Rows, x.Cols}}, k: tensor{Shape: [4]int{1, w.KeyHeads, n, x.Cols}}, opt: opt}
	switch place {
	case "token":
		return s, s, drawPlace(t, "NaN", s.q.Shape)
	case "memory":
		return s, s, drawPlace(t, "NaN", s.k.Shape)
	}
	at = drawPlace(t, "NaN", s.shapeQK())
	clean, spoilt = s.withOptionNaN(place, at)
	return clean, spoilt, at
}

// rowReached reports whether a NaN at a place of the named option reaches the output
// of token i.
func (s attentionScene[T]) rowReached(name string, i int, at [4]int) bool {
	switch name {
	case "bias":
		return i == at[2] && s.opt.Allowed(0, at[1], i, at[3])
	case "sink", "slope":
		return s.visible(0, at[1], i) > 0
	}
	return false
}

// tokensWithNaN returns x, with a NaN in the token and channel of a place if wished.
func tokensWithNaN(x matrix, spoil bool, at [4]int) matrix {
	if !spoil {
		return x
	}
	out := spec.Convert[float64](x)
	out.Set(at[2], at[3]%x.Cols, math.NaN())
	return out
}
