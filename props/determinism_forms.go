package props

import (
	"fmt"
	"runtime"
	"sync"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func determinismFormProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "DET-017", Run: bitsOfPackedAlone[T]},
		{Claim: "DET-018", Run: bitsOfPagePlaces[T]},
		{Claim: "DET-019", Run: bitsOfPageSize[T]},
		{Claim: "DET-020", Run: bitsOfPages[T]},
		{Claim: "DET-021", Run: bitsOfPresent[T]},
		{Claim: "DET-022", Run: gradientBitsOfThreads[T], Cases: 0.25},
		{Claim: "DET-023", Run: gradientBitsOfConcurrentCalls[T]},
		{Claim: "DET-024", Run: gradientBitsOfBatchAlone[T]},
		{Claim: "DET-025", Run: gradientBitsOfKeyHeadAlone[T]},
		{Claim: "DET-026", Run: gradientBitsOfQueryOrder[T]},
		{Claim: "DET-027", Run: linearBitsOfThreads[T], Cases: 0.02},
		{Claim: "DET-028", Run: multiHeadBitsOfThreads[T], Cases: 0.1},
		{Claim: "DET-029", Run: blockBitsOfThreads[T], Cases: 0.1},
		{Claim: "DET-030", Run: multiHeadBitsWithoutPadding[T]},
		{Claim: "DET-031", Run: multiHeadBitsOfHeadOrder[T]},
		{Claim: "DET-032", Run: blockBitsOfSteps[T]},
	}
}

// threads is held while GOMAXPROCS is not what it was.
var threads sync.Mutex

// onThreads calls f with so many processors.
func onThreads[R any](procs int, f func() R) R {
	threads.Lock()
	defer threads.Unlock()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	return f()
}

// eachThreads calls compare with what f gives on 2, 3 and 8 processors, and what it
// gives on one, which it returns.
func eachThreads[R any](f func() R, compare func(procs int, got, one R)) R {
	one := onThreads(1, f)
	for _, procs := range []int{2, 3, 8} {
		compare(procs, onThreads(procs, f), one)
	}
	return one
}

// atOnce runs the calls at the same time, and requires none to panic.
func atOnce(t *Trial, calls []func()) {
	panics := make([]any, len(calls))
	var done sync.WaitGroup
	for n := range calls {
		done.Go(func() {
			defer func() { panics[n] = recover() }()
			calls[n]()
		})
	}
	done.Wait()
	for n := range calls {
		t.Check(panics[n] == nil, "a call among others panicked: %v", panics[n])
	}
}

func bitsOfPackedAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPacked[T](t, 40)
	s.drawRanges(t, im.AttentionAbilities)
	s.drawRest(t, im)
	all, telling := s.outcome(t, im), false
	for n := range s.opt.Sequences.Count() {
		alone, rows := s.wholeSequence(n)
		telling = alone.sameBits(t, all.at(2, rows), alone.outcomeLike(t, im, all)) || telling
	}
	t.Informative(telling && s.opt.Sequences.Count() > 1)
}

// outcomeLike returns the results of one call, log-sum-exps if other has them.
func (s attentionScene[T]) outcomeLike(t *Trial, im *spec.Implementation[T], other part) part {
	if other.l.Data != nil {
		return s.runLSE(t, im)
	}
	return part{o: s.run(t, im)}
}

// drawVariedPages draws an attention over pages with those options that the
// implementation takes; every fourth has so many tokens that kernels divide them.
func drawVariedPages[T spec.Float](t *Trial, im *spec.Implementation[T]) pagedScene[T] {
	least, most := 3, 49
	if t.Int("keys in hundreds", 0, 3) == 3 {
		least, most = 129, 300
	}
	s := drawPagedOf(t, im, pagedSizes{2, 1, 17, least, most, 17, usual.channels})
	if im.AttentionAbilities.Window && t.Bool("with window") {
		s.opt.Window = drawWindow(t)
	}
	s.drawRest(t, im)
	return s
}

func bitsOfPagePlaces[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawVariedPages(t, im)
	other, shared := s.apart()
	t.Sometimes("a page that serves several places", shared)
	other = other.moved(permutation(t, "order", other.pagesK.Shape[0]))
	t.Informative(s.sameBits(t, part{o: other.run(t, im)}, part{o: s.run(t, im)}))
}

func bitsOfPageSize[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawVariedPages(t, im)
	slots := 1 + t.Int("other slots", 0, 63)
	t.Informative(s.sameBits(t, part{o: s.repaged(slots).run(t, im)}, part{o: s.run(t, im)}) && slots != s.pagesK.Shape[2])
}

// repaged returns s with its tokens in pages of so many slots.
func (s pagedScene[T]) repaged(slots int) pagedScene[T] {
	batch, blocks := s.q.Shape[0], (s.table.Tokens-1)/slots+1
	into := func(x tensor) tensor {
		return tensorLike([4]int{batch * blocks, x.Shape[1], slots, x.Shape[3]}, func(page, g, slot, c int) float64 {
			if j := page%blocks*slots + slot; j < x.Shape[2] {
				return x.At(page/blocks, g, j, c)
			}
			return 0
		})
	}
	out := s
	out.pagesK, out.pagesV, out.table.Pages = into(s.k), into(s.v), nil
	for b := range batch {
		out.table.Pages = append(out.table.Pages, span(b*blocks, (b+1)*blocks))
	}
	return out
}

func bitsOfPages[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawVariedPages(t, im)
	t.Informative(s.sameBits(t, part{o: s.run(t, im)}, part{o: s.attentionScene.run(t, im)}))
}

func bitsOfPresent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, past := drawCached(t, im)
	s.drawRest(t, im)
	all := s.afterPast(past)
	telling := all.sameBits(t, part{o: s.runCached(t, im, past).out}, part{o: all.run(t, im)})
	t.Informative(telling && past > 0 && past < s.k.Shape[2])
}

// drawVariedGradient draws an attention with those options that the implementation
// takes, and dOut.
func drawVariedGradient[T spec.Float](t *Trial, im *spec.Implementation[T], l attentionSizes) gradientScene[T] {
	forward := *im
	forward.AttentionAbilities = im.BackwardAbilities.AttentionAbilities
	s := drawAttention[T](t, l)
	s.drawRest(t, &forward)
	return withOutputGradient(t, s, valueKinds)
}

// sameBits requires two gradients for s to have the same bits, and says whether
// some key, that of a gradient that is not zero, is seen by three queries or more:
// its bits depend on their order.
func (s gradientScene[T]) sameBits(t *Trial, got, want gradients) (summed bool) {
	sameGradients(t, got, want)
	heads, keyHeads := s.q.Shape[1], s.k.Shape[1]
	eachElement(want.k.Shape, func(b, g, j, c int) {
		if summed || want.k.At(b, g, j, c) == 0 {
			return
		}
		seen := 0
		for h := g * (heads / keyHeads); h < (g+1)*(heads/keyHeads); h++ {
			for i := range s.q.Shape[2] {
				if s.opt.Allowed(b, h, i, j) {
					seen++
				}
			}
		}
		summed = seen > 2
	})
	return summed
}

func gradientBitsOfThreads[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.leastQueries, l.queries, l.leastKeys, l.keys, l.channels = 17, 49, 129, 300, 17
	s := drawVariedGradient(t, im, l)
	telling := false
	eachThreads(func() gradients { return s.run(t, im) }, func(_ int, got, one gradients) { telling = s.sameBits(t, got, one) })
	t.Informative(telling)
}

func gradientBitsOfConcurrentCalls[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.leastQueries = 3
	s := drawVariedGradient(t, im, l)
	scenes := []gradientScene[T]{s, s.ofBatch([]int{0}), s, s.ofBatch([]int{0})}
	var want, got [4]gradients
	var calls []func()
	for n, s := range scenes {
		want[n] = s.run(t, im)
		call, result := s.prepare(t, im)
		calls = append(calls, func() {
			call()
			got[n] = result()
		})
	}
	atOnce(t, calls)
	telling := false
	for n, s := range scenes {
		telling = s.sameBits(t, got[n], want[n]) || telling
	}
	t.Informative(telling)
}

// ofBatch returns s with the given elements of the batch alone.
func (s gradientScene[T]) ofBatch(places []int) gradientScene[T] {
	return gradientScene[T]{s.picked(0, places), gather(s.dOut, 0, places)}
}

// operands returns the gradients of queries, keys and values alone.
func (g gradients) operands() gradients { return gradients{q: g.q, k: g.k, v: g.v} }

func gradientBitsOfBatchAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.batch, l.leastQueries = 2, 3
	s := drawVariedGradient(t, im, l)
	b := []int{t.Int("one", 0, 1)}
	alone, all := s.ofBatch(b), s.run(t, im)
	of := gradients{q: gather(all.q, 0, b), k: gather(all.k, 0, b), v: gather(all.v, 0, b)}
	t.Informative(alone.sameBits(t, of, alone.run(t, im).operands()))
}

func gradientBitsOfKeyHeadAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.keyHeads, l.leastQueries = 2, 3
	s := drawVariedGradient(t, im, l)
	g, group := t.Int("key head", 0, 1), s.q.Shape[1]/s.k.Shape[1]
	heads, one := span(g*group, (g+1)*group), []int{g}
	alone := gradientScene[T]{s.picked(1, heads), gather(s.dOut, 1, heads)}
	alone.k, alone.v = gather(s.k, 1, one), gather(s.v, 1, one)
	all := s.run(t, im)
	of := gradients{q: gather(all.q, 1, heads), k: gather(all.k, 1, one), v: gather(all.v, 1, one)}
	t.Informative(alone.sameBits(t, of, alone.run(t, im).operands()))
}

func gradientBitsOfQueryOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := withOutputGradient(t, drawSingle[T](t, 4, exactKinds, valueKinds), valueKinds)
	order := permutation(t, "order", s.q.Shape[2])
	other := gradientScene[T]{s.picked(2, order), gather(s.dOut, 2, order)}
	other.opt.Offset = s.opt.Offset // no position counts
	got, want := other.run(t, im), s.run(t, im)
	sameTensorBits(t, "dK", unsignedZeros(got.k), unsignedZeros(want.k))
	sameTensorBits(t, "dV", unsignedZeros(got.v), unsignedZeros(want.v))
}

// sameOnThreads requires f to give the same bits on 1, 2, 3 and 8 processors, and
// returns what it gives.
func sameOnThreads(t *Trial, f func() matrix) matrix {
	return eachThreads(f, func(procs int, got, one matrix) { t.SameBits(fmt.Sprint("output on ", procs, " processors"), got, one) })
}

func linearBitsOfThreads[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	kinds := []gen.Kind{gen.Normal, gen.Uniform}
	n, d, p := t.Int("n", 250, 270), t.Int("d", 250, 270), t.Int("p", 250, 270)
	x := t.Matrix("X", n, d, kinds, -2, 2)
	c := drawLinear[T](t, d, p, kinds, -2, 2)
	y := sameOnThreads(t, func() matrix { return c.layer(t, im, x) })
	t.Informative(reference.Norm(y.Data) > 0)
}

// drawManyTokens draws so many that threads share the work of attention.
func drawManyTokens(t *Trial, name string, channels int) matrix {
	return t.Matrix(name, t.Int("rows of "+name, 120, 160), channels, calmKinds, -1, 1)
}

func multiHeadBitsOfThreads[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawMultiHead[T](t, true)
	own := &s.memory.Data[0] == &s.x.Data[0]
	s.x = drawManyTokens(t, "many X", s.x.Cols)
	if s.memory.Cols == s.x.Cols && own {
		s.memory = s.x
	} else {
		s.memory = drawManyTokens(t, "long memory", s.memory.Cols)
	}
	s.opt = drawOptions(t, im, &s.w, s.x.Rows, s.memory.Rows)
	y := sameOnThreads(t, func() matrix { return s.run(t, im) })
	t.Informative(reference.Norm(y.Data) > 0)
}

func blockBitsOfThreads[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTransformer[T](t, blockParts{rotary: true})
	if t.Bool("decoder") {
		s = s.decoder()
	}
	s.x = drawManyTokens(t, "many X", s.x.Cols)
	y := sameOnThreads(t, func() matrix { return s.run(t, im) })
	t.Informative(reference.Norm(reference.Sub(y, s.x).Data) > 0)
}

func multiHeadBitsWithoutPadding[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawMultiHead[T](t, true)
	n := s.memory.Rows
	if &s.memory.Data[0] == &s.x.Data[0] {
		s.memory = spec.Convert[float64](s.memory)
	}
	s.opt = drawOptions(t, im, &s.w, s.x.Rows, n)
	kept := n - t.Int("padding", 1, 16)%n
	short, padded := s, s
	short.memory = spec.Convert[float64](rowsOf(s.memory, 0, kept))
	short.opt.Mask, short.opt.Keep, short.opt.Bias = shortened(s.opt.Mask, kept), shortened(s.opt.Keep, kept), shortened(s.opt.Bias, kept)
	if s.opt.KeyLengths != nil {
		short.opt.KeyLengths = []int{min(s.opt.KeyLengths[0], kept)}
	}
	if im.AttentionAbilities.KeyLengths && t.Bool("by length") {
		padded.opt.KeyLengths = []int{kept}
		if s.opt.KeyLengths != nil {
			padded.opt.KeyLengths = short.opt.KeyLengths
		}
	} else {
		padded.opt.Mask = newMask(s.x.Rows, n, func(i, j int) bool { return j < kept && (s.opt.Mask == nil || s.opt.Mask.At(0, 0, i, j)) })
	}
	want := short.run(t, im)
	t.SameBits("output", padded.run(t, im), want)
	t.Informative(kept < n && kept > 1 && reference.Norm(want.Data) > 0)
}

// multiHeadBitsOfHeadOrder compares with the heads in another order, in all
// weights alike.
func multiHeadBitsOfHeadOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	m, heads := t.Int("m", 1, 3), t.Int("heads", 1, 4)
	kinds := []gen.Kind{gen.Coarse, gen.Normal}
	project := func(name string, in, out int) spec.Projection[float64] {
		return spec.Projection[float64]{W: t.Matrix(name, in, out, kinds, 0, 0)}
	}
	s := multiHeadScene[T]{x: t.Matrix("X", m, 1, kinds, 0, 0)}
	s.memory, s.opt.Scale = s.x, 1
	s.w = spec.MultiHeadWeights[float64]{Query: project("WQ", 1, heads), Key: project("WK", 1, heads), Value: project("WV", 1, heads),
		Output: project("WO", heads, 1), Heads: heads, KeyHeads: heads}
	order := permutation(t, "order", heads)
	other := s
	other.w.Query, other.w.Key, other.w.Value = pick(s.w.Query, order), pick(s.w.Key, order), pick(s.w.Value, order)
	other.w.Output.W = permuteRows(s.w.Output.W, order)
	t.SameBits("output", other.run(t, im), s.run(t, im))
}

func blockBitsOfSteps[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, step := drawDecoding(t, im)
	want := s.run(t, im)
	t.SameBits("output", s.decode(t, im, step), want)
	t.Informative(step < s.x.Rows && reference.Norm(reference.Sub(want, s.x).Data) > 0)
}
