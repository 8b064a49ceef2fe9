package kernel

import "math"

// Function is a function of single numbers.
type Function int

// The functions. Each has its limits at ±Inf, NaN for NaN, and what ErrorOf says
// elsewhere.
const (
	ReLU     Function = iota // max(0, x), +0 for −0
	Sigmoid                  // 1/(1+exp(−x))
	SiLU                     // x/(1+exp(−x))
	Tanh                     // tanh x
	GELU                     // xΦ(x)
	GELUTanh                 // x/2·(1+tanh(√(2/π)(x+0.044715x³)))
	Softplus                 // log(1+exp x)
	Log                      // log x, −Inf for ±0, NaN below
	functions
)

// ErrorOf bounds the relative error of f(x) at any level, as far as its result is
// a normal number; below, the error is at most 1+|x| times the smallest positive
// number more. GELU's grows as x² in the left tail and GELUTanh's with its
// argument, of which the tails are exponentials. All 2³² arguments were tried at
// the levels of amd64: go test ./internal/kernel -run TestFunctionsExhaustive with
// ATTEST_EXHAUSTIVE=1 does so again.
func (f Function) ErrorOf(x float64) float64 {
	const u = 0x1p-24
	switch f {
	case ReLU:
		return 0
	case GELU:
		if x < 0 {
			return (7 + x*x) * u
		}
		return 6 * u
	case GELUTanh:
		if x < 0 {
			return (6 + 5*math.Sqrt(2/math.Pi)*2*math.Abs(x)*(1+0.044715*x*x)) * u
		}
	}
	return 5 * u
}

// Apply stores f(x) for each number of x in dst, which may be x. The two have
// equal lengths.
func (l Level) Apply(f Function, dst, x []float32) {
	_ = dst[:len(x)]
	l.apply(f, dst, x)
}

// portableApply evaluates in float64 and rounds once.
func portableApply(f Function, dst, x []float32) {
	if f == ReLU {
		for k, e := range x {
			dst[k] = max(e, 0)
		}
		return
	}
	g := inFloat64[f]
	for k, e := range x {
		dst[k] = float32(g(float64(e)))
	}
}

// inFloat64 are the functions with 29 bits to spare.
var inFloat64 = [functions]func(float64) float64{
	Sigmoid:  logistic,
	SiLU:     func(x float64) float64 { return gated(x, logistic(x)) },
	Tanh:     math.Tanh,
	GELU:     func(x float64) float64 { return gated(x, 0.5*math.Erfc(-math.Sqrt2/2*x)) },
	GELUTanh: func(x float64) float64 { return gated(x, logistic(2*0.7978845608028654*x*(1+0.044715*x*x))) },
	Softplus: func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
	Log:      math.Log,
}

// logistic returns 1/(1+e⁻ˣ); in float64 e⁻ˣ does not overflow for any float32
// whose result is a float32 above zero.
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// gated returns x·g, 0 for a closed gate even at x = −Inf.
func gated(x, g float64) float64 {
	if g == 0 {
		return 0
	}
	return x * g
}
