package mutant

import (
	"math"

	"example.com/attest/spec"
)

// residualOver makes a mutant of the residual sum.
func residualOver(f func(x, y float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Residual = func(dst, x, y matrix) {
			for i := range x.Rows {
				for k := range x.Cols {
					dst.Set(i, k, f(x.At(i, k), y.At(i, k)))
				}
			}
		}
	}
}

var residualMutants = []Mutant{
	{
		Name: "residual-stream-lost", Fault: "the branch replaces the stream",
		Kills:  []spec.ID{"RES-001", "RES-002", "RES-003", "RES-005"},
		Change: residualOver(func(_, y float64) float64 { return y }),
	},
	{
		Name: "residual-branch-lost", Fault: "the branch is not added",
		Kills:  []spec.ID{"RES-001", "RES-002", "RES-003", "RES-005"},
		Change: residualOver(func(x, _ float64) float64 { return x }),
	},
	{
		Name: "residual-larger", Fault: "the larger of stream and branch is taken",
		Kills:  []spec.ID{"RES-001", "RES-002", "RES-005"},
		Change: residualOver(math.Max),
	},
	{
		Name: "residual-halved-branch", Fault: "the branch is halved",
		Kills:  []spec.ID{"RES-001", "RES-002", "RES-003", "RES-004"},
		Change: residualOver(func(x, y float64) float64 { return x + y/2 }),
	},
	{
		Name: "residual-mean", Fault: "the mean is stored instead of the sum",
		Kills:  []spec.ID{"RES-001", "RES-002", "RES-004"},
		Change: residualOver(func(x, y float64) float64 { return (x + y) / 2 }),
	},
	{
		Name: "residual-difference", Fault: "the branch is subtracted",
		Kills:  []spec.ID{"RES-001", "RES-002", "RES-003", "RES-004"},
		Change: residualOver(func(x, y float64) float64 { return x - y }),
	},
	{
		Name: "residual-half-precision", Fault: "sums are rounded to eleven bits",
		Kills:  []spec.ID{"RES-001", "RES-002", "RES-004"},
		Change: residualOver(func(x, y float64) float64 { return toBits(x+y, 11) }),
	},
	{
		Name: "residual-truncated", Fault: "sums are rounded towards zero",
		Kills: []spec.ID{"RES-001"},
		Change: residualOver(func(x, y float64) float64 {
			s := x + y
			if math.Abs(x) < math.Abs(y) {
				x, y = y, x
			}
			if lost := y - (s - x); lost != 0 && (lost > 0) != (s > 0) { // the sum was rounded away from zero
				return math.Nextafter(s, 0)
			}
			return s
		}),
	},
}
