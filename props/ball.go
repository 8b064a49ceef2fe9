package props

import "math"

// ball is a real number known to lie within e of v. Its arithmetic is the
// running error analysis of the judge: every operation adds its own rounding in
// float64 to what its operands carry, so that a statement about exact numbers
// can be judged from computed ones without a tolerance [higham2002, section
// 3.3].
type ball struct{ v, e float64 }

// rounded returns v with error e, the rounding of v itself and of the
// computation of e added.
func rounded(v, e float64) ball {
	return ball{v, (e+unit64*math.Abs(v)+0x1p-1074)*(1+16*unit64) + 0x1p-1074}
}

func exactly(v float64) ball { return ball{v, 0} }

func (a ball) plus(b ball) ball  { return rounded(a.v+b.v, a.e+b.e) }
func (a ball) minus(b ball) ball { return rounded(a.v-b.v, a.e+b.e) }
func (a ball) times(b ball) ball {
	return rounded(a.v*b.v, math.Abs(a.v)*b.e+math.Abs(b.v)*a.e+a.e*b.e)
}

// over returns a/b; the error is infinite when b may be zero.
func (a ball) over(b ball) ball {
	low := math.Abs(b.v) - b.e
	if !(low > 0) {
		return ball{a.v / b.v, math.Inf(1)}
	}
	q := a.v / b.v
	return rounded(q, (a.e+math.Abs(q)*b.e)/low*(1+8*unit64))
}

// half returns a/2, which is exact.
func (a ball) half() ball { return ball{a.v / 2, a.e / 2} }

// positive returns max(0, a), which is never further off than a.
func (a ball) positive() ball { return ball{max(0, a.v), a.e} }

// negative returns min(0, a).
func (a ball) negative() ball { return ball{min(0, a.v), a.e} }

// high and low are the ends of the ball.
func (a ball) high() float64 { return a.v + a.e }
func (a ball) low() float64  { return a.v - a.e }

// balls is a matrix of balls.
type balls [][]ball

// enclose returns the elements of m, each known within its eps; the zero
// Matrix as eps stands for exact elements.
func enclose(m, eps matrix) balls {
	out := make(balls, m.Rows)
	for i := range out {
		out[i] = make([]ball, m.Cols)
		for k := range out[i] {
			out[i][k].v = m.At(i, k)
			if !eps.IsZero() {
				out[i][k].e = eps.At(i, k)
			}
		}
	}
	return out
}

// each applies f to the elements of x and y, which have one shape.
func each(x, y balls, f func(a, b ball) ball) balls {
	out := make(balls, len(x))
	for i := range x {
		out[i] = make([]ball, len(x[i]))
		for k := range x[i] {
			out[i][k] = f(x[i][k], y[i][k])
		}
	}
	return out
}

func (x balls) plus(y balls) balls  { return each(x, y, ball.plus) }
func (x balls) minus(y balls) balls { return each(x, y, ball.minus) }
func (x balls) scaled(c ball) balls {
	return each(x, x, func(a, _ ball) ball { return a.times(c) })
}
func (x balls) positive() balls {
	return each(x, x, func(a, _ ball) ball { return a.positive() })
}

// through returns XM for an exact matrix M, X itself for the zero Matrix.
func (x balls) through(m matrix) balls {
	if m.IsZero() {
		return x
	}
	out := make(balls, len(x))
	for i := range x {
		out[i] = make([]ball, m.Cols)
		for l := range out[i] {
			for k := range x[i] {
				out[i][l] = out[i][l].plus(x[i][k].times(exactly(m.At(k, l))))
			}
		}
	}
	return out
}

// with returns ⟨X, Y⟩.
func (x balls) with(y balls) ball {
	var s ball
	for i := range x {
		for k := range x[i] {
			s = s.plus(x[i][k].times(y[i][k]))
		}
	}
	return s
}

// squared returns ‖X‖².
func (x balls) squared() ball { return x.with(x) }

// least requires that a ≤ 0 can be true: a.v ≤ a.e. A finite value of which
// rounding leaves nothing certain, as of a penalty at the edge of its domain,
// decides nothing.
func (t *Trial) least(what string, a ball) {
	if !finite(a.e) && finite(a.v) {
		t.Undecidable()
	}
	t.Within(what, a.v, a.e)
}

// zero requires that a = 0 can be true: |a.v| ≤ a.e.
func (t *Trial) zero(what string, a ball) {
	if !finite(a.e) && finite(a.v) {
		t.Undecidable()
	}
	t.Within(what, math.Abs(a.v), a.e)
}

func finite(x float64) bool { return x-x == 0 }

// below returns the largest float32 that is at most x > 0.
func below(x float64) float64 {
	f := float32(x)
	if float64(f) > x {
		f = math.Nextafter32(f, 0)
	}
	return float64(f)
}
