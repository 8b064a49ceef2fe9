package props

import (
	"math"

	"example.com/attest/spec"
)

func attentionNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	places := append([]string{"query", "key", "value"}, optionsOfNumbers(im.AttentionAbilities)...)
	spread := nanSpread{place: t.Word("place", places...)}
	at, s, spoilt := s.drawNaN(t, spread.place)
	got, want := spoilt.run(t, im), s.run(t, im)
	eachElement(got.Shape, func(b, h, i, c int) {
		depends := s.meetsNaN(spread.place, at, b, h, i) && (spread.place != "value" || c == at[3])
		spread.judge(t, atTensor("output", b, h, i, c), got.At(b, h, i, c), want.At(b, h, i, c), depends)
	})
	spread.report(t, places)
}

// nanSpread notes whether a NaN in the named place has reached some result, and
// whether it has spared some.
type nanSpread struct {
	place           string
	reached, spared bool
}

// judge requires a result to be NaN if it depends on the NaN, and otherwise to have
// the bits that it has without.
func (s *nanSpread) judge(t *Trial, what string, got, without float64, depends bool) {
	if depends {
		s.reached = true
		t.Check(math.IsNaN(got), "%s is %v although it depends on a NaN %s", what, got, s.place)
	} else {
		s.spared = true
		t.Bits(what+" without NaN", got, without)
	}
}

// report says whether the case could tell, and demands cases of all places.
func (s *nanSpread) report(t *Trial, places []string) {
	t.Informative(s.reached)
	t.Sometimes("some results NaN, some not", s.reached && s.spared)
	for _, name := range places {
		t.Sometimes("a NaN "+name, s.place == name && s.reached)
	}
}

// drawNaN draws a place in what is named, and returns it, s, with the named option
// if it is one, and the same with a NaN there unless it is in a gradient.
func (s attentionScene[T]) drawNaN(t *Trial, name string) (at [4]int, clean, spoilt attentionScene[T]) {
	at = drawPlace(t, "NaN", map[string][4]int{"query": s.q.Shape, "key": s.k.Shape, "value": s.v.Shape, "dOut": s.shapeOut(),
		"bias": s.shapeQK(), "sink": s.q.Shape, "slope": s.q.Shape}[name])
	clean, spoilt = s, s
	switch name {
	case "query":
		spoilt.q = withNaN(s.q, at)
	case "key":
		spoilt.k = withNaN(s.k, at)
	case "value":
		spoilt.v = withNaN(s.v, at)
	case "bias", "sink", "slope":
		clean, spoilt = s.withOptionNaN(name, at)
	}
	return at, clean, spoilt
}

// meetsNaN reports whether a NaN at a place in what is named is among what query
// (b, h, i) uses.
func (s attentionScene[T]) meetsNaN(name string, at [4]int, b, h, i int) bool {
	if s.visible(b, h, i) == 0 {
		return false
	}
	switch name {
	case "dOut", "query":
		return b == at[0] && h == at[1] && i == at[2]
	case "bias":
		return b == at[0] && h == at[1] && i == at[2] && s.opt.Allowed(b, h, i, at[3])
	case "sink", "slope":
		return h == at[1]
	}
	return b == at[0] && spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]) == at[1] && s.opt.Allowed(b, h, i, at[2])
}

// optionsOfNumbers names the options that hold numbers, of those that can declares.
func optionsOfNumbers(can spec.AttentionAbilities) (names []string) {
	if can.Bias {
		names = append(names, "bias")
	}
	if can.Sinks {
		names = append(names, "sink")
	}
	if can.Slopes {
		names = append(names, "slope")
	}
	return names
}

// withOptionNaN returns s with the named option, and the same with a NaN in it: at a
// place among the logits, or for the head of that place.
func (s attentionScene[T]) withOptionNaN(name string, at [4]int) (clean, spoilt attentionScene[T]) {
	clean, spoilt = s, s
	ofHead := func(x float64) []float32 {
		return s.eachHead(func(h int) float64 {
			if h == at[1] {
				return x
			}
			return 0.25
		})
	}
	switch name {
	case "bias":
		none := func(_, _, _, _ int) float64 { return 0 }
		clean.opt.Bias, spoilt.opt.Bias = s.fullBias(none), s.fullBias(withNaN(tensorLike(s.shapeQK(), none), at).At)
	case "sink":
		clean.opt.Sinks, spoilt.opt.Sinks = ofHead(0.25), ofHead(math.NaN())
	case "slope":
		clean.opt.Slopes, spoilt.opt.Slopes = ofHead(0.25), ofHead(math.NaN())
	}
	return clean, spoilt
}
