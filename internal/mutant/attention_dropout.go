package mutant

import "example.com/attest/spec"

// keeping changes the options of calls with a keep mask.
func keeping(f func(c *attentionCall[float64], o *spec.AttentionOptions)) func(im *implementation) {
	return withOptions(func(c *attentionCall[float64], o *spec.AttentionOptions) {
		if o.Keep != nil {
			f(c, o)
		}
	})
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
}
