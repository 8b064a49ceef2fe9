package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// headsStep is the type of the steps with several heads.
type headsStep = func(dst, y matrix, a []matrix, eta float64)

// tiedWith makes a mutant of the tied step from the step that it takes instead.
func tiedWith(step headsStep) func(im *implementation) {
	return func(im *implementation) { im.Heads.Step = step }
}

// headsEta changes the step size of one of the steps.
func headsEta(step headsStep, f func(eta float64) float64) headsStep {
	return func(dst, y matrix, a []matrix, eta float64) { step(dst, y, a, f(eta)) }
}

// concatEta changes the step size of the concatenation.
func concatEta(f func(eta float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Heads.ConcatStep = func(dst, y matrix, cuts []int, eta float64) {
			reference.HeadsConcatStep(dst, y, cuts, f(eta))
		}
	}
}

// tiedSum is the tied step with head h counted share(h) times, a trace of at least floor,
// and values through VVᵀ, V = value(Aₕ).
func tiedSum(dst, y matrix, a []matrix, eta float64, share func(h int) float64, value func(a matrix) matrix, floor float64) {
	sum, c := spec.NewMatrix[float64](y.Rows, y.Cols), make([]float64, y.Rows)
	for h, ah := range a {
		g := reference.Kernel(y, ah)
		d := reference.Degrees(g)
		v := value(ah)
		inc := reference.Laplacian(g, y)
		if !v.IsZero() {
			inc = reference.Times(reference.Times(inc, v), reference.Transpose(v))
		}
		for i := range d {
			c[i] += d[i] * max(floor, reference.SquaredNorm(ah, y.Cols))
			for k := range y.Cols {
				sum.Set(i, k, sum.At(i, k)-share(h)*inc.At(i, k))
			}
		}
	}
	for i := range y.Rows {
		for k := range y.Cols {
			x := y.At(i, k)
			if c[i] > 0 {
				x += eta * sum.At(i, k) / c[i]
			}
			dst.Set(i, k, x)
		}
	}
}

func tied(a matrix) matrix { return a }

func alike(int) float64 { return 1 }

// oneByOne updates the tokens one after the other, each seeing those moved.
func oneByOne(step headsStep) headsStep {
	return func(dst, y matrix, a []matrix, eta float64) {
		now, next := spec.Convert[float64](y), spec.NewMatrix[float64](y.Rows, y.Cols)
		for i := range y.Rows {
			step(next, now, a, eta)
			copy(now.Row(i), next.Row(i))
			copy(dst.Row(i), next.Row(i))
		}
	}
}

func triple(eta float64) float64   { return 3 * eta }
func halve(eta float64) float64    { return eta / 2 }
func backward(eta float64) float64 { return -eta }
func clamp(eta float64) float64    { return min(eta, 1) }

var headsMutants = []Mutant{
	{
		Name: "heads-tied-overlong", Fault: "the tied step goes six times as far as it should",
		Kills:  []spec.ID{"HED-001", "HED-006", "HED-019"},
		Change: tiedWith(headsEta(reference.HeadsStep, func(eta float64) float64 { return 6 * eta })),
	},
	{
		Name: "heads-tied-backwards", Fault: "the tied step goes up the energy",
		Kills:  []spec.ID{"HED-001", "HED-006", "HED-019"},
		Change: tiedWith(headsEta(reference.HeadsStep, backward)),
	},
	{
		Name: "heads-tied-clamped", Fault: "tied step sizes above 1 are taken as 1",
		Kills:  []spec.ID{"HED-001", "HED-007"},
		Change: tiedWith(headsEta(reference.HeadsStep, clamp)),
	},
	{
		Name: "heads-tied-half", Fault: "the tied step divides by twice c",
		Kills:  []spec.ID{"HED-001", "HED-006", "HED-007", "HED-019"},
		Change: tiedWith(headsEta(reference.HeadsStep, halve)),
	},
	{
		Name: "heads-tied-normalized", Fault: "each head is divided by its own D before the heads are added, and c counts the traces alone",
		Model: "multi-head attention as it is usually written, with tied values",
		Kills: []spec.ID{"HED-001"},
		Change: tiedWith(func(dst, y matrix, a []matrix, eta float64) {
			var traces float64
			for _, ah := range a {
				traces += reference.SquaredNorm(ah, y.Cols)
			}
			if traces > 0 {
				eta /= traces
			}
			reference.HeadsNormalizedStep(dst, y, a, eta)
		}),
	},
	{
		Name: "heads-tied-first-head", Fault: "only the first head moves the tokens",
		Kills: []spec.ID{"HED-001", "HED-016"},
		Change: tiedWith(func(dst, y matrix, a []matrix, eta float64) {
			reference.HeadsStep(dst, y, a[:min(1, len(a))], eta)
		}),
	},
	{
		Name: "heads-tied-later-heads-heavier", Fault: "later heads count for more",
		Kills: []spec.ID{"HED-001", "HED-016"},
		Change: tiedWith(func(dst, y matrix, a []matrix, eta float64) {
			tiedSum(dst, y, a, eta, func(h int) float64 { return 1 + float64(h)/4 }, tied, 0)
		}),
	},
	{
		Name: "heads-tied-trace-floor", Fault: "a head's trace counts as 1 at least, so that zero heads slow the others",
		Kills: []spec.ID{"HED-001", "HED-017"},
		Change: tiedWith(func(dst, y matrix, a []matrix, eta float64) {
			tiedSum(dst, y, a, eta, alike, tied, 1)
		}),
	},
	{
		Name: "heads-tied-untied", Fault: "the values are not multiplied by S",
		Kills: []spec.ID{"HED-001", "HED-017"},
		Change: tiedWith(func(dst, y matrix, a []matrix, eta float64) {
			tiedSum(dst, y, a, eta, alike, func(matrix) matrix { return matrix{} }, 0)
		}),
	},
	{
		Name: "heads-tied-zero-over-zero", Fault: "with every S zero the step divides zero by zero",
		Kills: []spec.ID{"HED-017"},
		Change: tiedWith(func(dst, y matrix, a []matrix, eta float64) {
			reference.HeadsStep(dst, y, a, eta)
			for i, c := range reference.HeadsWeights(y, a) {
				if c == 0 {
					dst.Set(i, 0, math.NaN())
				}
			}
		}),
	},
	{
		Name: "heads-tied-in-place", Fault: "tokens are updated one after the other, each seeing those already moved",
		Kills:  []spec.ID{"HED-001", "HED-018", "HED-019"},
		Change: tiedWith(oneByOne(reference.HeadsStep)),
	},
	{
		Name: "heads-tied-last-token-stays", Fault: "the last token is not moved",
		Kills: []spec.ID{"HED-001", "HED-018", "HED-019"},
		Change: tiedWith(func(dst, y matrix, a []matrix, eta float64) {
			reference.HeadsStep(dst, y, a, eta)
			copy(dst.Row(y.Rows-1), y.Row(y.Rows-1))
		}),
	},
	{
		Name: "heads-concat-shared-weights", Fault: "every head uses the weights of all channels together",
		Kills: []spec.ID{"HED-002"},
		Change: func(im *implementation) {
			im.Heads.ConcatStep = func(dst, y matrix, _ []int, eta float64) {
				reference.InteractionStep(dst, y, matrix{}, eta)
			}
		},
	},
	{
		Name: "heads-concat-overlong", Fault: "the concatenation goes six times as far as it should",
		Kills:  []spec.ID{"HED-002", "HED-008", "HED-010"},
		Change: concatEta(func(eta float64) float64 { return 6 * eta }),
	},
	{
		Name: "heads-concat-backwards", Fault: "the concatenation goes up the energy",
		Kills:  []spec.ID{"HED-002", "HED-008", "HED-010", "HED-012"},
		Change: concatEta(backward),
	},
	{
		Name: "heads-concat-half", Fault: "the concatenation goes half as far as it should",
		Kills:  []spec.ID{"HED-002", "HED-008", "HED-009", "HED-010"},
		Change: concatEta(halve),
	},
	{
		Name: "heads-concat-clamped", Fault: "the concatenation takes step sizes above 1 as 1",
		Kills:  []spec.ID{"HED-002", "HED-009"},
		Change: concatEta(clamp),
	},
	{
		Name: "heads-concat-last-channel", Fault: "the last channel is left to no head",
		Kills: []spec.ID{"HED-002", "HED-010"},
		Change: func(im *implementation) {
			im.Heads.ConcatStep = func(dst, y matrix, cuts []int, eta float64) {
				reference.HeadsConcatStep(dst, y, cuts, eta)
				for i := range y.Rows {
					dst.Set(i, y.Cols-1, y.At(i, y.Cols-1))
				}
			}
		},
	},
	{
		Name: "heads-average-not-divided", Fault: "the average is not divided by the number of heads",
		Kills:  []spec.ID{"HED-003", "HED-011"},
		Change: func(im *implementation) { im.Heads.AverageStep = reference.HeadsSumStep },
	},
	{
		Name: "heads-average-backwards", Fault: "the average of heads goes the wrong way",
		Kills:  []spec.ID{"HED-003", "HED-011"},
		Change: func(im *implementation) { im.Heads.AverageStep = headsEta(reference.HeadsAverageStep, backward) },
	},
	{
		Name: "heads-average-tied", Fault: "the average is replaced by the tied step, which descends",
		Kills:  []spec.ID{"HED-003", "HED-012"},
		Change: func(im *implementation) { im.Heads.AverageStep = reference.HeadsStep },
	},
	{
		Name: "heads-average-stuck", Fault: "the average of heads moves nothing",
		Kills: []spec.ID{"HED-003", "HED-012"},
		Change: func(im *implementation) {
			im.Heads.AverageStep = headsEta(reference.HeadsAverageStep, func(float64) float64 { return 0 })
		},
	},
	{
		Name: "heads-sum-shrinking", Fault: "head h is weighted by 2^−(h+1) in the sum",
		Kills:  []spec.ID{"HED-004", "HED-013", "HED-014", "HED-016"},
		Change: func(im *implementation) { im.Heads.SumStep = headsSumShrinking },
	},
	{
		Name: "heads-sum-tied", Fault: "the sum of heads is replaced by the tied step, which descends",
		Kills:  []spec.ID{"HED-004", "HED-013", "HED-014"},
		Change: func(im *implementation) { im.Heads.SumStep = reference.HeadsStep },
	},
	{
		Name: "heads-sum-last-head-dropped", Fault: "the last head is left out of the sum",
		Kills: []spec.ID{"HED-004", "HED-014", "HED-016"},
		Change: func(im *implementation) {
			im.Heads.SumStep = func(dst, y matrix, a []matrix, eta float64) {
				reference.HeadsSumStep(dst, y, a[:len(a)-1], eta)
			}
		},
	},
	{
		Name: "heads-normalized-weighted", Fault: "the normalised heads are replaced by the tied, partition-weighted step, which descends",
		Kills:  []spec.ID{"HED-005", "HED-015"},
		Change: func(im *implementation) { im.Heads.NormalizedStep = reference.HeadsStep },
	},
	{
		Name: "heads-normalized-untied", Fault: "the normalised heads leave out S",
		Kills:  []spec.ID{"HED-005", "HED-015", "HED-017"},
		Change: func(im *implementation) { im.Heads.NormalizedStep = reference.HeadsAverageStep },
	},
	{
		Name: "heads-normalized-overlong", Fault: "the normalised heads go three times as far as they should",
		Kills:  []spec.ID{"HED-005"},
		Change: func(im *implementation) { im.Heads.NormalizedStep = headsEta(reference.HeadsNormalizedStep, triple) },
	},
}

// headsSumShrinking weighs head h by 2^−(h+1): the sum never exceeds the
// average of what each head would do, but depends on the order.
func headsSumShrinking(dst, y matrix, a []matrix, eta float64) {
	now := spec.Convert[float64](y)
	for h := range a {
		reference.HeadsSumStep(dst, y, a[h:h+1], eta/math.Ldexp(1, h+1))
		for i := range y.Rows {
			for k := range y.Cols {
				now.Set(i, k, now.At(i, k)+dst.At(i, k)-y.At(i, k))
			}
		}
	}
	copyRows(dst, now)
}
