package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// TestHopfieldBoundsAreFormulas compares the bounds of retrieval with the formulas
// of their comments.
func TestHopfieldBoundsAreFormulas(t *testing.T) {
	r := Rounding{0x1p-16, 0x1p-17}
	u, w := r.Unit, r.Tiny
	const beta, eta = 0.75, -0.5
	q := [][]float64{{0.5, -0.25}, {-0.5, 1}}
	k := [][]float64{{1, 0.5}, {-0.25, 2}, {7, 7}, {0.5, -1}}
	visible := []bool{true, true, false, true}
	mq, mk := spec.MatrixOf(q...), spec.MatrixOf(k...)
	opt := &spec.AttentionOptions{Scale: beta, Mask: spec.GridOf(2, visible, 4)}
	lse, _ := AttentionLSEBound(oneHead(mq), oneHead(mk), opt, spec.Profile{}, r)
	logits, _ := AttentionQKBound(oneHead(mq), oneHead(mk), spec.QKLogits, opt, spec.Profile{}, r)
	attention, _ := AttentionBound(oneHead(mq), oneHead(mk), oneHead(mk), opt, spec.Profile{}, r, InputError{})
	energy, ok1 := HopfieldEnergyBound(mq, mk, visible, beta, r)
	within, ok2 := HopfieldRangeBound(mq, mk, visible, beta, r)
	step, ok3 := HopfieldStepBound(mq, mk, visible, beta, eta, r, InputError{})
	if !ok1 || !ok2 || !ok3 {
		t.Fatal("no bound")
	}
	for i := range q {
		var x, p []float64
		top, sum, most := math.Inf(-1), 0.0, 0.0
		for _, j := range []int{0, 1, 3} {
			x = append(x, beta*Dot(q[i], k[j]))
			top = max(top, beta*Dot(q[i], k[j]))
			most = max(most, logits.At(0, 0, i, j))
		}
		for _, l := range x {
			p = append(p, math.Exp(l))
			sum += math.Exp(l)
		}
		half := Dot(q[i], q[i]) / 2
		loss := DotBound(q[i], q[i], 0, r)/2 + 4*u*(half+(math.Abs(top)+math.Log(sum)-top)/beta) + w*(4+1/beta)
		near(t, "energy", energy.At(i, 0), second*(lse.At(0, 0, i, 0)/beta+loss))
		near(t, "range", within.At(i, 0), second*((most/second+(3+4+4*math.Log(3))*u)/beta+loss))
		for c := range q[i] {
			o := (p[0]*k[0][c] + p[1]*k[1][c] + p[2]*k[3][c]) / sum
			e := attention.At(0, 0, i, c)
			near(t, "step", step.At(i, c), second*(0.5*e+u*((3*1.5+2*0.5)*math.Abs(q[i][c])+3*0.5*(math.Abs(o)+e)))+w*3*1.5)
		}
	}
	near(t, "hull", HopfieldHullBound(5, -2, 3, 0.25, r), second*(0.25*HullBound(5, 3, spec.Profile{}, r)+u*((3*0.75+2*0.25)*2+3*0.25*3))+w*3*1.25)

	// What is off by δ moves the step by |1−η|δ beside the attention.
	off := InputError{Query: oneHead(spec.MatrixOf([]float64{0x1p-10, 0}, []float64{0, 0}))}
	moved, _ := AttentionBound(oneHead(mq), oneHead(mk), oneHead(mk), opt, spec.Profile{}, r, off)
	shifted, _ := HopfieldStepBound(mq, mk, visible, beta, eta, r, off)
	near(t, "shift", shifted.At(0, 0)-step.At(0, 0), second*((0.5+3*0.5*u)*(moved.At(0, 0, 0, 0)-attention.At(0, 0, 0, 0))+(1.5+u*(3*1.5+2*0.5))*0x1p-10))

	// Nothing visible, and what overflows.
	blind := make([]bool, 4)
	if e, ok := HopfieldEnergyBound(mq, mk, blind, beta, r); !ok || e.At(0, 0) != 0 {
		t.Errorf("energy of nothing: %v, %v", e, ok)
	}
	if e, ok := HopfieldRangeBound(mq, mk, blind, beta, r); !ok || e.At(0, 0) != 0 {
		t.Errorf("range of nothing: %v, %v", e, ok)
	}
	single := RoundingOf[float32]()
	one, zero := spec.Column(1.0), spec.Column(0.0)
	for _, c := range []struct {
		q, k      matrix
		beta, eta float64
		energy    bool // all have a step
	}{
		{spec.Column(0x1p61), zero, 1, 1, true}, {spec.Column(0x1p64), zero, 1, 1, false}, {one, one, 0x1p-126, 1, false},
		{zero, zero, 0x1p-125, 1, false}, {zero, zero, 0x1.01p-125, 1, true}, {zero, spec.Column(0.0, 0), 0x1.8p-125, 1, false}, // 1/β and log(2)/β
	} {
		_, ok := HopfieldEnergyBound(c.q, c.k, nil, c.beta, single)
		_, within := HopfieldRangeBound(c.q, c.k, nil, c.beta, single)
		_, step := HopfieldStepBound(c.q, c.k, nil, c.beta, c.eta, single, InputError{})
		if ok != c.energy || within != c.energy || !step {
			t.Errorf("%v: bounds of the energy %v, of its range %v, of the step %v", c, ok, within, step)
		}
	}
	if _, ok := HopfieldStepBound(spec.Column(0x1p120), zero, nil, 1, 64, single, InputError{}); ok {
		t.Error("a step that may overflow has a bound")
	}
	for _, c := range []struct {
		unit float64
		ok   bool
	}{{MaxRelativeError / 2, true}, {MaxRelativeError, false}} {
		if _, ok := HopfieldRangeBound(one, spec.Column(0.0, 1), nil, 1, Rounding{c.unit, 0x1p-100}); ok != c.ok {
			t.Errorf("a sum of two rounded by %v has a bound: %v", c.unit, ok)
		}
	}
	far := spec.Column(0x1p12)
	if _, ok := HopfieldEnergyBound(far, far, nil, 1, single); ok {
		t.Error("logits off by more than 1 leave a bound of the energy")
	}
	if _, ok := HopfieldRangeBound(far, far, nil, 1, single); !ok {
		t.Error("large logits have no bound of the range")
	}
}

// TestHopfieldDivergence works the divergence by hand, and compares its rounding with
// that of the energies' identity.
func TestHopfieldDivergence(t *testing.T) {
	// Two patterns 0 and 1 at q = 0, weights ½ and ½, and at log 3, weights ¼ and ¾.
	k := spec.Column(0.0, 1)
	got, err, ok := HopfieldDivergence(spec.Column(0.0), spec.Column(math.Log(3)), k, nil, 1, 0)
	want := math.Log(2)/2 + math.Log(2.0/3)/2
	if e := math.Abs(got - want); !ok || !(e <= err) || !(err <= 100*0x1p-53) {
		t.Errorf("got %v want %v, err %v of %v", got, want, e, err)
	}
	// From one pattern to the other, 600 away: log(a/a⁺) = 600 − log 2 for what counts.
	got, err, ok = HopfieldDivergence(spec.Column(0.0), spec.Column(600.0), k, []bool{true, true}, 1, 0)
	want = 300 - math.Ln2
	if e := math.Abs(got - want); !ok || !(e <= err+2*0x1p-53*want) {
		t.Errorf("got %v want %v, err %v of %v", got, want, e, err)
	}
	// Hidden patterns and β.
	got, _, _ = HopfieldDivergence(spec.Column(0.0), spec.Column(math.Log(3)/2), spec.Column(0, math.NaN(), 1), []bool{true, false, true}, 2, 0)
	near(t, "with β = 2", got, (math.Log(2)/2+math.Log(2.0/3)/2)/2)

	// Weights of 1/10 and 9/10 become ½ and ½, and the rounding is the formula's.
	q, next := spec.Column(math.Log(9)), spec.Column(0.125)
	got, _, _ = HopfieldDivergence(q, spec.Column(0.0), k, nil, 1, 0)
	near(t, "beyond a factor e", got, 0.1*math.Log(0.2)+0.9*math.Log(1.8))
	const beta = 1.5
	k = spec.Column(-0.25, 1)
	r, opt := RoundingOf[float64](), Retrieval(1, nil, beta)
	var logs, errs [2][2]float64
	for i, state := range []matrix{q, next} {
		lambda, _ := AttentionLSEBound(oneHead(state), oneHead(k), opt, spec.Profile{}, r)
		e, _ := AttentionQKBound(oneHead(state), oneHead(k), spec.QKLogits, opt, spec.Profile{}, r)
		x := []float64{beta * state.Data[0] * k.Data[0], beta * state.Data[0] * k.Data[1]}
		lse := math.Log(math.Exp(x[0]) + math.Exp(x[1]))
		for j := range x {
			logs[i][j] = x[j] - lse
			errs[i][j] = e.At(0, 0, 0, j) + second*(lambda.At(0, 0, 0, 0)+2*r.Unit*(math.Abs(x[j])+math.Abs(lse)))
		}
	}
	var value, sum float64
	for j := range 2 {
		a, b, t := math.Exp(logs[0][j]), math.Exp(logs[1][j]), logs[1][j]-logs[0][j]
		term := b - a - a*t
		value += term
		sum += math.Abs(b-a)*(errs[0][j]+errs[1][j]) + term*(errs[0][j]+4*r.Unit) + 18*r.Unit*(b+a*(1+math.Abs(t)))
	}
	got, err, _ = HopfieldDivergence(q, next, k, nil, beta, 0)
	near(t, "value", got, value/beta)
	near(t, "its rounding", err*0x1p53, second*sum/beta*0x1p53)
}
