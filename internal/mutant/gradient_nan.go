package mutant

import (
	"math"

	"example.com/attest/spec"
)

// gradientNaNMutants lose a NaN, or find one that no query may see.
var gradientNaNMutants = []Mutant{
	{
		Name: "gradient-nan-bias-hides", Fault: "a NaN in the bias hides its key",
		Kills: []spec.ID{"GRD-019"},
		Change: gradientOptions(func(o *spec.AttentionOptions) {
			if o.Bias != nil {
				bias := *o.Bias
				bias.Data = numbersOf(bias.Data, math.Inf(-1))
				o.Bias = &bias
			}
		}),
	},
	{
		Name: "gradient-nan-sink-is-zero", Fault: "a sink that is NaN counts as 0",
		Kills:  []spec.ID{"GRD-019"},
		Change: gradientOptions(func(o *spec.AttentionOptions) { o.Sinks = numbersOf(o.Sinks, 0) }),
	},
	{
		Name: "gradient-nan-slope-is-zero", Fault: "a slope that is NaN counts as 0",
		Kills:  []spec.ID{"GRD-019"},
		Change: gradientOptions(func(o *spec.AttentionOptions) { o.Slopes = numbersOf(o.Slopes, 0) }),
	},
	{
		Name: "gradient-sink-nan-dropped", Fault: "a gradient of a sink that is NaN is stored as 0",
		Kills: []spec.ID{"GRD-019"},
		Change: afterGradients(func(c *gradientCall[float64]) {
			for h, x := range c.dst.Sinks {
				if x != x {
					c.dst.Sinks[h] = 0
				}
			}
		}),
	},
	{
		Name: "gradient-hidden-keys-times-0", Fault: "dK of a key takes in the key times 0, hidden or not",
		Kills:  []spec.ID{"GRD-018", "GRD-002", "GRD-007"},
		Change: afterGradients(func(c *gradientCall[float64]) { addTimesZero(c.dst.Key, c.k) }),
	},
	{
		Name: "gradient-hidden-values-times-0", Fault: "dV of a key takes in its value times 0, hidden or not",
		Kills:  []spec.ID{"GRD-018", "GRD-019", "GRD-003", "GRD-007"},
		Change: afterGradients(func(c *gradientCall[float64]) { addTimesZero(c.dst.Value, c.v) }),
	},
	{
		Name: "gradient-hidden-bias-times-0", Fault: "dQ takes in the biases of its row times 0, those of hidden keys too",
		Kills: []spec.ID{"GRD-019", "GRD-004"},
		Change: afterGradients(func(c *gradientCall[float64]) {
			if c.opt.Bias == nil || c.q.Shape[3] == 0 {
				return
			}
			eachQuery(c.q.Shape, func(b, h, i int) {
				for _, x := range c.opt.Bias.Row(b, h, i) {
					if !math.IsInf(float64(x), -1) { // which hides a key by itself
						c.dst.Query.Set(b, h, i, 0, c.dst.Query.At(b, h, i, 0)+0*float64(x))
					}
				}
			})
		}),
	},
}

// afterGradients lets f change what has been stored.
func afterGradients(f func(c *gradientCall[float64])) func(im *implementation) {
	return func(im *implementation) {
		aroundGradients(im, func(c *gradientCall[float64], work func()) {
			work()
			f(c)
		})
	}
}

// addTimesZero adds src times 0 to dst, of the same shape.
func addTimesZero(dst, src spec.Tensor[float64]) {
	each(dst, func(x *float64, b, h, i, c int) { *x += 0 * src.At(b, h, i, c) })
}
