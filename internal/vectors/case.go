package vectors

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

type tensor = spec.Tensor[float64]

// testCase is an attention in the making. Its operands are packed, and float32
// holds them.
type testCase struct {
	comment string
	flags   []string
	q, k, v tensor
	opt     spec.AttentionOptions
	exact   bool   // the result must be equal
	repeat  bool   // two calls must give the same bits
	like    string // the comment of the test whose bits this one must have
	lse     bool   // log-sum-exps are results, too

	// axes of opt.Bias, opt.Mask and opt.Keep, aligned from the right.
	biasAxes, maskAxes, keepAxes []int

	pages  *spec.PageTable // k and v are pages, not tokens
	past   *[2]tensor      // keys and values before k and v
	stage  *spec.QKStage   // products of queries and keys are results, too
	dOut   *tensor         // gradients are results, too
	merged *parts          // not an attention but two parts of one, to be joined
}

// parts are outputs and log-sum-exps over two sets of keys.
type parts struct{ o1, l1, o2, l2 tensor }

// keys returns the number of keys of each batch, wherever they lie.
func (c *testCase) keys() int {
	switch {
	case c.pages != nil:
		return c.pages.Tokens
	case c.past != nil:
		return c.past[0].Shape[2] + c.k.Shape[2]
	}
	return c.k.Shape[2]
}

// size of an attention; sizes of batch and heads that are zero stand for 1.
type size struct{ batch, heads, keyHeads, m, n, d, dv int }

// fills of query, key and value. Kinds that are empty stand for Normal.
type fills [3]gen.Fill

// draw returns a case of the given sizes, filled from a seed that depends on the
// comment alone, with the usual scale and no mask.
func draw(comment string, s size, f fills, flags ...string) testCase {
	s.batch, s.keyHeads = max(1, s.batch), max(1, s.keyHeads)
	s.heads = max(s.keyHeads, s.heads)
	seed := uint16(1)
	for _, b := range []byte(comment) {
		seed = seed*31 + uint16(b)
	}
	fill := func(which, heads, tokens, channels int) tensor {
		r := f[which]
		if r.Kind == "" {
			r.Kind = gen.Normal
		}
		r.Seed = seed + uint16(which)
		x := spec.NewTensor[float64](s.batch, heads, tokens, channels)
		copy(x.Data, r.Matrix(s.batch*heads*tokens, channels).Data)
		return x
	}
	c := testCase{comment: comment, flags: append([]string{}, flags...)}
	c.q, c.k, c.v = fill(0, s.heads, s.m, s.d), fill(1, s.keyHeads, s.n, s.d), fill(2, s.keyHeads, s.n, s.dv)
	c.opt.Scale = spec.DefaultScale(max(1, s.d))
	return c
}

// mask sets the mask.
func (c testCase) mask(allowed func(i, j int) bool) testCase {
	n := c.keys()
	return c.maskOf(func(k int) bool { return allowed(k/n, k%n) }, c.q.Shape[2], n)
}

// maskOf sets a mask with the given axes, aligned from the right; f says of its
// elements, in order, which are true.
func (c testCase) maskOf(f func(k int) bool, axes ...int) testCase {
	c.opt.Mask, c.maskAxes = gridOf(c.q.Shape[2], f, axes), axes
	return c
}

func gridOf(queries int, f func(k int) bool, axes []int) *spec.Mask {
	data := make([]bool, product(axes))
	for k := range data {
		data[k] = f(k)
	}
	return spec.GridOf(queries, data, axes...)
}

func product(axes []int) int {
	count := 1
	for _, n := range axes {
		count *= n
	}
	return count
}

// bias adds a bias with the given axes, aligned from the right; every hide-th of
// its elements is −Inf, none for 0.
func (c testCase) bias(hide int, axes ...int) testCase {
	count := product(axes)
	data := make([]float32, count)
	for k, x := range (gen.Fill{Kind: gen.Normal, Seed: uint16(count)}).Matrix(1, count).Data {
		data[k] = float32(x)
		if hide > 0 && k%hide == hide-1 {
			data[k] = float32(math.Inf(-1))
		}
	}
	c.opt.Bias, c.biasAxes = spec.GridOf(c.q.Shape[2], data, axes...), axes
	return c
}

// keep drops the weights that f does not keep, and multiplies the others.
func (c testCase) keep(scale float64, f func(i, j int) bool) testCase {
	n := c.keys()
	return c.keepOf(scale, func(k int) bool { return f(k/n, k%n) }, c.q.Shape[2], n)
}

// keepOf is keep for a grid with the given axes, aligned from the right.
func (c testCase) keepOf(scale float64, f func(k int) bool, axes ...int) testCase {
	c.opt.Keep, c.opt.KeepScale, c.keepAxes = gridOf(c.q.Shape[2], f, axes), scale, axes
	return c
}

// options lets f set options.
func (c testCase) options(f func(o *spec.AttentionOptions)) testCase {
	f(&c.opt)
	return c
}

// withLSE asks for log-sum-exps, too.
func (c testCase) withLSE() testCase {
	c.lse = true
	return c
}

// causal sets the causal rule.
func (c testCase) causal(offset int) testCase {
	c.opt.Causal, c.opt.Offset = true, offset
	return c
}

// with returns c changed by f, its operands copied.
func (c testCase) with(comment string, f func(*testCase), flags ...string) testCase {
	for _, x := range []*tensor{&c.q, &c.k, &c.v} {
		*x = copied(*x)
	}
	c.comment, c.flags = comment, append([]string{}, flags...)
	f(&c)
	return c
}

// copied returns x with its own data.
func copied(x tensor) tensor {
	x.Data = append([]float64(nil), x.Data...)
	return x
}
