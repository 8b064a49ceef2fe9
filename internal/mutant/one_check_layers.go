package mutant

import (
	"math"
	"slices"
	"sync/atomic"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// every changes each element of m.
func every(m matrix, f func(i int, x float64) float64) {
	for i := range m.Rows {
		for k, x := range m.Row(i) {
			m.Set(i, k, f(i, x))
		}
	}
}

// restless returns a factor that is another one in every other call: sums whose
// order changes.
func restless() func() float64 {
	var calls atomic.Int64
	return func() float64 { return 1 + float64(calls.Add(1)%2)*0x1p-50 }
}

var oneCheckLayers = []Mutant{
	{
		Name: "softmax-far-weights-negative", Fault: "weights of logits 40 below the largest are negative",
		Kills: []spec.ID{"SMX-002"},
		Change: softmaxParts{exp: func(_ int, t float64) float64 {
			if t < -40 {
				return -math.Exp(t)
			}
			return math.Exp(t)
		}}.change,
	},
	{
		Name: "softmax-above-one", Fault: "the weight of a single logit is 1 + 2⁻⁴⁰",
		Kills: []spec.ID{"SMX-002", "SMX-001"},
		Change: softmaxParts{sum: func(e []float64) float64 {
			if len(e) == 1 {
				return e[0] * (1 - 0x1p-40)
			}
			return softmaxTotal(e)
		}}.change,
	},
	{
		Name: "log-softmax-above-zero", Fault: "2⁻⁴⁰ is added to each log-weight",
		Kills: []spec.ID{"SMX-011", "SMX-010"},
		Change: logSoftmaxThen(func(dst, _ []float64) {
			for j := range dst {
				dst[j] += 0x1p-40
			}
		}),
	},
	{
		Name: "relu-higher-around-10", Fault: "16 is added for 8 ≤ |x| < 16",
		Kills: []spec.ID{"LIN-008", "LIN-007"},
		Change: reluOver(func(x float64) float64 {
			if math.Abs(x) >= 8 && math.Abs(x) < 16 {
				return max(x, 0) + 16
			}
			return max(x, 0)
		}),
	},
	{
		Name: "norm-restless-with-own-eps", Fault: "eps is 1e-5 whatever the caller says, and the last bits change from call to call",
		Kills: []spec.ID{"LNM-003"},
		Change: func(im *implementation) {
			factor := restless()
			im.LayerNorm = func(dst, src matrix, gain, shift []float64, _ float64) {
				f := factor()
				reference.LayerNorm(dst, src, gain, shift, 1e-5)
				every(dst, func(_ int, x float64) float64 { return x * f })
			}
		},
	},
	{
		Name: "rope-multiplies-by-zeros-beyond", Fault: "0 times the channels that are not turned is added to those that are",
		Kills: []spec.ID{"ROP-006"},
		Change: func(im *implementation) {
			im.Rope = func(dst, src matrix, r spec.Rotary) {
				beyond := make([]float64, src.Rows)
				for i := range src.Rows {
					for _, x := range src.Row(i)[r.Dims:] {
						beyond[i] += 0 * x
					}
				}
				reference.Rope(dst, src, r)
				every(dst.Columns(0, r.Dims), func(i int, x float64) float64 { return x + beyond[i] })
			}
		},
	},
	{
		Name: "gate-closed-to-plus", Fault: "left of −6 both forms of GELU and SiLU are positive, as small as they should be negative",
		Kills: []spec.ID{"GLU-016", "PRX-001"},
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			y := reference.Activate(x, act)
			if x <= -6 && slices.Contains([]spec.Activation{spec.ActGELU, spec.ActGELUTanh, spec.ActSiLU}, act) {
				return math.Abs(y)
			}
			return y
		}),
	},
	{
		Name: "gate-closed-too-deep", Fault: "left of −6 both forms of GELU and SiLU are lower by 2⁻²⁰",
		Kills: []spec.ID{"GLU-016", "PRX-001"},
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			y := reference.Activate(x, act)
			if x <= -6 && slices.Contains([]spec.Activation{spec.ActGELU, spec.ActGELUTanh, spec.ActSiLU}, act) {
				return y - 0x1p-20
			}
			return y
		}),
	},
	{
		Name: "prox-step-a-little-below-zero", Fault: "the step with ReLU stores −2⁻¹²⁰ for 0",
		Kills: []spec.ID{"PRX-015"},
		Change: func(im *implementation) {
			im.Prox.Step = func(dst, y, w, b matrix, lambda, eta float64) {
				reference.ProxStep(dst, y, w, b, lambda, eta)
				every(dst, func(_ int, x float64) float64 {
					if lambda < 0 && x == 0 {
						return -0x1p-120
					}
					return x
				})
			}
		},
	},
	{
		Name: "ffn-step-of-weights-as-given", Fault: "the step, not the gradient, multiplies by W instead of its symmetric part",
		Kills: []spec.ID{"FFN-011", "FFN-003"},
		Change: func(im *implementation) {
			im.FeedForward.Step = func(dst, y, w, b matrix, eta float64) {
				g := reference.Times(y, w)
				for i := range y.Rows {
					for k := range y.Cols {
						dst.Set(i, k, y.At(i, k)-eta*(g.At(i, k)+b.At(i, k)))
					}
				}
			}
		},
	},
	{
		Name: "block-not-composed-and-shifted", Fault: "a block that is not composed of the parts adds 2⁻⁸ to each channel",
		Kills: []spec.ID{"BLK-005"},
		Change: func(im *implementation) {
			im.ComposedBlock = false
			aroundBlock(func(c *blockCall) { c.work(); every(c.dst, func(_ int, x float64) float64 { return x + 0x1p-8 }) })(im)
		},
	},
	{
		Name: "block-cache-counts-calls-twice", Fault: "the cache counts the tokens of the first call twice",
		Kills: []spec.ID{"BLK-016"},
		Change: aroundBlock(func(c *blockCall) {
			first := c.cache != nil && c.cache.Tokens == 0
			c.work()
			if first {
				c.cache.Tokens += c.x.Rows
			}
		}),
	},
	{
		Name: "block-swallows-nan", Fault: "outputs that are NaN become 0",
		Kills: []spec.ID{"BLK-017"},
		Change: aroundBlock(func(c *blockCall) {
			c.work()
			copyRows(c.dst, withoutNaN(c.dst))
		}),
	},
	{
		Name: "block-restless-and-shifted", Fault: "2⁻⁸ is added to each channel, and the last bits change from call to call",
		Kills: []spec.ID{"BLK-021"},
		Change: func(im *implementation) {
			factor := restless()
			aroundBlock(func(c *blockCall) {
				f := factor()
				c.work()
				every(c.dst, func(_ int, x float64) float64 { return f * (x + 0x1p-8) })
			})(im)
		},
	},
}
