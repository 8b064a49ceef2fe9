package precise_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

type (
	matrix = spec.Matrix[float64]
	tensor = spec.Tensor[float64]
)

// draws makes operands of size 1.
type draws struct{ *rand.Rand }

func (r draws) numbers(n int) []float64 {
	out := make([]float64, n)
	for k := range out {
		out[k] = r.NormFloat64()
	}
	return out
}

func (r draws) matrix(rows, cols int) matrix {
	return matrix{Rows: rows, Cols: cols, Stride: cols, Data: r.numbers(rows * cols)}
}

func (r draws) tensor(batch, heads, n, d int) tensor {
	t := spec.NewTensor[float64](batch, heads, n, d)
	copy(t.Data, r.numbers(len(t.Data)))
	return t
}

// operations are all that Implementation offers, each at one case of every kind
// that its code tells apart: what they store.
func operations() map[string]func(im *spec.Implementation[float64]) []float64 {
	type impl = *spec.Implementation[float64]
	r := draws{rand.New(rand.NewPCG(1, 2))}
	const n, d, eta = 4, 3, 0.75
	y, v, w, b, a := r.matrix(n, d), r.matrix(n, d), r.matrix(d, d), r.matrix(n, d), r.matrix(d, 2)
	k := r.matrix(n, n)
	for e, x := range k.Data {
		k.Data[e] = max(0, x)
	}
	copy(k.Row(1), make([]float64, n)) // a token that nobody weighs
	stored := func(rows, cols int, f func(dst matrix)) []float64 {
		dst := spec.NewMatrix[float64](rows, cols)
		f(dst)
		return dst.Data
	}
	out := map[string]func(im impl) []float64{}
	for name, a := range map[string]matrix{"": {}, " weighted": a} {
		out["interaction"+name] = func(im impl) []float64 {
			f := im.Interaction
			all := []float64{f.Energy(y, a), f.Majorizer(y, v, a)}
			all = append(all, stored(n, d, func(dst matrix) { f.Gradient(dst, y, a) })...)
			all = append(all, stored(n, d, func(dst matrix) { f.HessianVector(dst, y, a, v) })...)
			all = append(all, stored(n, n, func(dst matrix) { f.Weights(dst, y, a) })...)
			return append(all, stored(n, d, func(dst matrix) { f.Step(dst, y, a, eta) })...)
		}
		out["ridge"+name] = func(im impl) []float64 {
			return append(stored(n, d, func(dst matrix) { im.Ridge.Step(dst, y, a, 0.5, eta) }), im.Ridge.Energy(y, a, 0.5))
		}
		out["layer"+name] = func(im impl) []float64 {
			f := im.Layer
			all := []float64{f.Energy(y, a, w, b)}
			for _, relu := range []bool{false, true} {
				all = append(all, stored(n, d, func(dst matrix) { f.Step(dst, y, a, w, b, eta, 0.25, relu) })...)
				all = append(all, stored(n, d, func(dst matrix) { f.ParallelStep(dst, y, a, w, b, eta, relu) })...)
			}
			return all
		}
		out["sphere"+name] = func(im impl) []float64 {
			return append(stored(n, d, func(dst matrix) { im.Sphere.WeightedStep(dst, y, a, 1.5, eta) }),
				stored(n, d, func(dst matrix) { im.Sphere.Step(dst, y, 1.5, eta) })...)
		}
	}
	out["channels"] = func(im impl) []float64 {
		return stored(n, d, func(dst matrix) { im.Ridge.ChannelStep(dst, y, []float64{0.5, 0, 2}, 0.5, eta) })
	}
	out["masked"] = func(im impl) []float64 {
		all := stored(n, d, func(dst matrix) { im.Masked.FrozenStep(dst, y, v, eta) })
		all = append(all, stored(n, d, func(dst matrix) { im.Masked.CausalStep(dst, y, eta) })...)
		return append(all, stored(n, d, func(dst matrix) { im.Masked.SymmetricStep(dst, y, k, eta) })...)
	}
	heads := []matrix{{}, a, spec.NewMatrix[float64](d, 1), r.matrix(d, 4)}
	out["heads"] = func(im impl) (all []float64) {
		for _, step := range []func(dst, y matrix, a []matrix, eta float64){im.Heads.Step, im.Heads.AverageStep, im.Heads.SumStep, im.Heads.NormalizedStep} {
			all = append(all, stored(n, d, func(dst matrix) { step(dst, y, heads, eta) })...)
			all = append(all, stored(n, d, func(dst matrix) { step(dst, y, nil, eta) })...)
		}
		all = append(all, stored(n, d, func(dst matrix) { im.Heads.Step(dst, y, heads[2:3], eta) })...)
		return append(all, stored(n, d, func(dst matrix) { im.Heads.ConcatStep(dst, y, []int{0, 1, 1, d}, eta) })...)
	}
	out["sphere attention"] = func(im impl) []float64 {
		return append(stored(n, d, func(dst matrix) { im.Sphere.AttentionStep(dst, y, w, matrix{}, 1.5, -0.5) }),
			stored(n, d, func(dst matrix) { im.Sphere.AttentionStep(dst, y, matrix{}, w, 1.5, 2) })...)
	}
	seen := []bool{true, false, true, true}
	for name, visible := range map[string][]bool{"": nil, " masked": seen, " blind": make([]bool, n)} {
		out["hopfield"+name] = func(im impl) []float64 {
			f := im.Hopfield
			return append(stored(n, 1, func(dst matrix) { f.Energy(dst, y, v, visible, 1.75) }),
				stored(n, d, func(dst matrix) { f.Step(dst, y, v, visible, 1.75, eta) })...)
		}
	}
	near, far := spec.MatrixOf(y.Row(0)), spec.MatrixOf(v.Row(0), v.Row(1)) // states that squares of patterns would swallow
	for e := range d {
		near.Set(0, e, near.At(0, e)*0x1p-90)
		far.Set(0, e, far.At(0, e)*0x1p90)
	}
	out["hopfield of large patterns"] = func(im impl) []float64 {
		return append(stored(1, 1, func(dst matrix) { im.Hopfield.Energy(dst, near, far, nil, 2) }),
			stored(1, d, func(dst matrix) { im.Hopfield.Step(dst, near, far, nil, 2, 1) })...)
	}
	out["feed-forward"] = func(im impl) []float64 {
		f := im.FeedForward
		all := append(stored(n, d, func(dst matrix) { f.Gradient(dst, y, w, b) }), f.Energy(y, w, b))
		return append(all, stored(n, d, func(dst matrix) { f.Step(dst, y, w, b, eta) })...)
	}
	out["prox"] = func(im impl) (all []float64) {
		for _, lambda := range []float64{-1, 0, 0.25} {
			all = append(all, stored(n, d, func(dst matrix) { im.Prox.Step(dst, y, w, b, lambda, eta) })...)
		}
		for _, act := range append(spec.ProxActivations[:len(spec.ProxActivations):len(spec.ProxActivations)], spec.OtherActivations...) {
			x := []float64{-8, -3, -1.5, -1, -0.25, -0x1p-30, 0, 0x1p-30, 0.5, 1, 2.5, 3, 6.5, math.Inf(1), math.Inf(-1), math.NaN()}
			dst := make([]float64, len(x))
			im.Prox.Apply(dst, x, act)
			all = append(all, dst...)
		}
		for _, act := range spec.ProxActivations {
			for _, p := range []float64{-2, -1, -0.75, -0.25, 0, 0.25, 0.5, 0.875, 1, 2, 6, 7} {
				all = append(all, im.Prox.Penalty(p, act))
			}
		}
		return all
	}
	quadratic := func() spec.Quadratic[float64] {
		m := r.matrix(d, d)
		for i := range d {
			for j := range i {
				m.Set(i, j, m.At(j, i))
			}
		}
		return spec.Quadratic[float64]{K: m, B: r.matrix(1, d)}
	}
	f, g := quadratic(), quadratic()
	point := r.matrix(1, d)
	out["alternating"] = func(im impl) []float64 {
		return append(stored(1, d, func(dst matrix) { im.Alternating.Step(dst, point, f, g, eta, 0.5) }),
			stored(1, d, func(dst matrix) { im.Alternating.ReLUStep(dst, point, f, g, eta, 0.5) })...)
	}
	small := r.matrix(d, d)
	for e := range small.Data {
		small.Data[e] /= 8 // of norm less than 1
	}
	bias := r.matrix(1, d)
	out["asymmetric"] = func(im impl) []float64 {
		f := im.Asymmetric
		all := stored(n, d, func(dst matrix) { f.Apply(dst, y, w) })
		all = append(all, stored(2*d, 2*d, func(dst matrix) { f.Dilate(dst, small) })...)
		h := stored(d, d, func(h matrix) {
			all = append(all, stored(d, d, func(q matrix) {
				basis := spec.MatrixOf([]float64{0, 1, 0.5}, []float64{2, 0.25, 0}, []float64{0, 0, 1}) // a pivot is 0
				f.Precondition(h, q, basis, []float64{0.5, -1, 2})
			})...)
		})
		all = append(all, h...)
		all = append(all, stored(n, d, func(dst matrix) { f.EquilibriumStep(dst, y, w, bias, eta) })...)
		for _, normalized := range []bool{false, true} {
			all = append(all, stored(n, d, func(dst matrix) { f.AttentionMap(dst, v, small, normalized) })...)
		}
		return all
	}
	logits := []float64{1, -2, 0.5, math.Inf(-1), -800, 3, -1e5, -1e7, -0x1p60}
	out["softmax"] = func(im impl) []float64 {
		dst, log := make([]float64, len(logits)), make([]float64, len(logits))
		im.Softmax(dst, logits)
		im.LogSoftmax(log, logits)
		none := []float64{math.Inf(-1), math.Inf(-1)}
		im.Softmax(none, none)
		return append(append(dst, log...), none...)
	}
	gain, shift := r.numbers(d), r.numbers(d)
	out["norms"] = func(im impl) []float64 {
		return append(stored(n, d, func(dst matrix) { im.LayerNorm(dst, y, gain, shift, 0.125) }),
			stored(n, d, func(dst matrix) { im.RMSNorm(dst, y, gain, 0.125) })...)
	}
	out["linear"] = func(im impl) []float64 {
		dst := make([]float64, 6)
		im.ReLU(dst, []float64{-1, 0, 2, math.NaN(), math.Inf(-1), math.Inf(1)})
		dst = append(dst, stored(n, 2, func(dst matrix) { im.Linear(dst, y, a, nil) })...)
		return append(dst, stored(n, 2, func(dst matrix) { im.Linear(dst, y, a, gain[:2]) })...)
	}
	out["positions"] = func(im impl) []float64 {
		all := stored(n, 5, func(dst matrix) { im.Positions(dst, 2, 100) })
		all = append(all, stored(2, 4, func(dst matrix) { im.Positions(dst, -3, 1e4) })...)
		src := matrix{Rows: 2, Cols: 5, Stride: 5, Data: []float64{1, 2, -3, 0.5, 7, 0, 1, 1, -1, 4}}
		for _, layout := range []spec.Layout{spec.HalfLayout, spec.InterleavedLayout} {
			all = append(all, stored(2, 5, func(dst matrix) { im.Rope(dst, src, spec.Rotary{Layout: layout, Dims: 4, Base: 100, Offset: -1}) })...)
		}
		return all
	}
	out["gated"] = func(im impl) (all []float64) {
		for _, act := range spec.GateActivations {
			all = append(all, stored(n, 2, func(dst matrix) { im.Gated(dst, y, w, small, a, act) })...)
		}
		return all
	}
	out["residual"] = func(im impl) []float64 {
		x := spec.MatrixOf([]float64{1, math.Copysign(0, -1), math.Inf(1), 0x1p1023, 0x1p-1074, 3})
		y := spec.MatrixOf([]float64{0x1p-60, math.Copysign(0, -1), math.Inf(-1), 0x1p1023, 0x1p-1074, -3})
		return stored(1, 6, func(dst matrix) { im.Residual(dst, x, y) })
	}
	return out
}

// same reports whether got is want up to a few roundings of numbers of size 1.
func same(got, want float64) bool {
	const allowed = 256 * 0x1p-53
	return got == want || math.IsNaN(got) && math.IsNaN(want) || !math.IsInf(want, 0) && math.Abs(got-want) <= allowed*(1+math.Abs(want))
}

// TestReferenceAgrees compares every operation with the reference, which computes
// it in another arithmetic and another form.
func TestReferenceAgrees(t *testing.T) {
	for name, f := range operations() {
		got, want := f(precise.Implementation()), f(reference.Implementation())
		for k := range want {
			if !same(got[k], want[k]) {
				t.Errorf("%s: number %d: %v, reference %v", name, k, got[k], want[k])
			}
		}
	}
}
