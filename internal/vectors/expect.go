package vectors

import (
	"fmt"
	"math"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// anyKernel covers every usual way of computing attention in float32: additions
// in any order, a maximum per row or an online softmax with blocks of any size,
// and up to 16 levels of joining partial results.
var anyKernel = spec.Profile{KeyBlock: 1, Merges: 16}

// expected is a result of a case. Without a bound, its bits are demanded.
type expected struct {
	name        string // what follows "expected" and "bound"
	shape       []int
	want, bound []float64
}

// expect returns the results of a case. They are computed with math/big, so that
// their bits depend on no machine; bounds are rounded up to 12 bits, which what
// machines differ by does not change. NaN is put where the reference says it
// belongs.
func (c testCase) expect() ([]expected, error) {
	if c.merged != nil {
		return c.merged.expect(), nil
	}
	plain := c.plain()
	kinds := []func() ([]expected, bool){plain.expectOutput}
	if c.lse {
		kinds = append(kinds, plain.expectLSE)
	}
	if c.stage != nil {
		kinds = append(kinds, plain.expectQK)
	}
	if c.dOut != nil {
		kinds = append(kinds, plain.expectGradients)
	}
	var out []expected
	for _, kind := range kinds {
		results, ok := kind()
		if !ok {
			return nil, fmt.Errorf("vectors: %q has no bound", c.comment)
		}
		out = append(out, results...)
	}
	if c.past != nil { // the present tokens are those of the plain case
		out = append(out, expected{"PresentKey", plain.k.Shape[:], plain.k.Data, nil}, expected{"PresentValue", plain.v.Shape[:], plain.v.Data, nil})
	}
	return out, nil
}

// plain returns the case with its keys and values one after the other: out of
// their pages, or behind the past ones.
func (c testCase) plain() testCase {
	switch {
	case c.pages != nil:
		c.k, c.v = reference.Tokens(c.k, *c.pages, &c.opt), reference.Tokens(c.v, *c.pages, &c.opt)
	case c.past != nil:
		c.opt = *c.opt.AfterPast(c.past[0].Shape[2])
		c.k, c.v = behind(c.past[0], c.k), behind(c.past[1], c.v)
	}
	return c
}

// behind returns the tokens of both, those of past first.
func behind(past, fresh tensor) tensor {
	out := spec.NewTensor[float64](fresh.Shape[0], fresh.Shape[1], past.Shape[2]+fresh.Shape[2], fresh.Shape[3])
	for row := range fresh.Shape[0] * fresh.Shape[1] {
		at := out.Data[row*out.Stride[1]:]
		copy(at, past.Data[row*past.Stride[1]:][:past.Stride[1]])
		copy(at[past.Stride[1]:], fresh.Data[row*fresh.Stride[1]:][:fresh.Stride[1]])
	}
	return out
}

func (c testCase) outShape() [4]int {
	return [4]int{c.q.Shape[0], c.q.Shape[1], c.q.Shape[2], c.v.Shape[3]}
}

// result returns a result: want, but NaN where marked is, and its bound, 0 where
// the result must be equal.
func (c testCase) result(name string, shape []int, want, marked, bound []float64) expected {
	for e := range want {
		switch {
		case math.IsNaN(marked[e]):
			want[e], bound[e] = math.NaN(), 0
		case c.exact:
			bound[e] = 0
		default:
			bound[e] = roundUp(bound[e])
		}
	}
	return expected{name, shape, want, bound}
}

// expectOutput returns the attention itself.
func (c testCase) expectOutput() ([]expected, bool) {
	q, k, v := finite(c.q), finite(c.k), finite(c.v)
	want, marked := zeros(c.outShape()), zeros(c.outShape())
	precise.Implementation().Attention.Attend(want, q, k, v, &c.opt)
	reference.Attention(marked, c.q, c.k, c.v, &c.opt)
	bound, ok := reference.AttentionBound(q, k, v, &c.opt, anyKernel, reference.RoundingOf[float32](), reference.InputError{})
	return []expected{c.result("", want.Shape[:], want.Data, marked.Data, bound.Data)}, ok
}

// expectLSE returns log Σ exp of the logits of each query.
func (c testCase) expectLSE() ([]expected, bool) {
	q, k, v := finite(c.q), finite(c.k), finite(c.v)
	shape := c.outShape()
	shape[3] = 1
	want, marked, out := zeros(shape), zeros(shape), zeros(c.outShape())
	precise.Implementation().AttentionLSE(out, want, q, k, v, &c.opt)
	reference.AttentionLSE(out, marked, c.q, c.k, c.v, &c.opt)
	bound, ok := reference.AttentionLSEBound(q, k, &c.opt, anyKernel, reference.RoundingOf[float32]())
	return []expected{c.result("LSE", shape[:3], want.Data, marked.Data, bound.Data)}, ok
}

// expectQK returns the products of queries and keys at the stage of the case. A
// key that is not allowed is −Inf among the logits and +0 among the weights,
// exactly.
func (c testCase) expectQK() ([]expected, bool) {
	q, k, v := finite(c.q), finite(c.k), finite(c.v)
	shape := [4]int{c.q.Shape[0], c.q.Shape[1], c.q.Shape[2], c.k.Shape[2]}
	want, marked, out := zeros(shape), zeros(shape), zeros(c.outShape())
	precise.Implementation().AttentionQK(out, want, q, k, v, *c.stage, &c.opt)
	reference.AttentionQK(out, marked, c.q, c.k, c.v, *c.stage, &c.opt)
	bound, ok := reference.AttentionQKBound(q, k, *c.stage, &c.opt, anyKernel, reference.RoundingOf[float32]())
	for e := range bound.Data {
		j, i, h := e%shape[3], e/shape[3]%shape[2], e/shape[3]/shape[2]%shape[1]
		if *c.stage >= spec.QKLogits && !c.opt.Allowed(e/shape[3]/shape[2]/shape[1], h, i, j) {
			bound.Data[e] = 0
		}
	}
	return []expected{c.result("QK", shape[:], want.Data, marked.Data, bound.Data)}, ok
}

// expectGradients returns the gradients in all operands.
func (c testCase) expectGradients() ([]expected, bool) {
	q, k, v, dOut := finite(c.q), finite(c.k), finite(c.v), finite(*c.dOut)
	want, marked, bound := spec.NewAttentionGradients(q, k, v, &c.opt), spec.NewAttentionGradients(q, k, v, &c.opt), spec.NewAttentionGradients(q, k, v, &c.opt)
	precise.Implementation().AttentionBackward(want, dOut, q, k, v, &c.opt)
	reference.Implementation().AttentionBackward(marked, *c.dOut, c.q, c.k, c.v, &c.opt)
	ok := reference.AttentionBackwardBound(bound, dOut, q, k, v, &c.opt, anyKernel, reference.RoundingOf[float32]())
	out := []expected{
		c.result("DQuery", q.Shape[:], want.Query.Data, marked.Query.Data, bound.Query.Data),
		c.result("DKey", k.Shape[:], want.Key.Data, marked.Key.Data, bound.Key.Data),
		c.result("DValue", v.Shape[:], want.Value.Data, marked.Value.Data, bound.Value.Data),
	}
	if want.Bias != nil {
		out = append(out, c.result("DBias", c.biasAxes, want.Bias.Data, marked.Bias.Data, bound.Bias.Data))
	}
	if want.Sinks != nil {
		out = append(out, c.result("DSinks", []int{len(want.Sinks)}, want.Sinks, marked.Sinks, bound.Sinks))
	}
	return out, ok
}

// expect returns the two parts joined. What an empty part holds is not used, and
// the other part is the result to the bit.
func (p *parts) expect() []expected {
	o1, o2 := finite(p.o1), finite(p.o2)
	want, lse := zeros(o1.Shape), zeros(p.l1.Shape)
	precise.Implementation().MergeAttention(want, lse, o1, p.l1, o2, p.l2)
	bound := reference.MergeBound(o1, p.l1, o2, p.l2, reference.MergeErrors{}, reference.MergeErrors{}, reference.RoundingOf[float32]())
	plain := testCase{}
	return []expected{
		plain.result("", want.Shape[:], want.Data, want.Data, bound.Output.Data),
		plain.result("LSE", lse.Shape[:3], lse.Data, lse.Data, bound.LSE.Data),
	}
}

func zeros(shape [4]int) tensor {
	return spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3])
}

// finite returns x with 0 for NaN.
func finite(x tensor) tensor {
	out := copied(x)
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
