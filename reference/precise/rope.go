package precise

import "example.com/attest/spec"

var (
	rope      spec.Rope[float64]      = ropeRows
	positions spec.Positions[float64] = positionRows
)

// turn is the complex number cos θ + i sin θ.
type turn struct{ cos, sin real }

func (t turn) times(s turn) turn {
	return turn{sub(mul(t.cos, s.cos), mul(t.sin, s.sin)), add(mul(t.cos, s.sin), mul(t.sin, s.cos))}
}

// power returns tᵖ by repeated squaring.
func (t turn) power(p int) turn {
	if p < 0 {
		t, p = turn{t.cos, neg(t.sin)}, -p
	}
	out := turn{one, zero()}
	for ; p > 0; p >>= 1 {
		if p&1 == 1 {
			out = out.times(t)
		}
		t = t.times(t)
	}
	return out
}

// unitTurn returns the turn of position 1, pair k of d channels: its angle
// base^(−2k/d) = exp(−(2k/d)·log base) is at most 1, so that the series of sine
// and cosine serve. Position p is its p-th power: no angle is reduced.
func unitTurn(k, d int, base float64) turn {
	omega := exp(neg(mul(quo(num(float64(2*k)), num(float64(d))), log(num(base)))))
	sin, term := omega, omega
	for j := 1; j < 40; j++ {
		term = neg(quo(mul(term, mul(omega, omega)), num(float64(2*j*(2*j+1)))))
		sin = add(sin, term)
	}
	return turn{cos(omega), sin}
}

// ropeRows turns the rows one by one. One that is not finite becomes NaN.
func ropeRows(dst, src matrix, r spec.Rotary) {
	spec.CheckRope(dst, src, r)
	eachFinite(dst, src, func(i int, x []real) []real {
		r := r
		r.Offset += i
		return turned([][]real{x}, r)[0]
	})
}

// turned turns the rows where they are and returns them.
func turned(x [][]real, r spec.Rotary) [][]real {
	for k := range r.Dims / 2 {
		first, second := r.Pair(k)
		unit := unitTurn(k, r.Dims, r.Base)
		for i := range x {
			t := unit.power(r.Offset + i).times(turn{x[i][first], x[i][second]})
			x[i][first], x[i][second] = t.cos, t.sin
		}
	}
	return x
}

func positionRows(dst matrix, offset int, base float64) {
	spec.CheckPositions(dst, base)
	for c := range dst.Cols {
		unit := unitTurn(c/2, dst.Cols, base)
		for i := range dst.Rows {
			t := unit.power(offset + i)
			dst.Set(i, c, float(t.sin))
			if c%2 == 1 {
				dst.Set(i, c, float(t.cos))
			}
		}
	}
}
