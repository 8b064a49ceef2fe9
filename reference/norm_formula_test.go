package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// anyOrder is AnyOrderSum's formula.
func anyOrder(t []float64, u float64) float64 {
	var all, s float64
	for _, x := range t {
		all += math.Abs(x)
	}
	for _, x := range t {
		s += min(math.Abs(x), u*all)
	}
	return s * (1 + 2*float64(len(t))*u)
}

// TestNormBoundIsFormula compares the bound of LayerNorm with its formulas, for
// rows that are exact and rows that are off.
func TestNormBoundIsFormula(t *testing.T) {
	u, w := coarse.Unit, coarse.Tiny
	x, gain, shift := []float64{0.5, -2, 0x1p-12, 3}, []float64{1, -0.5, 2, 0.75}, []float64{0.25, -1, 0, 2}
	const eps = 0.125
	d := float64(len(x))
	for _, e := range [][]float64{{0, 0, 0, 0}, {0x1p-7, 0x1p-6, 0, 0x1p-8}} {
		var mean, variance, off, drift float64
		for k := range x {
			mean += x[k] / d
			off += e[k] / d
			drift += e[k] * e[k] / d
		}
		var reach, c, dc, squares []float64
		for k := range x {
			variance += (x[k] - mean) * (x[k] - mean) / d
			reach = append(reach, math.Abs(x[k])+2*e[k])
			c = append(c, math.Abs(x[k]-mean)+2*(e[k]+off))
		}
		drift = math.Sqrt(drift)
		low := math.Sqrt(variance+eps) - 2*drift
		dmean := second*(anyOrder(reach, u)/d+2*u*(math.Abs(mean)+2*off)) + 2*w
		var cross, own, sum float64
		for k := range c {
			dc = append(dc, dmean+u*(c[k]+dmean))
			cross += c[k] * (c[k] + dmean) / d
			own += dc[k] * dc[k] / d
			squares = append(squares, (c[k]+dc[k])*(c[k]+dc[k]))
			sum += squares[k] / d
		}
		spread := (second*(2*u*cross+own+anyOrder(squares, u)/d+3*u*sum)+3*w)*(1+u)/(low*low) + u
		root := 1/math.Sqrt(1-spread) - 1 + second*3*u
		got, ok := NormBoundFrom(spec.MatrixOf(x), spec.MatrixOf(e), gain, shift, eps, coarse)
		if !ok {
			t.Fatal("no bound")
		}
		b := NewNormBoundsFrom(x, e, eps, coarse)
		near(t, "variance", b.VarianceError(), spread)
		for k := range x {
			near(t, "centre", b.Centre(k), dc[k])
			g := math.Abs(gain[k]) / low
			want := g*(dc[k]*(1+root)+c[k]*root) + 2*u*g*(c[k]+dc[k])*(1+root)
			moved := g * (e[k] + off + c[k]*drift/low)
			y := gain[k]*(x[k]-mean)/math.Sqrt(variance+eps) + shift[k]
			want += moved + u*(math.Abs(y)+2*moved+want)
			near(t, "output", got.At(0, k), second*want+2*w*(1+math.Abs(gain[k])+c[k]+dc[k]))
		}
	}
}

// TestRMSBoundIsFormula is the same for RMSNorm.
func TestRMSBoundIsFormula(t *testing.T) {
	r := Rounding{0x1p-14, 0x1p-13}
	u, w := r.Unit, r.Tiny
	x, gain := []float64{0.5, -2, 0x1p-12, 3}, []float64{1, -0.5, 2, 0.75}
	const eps = 0.125
	d := float64(len(x))
	for _, e := range [][]float64{{0, 0, 0, 0}, {0x1p-7, 0x1p-6, 0, 0x1p-8}} {
		var mean, drift, most float64
		var reach, squares []float64
		for k := range x {
			mean += x[k] * x[k] / d
			drift += e[k] * e[k] / d
			reach = append(reach, math.Abs(x[k])+2*e[k])
			squares = append(squares, reach[k]*reach[k])
			most += squares[k] / d
		}
		drift = math.Sqrt(drift)
		low := math.Sqrt(mean+eps) - 2*drift
		spread := second*((anyOrder(squares, u)/d+3*u*most)/(low*low)+u) + 3*w/(low*low)
		root := 1/math.Sqrt(1-spread) - 1 + second*3*u
		got, ok := RMSBoundFrom(spec.MatrixOf(x), spec.MatrixOf(e), gain, eps, r)
		if !ok {
			t.Fatal("no bound")
		}
		for k := range x {
			want := second*math.Abs(gain[k])/low*(reach[k]*(root+2*u)+e[k]+reach[k]*drift/low) + 2*w*(1+math.Abs(gain[k])+reach[k])
			near(t, "output", got.At(0, k), want)
		}
	}
}

// TestNormBoundsDecidable tries rows next to those without a bound.
func TestNormBoundsDecidable(t *testing.T) {
	for _, c := range []struct {
		x, e      float64 // the row is x, −x
		eps       float64
		r         Rounding
		want, rms bool
	}{
		{x: 1, r: Rounding{0x1p-24, 0}, want: true, rms: true},
		{r: Rounding{0x1p-24, 0}},
		{eps: 1, r: Rounding{0x1p-24, 0}, want: true, rms: true},
		{x: 1, e: 0.5, r: Rounding{0x1p-24, 0}}, // √1 − 2·0.5 is 0
		{x: 1, e: 0.25, r: Rounding{0x1p-24, 0}, want: true, rms: true},
		{x: 1, e: 0.625, r: Rounding{0x1p-24, 0}},
		{x: 1, r: Rounding{0x1p-10, 0}, want: true, rms: false},
		{x: 1, r: Rounding{0x1p-5, 0}, want: false, rms: false},
	} {
		src, e := spec.MatrixOf([]float64{c.x, -c.x}), spec.MatrixOf([]float64{c.e, c.e})
		if _, ok := NormBoundFrom(src, e, []float64{1, 1}, []float64{0, 0}, c.eps, c.r); ok != c.want {
			t.Errorf("%+v: a bound of LayerNorm: %v", c, ok)
		}
		if _, ok := RMSBoundFrom(src, e, []float64{1, 1}, c.eps, c.r); ok != c.rms {
			t.Errorf("%+v: a bound of RMSNorm: %v", c, ok)
		}
	}
}

// TestSoftmaxBoundsAreFormulas compares the bounds of the softmax with the
// formulas of their comments. Of the logits 1, 3, 3, −0.5 the lesser have 1 and
// 2 different ones above them.
func TestSoftmaxBoundsAreFormulas(t *testing.T) {
	r := Rounding{0x1p-14, 0x1p-15}
	u, w := r.Unit, r.Tiny
	x, above := []float64{1, 3, 3, -0.5, -3000}, []float64{1, 0, 0, 2, 3}
	b := NewSoftmaxBounds(x, r)
	var z, den float64
	var terms, p, rel []float64
	for j := range x {
		terms = append(terms, math.Exp(x[j]-3))
		z += terms[j]
		rel = append(rel, math.Expm1(u*min(3-x[j], 2000))+u*(4+5*above[j]))
	}
	for j := range x {
		p = append(p, terms[j]/z)
		den += p[j] * rel[j]
	}
	n := float64(len(x))
	den += (anyOrder(terms, u) + 2*n*(n+1)*w) / z
	var sum float64
	for j := range x {
		weight := second*p[j]*(rel[j]+den+2*u) + (n+3)*w
		sum += weight
		near(t, "weight", b.Weight(j), weight)
		near(t, "relative", b.Relative(j), second*(rel[j]+den+2*u))
		near(t, "log", b.LogWeight(x, j), second*(u*(2*(3-x[j])+5*math.Log(z))+den)+w)
		near(t, "order", b.Order(j, 0), second*(p[j]*(rel[j]+2*u)+p[0]*(rel[0]+2*u))+2*(n+3)*w)
	}
	near(t, "sum", b.Sum(), sum)
	if !b.Decidable() {
		t.Error("undecidable")
	}
	if c := NewSoftmaxBounds([]float64{0}, Rounding{0x1p-6, 0}); c.Decidable() { // 4u and more
		t.Error("an exponential that is off by a sixteenth is decidable")
	}
	none := math.Inf(-1)
	if c := NewSoftmaxBounds([]float64{none, none}, r); c.LogWeight([]float64{none, none}, 0) != 0 || c.Weight(0) != 5*w || !c.Decidable() {
		t.Errorf("without a finite logit: %v", c)
	}
	if c := NewSoftmaxBounds([]float64{none, 0}, r); c.LogWeight([]float64{none, 0}, 0) != 0 || c.LogWeight([]float64{none, 0}, 1) == 0 {
		t.Errorf("beside a logit of −Inf: %v", c)
	}
}

// TestDotBoundByHand works sums of products by hand.
func TestDotBoundByHand(t *testing.T) {
	u, w := coarse.Unit, coarse.Tiny
	x, y := []float64{2, -3, 0.5}, []float64{1, 2, 0x1p-12}
	sum := anyOrder([]float64{2, -6, 0x1p-13, 1}, u)
	near(t, "dot", DotBound(x, y, 1, coarse), second*(sum+u*(8+0x1p-13))+4*w)
	e := spec.MatrixOf([]float64{0.25, 0.5, 0})
	wm := spec.MatrixOf([]float64{1, -2}, []float64{2, 0.5}, []float64{0x1p-12, 1})
	got := LinearBoundFrom(spec.MatrixOf(x), e, wm, []float64{1, -1}, coarse)
	near(t, "linear 0", got.At(0, 0), second*(anyOrder([]float64{2.25, 7, 0x1p-13, 1}, u)+u*(9.25+0x1p-13))+4*w+second*1.25)
	near(t, "linear 1", got.At(0, 1), second*(anyOrder([]float64{4.5, 1.75, 0.5, 1}, u)+u*6.75)+4*w+second*0.75)
	near(t, "without bias", LinearBound(spec.MatrixOf(x), wm, nil, coarse).At(0, 1), second*(anyOrder([]float64{4, 1.5, 0.5}, u)*(1+8*u)/(1+6*u)+u*6)+4*w)
}
