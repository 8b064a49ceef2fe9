package vectors

import (
	"fmt"
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/reference/precise"
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

	biasShape []int // of opt.Bias: its axes, aligned from the right
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
	m, n := c.q.Shape[2], c.k.Shape[2]
	mask := &spec.Mask{Queries: m, Keys: n, Stride: n, Data: make([]bool, m*n)}
	for i := range m {
		for j := range n {
			mask.Data[i*n+j] = allowed(i, j)
		}
	}
	c.opt.Mask = mask
	return c
}

// bias adds a bias with the given axes, aligned from the right; every hide-th of
// its elements is −Inf, none for 0.
func (c testCase) bias(hide int, axes ...int) testCase {
	count := 1
	for _, n := range axes {
		count *= n
	}
	data := make([]float32, count)
	for k, x := range (gen.Fill{Kind: gen.Normal, Seed: uint16(count)}).Matrix(1, count).Data {
		data[k] = float32(x)
		if hide > 0 && k%hide == hide-1 {
			data[k] = float32(math.Inf(-1))
		}
	}
	c.opt.Bias, c.biasShape = spec.GridOf(c.q.Shape[2], data, axes...), axes
	return c
}

// keep drops the weights that f does not keep, and multiplies the others.
func (c testCase) keep(scale float64, f func(i, j int) bool) testCase {
	c.opt.Keep, c.opt.KeepScale = c.mask(f).opt.Mask, scale
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
		x.Data = append([]float64(nil), x.Data...)
	}
	c.comment, c.flags = comment, append([]string{}, flags...)
	f(&c)
	return c
}

// anyKernel covers every usual way of computing attention in float32: additions
// in any order, a maximum per row or an online softmax with blocks of any size,
// and up to 16 levels of joining partial results.
var anyKernel = spec.Profile{KeyBlock: 1, Merges: 16}

// expect returns the result and the bound on the error of each element. The
// result is computed with math/big, so that its bits depend on no machine; the
// bound is rounded up to 12 bits, which what machines differ by does not change.
// NaN is put where the reference says it belongs.
func (c testCase) expect() (want, bound tensor, err error) {
	q, k, v := finite(c.q), finite(c.k), finite(c.v)
	shape := [4]int{c.q.Shape[0], c.q.Shape[1], c.q.Shape[2], c.v.Shape[3]}
	want = spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3])
	marked := spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3])
	precise.Implementation().Attention.Attend(want, q, k, v, &c.opt)
	reference.Attention(marked, c.q, c.k, c.v, &c.opt)
	bound, ok := reference.AttentionBound(q, k, v, &c.opt, anyKernel, reference.RoundingOf[float32](), reference.InputError{})
	if !ok {
		return want, bound, fmt.Errorf("vectors: %q has no bound", c.comment)
	}
	for e := range want.Data {
		switch {
		case math.IsNaN(marked.Data[e]):
			want.Data[e], bound.Data[e] = math.NaN(), 0
		case c.exact:
			bound.Data[e] = 0
		default:
			bound.Data[e] = roundUp(bound.Data[e])
		}
	}
	return want, bound, nil
}

// expectLSE returns log Σ exp of the logits of each query and the bound on its
// error.
func (c testCase) expectLSE() (want, bound tensor, err error) {
	shape := [4]int{c.q.Shape[0], c.q.Shape[1], c.q.Shape[2], c.v.Shape[3]}
	out := spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3])
	want = spec.NewTensor[float64](shape[0], shape[1], shape[2], 1)
	precise.Implementation().AttentionLSE(out, want, c.q, c.k, c.v, &c.opt)
	bound, ok := reference.AttentionLSEBound(c.q, c.k, &c.opt, anyKernel, reference.RoundingOf[float32]())
	if !ok {
		return want, bound, fmt.Errorf("vectors: %q has no bound on its log-sum-exps", c.comment)
	}
	for e, x := range bound.Data {
		bound.Data[e] = roundUp(x)
	}
	return want, bound, nil
}

// finite returns x with 0 for NaN.
func finite(x tensor) tensor {
	out := x
	out.Data = append([]float64(nil), x.Data...)
	for k, e := range out.Data {
		if math.IsNaN(e) {
			out.Data[k] = 0
		}
	}
	return out
}

// roundUp returns the least number of 12 significant bits that is not below x.
func roundUp(x float64) float64 {
	const bits = 12
	if x == 0 {
		return 0
	}
	m, e := math.Frexp(x)
	return math.Ldexp(math.Ceil(math.Ldexp(m, bits)), e-bits)
}
