package reference

import (
	"math"

	"gonum.org/v1/gonum/diff/fd"
)

// CentralError bounds the error of gonum's central difference of a function f at
// an argument of absolute value at most x, near which |f′| ≤ slope and |f‴| ≤
// third, and whose computed values are off by at most err: by Taylor's theorem
// third·h²/6; the two values cost err/h; rounding x ± h moves each by u(x+h), and
// the quotient by slope·u(x+h)/h; subtraction and division cost 2u|f′|, and u of
// the values is part of err. 1.01 covers products of these.
func CentralError(third, slope, x, err float64) float64 {
	const u = 0x1p-53
	h := fd.Central.Step
	return 1.01 * (third*h*h/6 + (err+slope*u*(x+h))/h + 2*u*math.Abs(slope))
}
