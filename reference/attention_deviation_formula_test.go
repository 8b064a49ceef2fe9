package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// deviation is AttentionDeviation's formula for channel c, after evaluate.
func (f *formula) deviation(c int) float64 {
	u2, s := f.Unit*f.Unit/3, math.Abs(f.opt.Scale)
	rescalings, eps, kappa, base, rounds := float64(f.p.Rescales(len(f.k))), 4*f.Unit, 1.0, 0.0, 3.0
	if f.opt.Sinks != nil {
		rescalings++
	}
	if f.p.Exp > 0 {
		eps = f.p.Exp
	}
	if f.p.Exp2 {
		kappa, base = 2, 1
	}
	if f.p.ScaleRoundings > 0 {
		rounds = float64(f.p.ScaleRoundings)
	}
	ofWeight := func(x float64) float64 {
		return u2*(kappa*(x-f.m)*kappa*(x-f.m)+base*x*base*x) + (1+rescalings)*eps*eps/3
	}
	under := (rescalings + 2) * (f.tiny() + f.p.WeightTiny)
	var own, terms, sum, shares, lost, most float64
	upTo := f.sink // the first term of the denominator
	for l, j := range f.kept {
		var dot, squares float64
		for e := range f.q {
			t := f.q[e] * f.k[j][e]
			dot += t
			squares += t*t + dot*dot
		}
		x, y := f.x[l], s*dot
		variance := u2 * (s*s*squares + rounds*y*y)
		if cap := f.opt.Softcap; cap > 0 {
			capped := cap * math.Abs(math.Tanh(y/cap))
			slope := 1 / (math.Cosh(y/cap) * math.Cosh(y/cap))
			tangent := 4 * f.Unit * cap
			if f.p.Tanh > 0 {
				tangent = f.p.Tanh * capped
			}
			e := second * (min(0.9*f.Unit*cap, 2*f.Unit*math.Abs(y)) + tangent + f.Unit*capped + f.tiny()*(cap+1))
			variance = variance*slope*slope + e*e/3
		}
		if f.opt.Slopes != nil {
			a := slope(f.opt, 0, 0, 0, j)
			variance += u2 * (a*a + x*x)
		}
		if f.opt.Bias != nil {
			variance += u2 * x * x
		}
		variance += ofWeight(x)
		v := f.opt.KeepFactor(0, 0, 0, j) * f.v[j][c]
		t := f.a[l] * v
		sum, upTo, most = sum+t, upTo+f.a[l], max(most, math.Abs(v))
		own += math.Pow(f.a[l]*(v-f.o[c]), 2) * variance
		stored := f.p.WeightUnit / f.Unit
		terms += t*t*(1+stored*stored) + sum*sum
		shares += upTo * upTo
		lost += math.Pow(under*v+f.tiny(), 2) + math.Pow(under*f.o[c], 2)
	}
	roundings := shares + 2*rescalings + 2
	if s := f.opt.SinkAt(0); !math.IsInf(s, -1) {
		own += math.Pow(f.sink*f.o[c], 2) * ofWeight(s)
		roundings += f.sink * f.sink
	}
	if f.opt.Keep != nil {
		roundings += 2
	}
	variance := own + u2*(terms+roundings*f.o[c]*f.o[c]) + (lost+f.tiny()*f.tiny())/3
	return max(math.Sqrt(variance), (8*math.Abs(f.o[c])+4*most/float64(len(f.kept)))*f.Unit/SuspectFrom)
}

// TestAttentionDeviationIsFormula compares deviations with the formula of their
// comment, with underflow that shows and without.
func TestAttentionDeviationIsFormula(t *testing.T) {
	for name, f := range formulas() {
		f.evaluate(f.logits())
		got := AttentionDeviation(rows(f.q), rows(f.k...), rows(f.v...), f.opt, f.p, f.Rounding)
		for c := range f.v[0] {
			near(t, name, got.At(0, 0, 0, c), f.deviation(c))
		}
	}
	// A mean of one key of value 2 and a sink, both of weight ½ and exact: a few
	// roundings are not suspect.
	opt := &spec.AttentionOptions{Scale: 1, Sinks: []float32{0}}
	got := AttentionDeviation(rows([]float64{0}), rows([]float64{0}), rows([]float64{2}), opt, spec.Profile{Exp: 0x1p-80}, Rounding{formulaUnit, 0})
	near(t, "floor", got.Data[0], (8*1+4*2)*formulaUnit/10)
}
