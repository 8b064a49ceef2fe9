package reference_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
)

// backwardCase is an attention with a gradient of its output.
type backwardCase struct {
	dOut, q, k, v spec.Tensor[float64]
	opt           spec.AttentionOptions
}

// numbers lists the operands that have gradients, all in a row.
func (o *backwardCase) numbers() (out []*float64) {
	for _, t := range []spec.Tensor[float64]{o.q, o.k, o.v} {
		for n := range t.Data {
			out = append(out, &t.Data[n])
		}
	}
	return out
}

// gradients returns the gradients as the implementation stores them, and those of
// query, key and value in the order of numbers.
func (o *backwardCase) gradients(im *spec.Implementation[float64]) (spec.AttentionGradients[float64], []float64) {
	g := spec.NewAttentionGradients(o.q, o.k, o.v, &o.opt)
	im.AttentionBackward(g, o.dOut, o.q, o.k, o.v, &o.opt)
	return g, append(append(append([]float64(nil), g.Query.Data...), g.Key.Data...), g.Value.Data...)
}

// output returns ⟨dOut, O⟩.
func (o *backwardCase) output() float64 {
	dst := spec.NewTensor[float64](o.dOut.Shape[0], o.dOut.Shape[1], o.dOut.Shape[2], o.dOut.Shape[3])
	reference.Attention(dst, o.q, o.k, o.v, &o.opt)
	var sum float64
	for n, x := range dst.Data {
		sum += o.dOut.Data[n] * x
	}
	return sum
}

// backwardCases have every option, alone and together.
func backwardCases() map[string]*backwardCase {
	const batch, heads, keyHeads, m, n = 2, 4, 2, 3, 5
	r := rand.New(rand.NewPCG(11, 12))
	grid := func(axes ...int) *spec.Bias {
		size := 1
		for _, a := range axes {
			size *= a
		}
		g := spec.GridOf(m, make([]float32, size), axes...)
		for e := range g.Data {
			g.Data[e] = float32(r.NormFloat64())
		}
		return g
	}
	hiding := grid(batch, heads, m, n)
	for e := range hiding.Data {
		if e%3 == 0 || e/n%4 == 1 { // whole rows, too
			hiding.Data[e] = float32(math.Inf(-1))
		}
	}
	keep := spec.GridOf(m, make([]bool, heads*m*n), heads, m, n)
	for e := range keep.Data {
		keep.Data[e] = r.IntN(3) > 0
	}
	mask := spec.GridOf(m, make([]bool, m*n), m, n)
	for e := range mask.Data {
		mask.Data[e] = r.IntN(3) > 0
	}
	out := map[string]*backwardCase{}
	for name, opt := range map[string]spec.AttentionOptions{
		"plain":      {},
		"mask":       {Mask: mask},
		"causal":     {Causal: true, Offset: -1},
		"offsets":    {Causal: true, Offsets: []int{2, -2}},
		"window":     {Window: &spec.Window{Left: 1, Right: 0}, Offset: 2},
		"lengths":    {KeyLengths: []int{3, 0}},
		"softcap":    {Softcap: 0.7},
		"bias":       {Bias: grid(1, heads, 1, n)},
		"short bias": {Bias: grid(batch, 1, m, 3)},
		"hiding":     {Bias: hiding},
		"slopes":     {Slopes: []float32{1, 0.5, 0.25, -1}},
		"sinks":      {Sinks: []float32{0, 2, float32(math.Inf(-1)), -1}, Mask: mask},
		"keep":       {Keep: keep, KeepScale: 1.5},
		"sequences":  {Sequences: &spec.Sequences{Queries: []int{0, 1, 1, 3}, Keys: []int{0, 2, 3, 5}}, Causal: true, Offsets: []int{1, 0, 0}, Slopes: []float32{1, 0.5, 0.25, -1}},
		"all": {Causal: true, Offset: 1, Softcap: 1.25, Bias: hiding, Slopes: []float32{1, 0.5, 0.25, -1},
			Sinks: []float32{0, 2, -3, -1}, Keep: keep, KeepScale: 1.5, KeyLengths: []int{5, 4}},
	} {
		batch := batch
		if opt.Sequences != nil {
			batch = 1
		}
		o := &backwardCase{opt: opt, dOut: spec.NewTensor[float64](batch, heads, m, 2), q: spec.NewTensor[float64](batch, heads, m, 3),
			k: spec.NewTensor[float64](batch, keyHeads, n, 3), v: spec.NewTensor[float64](batch, keyHeads, n, 2)}
		o.opt.Scale = 0.75
		for _, t := range []spec.Tensor[float64]{o.dOut, o.q, o.k, o.v} {
			for e := range t.Data {
				t.Data[e] = r.NormFloat64()
			}
		}
		out[name] = o
	}
	return out
}

// TestAttentionBackwardByDifferences compares every gradient with central
// differences of ⟨dOut, O⟩.
func TestAttentionBackwardByDifferences(t *testing.T) {
	// Central differences with step 6e-6 are off by about the step squared times a
	// third derivative, and by what the sum is rounded divided by the step.
	const allowed = 1e-8
	differences := func(numbers []*float64, f func() float64) []float64 {
		x := make([]float64, len(numbers))
		for n, at := range numbers {
			x[n] = *at
		}
		set := func(x []float64) {
			for n, at := range numbers {
				*at = x[n]
			}
		}
		defer set(append([]float64(nil), x...))
		return fd.Gradient(nil, func(x []float64) float64 { set(x); return f() }, x, &fd.Settings{Formula: fd.Central})
	}
	for name, o := range backwardCases() {
		g, got := o.gradients(reference.Implementation())
		want := differences(o.numbers(), o.output)
		// Bias and sinks are float32: the differences are taken by a step of their own.
		step := func(x *float32) float64 {
			const h = 0x1p-12
			old := *x
			defer func() { *x = old }()
			*x = old + h
			high, at := o.output(), float64(*x)
			*x = old - h
			return (high - o.output()) / (at - float64(*x))
		}
		for n := range got {
			if !(math.Abs(got[n]-want[n]) <= allowed) {
				t.Errorf("%s: number %d: %v by differences, %v by the formula", name, n, want[n], got[n])
			}
		}
		const coarse = 1e-6 // the step is 2⁻¹² here
		if bias := o.opt.Bias; bias != nil {
			for e := range bias.Data {
				want := 0.0
				if !math.IsInf(float64(bias.Data[e]), -1) {
					want = step(&bias.Data[e])
				}
				if !(math.Abs(g.Bias.Data[e]-want) <= coarse) {
					t.Errorf("%s: bias %d: %v by differences, %v by the formula", name, e, want, g.Bias.Data[e])
				}
			}
		}
		for h := range o.opt.Sinks {
			if want := step(&o.opt.Sinks[h]); !math.IsInf(float64(o.opt.Sinks[h]), -1) && !(math.Abs(g.Sinks[h]-want) <= coarse) {
				t.Errorf("%s: sink %d: %v by differences, %v by the formula", name, h, want, g.Sinks[h])
			}
		}
	}
}

// TestAttentionBackwardPrecise compares the two methods: they agree but for a few
// roundings of numbers of size 1.
func TestAttentionBackwardPrecise(t *testing.T) {
	const allowed = 64 * 0x1p-53
	for name, o := range backwardCases() {
		g, got := o.gradients(reference.Implementation())
		p, want := o.gradients(precise.Implementation())
		if g.Bias != nil {
			got, want = append(got, g.Bias.Data...), append(want, p.Bias.Data...)
		}
		got, want = append(got, g.Sinks...), append(want, p.Sinks...)
		for n := range got {
			if !(math.Abs(got[n]-want[n]) <= allowed*(1+math.Abs(want[n]))) {
				t.Errorf("%s: number %d: %v, precise %v", name, n, got[n], want[n])
			}
		}
	}
}

// TestAttentionBackwardAdjoint requires ⟨J·direction, dOut⟩ = ⟨direction, Jᵀ·dOut⟩,
// J the derivative of the output in all operands, formed without the backward
// pass: by differences of the output in one direction.
func TestAttentionBackwardAdjoint(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for name, o := range backwardCases() {
		_, g := o.gradients(reference.Implementation())
		numbers := o.numbers()
		direction, at := make([]float64, len(g)), make([]float64, len(g))
		var want float64
		for n := range direction {
			direction[n], at[n] = r.NormFloat64(), *numbers[n]
			want += direction[n] * g[n]
		}
		got := fd.Derivative(func(s float64) float64 {
			for n := range numbers {
				*numbers[n] = at[n] + s*direction[n]
			}
			return o.output()
		}, 0, &fd.Settings{Formula: fd.Central})
		for n := range numbers {
			*numbers[n] = at[n]
		}
		if !(math.Abs(got-want) <= 1e-7*(1+math.Abs(want))) { // central differences, as above; 200 numbers move
			t.Errorf("%s: %v by differences along a direction, %v by the gradients", name, got, want)
		}
	}
}

// TestAttentionBackwardByHand works one query over two keys with weights ¼ and ¾
// by hand: dP = (4, 0)·dOut = 8, dX = ¼·¾·8 = 1.5 and −1.5.
func TestAttentionBackwardByHand(t *testing.T) {
	o := &backwardCase{dOut: oneHead([]float64{2}), q: oneHead([]float64{2, 1}), k: oneHead([]float64{0, 4}, []float64{math.Log(3), 4}),
		v: oneHead([]float64{4}, []float64{0}), opt: spec.AttentionOptions{Scale: 0.5, Bias: spec.GridOf(1, make([]float32, 2), 2)}}
	want := []float64{-0.75 * math.Log(3), 0, 1.5, 0.75, -1.5, -0.75, 0.5, 1.5, 1.5, -1.5}
	for _, im := range []*spec.Implementation[float64]{reference.Implementation(), precise.Implementation()} {
		g, got := o.gradients(im)
		for n, x := range append(got, g.Bias.Data...) {
			if !(math.Abs(x-want[n]) <= 16*0x1p-53) {
				t.Errorf("%s: number %d is %v, not %v", im.Name, n, x, want[n])
			}
		}
	}
}
