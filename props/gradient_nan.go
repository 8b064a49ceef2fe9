package props

import "example.com/attest/spec"

func gradientNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.leastQueries = 2
	s := drawGradient[T](t, l)
	can := im.BackwardAbilities.AttentionAbilities
	can.Broadcast, can.Keep = false, false // the NaN in what a dropped weight multiplies is for nobody to say
	s.drawTerms(t, can)
	places := append([]string{"dOut", "query", "key", "value"}, optionsOfNumbers(can)...)
	spread := nanSpread{place: t.Word("place", places...)}
	place, spoilt := spread.place, s
	var at [4]int
	at, s.attentionScene, spoilt.attentionScene = s.drawNaN(t, place)
	if place == "dOut" {
		spoilt.dOut = withNaN(s.dOut, at)
	}
	spoils := func(b, h, i int) bool { return s.meetsNaN(place, at, b, h, i) }
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
			spread.judge(t, atTensor(gradientNames[n], b, h, i, c), x.At(b, h, i, c), y.At(b, h, i, c), depends(b, h, i, c))
		})
	}
	spread.report(t, places)
}
