package props

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"example.com/attest/spec"
)

// TestBallsHoldExactResults runs random programs of sums, products, quotients
// and cuts in balls and in rational arithmetic: the exact result must lie in
// the ball.
func TestBallsHoldExactResults(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		// Every other program begins with an exact number, small or large, of which
		// nothing but roundings makes a ball.
		x := ball{v: math.Ldexp(r.NormFloat64(), r.IntN(81)-40), e: float64(r.IntN(2)) * r.Float64() * 0x1p-20}
		// An exact number somewhere in the ball.
		exact := new(big.Rat).SetFloat64(x.v)
		exact.Add(exact, new(big.Rat).SetFloat64(x.e*(2*r.Float64()-1)))
		for range 12 {
			y := r.NormFloat64()
			other := new(big.Rat).SetFloat64(y)
			switch r.IntN(6) {
			case 0:
				x, exact = x.plus(exactly(y)), new(big.Rat).Add(exact, other)
			case 1:
				x, exact = exactly(y).minus(x), new(big.Rat).Sub(other, exact)
			case 2:
				x, exact = x.times(exactly(y)), new(big.Rat).Mul(exact, other)
			case 3:
				x, exact = x.times(x).half(), new(big.Rat).Mul(new(big.Rat).Mul(exact, exact), big.NewRat(1, 2))
			case 4:
				if x.low() > 0 || x.high() < 0 {
					x, exact = exactly(y).over(x), new(big.Rat).Quo(other, exact)
				}
			case 5:
				x = x.positive()
				if exact.Sign() < 0 {
					exact = new(big.Rat)
				}
			}
			if x.e > 0x1p10 || x.e != x.e {
				break
			}
			gap := new(big.Rat).Sub(exact, new(big.Rat).SetFloat64(x.v))
			if gap.Abs(gap).Cmp(new(big.Rat).SetFloat64(x.e)) > 0 {
				t.Fatalf("%v lies outside %v ± %v", exact.FloatString(30), x.v, x.e)
			}
		}
	}
}

// TestBallsAreTight requires the ends, the halves and the cuts of a ball to be
// these and no more, and one operation to add its own rounding alone.
func TestBallsAreTight(t *testing.T) {
	a := ball{3, 0.5}
	for _, c := range []struct {
		name      string
		got, want ball
	}{
		{"half", a.half(), ball{1.5, 0.25}},
		{"positive part", a.positive(), a},
		{"positive part of a negative", ball{-3, 0.5}.positive(), ball{0, 0.5}},
		{"negative part", ball{-3, 0.5}.negative(), ball{-3, 0.5}},
		{"negative part of a positive", a.negative(), ball{0, 0.5}},
		{"ends", ball{a.low(), a.high()}, ball{2.5, 3.5}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	for _, c := range []struct {
		name     string
		got      ball
		v, exact float64 // and the error that the operands bring
	}{
		{"sum", a.plus(ball{4, 0.25}), 7, 0.75},
		{"difference", a.minus(ball{4, 0.25}), -1, 0.75},
		{"product", a.times(ball{-4, 0.25}), -12, 3*0.25 + 4*0.5 + 0.5*0.25},
		{"quotient", a.over(ball{-4, 2}), -0.75, (0.5 + 0.75*2) / 2},
		{"inner product", balls{{a, exactly(2)}}.with(balls{{exactly(5), ball{1, 0.5}}}), 17, 2.5 + 1},
		{"square", balls{{a}, {exactly(-2)}}.squared(), 13, 3 + 0.25},
		{"through", balls{{a, exactly(1)}}.through(spec.Column(2.0, 5))[0][0], 11, 1},
	} {
		if extra := c.got.e - c.exact; c.got.v != c.v || !(extra >= 0 && extra <= 32*unit64*(math.Abs(c.v)+c.exact)) {
			t.Errorf("%s: %v, %v more than its operands bring", c.name, c.got, extra)
		}
	}
	for _, b := range []ball{{1, 1}, {-1, 1}, {1, 2}, {0, 0}} {
		if q := a.over(b); !math.IsInf(q.e, 1) {
			t.Errorf("divided by %v, which may be zero: %v", b, q)
		}
	}
}

// TestBallsDecide says what least and zero pass, fail, and leave undecided.
func TestBallsDecide(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	least := func(b ball) func(t *Trial) { return func(t *Trial) { t.least("x", b) } }
	zero := func(b ball) func(t *Trial) { return func(t *Trial) { t.zero("x", b) } }
	for _, c := range []struct {
		name  string
		check func(t *Trial)
		fails bool
		blind bool
	}{
		{"at most 0", least(ball{-1, 0}), false, false},
		{"perhaps", least(ball{1, 1}), false, false},
		{"above", least(ball{1, 0.5}), true, false},
		{"nothing is certain", least(ball{1, inf}), false, true},
		{"nor here", least(ball{1, nan}), false, true},
		{"infinite", least(ball{inf, inf}), false, false},
		{"NaN", least(ball{nan, nan}), true, false},
		{"NaN with a finite error", least(ball{nan, 1}), true, false},
		{"zero", zero(ball{0, 0}), false, false},
		{"near zero", zero(ball{-1, 1}), false, false},
		{"below zero", zero(ball{-1, 0.5}), true, false},
		{"above zero", zero(ball{1, 0.5}), true, false},
		{"zero, perhaps", zero(ball{1, inf}), false, true},
		{"infinity is not zero", zero(ball{-inf, 1}), true, false},
		{"not a number", zero(ball{nan, inf}), true, false},
	} {
		tr := tryOnce(c.check)
		if fails := tr.failure != nil; fails != c.fails || tr.blind != c.blind {
			t.Errorf("%s: fails %v, undecided %v", c.name, fails, tr.blind)
		}
	}
	for x, want := range map[float64]float64{0.5: 0.5, 1 + 0x1p-24: 1, 1 + 0x1p-23: 1 + 0x1p-23, 1 - 0x1p-26: 1 - 0x1p-24} {
		if got := below(x); got != want {
			t.Errorf("below %v: %v, want %v", x, got, want)
		}
	}
}
