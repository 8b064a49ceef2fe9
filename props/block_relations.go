package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// rowsOf returns the view of rows lo to hi of m.
func rowsOf(m matrix, lo, hi int) matrix {
	m.Rows = hi - lo
	if m.Rows > 0 {
		m.Data = m.Data[lo*m.Stride:]
	}
	return m
}

// blockPrefix compares the first rows of a block with the block of the first
// tokens alone.
func blockPrefix[T spec.Float](causal bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var s transformerScene[T]
		if causal {
			s = drawTransformer[T](t, blockParts{tokens: 2, rotary: true}).decoder()
		} else {
			s = drawSmallTransformer[T](t, false)
		}
		kept := t.Int("kept", 1, 7)%s.x.Rows + 1
		first := s
		first.x = rowsOf(s.x, 0, kept)
		bound := rowsOf(s.bound(t, im), 0, kept)
		first.agree(t, im, first.run(t, im), rowsOf(s.run(t, im), 0, kept), bound)
		t.Informative(kept < s.x.Rows)
	}
}

// blockOrder compares the block of permuted tokens with the permuted rows of the
// block, for an encoder or for one that knows positions.
func blockOrder[T spec.Float](kind string) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var s transformerScene[T]
		switch kind {
		case "plain":
			s = drawTransformer[T](t, blockParts{tokens: 2})
		case "rotary":
			s = drawSmallTransformer[T](t, false)
			s.w.Self.Rotary = &spec.Rotary{Layout: spec.HalfLayout, Dims: s.x.Cols / 2 * 2, Base: 10}
		case "causal":
			s = drawSmallTransformer[T](t, false).decoder()
		}
		order := permutation(t, "token", s.x.Rows)
		moved := s
		moved.x = permuteRows(s.x, order)
		want := permuteRows(s.run(t, im), order)
		moved.agree(t, im, moved.run(t, im), want, permuteRows(s.bound(t, im), order))
		t.Informative(exceeds(reference.Sub(moved.x, s.x), spec.NewMatrix[float64](s.x.Rows, s.x.Cols), 1))
	}
}

// blockAlone lets every token see itself alone.
func blockAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTransformer[T](t, blockParts{tokens: 2, rotary: true})
	s.self.Mask = newMask(s.x.Rows, s.x.Rows, func(i, j int) bool { return i == j })
	y, bound := s.run(t, im), s.bound(t, im)
	i := t.Int("token", 0, 6) % s.x.Rows
	alone := s
	alone.x, alone.self.Mask = rowsOf(s.x, i, i+1), nil
	alone.agree(t, im, alone.run(t, im), rowsOf(y, i, i+1), rowsOf(bound, i, i+1))
}

// blockCached takes a few tokens at a time, each time behind those in the cache.
func blockCached[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, step := drawDecoding(t, im)
	bound, want := s.bound(t, im), s.run(t, im)
	near(t, "output", s.decode(t, im, step), want, scaled(bound, 2))
	t.Informative(step < s.x.Rows && exceeds(reference.Sub(want, s.x), bound, 8))
	t.Sometimes("rotary embedding", s.w.Self.Rotary != nil)
}

// drawDecoding draws a decoder and how many of its tokens come in one call.
func drawDecoding[T spec.Float](t *Trial, im *spec.Implementation[T]) (s transformerScene[T], step int) {
	s = drawTransformer[T](t, blockParts{tokens: 2, rotary: true}).decoder()
	step = t.Int("step", 1, 3)
	if im.AttentionAbilities.Window && t.Bool("with window") {
		s.self.Window = drawWindow(t)
	}
	if im.AttentionAbilities.Slopes && t.Bool("with slopes") {
		s.self.Slopes = spec.AlibiSlopes(s.w.Self.Heads)
	}
	s.self.Offset = t.Int("offset", -1, 0)
	return s, step
}

// decode returns what the implementation makes of the tokens of s when it gets
// step of them in a call, and requires it to fill its cache and no more.
func (s transformerScene[T]) decode(t *Trial, im *spec.Implementation[T], step int) matrix {
	m := s.x.Rows
	room := m + t.Int("room", 0, 2)
	all := spec.NewMatrix[float64](m, s.x.Cols)
	cache := &spec.Cache[T]{Key: output[T](t, "cache of keys", room, s.w.Self.Key.W.Cols), Value: output[T](t, "cache of values", room, s.w.Self.Value.W.Cols)}
	for lo := 0; lo < m; lo += step {
		now := s
		now.x = rowsOf(s.x, lo, min(lo+step, m))
		out := output[T](t, "output", now.x.Rows, now.x.Cols)
		restore := poisonCache(t, cache, s.self.After(lo), now.x.Rows)
		now.call(t, im, out, cache)
		restore()
		for i := range out.Rows {
			copy(all.Row(lo+i), wide(out).Row(i))
		}
		t.Check(cache.Tokens == lo+out.Rows, "after %d tokens the cache has seen %d", lo+out.Rows, cache.Tokens)
	}
	for j := m; j < room; j++ {
		for c, v := range cache.Key.Row(j) {
			t.Check(math.IsNaN(float64(v)), "channel %d of row %d of the cache, behind the last token, is %v", c, j, v)
		}
	}
	return all
}

// blockEmptyMemory compares a block whose memory has no rows with the one without
// that branch.
func blockEmptyMemory[T spec.Float](order string) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var s transformerScene[T]
		if order == "pre" {
			s = drawTransformer[T](t, blockParts{order: order, rotary: true, crossed: "always"})
		} else {
			s = drawSmallTransformer[T](t, true)
			cross := s.w.Self
			s.w.Cross, s.w.CrossNorm, s.memory, s.cross.Scale = &cross, s.w.SelfNorm, matrix{Cols: s.x.Cols, Stride: s.x.Cols}, 1
		}
		cross := *s.w.Cross
		cross.Output.Bias = nil
		s.w.Cross = &cross
		s.memory = rowsOf(s.memory, 0, 0)
		plain := s
		plain.w.Cross, plain.memory = nil, matrix{}
		got, want := s.run(t, im), plain.run(t, im)
		if !im.ComposedBlock || order == "post" {
			s.agree(t, im, got, want, plain.bound(t, im))
			return
		}
		multiple(t, "output", got, want, 1)
		t.Informative(reference.Norm(reference.Sub(want, s.x).Data) > 0)
	}
}

// stretched returns s with stream and branches times c.
func (s transformerScene[T]) stretched(c float64) transformerScene[T] {
	stretch := func(p *spec.Projection[float64]) {
		p.W = scaled(p.W, c)
		if p.Bias != nil {
			p.Bias = scaled(spec.MatrixOf(p.Bias), c).Row(0)
		}
	}
	s.x = scaled(s.x, c)
	stretch(&s.w.Self.Output)
	stretch(&s.w.Forward.Down)
	if s.w.Cross != nil {
		cross := *s.w.Cross
		stretch(&cross.Output)
		s.w.Cross = &cross
	}
	return s
}

func blockScaled[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	// Both forms of GELU fall so fast that hidden units may underflow.
	s := drawTransformer[T](t, blockParts{order: "pre", rotary: true, acts: []spec.Activation{spec.ActReLU, spec.ActSiLU, spec.ActSigmoid}})
	c := math.Ldexp(1, t.Int("k", -8, 8))
	moved := s.stretched(c)
	for _, n := range []*spec.Norm[float64]{&moved.w.SelfNorm, &moved.w.CrossNorm, &moved.w.ForwardNorm} {
		n.Eps *= c * c
	}
	y, again, z := s.run(t, im), s.run(t, im), moved.run(t, im)
	if firstChange(again.Data, y.Data) >= 0 {
		// An order of summation that changes from call to call has no bits to keep.
		moved.agree(t, im, z, scaled(y, c), scaled(s.bound(t, im), c))
		return
	}
	multiple(t, "output of a stretched stream", z, y, c)
	t.Informative(c != 1 && reference.Norm(reference.Sub(y, s.x).Data) > 0)
	t.Sometimes("memory", s.w.Cross != nil)
}

// blockScaledFixed stretches stream and branches and leaves eps.
func blockScaledFixed[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSmallTransformer[T](t, false)
	c := math.Ldexp(1, t.Int("k", 1, 4))
	moved := s.stretched(c)
	moved.agree(t, im, moved.run(t, im), scaled(s.run(t, im), c), scaled(s.bound(t, im), c))
}

func blockMemoryOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTransformer[T](t, blockParts{rotary: true, crossed: "always"})
	if t.Bool("decoder") {
		s = s.decoder()
	}
	n := s.memory.Rows
	shown := t.Matrix("shown", s.x.Rows, n, []gen.Kind{gen.One, gen.Coarse, gen.Normal}, 0, 0)
	masked := func(order []int) *spec.Mask {
		return newMask(s.x.Rows, n, func(i, j int) bool { return shown.At(i, order[j]) > 0 })
	}
	s.cross.Mask = masked(span(0, n))
	order := permutation(t, "memory row", n)
	moved := s
	moved.memory, moved.cross.Mask = permuteRows(s.memory, order), masked(order)
	s.agree(t, im, s.run(t, im), moved.run(t, im), moved.bound(t, im))
	t.Informative(n > 1)
}
