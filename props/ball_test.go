package props

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestBallsHoldExactResults runs random programs of sums, products, quotients
// and cuts in balls and in rational arithmetic: the exact result must lie in
// the ball.
func TestBallsHoldExactResults(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		x := ball{v: r.NormFloat64(), e: r.Float64() * 0x1p-20}
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
