package props

import (
	"math"

	"example.com/attest/spec"
)

func attentionNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	places := append([]string{"query", "key", "value"}, optionsOfNumbers(im.AttentionAbilities)...)
	place := t.Word("place", places...)
	shape := map[string][4]int{"query": s.q.Shape, "key": s.k.Shape, "value": s.v.Shape, "bias": s.shapeQK(), "sink": s.q.Shape, "slope": s.q.Shape}[place]
	at := drawPlace(t, "NaN", shape)
	spoilt := s
	switch place {
	case "query":
		spoilt.q = withNaN(s.q, at)
	case "key":
		spoilt.k = withNaN(s.k, at)
	case "value":
		spoilt.v = withNaN(s.v, at)
	default:
		s, spoilt = s.withOptionNaN(place, at)
	}
	depends := func(b, h, i, c int) bool {
		if s.visible(b, h, i) == 0 {
			return false
		}
		switch place {
		case "query":
			return b == at[0] && h == at[1] && i == at[2]
		case "bias":
			return b == at[0] && h == at[1] && i == at[2] && s.opt.Allowed(b, h, i, at[3])
		case "sink", "slope":
			return h == at[1]
		}
		return b == at[0] && spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]) == at[1] && s.opt.Allowed(b, h, i, at[2]) && (place == "key" || c == at[3])
	}
	got, want := spoilt.run(t, im), s.run(t, im)
	reached, spared := false, false
	eachElement(got.Shape, func(b, h, i, c int) {
		if depends(b, h, i, c) {
			reached = true
			t.Check(math.IsNaN(got.At(b, h, i, c)), "%s is %v although it depends on a NaN %s", atTensor("output", b, h, i, c), got.At(b, h, i, c), place)
		} else {
			spared = true
			t.Bits(atTensor("output without NaN", b, h, i, c), got.At(b, h, i, c), want.At(b, h, i, c))
		}
	})
	t.Informative(reached)
	t.Sometimes("some outputs NaN, some not", reached && spared)
	for _, name := range places {
		t.Sometimes("a NaN "+name, place == name && reached)
	}
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
