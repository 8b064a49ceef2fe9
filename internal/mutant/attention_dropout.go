package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// keeping changes the options of calls with a keep mask.
func keeping(f func(c *attentionCall[float64], o *spec.AttentionOptions)) func(im *implementation) {
	return withOptions(func(c *attentionCall[float64], o *spec.AttentionOptions) {
		if o.Keep != nil {
			f(c, o)
		}
	})
}

// nanOfKept lets f say, where weights are dropped, what becomes of outputs in whose
// channel some value is NaN: it is told what they are without NaN, and whether a
// key that is allowed and kept has one.
func nanOfKept(f func(clean float64, kept bool) float64) func(im *implementation) {
	return func(im *implementation) {
		aroundAttention(im, func(c *attentionCall[float64], work func()) {
			work()
			if c.opt.Keep == nil {
				return
			}
			g := c.q.Shape[1] / max(1, c.k.Shape[1])
			v, clean := spec.NewTensor[float64](c.v.Shape[0], c.v.Shape[1], c.v.Shape[2], c.v.Shape[3]), spec.NewTensor[float64](c.dst.Shape[0], c.dst.Shape[1], c.dst.Shape[2], c.dst.Shape[3])
			each(v, func(x *float64, b, h, j, ch int) {
				if y := c.v.At(b, h, j, ch); !math.IsNaN(y) {
					*x = y
				}
			})
			reference.Attention(clean, c.q, c.k, v, c.opt)
			each(clean, func(x *float64, b, h, i, ch int) {
				some, kept := false, false
				for j := range c.k.Shape[2] {
					if math.IsNaN(c.v.At(b, h/g, j, ch)) {
						some, kept = true, kept || c.opt.Allowed(b, h, i, j) && c.opt.KeepFactor(b, h, i, j) != 0
					}
				}
				if some {
					c.dst.Set(b, h, i, ch, f(*x, kept))
				}
			})
		})
	}
}

var attentionDropoutMutants = []Mutant{
	{
		Name: "attention-dropout-ignored", Fault: "no weight is dropped or scaled",
		Kills:  []spec.ID{"ATT-074", "ATT-075"},
		Change: keeping(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.Keep = nil }),
	},
	{
		Name: "attention-dropout-scale-inverse", Fault: "kept weights are divided by KeepScale",
		Model:  "NVIDIA/apex#816",
		Kills:  []spec.ID{"ATT-074", "ATT-075", "ATT-076"},
		Change: keeping(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.KeepScale = 1 / o.KeepScale }),
	},
	{
		Name: "attention-dropout-unscaled", Fault: "kept weights are not scaled",
		Kills:  []spec.ID{"ATT-074", "ATT-075", "ATT-076"},
		Change: keeping(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.KeepScale = 1 }),
	},
	{
		Name: "attention-dropout-inverted", Fault: "the mask says which weights are dropped",
		Kills: []spec.ID{"ATT-074", "ATT-075"},
		Change: keeping(func(c *attentionCall[float64], o *spec.AttentionOptions) {
			o.Keep = fullGrid(c, func(b, h, i, j int) bool { return c.opt.KeepFactor(b, h, i, j) == 0 })
		}),
	},
	{
		Name: "attention-dropout-of-first-head", Fault: "all heads drop as the first does",
		Kills: []spec.ID{"ATT-074"},
		Change: keeping(func(c *attentionCall[float64], o *spec.AttentionOptions) {
			o.Keep = fullGrid(c, func(b, _, i, j int) bool { return c.opt.KeepFactor(b, 0, i, j) != 0 })
		}),
	},
	{
		Name: "attention-dropout-on-logits", Fault: "dropped keys are masked, so that the others weigh more",
		Model: "NVIDIA/apex#816",
		Kills: []spec.ID{"ATT-074", "ATT-076", "ATT-077"},
		Change: keeping(func(c *attentionCall[float64], o *spec.AttentionOptions) {
			o.Mask = fullGrid(c, func(b, h, i, j int) bool { return c.opt.Allowed(b, h, i, j) && c.opt.KeepFactor(b, h, i, j) != 0 })
		}),
	},
	{
		Name: "attention-dropout-hides-nan", Fault: "values of dropped keys are not read",
		Kills: []spec.ID{"ATT-118"},
		Change: nanOfKept(func(clean float64, kept bool) float64 {
			if kept {
				return math.NaN()
			}
			return clean
		}),
	},
	{
		Name: "attention-dropout-nan-everywhere", Fault: "with dropout all values are multiplied by their weights, those of masked keys too",
		Kills:  []spec.ID{"ATT-118"},
		Change: nanOfKept(func(_ float64, _ bool) float64 { return math.NaN() }),
	},
}
