package precise

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// digits parses a decimal constant.
func digits(t *testing.T, s string) real {
	t.Helper()
	x, _, err := big.ParseFloat(s, 10, prec, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// close140 reports whether x and y agree to 140 of 160 bits.
func close140(x, y real) bool {
	d := zero().Abs(sub(x, y))
	return d.Sign() == 0 || d.MantExp(nil) <= zero().Abs(y).MantExp(nil)-140
}

// TestKnownDigits compares exp and log with published decimal expansions.
func TestKnownDigits(t *testing.T) {
	for _, c := range []struct {
		name string
		got  real
		want string
	}{
		{"e", exp(num(1)), "2.7182818284590452353602874713526624977572470936999595749669676"},
		{"exp(-1)", exp(num(-1)), "0.36787944117144232159552377016146086744581113103176783450783680"},
		{"exp(10)", exp(num(10)), "22026.465794806716516957900645284244366353512618556781074235426"},
		{"log 2", ln2(), "0.69314718055994530941723212145817656807550013436025525412068001"},
		{"log 10", log(num(10)), "2.3025850929940456840179914546843642076011014886287729760333279"},
	} {
		if want := digits(t, c.want); !close140(c.got, want) {
			t.Errorf("%s = %s, want %s", c.name, c.got.Text('g', 45), c.want)
		}
	}
}

// TestExpLaws checks exp(x+y) = exp(x)exp(y), log(exp(x)) = x, and agreement
// with package math, whose exponential may be off by two units in the last
// place.
func TestExpLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Float64Range(-300, 300).Draw(t, "x"), rapid.Float64Range(-300, 300).Draw(t, "y")
		if got, want := exp(add(num(x), num(y))), mul(exp(num(x)), exp(num(y))); !close140(got, want) {
			t.Fatalf("exp(%v+%v) = %s, want %s", x, y, got.Text('g', 45), want.Text('g', 45))
		}
		if x > 1e-3 || x < -1e-3 {
			if got := log(exp(num(x))); !close140(got, num(x)) {
				t.Fatalf("log(exp(%v)) = %s", x, got.Text('g', 45))
			}
		}
		if got, want := float(exp(num(x))), math.Exp(x); !(math.Abs(got-want) <= 4*0x1p-53*want) {
			t.Fatalf("exp(%v) = %v, package math says %v", x, got, want)
		}
	})
}

// TestTurns compares powers of a turn with sine and cosine of package math, and
// checks that they stay on the unit circle.
func TestTurns(t *testing.T) {
	for _, p := range []int{0, 1, -1, 2, 1000, -4095, 1 << 20} {
		for k := range 3 {
			z := unitTurn(k, 6, 10000).power(p)
			angle := float64(p) * math.Pow(10000, -float64(k)/3)
			bound := 64 * 0x1p-53 * (math.Abs(angle) + 1)
			if !(math.Abs(float(z.sin)-math.Sin(angle)) <= bound && math.Abs(float(z.cos)-math.Cos(angle)) <= bound) {
				t.Errorf("position %d, pair %d: (%v, %v), package math has %v, %v", p, k, float(z.cos), float(z.sin), math.Cos(angle), math.Sin(angle))
			}
			if r := add(mul(z.cos, z.cos), mul(z.sin, z.sin)); !close120(r, num(1)) {
				t.Errorf("position %d, pair %d: squared norm %s", p, k, r.Text('g', 45))
			}
		}
	}
}

// close120 reports whether x and y agree to 120 of 160 bits: powers up to the
// 2²⁰-th lose twenty and a few.
func close120(x, y real) bool {
	d := zero().Abs(sub(x, y))
	return d.Sign() == 0 || d.MantExp(nil) <= zero().Abs(y).MantExp(nil)-120
}

// TestAddFarApart adds numbers whose exponents are a billion apart, which math/big
// alone does in memory of that many bits, and just as far apart as is added.
func TestAddFarApart(t *testing.T) {
	tiny := func(e int) real { return zero().SetMantExp(num(1), e) }
	for _, c := range []struct{ x, y, want real }{
		{num(3), tiny(-1 << 30), num(3)}, {tiny(-1 << 30), num(-3), num(-3)}, {num(0), tiny(-1 << 30), tiny(-1 << 30)},
		{num(1), tiny(-prec + 1), zero().Add(num(1), tiny(-prec+1))}, {num(1), tiny(-4 * prec), num(1)}, {num(1), tiny(-4*prec - 1), num(1)},
	} {
		if got := add(c.x, c.y); got.Cmp(c.want) != 0 {
			t.Errorf("%v + %v is %v, not %v", c.x, c.y, got, c.want)
		}
		if got := sub(c.x, neg(c.y)); got.Cmp(c.want) != 0 {
			t.Errorf("%v − −%v is %v, not %v", c.x, c.y, got, c.want)
		}
	}
}
