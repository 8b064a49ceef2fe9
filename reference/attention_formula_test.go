package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// formula is AttentionBound's derivation once more, for one query of one head:
// step by step as its comment has it, to first order.
type formula struct {
	Rounding
	p        spec.Profile
	opt      *spec.AttentionOptions
	q, dq    []float64
	k, dk    [][]float64
	v, dv    [][]float64
	dOut     []float64
	kept     []int // the allowed keys
	x, e     []float64
	a, rho   []float64
	sink     float64 // its weight
	sinkRho  float64
	m, logZ  float64
	b, eDen  float64
	o, bound []float64
}

// firstOrder is the relative share that formula leaves out of a bound at
// Unit = formulaUnit: terms of u² and roundings of float64, some hundreds of each.
const (
	formulaUnit = 0x1p-40
	firstOrder  = 0x1p-30
)

func (f *formula) sum(t []float64, chain int) float64 {
	var total, s float64
	for _, x := range t {
		total += x
	}
	for _, x := range t {
		s += min(x, f.Unit*total)
	}
	if chain > 0 {
		s = min(s, float64(chain-1)*f.Unit*total)
	}
	return s
}

func total(t []float64) (s float64) {
	for _, x := range t {
		s += x
	}
	return s
}

func (f *formula) tiny() float64 {
	if f.p.FlushToZero {
		return f.Tiny / (2 * f.Unit)
	}
	return f.Tiny
}

// logit returns step 1 for key j up to the stage, where its exact value is x.
func (f *formula) logit(stage spec.QKStage, j int, x float64) float64 {
	s, rounds := math.Abs(f.opt.Scale), 3.0
	if f.p.ScaleRoundings > 0 {
		rounds = float64(f.p.ScaleRoundings)
	}
	var terms []float64
	var shift, sizes, raw float64
	for c := range f.q {
		q, k := math.Abs(f.q[c]), math.Abs(f.k[j][c])
		terms = append(terms, (q+f.dq[c])*(k+f.dk[j][c]))
		shift += (q+f.dq[c])*(k+f.dk[j][c]) - q*k
		sizes += q + k
		raw += f.opt.Scale * f.q[c] * f.k[j][c]
	}
	e := s*(shift+f.sum(terms, f.p.QueryKeyChain)+f.Unit*total(terms)) + rounds*f.Unit*s*total(terms) +
		f.tiny()*(float64(len(f.q))*(s+1)+(1+math.Sqrt(s))*sizes+total(terms)+1)
	if c := math.Abs(f.opt.Softcap); c > 0 && stage >= spec.QKCapped {
		capped := c*math.Abs(math.Tanh(raw/c)) + e
		tangent := 4 * f.Unit * c
		if f.p.Tanh > 0 {
			tangent = f.p.Tanh * capped
		}
		e += second * (min(0.9*f.Unit*c, 2*f.Unit*(max(1, s)*total(terms)+e)) + tangent + f.Unit*capped + f.tiny()*(c+1))
	}
	if stage >= spec.QKLogits {
		bias, tilt := math.Abs(f.opt.BiasAt(0, 0, 0, j)), math.Abs(slope(f.opt, 0, 0, 0, j))
		switch {
		case f.opt.Slopes != nil:
			e += 2 * f.Unit * (tilt + bias + math.Abs(x) + e)
		case f.opt.Bias != nil:
			e += f.Unit * (math.Abs(x) + e)
		}
	}
	return e
}

// evaluate follows steps 1 to 4.
func (f *formula) evaluate(x []float64) {
	f.m, f.sink = f.opt.SinkAt(0), 0
	for j := range f.k {
		if f.opt.Allowed(0, 0, 0, j) {
			f.kept = append(f.kept, j)
			f.m = max(f.m, x[j])
		}
	}
	rescalings := float64(f.p.Merges)
	if f.p.KeyBlock > 0 {
		rescalings += float64((len(f.k) - 1) / f.p.KeyBlock)
	}
	exp, kappa, base := 4*f.Unit, 1.0, 0.0
	if f.p.Exp > 0 {
		exp = f.p.Exp
	}
	if f.p.Exp2 {
		kappa, base = 2, 1
	}
	if f.opt.Sinks != nil {
		rescalings++
	}
	var z, largest float64
	for _, j := range f.kept {
		f.x, f.e = append(f.x, x[j]), append(f.e, f.logit(spec.QKLogits, j, x[j]))
		z += math.Exp(x[j] - f.m)
	}
	for _, e := range f.e {
		largest = max(largest, e)
	}
	z += math.Exp(f.opt.SinkAt(0) - f.m)
	f.logZ = math.Log(z)
	var t []float64
	for l, x := range f.x {
		rho := math.Expm1(f.e[l] + f.Unit*(kappa*(f.m-x+f.e[l]+largest)+base*(math.Abs(x)+f.e[l])) + (1+rescalings)*exp/(1-exp))
		f.a, f.rho, t = append(f.a, math.Exp(x-f.m)/z), append(f.rho, rho), append(t, math.Exp(x-f.m)/z*(1+rho))
		f.b += f.a[l] * rho
	}
	keys := float64(len(t))
	if s := f.opt.SinkAt(0); !math.IsInf(s, -1) {
		f.sinkRho = math.Expm1(f.Unit*(kappa*(f.m-s+largest)+base*math.Abs(s)) + (1+rescalings)*exp/(1-exp))
		f.sink = math.Exp(s-f.m) / z
		t = append(t, f.sink*(1+f.sinkRho))
		f.b += f.sink * f.sinkRho
		keys++
	}
	under := (rescalings + 2) * (f.tiny() + f.p.WeightTiny)
	f.eDen = f.sum(t, f.p.KeyChain) + (rescalings*f.Unit+f.p.WeightUnit)*total(t) + under*keys
	f.b += f.eDen
	for c := range f.v[0] {
		var o, centred, values, shift float64
		var terms []float64
		for l, j := range f.kept {
			o += f.a[l] * f.opt.KeepFactor(0, 0, 0, j) * f.v[j][c]
		}
		rounds, last := rescalings+2, f.tiny()
		for l, j := range f.kept {
			keep := f.opt.KeepFactor(0, 0, 0, j)
			v, dv := math.Abs(keep*f.v[j][c]), math.Abs(keep)*f.dv[j][c]
			terms = append(terms, t[l]*(v+dv))
			values += max(v+dv, math.Abs(f.v[j][c]))
			centred += f.a[l] * f.rho[l] * math.Abs(keep*f.v[j][c]-o)
			shift += t[l] * dv
		}
		if f.opt.Keep != nil {
			rounds, values, last = rounds+2, 2*values, last*(1+math.Abs(f.opt.KeepScale))
		}
		num := f.sum(terms, f.p.KeyChain) + (rounds*f.Unit+f.p.WeightUnit)*total(terms) + under*(values+float64(len(f.kept))+1)
		e := (centred + f.sink*f.sinkRho*math.Abs(o) + shift + num + math.Abs(o)*f.eDen) / (1 - f.b)
		if f.Unit == 0x1p-53 {
			e *= 1 + 4*f.b
		}
		f.o, f.bound = append(f.o, o), append(f.bound, second*(e+2*f.Unit*math.Abs(o))+last)
	}
}

// rows returns a tensor of one head with the given rows.
func rows(r ...[]float64) tensor {
	return spec.HeadsOf(spec.MatrixOf(r...).Data, 1, len(r), 1, len(r[0]))
}

// near requires of a bound that it is what the formula says.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= firstOrder*math.Abs(want)) {
		t.Errorf("%s: bound %v, formula %v (%.3g)", what, got, want, got/want-1)
	}
}

// formulas are cases of one query over four keys in which each term of the bound
// is a share of it that shows.
func formulas() map[string]*formula {
	minus := float32(math.Inf(-1))
	keep := spec.GridOf(1, []bool{true, false, true, true}, 4)
	out := map[string]*formula{}
	for name, c := range map[string]struct {
		opt spec.AttentionOptions
		p   spec.Profile
	}{
		"plain":           {},
		"small scale":     {opt: spec.AttentionOptions{Scale: -0.25}},
		"large scale":     {opt: spec.AttentionOptions{Scale: 3}},
		"hidden key":      {opt: spec.AttentionOptions{Mask: spec.GridOf(1, []bool{true, false, true, true}, 4)}},
		"cap":             {opt: spec.AttentionOptions{Softcap: 0.75}},
		"wide cap":        {opt: spec.AttentionOptions{Softcap: 40}},
		"cap, tanh":       {opt: spec.AttentionOptions{Softcap: 2}, p: spec.Profile{Tanh: 0x1p-35}},
		"bias":            {opt: spec.AttentionOptions{Bias: spec.GridOf(1, []float32{3, -1, minus, 0.5}, 4)}},
		"slope":           {opt: spec.AttentionOptions{Slopes: []float32{0.5}, Offset: 1}},
		"slope and bias":  {opt: spec.AttentionOptions{Slopes: []float32{0.5}, Bias: spec.GridOf(1, []float32{3, -1, 2, 0.5}, 4)}},
		"sink":            {opt: spec.AttentionOptions{Sinks: []float32{0.5}}},
		"sink on top":     {opt: spec.AttentionOptions{Sinks: []float32{2.5}}, p: spec.Profile{Exp2: true}},
		"no sink":         {opt: spec.AttentionOptions{Sinks: []float32{minus}}},
		"sunk sink":       {opt: spec.AttentionOptions{Sinks: []float32{-2000}}},
		"one key":         {opt: spec.AttentionOptions{Mask: spec.GridOf(1, []bool{true, false, false, false}, 4)}},
		"cancelling":      {opt: spec.AttentionOptions{Scale: 3}},
		"dropped":         {opt: spec.AttentionOptions{Keep: keep, KeepScale: 1.5}},
		"dropped, shrunk": {opt: spec.AttentionOptions{Keep: keep, KeepScale: -0.5}},
		"chains":          {p: spec.Profile{QueryKeyChain: 2, KeyChain: 2}},
		"blocks":          {p: spec.Profile{KeyBlock: 1, Merges: 2}},
		"exp":             {p: spec.Profile{Exp: 0x1p-36, KeyBlock: 3}},
		"exp2":            {p: spec.Profile{Exp2: true}},
		"roundings":       {p: spec.Profile{ScaleRoundings: 6}},
		"stored weights":  {p: spec.Profile{WeightUnit: 0x1p-37, WeightTiny: 0x1p-38}},
		"stored, cap":     {opt: spec.AttentionOptions{Softcap: 2}, p: spec.Profile{WeightUnit: 0x1p-37}},
		"flushed":         {p: spec.Profile{FlushToZero: true}},
		"far key":         {opt: spec.AttentionOptions{Bias: spec.GridOf(1, []float32{0, 0, -40, 1}, 4)}},
	} {
		f := &formula{Rounding: Rounding{formulaUnit, formulaUnit / 8}, p: c.p, opt: &c.opt,
			q: []float64{1, -0.75, 0.5}, dq: make([]float64, 3),
			k:    [][]float64{{0.5, 1, -0.25}, {-1, 0.25, 0x1p-44}, {2, -1, 1}, {0.75, 1, 1}},
			v:    [][]float64{{1, -3}, {2, 0x1p-43}, {-1, 1}, {0.5, 0.25}},
			dOut: []float64{1, -0.5}}
		if f.p.FlushToZero {
			f.Tiny = 0x1p-81
		}
		if name == "cancelling" { // every ⟨dOut, v⟩ is 0
			f.v, f.dOut = [][]float64{{1, 1}, {2, 2}, {-1, -1}, {0.5, 0.5}}, []float64{1, -1}
		}
		for range f.k {
			f.dk, f.dv = append(f.dk, make([]float64, 3)), append(f.dv, make([]float64, 2))
		}
		if c.opt.Scale == 0 {
			c.opt.Scale = 0.5
		}
		out[name] = f
	}
	return out
}

func (f *formula) logits() []float64 { return Logits(rows(f.q), rows(f.k...), f.opt, 0, 0, 0) }

// TestAttentionBoundIsFormula compares the bounds of attention, its products and
// its log-sum-exp with the formulas of their comments: with exact inputs, where
// roundings and underflow are all there is, and in float64 with inputs that are
// off by so much that products of errors show.
func TestAttentionBoundIsFormula(t *testing.T) {
	for name, exact := range formulas() {
		off := *exact
		off.Rounding = Rounding{0x1p-53, 0}
		off.p.WeightTiny, off.p.FlushToZero = 0, false
		if off.p.Exp > 0 {
			off.p.Exp = 0x1p-9
		}
		if off.p.WeightUnit > 0 {
			off.p.WeightUnit = 0x1p-8
		}
		off.dq = []float64{0x1p-9, 0x1p-8, 0x1p-10}
		off.dk = [][]float64{{0, 0x1p-8, 0}, {0x1p-9, 0, 0}, {0, 0, 0x1p-8}, {0, 0x1p-8, 0}}
		off.dv = [][]float64{{0x1p-9, 0}, {0, 0x1p-8}, {0x1p-8, 0}, {0, 0x1p-7}}
		for _, f := range []*formula{exact, &off} {
			q, k, v := rows(f.q), rows(f.k...), rows(f.v...)
			f.evaluate(f.logits())
			got, ok := AttentionBound(q, k, v, f.opt, f.p, f.Rounding, InputError{rows(f.dq), rows(f.dk...), rows(f.dv...)})
			if !ok {
				t.Fatalf("%s: no bound", name)
			}
			for c, want := range f.bound {
				near(t, name, got.At(0, 0, 0, c), want)
			}
		}
		f := exact
		q, k := rows(f.q), rows(f.k...)
		for _, stage := range []spec.QKStage{spec.QKScaled, spec.QKCapped, spec.QKLogits} {
			at := qkRow(q, k, stage, f.opt, 0, 0, 0)
			got, ok := AttentionQKBound(q, k, stage, f.opt, f.p, f.Rounding)
			if !ok {
				t.Fatalf("%s: no bound on products", name)
			}
			for j := range f.k {
				want := second * f.logit(stage, j, at[j])
				if stage == spec.QKLogits && !f.opt.Allowed(0, 0, 0, j) {
					want = 0
				}
				near(t, name+" product", got.At(0, 0, 0, j), want)
			}
		}
		off.dq, off.dk = exact.dq, exact.dk
		off.kept, off.x, off.e, off.a, off.rho, off.b, off.o, off.bound = nil, nil, nil, nil, nil, 0, nil, nil
		off.p.Exp = 0x1p-9
		off.evaluate(off.logits())
		for _, f := range []*formula{exact, &off} {
			got, ok := AttentionLSEBound(q, k, f.opt, f.p, f.Rounding)
			if !ok {
				t.Fatalf("%s: no bound of the log-sum-exp", name)
			}
			want := -math.Log1p(-f.b)
			if f.Unit == 0x1p-53 {
				want *= 1 + 4*f.b
			}
			near(t, name+" lse", got.Data[0], second*(want+4*f.Unit*(f.logZ+f.b)+2*f.Unit*(math.Abs(f.m+f.logZ)+f.b)))
		}
	}
}

// TestAttentionBoundNearOverflow tries numbers on either side of the largest for
// which there is a bound.
func TestAttentionBoundNearOverflow(t *testing.T) {
	single, double := RoundingOf[float32](), RoundingOf[float64]()
	for _, c := range []struct {
		q, k, v, scale, cap float64
		r                   Rounding
		bias, slope         float32
		want, product       bool
	}{
		{q: 0x1p125, k: 0x1p-126, v: 1, scale: 1, r: single, want: true, product: true},
		{q: 0x1p126, k: 0x1p-126, v: 1, scale: 1, r: single},
		{q: 0x1p126, k: 0x1p-126, v: 1, scale: 1, r: double, want: true, product: true},
		{q: 0x1p1021, k: 0x1p-1022, v: 1, scale: 1, r: double},
		{q: 0x1p124, k: 0x1p-126, v: 1, scale: 4, r: single},
		{q: 0x1p123, k: 0x1p-126, v: 1, scale: 4, r: single, want: true, product: true},
		{q: 0x1p125, k: 0x1p-126, v: 1, scale: 0.25, r: single, want: true, product: true},
		{q: 0x1p126, k: 0x1p-126, v: 1, scale: 0.25, r: single},
		{q: 0x1p-126, k: 0x1p125, v: 1, scale: 1, r: single, want: true, product: true},
		{q: 0x1p-126, k: 0x1p126, v: 1, scale: 1, r: single},
		{q: 0x1p-126, k: 0x1p124, v: 1, scale: 4, r: single},
		{q: 0x1p-126, k: 0x1p126, v: 1, scale: 0.25, r: single},
		{q: 1, k: 1, v: 0x1p125, scale: 1, r: single, product: true},
		{q: 1, k: 1, v: 0x1p124, scale: 1, r: single, want: true, product: true},
		{q: 0x1p62, k: 0x1p63, v: 1, scale: 1, cap: 1, r: single},
		{q: 0x1p62, k: 0x1p62, v: 1, scale: 1, cap: 1, r: single, product: true},
		{q: 0, k: 0, v: 1, scale: 1, bias: 0x1p125, r: single},
		{q: 0, k: 0, v: 1, scale: 1, bias: 0x1p124, r: single, product: true},
		{q: 0, k: 0, v: 1, scale: 1, slope: 0x1p125, r: single},
		{q: 0, k: 0, v: 1, scale: 1, slope: 0x1p124, r: single, product: true},
	} {
		opt := &spec.AttentionOptions{Scale: c.scale, Softcap: c.cap}
		if c.bias != 0 {
			opt.Bias = spec.GridOf(1, []float32{c.bias}, 1)
		}
		if c.slope != 0 {
			opt.Slopes, opt.Offset = []float32{c.slope}, -1 // the key is a place ahead
		}
		q, k, v := rows([]float64{c.q}), rows([]float64{c.k}), rows([]float64{c.v})
		if _, ok := AttentionBound(q, k, v, opt, spec.Profile{}, c.r, InputError{}); ok != c.want {
			t.Errorf("%+v: a bound: %v", c, ok)
		}
		if _, ok := AttentionQKBound(q, k, spec.QKLogits, opt, spec.Profile{}, c.r); ok != c.product {
			t.Errorf("%+v: a bound on the product: %v", c, ok)
		}
		if _, ok := AttentionQKBound(q, k, spec.QKScaled, opt, spec.Profile{}, c.r); c.bias == 0 && c.slope == 0 && ok != c.product {
			t.Errorf("%+v: a bound on the scaled product: %v", c, ok)
		}
	}
}
