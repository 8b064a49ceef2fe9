package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// multiHeadScene is a drawn multi-head attention.
type multiHeadScene[T spec.Float] struct {
	x, wq, wk, wv, wo matrix
	heads             int
	opt               spec.AttentionOptions
}

// drawMultiHead draws tokens, weights by the given function and masks.
func drawMultiHead[T spec.Float](t *Trial, maxTokens int, weights func(name string, d int) matrix) multiHeadScene[T] {
	s := multiHeadScene[T]{heads: t.Int("heads", 1, 4)}
	dHead := t.Int("dHead", 1, 5)
	m, d := t.Size("m", 1, maxTokens), s.heads*dHead
	s.x = t.Matrix("X", m, d, append(gen.Tokens[:len(gen.Tokens):len(gen.Tokens)], gen.Heavy), -2, 1)
	s.wq, s.wk, s.wv, s.wo = weights("WQ", d), weights("WK", d), weights("WV", d), weights("WO", d)
	s.opt.Scale = spec.DefaultScale(dHead)
	if t.Bool("masked") {
		s.opt.Mask = drawMask(t, m, m)
	}
	s.opt.Causal = t.Bool("causal")
	return s
}

func (s multiHeadScene[T]) run(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "output", s.x.Rows, s.x.Cols)
	opt := s.opt
	im.MultiHead(out, input[T](t, "X", s.x), input[T](t, "WQ", s.wq), input[T](t, "WK", s.wk),
		input[T](t, "WV", s.wv), input[T](t, "WO", s.wo), s.heads, &opt)
	return wide(out)
}

func (s multiHeadScene[T]) bound(t *Trial, im *spec.Implementation[T]) matrix {
	b, ok := reference.MultiHeadBound(s.x, s.wq, s.wk, s.wv, s.wo, s.heads, &s.opt, im.Profile, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return b
}

func multiHeadValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawMultiHead[T](t, 17, func(name string, d int) matrix { return t.Weights(name, d, d) })
	bound := s.bound(t, im)
	want := spec.NewMatrix[float64](s.x.Rows, s.x.Cols)
	t.Oracle.MultiHead(want, s.x, s.wq, s.wk, s.wv, s.wo, s.heads, &s.opt)
	near(t, "output", s.run(t, im), want, bound)
	t.Informative(exceeds(want, bound, 8) && s.x.Rows > 1)
	t.Sometimes("several heads", s.heads > 1)
}

// selection returns a d×d matrix with a single 1 in each column: products with
// it are exact.
func selection(t *Trial, name string, d int) matrix {
	offset, step := t.Int(name+" offset", 0, 19), t.Int(name+" step", 1, 7)
	w := spec.NewMatrix[float64](d, d)
	for l := range d {
		w.Set((offset+step*l)%d, l, 1)
	}
	return w
}

// multiHeadComposition takes weights that select channels, so that what the
// heads receive and what becomes of their outputs is exact, and compares with
// the implementation's own attention of each head.
func multiHeadComposition[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawMultiHead[T](t, 33, func(name string, d int) matrix { return selection(t, name, d) })
	m, d := s.x.Rows, s.x.Cols/s.heads
	q, k, v := reference.Times(s.x, s.wq), reference.Times(s.x, s.wk), reference.Times(s.x, s.wv)
	joined, bound := spec.NewMatrix[float64](m, s.x.Cols), spec.NewMatrix[float64](m, s.x.Cols)
	for h := range s.heads {
		slice := func(x matrix) tensor {
			return tensorLike([4]int{1, 1, m, d}, func(_, _, i, c int) float64 { return x.At(i, h*d+c) })
		}
		one := attentionScene[T]{q: slice(q), k: slice(k), v: slice(v), opt: s.opt, layout: headsFirst}
		got, e := one.run(t, im), one.bound(t, im)
		for i := range m {
			for c := range d {
				joined.Set(i, h*d+c, got.At(0, 0, i, c))
				bound.Set(i, h*d+c, e.At(0, 0, i, c))
			}
		}
	}
	want, allowed := reference.Times(joined, s.wo), reference.Times(bound, s.wo)
	got := s.run(t, im)
	for i := range want.Rows {
		for c := range want.Cols {
			if e := 2 * allowed.At(i, c); !(math.IsNaN(got.At(i, c)) && math.IsNaN(want.At(i, c))) {
				t.Near(at("output", i, c), got.At(i, c), want.At(i, c), e)
			}
			allowed.Set(i, c, 2*allowed.At(i, c))
		}
	}
	t.Informative(s.heads > 1 && m > 1 && exceeds(want, allowed, 8))
}
