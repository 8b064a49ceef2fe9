package reference_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// backward32 is one way of computing the gradients of one head in float32.
type backward32 struct {
	name    string
	profile spec.Profile
	order   string // of sums: "" from the first to the last, "back", "halves", "fused"
	shifted bool   // weights exp(x − lse)
	dotOut  bool   // D = dOut·O
	scale   string // "" on the sums, "logit" on dY, "operand" on q and k
	folded  bool   // keep factors on the weight: dX = (f·a)·dP − a·D
	slope   string // "" 1 − t², "cosh" 1/cosh², "capped" t from the capped logit
}

var backwards32 = []backward32{
	{name: "plain"},
	{name: "backwards", order: "back", scale: "logit"},
	{name: "halves", order: "halves", dotOut: true, slope: "cosh"},
	{name: "fused", order: "fused", shifted: true, scale: "logit", slope: "capped"},
	{name: "flash", order: "fused", shifted: true, dotOut: true, scale: "operand"},
	{name: "shifted", shifted: true, folded: true},
	{name: "folded", folded: true, dotOut: true, order: "halves", scale: "operand", slope: "capped"},
}

// dot returns Σ xₗyₗ.
func (f backward32) dot(x, y []float32) float32 {
	if f.order == "halves" && len(x) > 1 {
		n := len(x) / 2
		return f.dot(x[:n], y[:n]) + f.dot(x[n:], y[n:])
	}
	var s float32
	for l := range x {
		if f.order == "back" {
			l = len(x) - 1 - l
		}
		if f.order == "fused" {
			s = float32(math.FMA(float64(x[l]), float64(y[l]), float64(s)))
		} else {
			s += float32(x[l] * y[l])
		}
	}
	return s
}

// exp is off by up to 3u as the bits of its argument decide, and then rounded.
func (f backward32) exp(x float32) float32 { return kernel32{}.exp(x) }

// gradients computes the gradients of an attention with one head.
func (f backward32) gradients(dOut, q, k, v [][]float32, opt *spec.AttentionOptions) (dQ, dK, dV [][]float32, bias []float32, sink float32) {
	m, n := len(q), len(k)
	s := float32(opt.Scale)
	column := func(x [][]float32, c int) []float32 {
		out := make([]float32, len(x))
		for l := range x {
			out[l] = x[l][c]
		}
		return out
	}
	scaled := func(x [][]float32) [][]float32 {
		out := make([][]float32, len(x))
		for l := range x {
			for _, e := range x[l] {
				out[l] = append(out[l], e*s)
			}
		}
		return out
	}
	dY, kept := make([][]float32, m), make([][]float32, m)
	for i := range q {
		x, a, dP, slope, keep := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		for j := range k {
			if f.scale == "operand" {
				x[j] = f.dot(scaled(q)[i], k[j])
			} else {
				x[j] = f.dot(q[i], k[j]) * s
			}
			slope[j] = 1
			if opt.Softcap != 0 {
				c := float32(opt.Softcap)
				y := x[j]
				t := float32(math.Tanh(float64(y / c)))
				x[j] = c * t
				switch f.slope {
				case "cosh":
					h := float32(math.Cosh(float64(y / c)))
					slope[j] = 1 / float32(h*h)
				case "capped":
					t = x[j] / c
					fallthrough
				default:
					slope[j] = 1 - float32(t*t)
				}
			}
			keep[j] = float32(opt.KeepFactor(0, 0, i, j))
		}
		top := float32(opt.SinkAt(0))
		for _, e := range x {
			top = max(top, e)
		}
		ones := make([]float32, 0, n+1)
		for j := range x {
			a[j] = f.exp(x[j] - top)
			ones = append(ones, 1)
		}
		terms := a
		part := float32(0)
		if opt.Sinks != nil {
			part = f.exp(opt.Sinks[0] - top)
			terms, ones = append(slices.Clone(a), part), append(ones, 1)
		}
		den := f.dot(terms, ones)
		lse := top + float32(math.Log(float64(den)))
		for j := range a {
			if f.shifted {
				a[j] = f.exp(x[j] - lse)
			} else {
				a[j] /= den
			}
		}
		if opt.Sinks != nil {
			if part /= den; f.shifted {
				part = f.exp(opt.Sinks[0] - lse)
			}
		}
		kept[i] = make([]float32, n)
		for j := range a {
			kept[i][j] = keep[j] * a[j]
			if dP[j] = f.dot(dOut[i], v[j]); !f.folded {
				dP[j] *= keep[j]
			}
		}
		var mean float32
		switch {
		case f.dotOut:
			out := make([]float32, len(v[0]))
			for c := range out {
				out[c] = f.dot(kept[i], column(v, c))
			}
			mean = f.dot(dOut[i], out)
		case f.folded:
			mean = f.dot(kept[i], dP)
		default:
			mean = f.dot(a, dP)
		}
		dY[i] = make([]float32, n)
		for j := range a {
			dX := float32(a[j] * (dP[j] - mean))
			if f.folded {
				dX = float32(kept[i][j]*dP[j]) - float32(a[j]*mean)
			}
			bias = append(bias, dX)
			if dY[i][j] = dX * slope[j]; f.scale == "logit" {
				dY[i][j] *= s
			}
		}
		sink -= float32(part * mean)
	}
	ks, qs := k, q
	if f.scale == "operand" {
		ks, qs = scaled(k), scaled(q)
	}
	finish := func(x float32) float32 {
		if f.scale == "" {
			return x * s
		}
		return x
	}
	for i := range q {
		dQ = append(dQ, nil)
		for c := range q[i] {
			dQ[i] = append(dQ[i], finish(f.dot(dY[i], column(ks, c))))
		}
	}
	for j := range k {
		dK, dV = append(dK, nil), append(dV, nil)
		for c := range k[j] {
			dK[j] = append(dK[j], finish(f.dot(column(dY, j), column(qs, c))))
		}
		for c := range v[j] {
			dV[j] = append(dV[j], f.dot(column(kept, j), column(dOut, c)))
		}
	}
	return dQ, dK, dV, bias, sink
}

// tokens32 returns rows as a tensor of one head.
func tokens32(rows [][]float32) spec.Tensor[float64] {
	t := spec.NewTensor[float64](1, 1, len(rows), len(rows[0]))
	for i := range rows {
		for c, x := range rows[i] {
			t.Set(0, 0, i, c, float64(x))
		}
	}
	return t
}

// backwardRatio returns the largest err/bound of the gradients of one kernel, and
// whether there is a bound.
func backwardRatio(f backward32, dOut, q, k, v [][]float32, opt *spec.AttentionOptions) (ratio float64, ok bool) {
	gs, qs, ks, vs := tokens32(dOut), tokens32(q), tokens32(k), tokens32(v)
	full := *opt
	if full.Bias == nil {
		full.Bias = spec.GridOf(len(q), make([]float32, len(q)*len(k)), len(q), len(k))
	}
	bound, want := spec.NewAttentionGradients(qs, ks, vs, &full), spec.NewAttentionGradients(qs, ks, vs, &full)
	if !reference.AttentionBackwardBound(bound, gs, qs, ks, vs, &full, f.profile, reference.RoundingOf[float32]()) {
		return 0, false
	}
	reference.AttentionBackward(want, gs, qs, ks, vs, &full)
	dQ, dK, dV, bias, sink := f.gradients(dOut, q, k, v, opt)
	for _, x := range []struct{ got, want, bound []float64 }{
		{tokens32(dQ).Data, want.Query.Data, bound.Query.Data}, {tokens32(dK).Data, want.Key.Data, bound.Key.Data},
		{tokens32(dV).Data, want.Value.Data, bound.Value.Data}, {tokens32([][]float32{bias}).Data, want.Bias.Data, bound.Bias.Data},
		{[]float64{float64(sink)}, want.Sinks, bound.Sinks},
	} {
		for e := range x.want {
			r := math.Abs(x.got[e]-x.want[e]) / x.bound[e]
			if x.got[e] == x.want[e] {
				r = 0
			}
			if !(r <= ratio) {
				ratio = r
			}
		}
	}
	return ratio, true
}

// TestAttentionBackwardBoundUnderAttack changes single bits of the inputs so that
// an error comes as near to its bound as it can, for each way of computing and
// each kind of input: it must never get beyond.
func TestAttentionBackwardBoundUnderAttack(t *testing.T) {
	const steps, tries = 40, 2
	for _, name := range slices.Sorted(maps.Keys(sceneMakers)) {
		r, draw := rand.New(rand.NewPCG(15, 16)), sceneMakers[name]
		worst, bounded := 0.0, 0
		for _, f := range backwards32 {
			for try := range tries {
				m, n, d, dv := 1+r.IntN(4), 1+r.IntN(9), 1+r.IntN(6), 1+r.IntN(4)
				rows := func(count, channels int, x func(i, c int) float64) [][]float32 {
					out := make([][]float32, count)
					for i := range out {
						out[i] = make([]float32, channels)
						for c := range out[i] {
							out[i][c] = float32(x(i, c))
						}
					}
					return out
				}
				part := func(which int) func(i, c int) float64 {
					return func(i, c int) float64 {
						a, b, e := draw(r, i, c)
						return []float64{a, b, e}[which]
					}
				}
				q, k, v := rows(m, d, part(0)), rows(n, d, part(1)), rows(n, dv, part(2))
				dOut := rows(m, dv, part(r.IntN(3)))
				opt := &spec.AttentionOptions{Scale: spec.DefaultScale(d)}
				if try%2 == 1 {
					opt.Softcap = math.Ldexp(1, r.IntN(6)-2)
					opt.Sinks = []float32{float32(r.NormFloat64())}
					keep := make([]bool, m*n)
					for e := range keep {
						keep[e] = r.IntN(3) > 0
					}
					opt.Keep, opt.KeepScale = spec.GridOf(m, keep, m, n), 1.3
				}
				best := 0.0
				for range steps {
					all := [][][]float32{q, k, v, dOut}[r.IntN(4)]
					row := all[r.IntN(len(all))]
					x := &row[r.IntN(len(row))]
					old := *x
					*x = math.Float32frombits(math.Float32bits(old) ^ 1<<r.IntN(24))
					ratio, ok := backwardRatio(f, dOut, q, k, v, opt)
					if !ok || ratio < best {
						*x = old
						continue
					}
					best, bounded = ratio, bounded+1
				}
				if !(best <= 1) {
					t.Errorf("%s, %s: err/bound %v at dOut=%v q=%v k=%v v=%v softcap=%v", name, f.name, best, dOut, q, k, v, opt.Softcap)
				}
				worst = max(worst, best)
			}
		}
		t.Logf("%-12s err/bound up to %.3f, %d steps", name, worst, bounded)
	}
}
