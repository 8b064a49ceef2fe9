package kernel

import (
	"math"
	"testing"
)

// TestCap compares capped numbers with their value in float64: the quotient is off
// by two roundings, which the tangent carries on at most as they are, the tangent
// by TanhError, the product by one rounding.
func TestCap(t *testing.T) {
	const u = 0x1p-24
	for _, l := range Levels() {
		capped := l.Attention().Cap
		for _, limit := range []float64{30, 50, 1, -2, 0.1, 0x1p-110, 0x1p110, 1e-3, 12345} {
			x := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0, 1e-40, 3e38}
			for k := range 1000 {
				x = append(x, float32(float64(k-500)/100*limit), float32(math.Ldexp(1, k%140-70)))
			}
			got := append([]float32(nil), x...)
			capped(got, limit)
			for k, e := range x {
				want := limit * math.Tanh(float64(e)/limit)
				if math.IsNaN(want) && got[k] != got[k] {
					continue
				}
				bound := (TanhError+4*u)*math.Abs(want) + 0x1p-149*(2+math.Abs(limit))
				if err := math.Abs(float64(got[k]) - want); !(err <= bound) {
					t.Errorf("%v: %v capped at %v is %v, not %v: err %g, bound %g", l, e, limit, got[k], want, err, bound)
				}
			}
		}
	}
}
