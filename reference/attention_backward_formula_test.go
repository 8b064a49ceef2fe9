package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// gradientBounds are the bounds of the gradients of one query in turn.
type gradientBounds struct {
	query, bias []float64
	key, value  [][]float64
	sink        float64
}

// backward follows AttentionBackwardBound's steps at what evaluate left, for the
// given number of equal queries.
func (f *formula) backward(queries int) gradientBounds {
	u, w, s := f.Unit, f.tiny(), math.Abs(f.opt.Scale)
	rounds, rescalings, kappa := 3.0, float64(f.p.Rescales(len(f.k))), 1.0
	if f.p.ScaleRoundings > 0 {
		rounds = float64(f.p.ScaleRoundings)
	}
	if f.opt.Sinks != nil {
		rescalings++
	}
	if f.p.Exp2 {
		kappa = 2
	}
	under := (rescalings + 2) * (w + f.p.WeightTiny)
	lse := f.m + f.logZ
	lambda := -math.Log1p(-f.b) + 4*u*(f.logZ+f.b) + 2*u*(math.Abs(lse)+f.b)
	weight := func(a, rho float64) float64 { // δa
		divided := (rho+f.b)/(1-f.b) + 2*u
		shifted := (1+rho)*math.Exp(lambda+kappa*u*(f.logZ+lambda)) - 1
		return a*(max(divided, shifted)+f.p.WeightUnit) + 2*under + 2*w
	}
	var da, p, dp, sizes, terms []float64
	var mean, move, values float64
	for l, j := range f.kept {
		keep := f.opt.KeepFactor(0, 0, 0, j)
		var parts []float64
		var x, e float64
		for c, d := range f.dOut {
			parts = append(parts, math.Abs(d*f.v[j][c]))
			x += d * f.v[j][c]
		}
		if keep != 0 {
			e = math.Abs(keep)*(f.sum(parts, 0)+3*u*total(parts)+w*float64(len(parts))) + w*(math.Abs(keep)+1)
		}
		da, p, dp = append(da, weight(f.a[l], f.rho[l])), append(p, keep*x), append(dp, e)
		sizes = append(sizes, math.Abs(keep)*total(parts)+e)
		mean += f.a[l] * keep * x
		move += da[l]*math.Abs(keep*x) + (f.a[l]+da[l])*e
		terms = append(terms, (f.a[l]+da[l])*(math.Abs(keep*x)+e))
		values += math.Abs(keep*x) + e
	}
	off := move + f.sum(terms, 0) + (rescalings+2)*u*total(terms) + w*(values+float64(len(terms))+rescalings+2)
	move, terms = 0, nil
	for c, d := range f.dOut {
		move += math.Abs(d) * f.bound[c]
		terms = append(terms, math.Abs(d)*(math.Abs(f.o[c])+f.bound[c]))
	}
	off = max(off, move+f.sum(terms, 0)+u*total(terms)+w*float64(len(terms)+1))
	most := math.Abs(mean) + off

	grown := func(x float64) float64 {
		if x == 0 {
			return 0
		}
		x *= second
		if u == 0x1p-53 {
			x *= 1 + 4*f.b
		}
		return x + w
	}
	// sums is the bound of a sum of products of x, off by e, with y.
	sums := func(x, e, y []float64, scale, rounds float64, scaled bool) float64 {
		var terms []float64
		var move, values float64
		for i := range x {
			terms = append(terms, (math.Abs(x[i])+e[i])*math.Abs(y[i]))
			move += e[i] * math.Abs(y[i])
			values += math.Abs(x[i]) + e[i] + math.Abs(y[i])
		}
		if terms == nil {
			return 0
		}
		n := float64(len(terms))
		under := w * n
		if scaled {
			under = w * ((1+scale)*(n+values) + 1)
		}
		return grown(scale*(move+f.sum(terms, 0)+(1+rounds)*u*total(terms)) + under)
	}
	shared := func(x, e float64) float64 {
		var terms []float64
		for range queries {
			terms = append(terms, math.Abs(x)+e)
		}
		return grown(float64(queries)*e + f.sum(terms, 0))
	}
	repeated := func(x float64) (out []float64) {
		for range queries {
			out = append(out, x)
		}
		return out
	}
	g := gradientBounds{query: make([]float64, len(f.q)), bias: make([]float64, len(f.k))}
	for range f.k {
		g.key, g.value = append(g.key, make([]float64, len(f.q))), append(g.value, make([]float64, len(f.dOut)))
	}
	var y, dy []float64
	for l, j := range f.kept {
		keep := f.opt.KeepFactor(0, 0, 0, j)
		a := f.a[l] + da[l]
		x, e := f.a[l]*(p[l]-mean), a*(dp[l]+off)+da[l]*(math.Abs(p[l]-mean)+dp[l]+off)+3*u*a*(sizes[l]+dp[l]+most)+w*(4+sizes[l]+most)
		if f.opt.Bias != nil {
			g.bias[j] = shared(x, e)
		}
		if c := f.opt.Softcap; c != 0 {
			z := f.opt.Scale * (f.q[0]*f.k[j][0] + f.q[1]*f.k[j][1] + f.q[2]*f.k[j][2]) / c
			slope := 1 / (math.Cosh(z) * math.Cosh(z))
			tangent := 4 * u
			if f.p.Tanh > 0 {
				tangent = f.p.Tanh
			}
			ds := min(1, 0.77*(f.logit(spec.QKScaled, j, 0)/c+w)+1.3*u) + 2*(tangent+2*u) + 4*u
			e = e*(slope+ds) + math.Abs(x)*ds + (2*u+f.p.WeightUnit)*(math.Abs(x)+e)*(slope+ds) + w*(2+sizes[l]+most)
			x *= slope
		} else {
			e += f.p.WeightUnit * (math.Abs(x) + e)
		}
		y, dy = append(y, x), append(dy, e)
		kept, dkept := keep*f.a[l], math.Abs(keep)*da[l]+2*u*math.Abs(keep)*a+w*math.Abs(keep)
		for c := range f.q {
			g.key[j][c] = sums(repeated(x), repeated(e), repeated(f.q[c]), s, rounds, true)
		}
		for c, d := range f.dOut {
			g.value[j][c] = sums(repeated(kept), repeated(dkept), repeated(d), 1, 0, false)
		}
	}
	for c := range f.q {
		var k []float64
		for _, j := range f.kept {
			k = append(k, f.k[j][c])
		}
		g.query[c] = sums(y, dy, k, s, rounds, true)
	}
	if !math.IsInf(f.opt.SinkAt(0), -1) {
		d := weight(f.sink, f.sinkRho)
		g.sink = shared(f.sink*mean, (f.sink+d)*off+d*math.Abs(mean)+2*u*(f.sink+d)*most+w*(2+most))
	}
	return g
}

// TestAttentionBackwardBoundIsFormula compares the bounds of all gradients with
// the formulas of their comments, for one query and for two equal ones, which
// share a bias and a sink.
func TestAttentionBackwardBoundIsFormula(t *testing.T) {
	for name, exact := range formulas() {
		off := *exact // in float64, where logits cannot be off but by ε
		off.Rounding = Rounding{0x1p-53, 0}
		off.p.WeightTiny, off.p.WeightUnit, off.p.FlushToZero = 0, 0, false
		off.p.Exp = 0x1p-9
		for _, f := range []*formula{exact, &off} {
			f.evaluate(f.logits())
			for queries := 1; queries <= 2; queries++ {
				if queries == 2 && f.opt.Slopes != nil { // the second query is elsewhere
					continue
				}
				q, dOut := rows([][]float64{f.q, f.q}[:queries]...), rows([][]float64{f.dOut, f.dOut}[:queries]...)
				k, v := rows(f.k...), rows(f.v...)
				bound := spec.NewAttentionGradients(q, k, v, f.opt)
				if !AttentionBackwardBound(bound, dOut, q, k, v, f.opt, f.p, f.Rounding) {
					t.Fatalf("%s: no bound", name)
				}
				want := f.backward(queries)
				for c := range f.q {
					near(t, name+" query", bound.Query.At(0, 0, 0, c), want.query[c])
				}
				for j := range f.k {
					for c := range f.q {
						near(t, name+" key", bound.Key.At(0, 0, j, c), want.key[j][c])
					}
					for c := range f.dOut {
						near(t, name+" value", bound.Value.At(0, 0, j, c), want.value[j][c])
					}
					if f.opt.Bias != nil {
						near(t, name+" bias", bound.Bias.Row(0, 0, 0)[j], want.bias[j])
					}
				}
				if f.opt.Sinks != nil {
					near(t, name+" sink", bound.Sinks[0], want.sink)
				}
			}
		}
	}
}

// TestAttentionBackwardBoundOfGroups requires of heads that share keys, two of
// four each, the bounds of as many queries.
func TestAttentionBackwardBoundOfGroups(t *testing.T) {
	f := formulas()["plain"]
	f.evaluate(f.logits())
	want := f.backward(2)
	repeated := func(rows [][]float64, heads int) tensor {
		var data []float64
		for range heads {
			for _, row := range rows {
				data = append(data, row...)
			}
		}
		n, d := len(rows), len(rows[0])
		return tensor{Data: data, Shape: [4]int{1, heads, n, d}, Stride: [4]int{heads * n * d, n * d, d, 1}}
	}
	q, dOut, k, v := repeated([][]float64{f.q}, 4), repeated([][]float64{f.dOut}, 4), repeated(f.k, 2), repeated(f.v, 2)
	bound := spec.NewAttentionGradients(q, k, v, f.opt)
	if !AttentionBackwardBound(bound, dOut, q, k, v, f.opt, f.p, f.Rounding) {
		t.Fatal("no bound")
	}
	for h := range 4 {
		for c := range f.q {
			near(t, "query", bound.Query.At(0, h, 0, c), want.query[c])
		}
		for j := range f.k {
			near(t, "key", bound.Key.At(0, h/2, j, 0), want.key[j][0])
			near(t, "value", bound.Value.At(0, h/2, j, 0), want.value[j][0])
		}
	}
}

// TestAttentionBackwardBoundNearOverflow tries products of gradients and values on
// either side of the largest for which there is a bound.
func TestAttentionBackwardBoundNearOverflow(t *testing.T) {
	for _, c := range []struct {
		v, keep float64
		want    bool
	}{{0x1p123, 1, true}, {0x1p125, 1, false}, {0x1p123, 8, false}, {0x1p123, 0.5, true}} {
		opt := &spec.AttentionOptions{Scale: 1, Keep: spec.GridOf(1, []bool{true}, 1), KeepScale: c.keep}
		one, v := rows([]float64{1}), rows([]float64{c.v})
		bound := spec.NewAttentionGradients(one, one, v, opt)
		if got := AttentionBackwardBound(bound, one, one, one, v, opt, spec.Profile{}, RoundingOf[float32]()); got != c.want {
			t.Errorf("%+v: a bound: %v", c, got)
		}
	}
}
