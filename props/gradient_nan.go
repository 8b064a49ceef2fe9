package props

import (
	"math"

	"example.com/attest/spec"
)

func gradientNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.leastQueries = 2
	s := drawGradient[T](t, l)
	can := im.BackwardAbilities.AttentionAbilities
	can.Broadcast, can.Keep = false, false // the NaN in what a dropped weight multiplies is for nobody to say
	s.drawTerms(t, can)
	places := append([]string{"dOut", "query", "key", "value"}, optionsOfNumbers(can)...)
	place := t.Word("place", places...)
	shape := map[string][4]int{"dOut": s.dOut.Shape, "query": s.q.Shape, "key": s.k.Shape, "value": s.v.Shape,
		"bias": s.shapeQK(), "sink": s.q.Shape, "slope": s.q.Shape}[place]
	at := drawPlace(t, "NaN", shape)
	spoilt := s
	switch place {
	case "dOut":
		spoilt.dOut = withNaN(s.dOut, at)
	case "query":
		spoilt.q = withNaN(s.q, at)
	case "key":
		spoilt.k = withNaN(s.k, at)
	case "value":
		spoilt.v = withNaN(s.v, at)
	default:
		s.attentionScene, spoilt.attentionScene = s.withOptionNaN(place, at)
	}
	// spoils says whether the NaN is in what query (b, h, i) uses.
	spoils := func(b, h, i int) bool {
		if s.visible(b, h, i) == 0 {
			return false
		}
		switch place {
		case "dOut", "query":
			return b == at[0] && h == at[1] && i == at[2]
		case "bias":
			return b == at[0] && h == at[1] && i == at[2] && s.opt.Allowed(b, h, i, at[3])
		case "sink", "slope":
			return h == at[1]
		}
		return b == at[0] && s.keyHead(h) == at[1] && s.opt.Allowed(b, h, i, at[2])
	}
	// reaches says whether a spoilt query may see key (b, g, j).
	reaches := func(b, g, j int) bool {
		for h := range s.q.Shape[1] {
			for i := range s.q.Shape[2] {
				if s.keyHead(h) == g && spoils(b, h, i) && s.opt.Allowed(b, h, i, j) {
					return true
				}
			}
		}
		return false
	}
	got, want := spoilt.run(t, im), s.run(t, im)
	reached, spared := false, false
	for n, depends := range []func(b, h, i, c int) bool{
		func(b, h, i, _ int) bool { return spoils(b, h, i) },
		func(b, g, j, _ int) bool { return reaches(b, g, j) },
		func(b, g, j, c int) bool {
			return place != "value" && (place != "dOut" || c == at[3]) && reaches(b, g, j)
		},
		func(b, h, i, j int) bool { return spoils(b, h, i) && s.opt.Allowed(b, h, i, j) },
		func(_, _, _, h int) bool {
			found := false
			eachElement([4]int{s.q.Shape[0], 1, s.q.Shape[2], 1}, func(b, _, i, _ int) { found = found || spoils(b, h, i) })
			return found
		},
	} {
		x, y := *got.all()[n], *want.all()[n]
		eachElement(x.Shape, func(b, h, i, c int) {
			if depends(b, h, i, c) {
				reached = true
				t.Check(math.IsNaN(x.At(b, h, i, c)), "%s is %v although it depends on a NaN %s", atTensor(gradientNames[n], b, h, i, c), x.At(b, h, i, c), place)
			} else {
				spared = true
				t.Bits(atTensor(gradientNames[n]+" without NaN", b, h, i, c), x.At(b, h, i, c), y.At(b, h, i, c))
			}
		})
	}
	t.Informative(reached)
	t.Sometimes("some gradients NaN, some not", reached && spared)
	for _, name := range places {
		t.Sometimes("a NaN "+name, place == name && reached)
	}
}
