package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// variances are the terms that both formulas of a deviation have.
type variances struct {
	rescalings, u2, under float64
	ofWeight              func(x float64) float64 // of the exponential of x
	ofLogit               []float64               // of each key that counts
}

func (f *formula) variances() variances {
	s := math.Abs(f.opt.Scale)
	eps, kappa, base, rounds := 4*f.Unit, 1.0, 0.0, 3.0
	out := variances{rescalings: float64(f.p.Rescales(len(f.k))), u2: f.Unit * f.Unit / 3}
	if f.opt.Sinks != nil {
		out.rescalings++
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
	out.under = (out.rescalings + 2) * (f.tiny() + f.p.WeightTiny)
	out.ofWeight = func(x float64) float64 {
		return out.u2*(kappa*(x-f.m)*kappa*(x-f.m)+base*x*base*x) + (1+out.rescalings)*eps*eps/3
	}
	for l, j := range f.kept {
		var dot, squares float64
		for e := range f.q {
			t := f.q[e] * f.k[j][e]
			dot += t
			squares += t*t + dot*dot
		}
		x, y := f.x[l], s*dot
		variance := out.u2 * (s*s*squares + rounds*y*y)
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
			variance += out.u2 * (a*a + x*x)
		}
		if f.opt.Bias != nil {
			variance += out.u2 * x * x
		}
		out.ofLogit = append(out.ofLogit, variance)
	}
	return out
}

// deviation is AttentionDeviation's formula for channel c, after evaluate.
func (f *formula) deviation(c int) float64 {
	r := f.variances()
	var own, terms, sum, shares, lost, most float64
	upTo := f.sink // the first term of the denominator
	for l, j := range f.kept {
		v := f.opt.KeepFactor(0, 0, 0, j) * f.v[j][c]
		t := f.a[l] * v
		sum, upTo, most = sum+t, upTo+f.a[l], max(most, math.Abs(v))
		own += math.Pow(f.a[l]*(v-f.o[c]), 2) * (r.ofLogit[l] + r.ofWeight(f.x[l]))
		stored := f.p.WeightUnit / f.Unit
		terms += t*t*(1+stored*stored) + sum*sum
		shares += upTo * upTo
		lost += math.Pow(r.under*v+f.tiny(), 2) + math.Pow(r.under*f.o[c], 2)
	}
	roundings := shares + 2*r.rescalings + 2
	if s := f.opt.SinkAt(0); !math.IsInf(s, -1) {
		own += math.Pow(f.sink*f.o[c], 2) * r.ofWeight(s)
		roundings += f.sink * f.sink
	}
	if f.opt.Keep != nil {
		roundings += 2
	}
	variance := own + r.u2*(terms+roundings*f.o[c]*f.o[c]) + (lost+f.tiny()*f.tiny())/3
	return max(math.Sqrt(variance), (8*math.Abs(f.o[c])+4*most/float64(len(f.kept)))*f.Unit/SuspectFrom)
}

// lseDeviation is AttentionLSEDeviation's formula, after evaluate.
func (f *formula) lseDeviation() float64 {
	r, s := f.variances(), math.Abs(f.opt.Scale)
	moved, upTo, shares, z := f.p.WeightUnit, f.sink, 0.0, 0.0
	if s := f.opt.SinkAt(0); !math.IsInf(s, -1) {
		moved += f.sink * math.Sqrt(r.ofWeight(s))
		shares += f.sink * f.sink
		z += math.Exp(s - f.m)
	}
	for l, j := range f.kept {
		upTo += f.a[l]
		shares += upTo * upTo
		z += math.Exp(f.x[l] - f.m)
		d := float64(len(f.q))
		under := d*(s+1) + 1
		for e := range f.q {
			under += (1+math.Sqrt(s))*(math.Abs(f.q[e])+math.Abs(f.k[j][e])) + math.Abs(f.q[e]*f.k[j][e])
		}
		moved += f.a[l]*(math.Sqrt(r.ofLogit[l]+r.ofWeight(f.x[l]))+f.tiny()*under) + r.under
	}
	logZ, lse := 4*math.Log(z), f.m+math.Log(z)
	return math.Sqrt(moved*moved + r.u2*(shares+r.rescalings+logZ*logZ+2*lse*lse))
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
		near(t, name+", lse", AttentionLSEDeviation(rows(f.q), rows(f.k...), f.opt, f.p, f.Rounding).Data[0], f.lseDeviation())
	}
	// A mean of one key of value 2 and a sink, both of weight ½ and exact: a few
	// roundings are not suspect.
	opt := &spec.AttentionOptions{Scale: 1, Sinks: []float32{0}}
	got := AttentionDeviation(rows([]float64{0}), rows([]float64{0}), rows([]float64{2}), opt, spec.Profile{Exp: 0x1p-80}, Rounding{formulaUnit, 0})
	near(t, "floor", got.Data[0], (8*1+4*2)*formulaUnit/10)
}
