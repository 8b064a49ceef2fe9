package props

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// drawAround draws a state in the middle of others, q−v, q and q+v, all exact, among
// patterns with exponents in [lo, lo+2].
func drawAround[T spec.Float](t *Trial, lo int) (s hopfieldScene[T], v []float64) {
	d := t.Size("d", 1, 5)
	s = drawPatterns[T](t, 1, 9, d, lo, lo+2)
	q, shift := t.Matrix("Q", 1, d, exactKinds, -1, 1), t.Matrix("V", 1, d, exactKinds, -3, 1)
	s.q, v = spec.NewMatrix[float64](3, d), shift.Row(0)
	for k, x := range q.Row(0) {
		s.q.Set(0, k, x-v[k])
		s.q.Set(1, k, x)
		s.q.Set(2, k, x+v[k])
	}
	return s, v
}

// rangeAlong returns the range of ⟨kⱼ, v⟩ over the visible patterns, and the
// rounding of it.
func (s hopfieldScene[T]) rangeAlong(v []float64) (r, err float64) {
	lo, hi := math.Inf(1), math.Inf(-1)
	seen, size := s.seen(), 0.0
	for j := range seen.Rows {
		p := reference.Dot(seen.Row(j), v)
		lo, hi = min(lo, p), max(hi, p)
		size = max(size, reference.Dot(absRow(seen.Row(j)), absRow(v)))
	}
	return hi - lo, 2 * gamma(len(v)+2) * size
}

func absRow(x []float64) []float64 {
	out := make([]float64, len(x))
	for k, e := range x {
		out[k] = math.Abs(e)
	}
	return out
}

// slope returns ⟨q − q⁺, v⟩ for the middle state as the implementation's step has
// it, and the bound of that.
func (s hopfieldScene[T]) slope(t *Trial, im *spec.Implementation[T], v []float64) (slope, bound float64) {
	middle := s.at(spec.MatrixOf(s.q.Row(1)))
	g := reference.Sub(middle.q, middle.step(t, im, 1)).Row(0)
	slope = reference.Dot(g, v)
	bound = reference.Dot(middle.stepBound(t, 1).Row(0), absRow(v)) + gamma(len(v)+2)*reference.Dot(absRow(g), absRow(v))
	return slope, bound
}

func hopfieldCentralDifference[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, v := drawAround[T](t, -2)
	slope, own := s.slope(t, im, v)
	e, eps := s.energy(t, im), s.energyBound(t)
	r, off := s.rangeAlong(v)
	third := math.Pow(s.beta, 2) * math.Pow(r+off, 3) / (18 * math.Sqrt(3))
	bound := eps.At(0, 0) + eps.At(2, 0) + 2*own + gamma(8)*(third+math.Abs(e.At(0, 0))+math.Abs(e.At(2, 0)))
	t.Near("E(q+v) − E(q−v) against 2⟨q − q⁺, v⟩", e.At(2, 0)-e.At(0, 0), 2*slope, third+bound)
	t.Informative(math.Abs(slope) > 2*(third+bound))
}

// hopfieldQuadratics checks that E lies below its tangent with ½‖v‖², which holds
// for no other tangent, and above that by what the spread of the patterns allows.
func hopfieldQuadratics[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, v := drawAround[T](t, -2)
	slope, own := s.slope(t, im, v)
	e, eps := s.energy(t, im), s.energyBound(t)
	r, off := s.rangeAlong(v)
	curve := reference.Dot(v, v) / 2
	spread := s.beta * (r + off) * (r + off) / 8
	for i, sign := range []float64{-1, 0, 1} {
		above := e.At(i, 0) - (e.At(1, 0) + sign*slope + sign*sign*curve)
		bound := eps.At(i, 0) + eps.At(1, 0) + own + gamma(len(v)+8)*(math.Abs(e.At(i, 0))+math.Abs(e.At(1, 0))+math.Abs(slope)+curve+spread)
		t.Within(at("E(q+v) above the quadratic", i, 0), above, bound)
		t.Within(at("E(q+v) below the quadratic less βr²/8", i, 0), -above-spread, bound)
		if sign != 0 {
			t.Informative(math.Abs(slope)+curve > 8*bound)
		}
	}
}

// descent is one step of every state, and what belongs to it.
type hopfieldDecrease[T spec.Float] struct {
	hopfieldScene[T]
	next  matrix
	rise  []float64 // of the implementation's energy
	norm2 []float64 // ‖∇E‖²
	bound []float64 // margin of a statement about both
}

// descend runs a step and the energies of both its ends. The energy of the next
// state q⁺ + ε that was computed lies below E(q⁺) + ⟨∇E(q⁺), ε⟩ + ½‖ε‖², or by the
// quadratic around q: (1−η)⟨∇E(q), ε⟩ + ½‖ε‖² is what ε adds to it.
func (s hopfieldScene[T]) descend(t *Trial, im *spec.Implementation[T], eta float64) hopfieldDecrease[T] {
	d := hopfieldDecrease[T]{hopfieldScene: s, next: s.step(t, im, eta)}
	eps, after := s.stepBound(t, eta), s.at(d.next)
	before, beforeBound := s.energy(t, im), s.energyBound(t)
	then, thenBound := after.energy(t, im), after.energyBound(t)
	g, slip := s.gradient(t)
	for i := range s.q.Rows {
		norm2 := reference.Dot(g.Row(i), g.Row(i))
		moved := math.Abs(1-eta)*reference.Dot(absRow(g.Row(i)), eps.Row(i)) + reference.Dot(eps.Row(i), eps.Row(i))/2
		judge := math.Abs(eta*(1-eta/2))*(2*reference.Dot(absRow(g.Row(i)), slip.Row(i))+gamma(s.q.Cols+8)*norm2) +
			gamma(4)*(math.Abs(before.At(i, 0))+math.Abs(then.At(i, 0)))
		d.rise = append(d.rise, then.At(i, 0)-before.At(i, 0))
		d.norm2 = append(d.norm2, norm2)
		d.bound = append(d.bound, beforeBound.At(i, 0)+thenBound.At(i, 0)+1.01*(moved+judge))
	}
	return d
}

func hopfieldDescent[T spec.Float](lo, hi float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		maxStates, maxPatterns := 5, 33
		if hi > 2 {
			maxStates, maxPatterns = 2, 5
		}
		s := drawHopfield[T](t, 1, maxStates, 1, maxPatterns)
		eta, told := t.Number("eta", lo, hi), false
		d := s.descend(t, im, eta)
		for i, rise := range d.rise {
			if eta > 2 {
				t.Require(rise <= eta*(eta/2-1)*d.norm2[i]+d.bound[i], "the energy of state %d rises beyond its quadratic", i)
			}
			t.Within(at("rise of the energy of state", i, 0), rise, d.bound[i])
			told = told || -rise > d.bound[i]
		}
		t.Informative(told)
		if hi <= 2 {
			t.Sometimes("η above 1.75", eta > 1.75)
		}
	}
}

// hopfieldLogSumExpDescent drops the term ‖q‖²/2.
func hopfieldLogSumExpDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 2, 1, 5)
	d := s.descend(t, im, t.Number("eta", 0x1p-4, 2))
	for i, rise := range d.rise {
		before, then := reference.Dot(s.q.Row(i), s.q.Row(i))/2, reference.Dot(d.next.Row(i), d.next.Row(i))/2
		t.Within(at("rise of the log-sum-exp of state", i, 0), rise-(then-before), d.bound[i]+gamma(s.q.Cols+4)*(before+then))
	}
}

// drawAnyStep draws a step size of either sign, beyond 2 too.
func drawAnyStep(t *Trial) float64 {
	eta := t.Number("eta", -1, 4)
	t.Sometimes("η below 0", eta < 0)
	t.Sometimes("η above 2", eta > 2)
	return eta
}

func hopfieldQuadraticDecrease[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 5, 1, 33)
	eta, told := drawAnyStep(t), false
	d := s.descend(t, im, eta)
	for i, rise := range d.rise {
		least := eta * (1 - eta/2) * d.norm2[i]
		t.Within(at("rise of the energy and the guaranteed decrease of state", i, 0), rise+least, d.bound[i])
		told = told || math.Abs(least) > 8*d.bound[i]
	}
	t.Informative(told)
}

func hopfieldDecreaseIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 3, 1, 9)
	eta, told := drawAnyStep(t), false
	d := s.descend(t, im, eta)
	for i, rise := range d.rise {
		kl, err, ok := reference.HopfieldDivergence(s.q, d.next, s.k, s.visible, s.beta, i)
		if !ok {
			t.Undecidable()
		}
		bound := d.bound[i] + err
		t.Near(at("decrease of the energy of state", i, 0), -rise, eta*(1-eta/2)*d.norm2[i]+kl, bound)
		told = told || kl > 8*bound
	}
	t.Informative(told)
}
