package mutant

import (
	"math"

	"example.com/attest/spec"
)

// tanhCap is c·tanh(x/c).
func tanhCap(x, c float64) float64 { return c * math.Tanh(x/c) }

var attentionSoftcapMutants = []Mutant{
	{
		Name: "attention-softcap-ignored", Fault: "logits are not capped",
		Kills:  []spec.ID{"ATT-055", "ATT-056"},
		Change: withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.Softcap = 0 }),
	},
	{
		Name: "attention-softcap-doubled", Fault: "the cap is twice as high",
		Kills:  []spec.ID{"ATT-055", "ATT-056"},
		Change: withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.Softcap *= 2 }),
	},
	{
		Name: "attention-softcap-after-mask", Fault: "masked logits are capped too, to −c, and leak",
		Model:  "onnx/onnx#7865",
		Kills:  []spec.ID{"ATT-055", "ATT-056", "ATT-057"},
		Change: attentionWith(fault{capMask: true}),
	},
	{
		Name: "attention-softcap-after-bias", Fault: "the cap comes after the bias",
		Model:  "microsoft/onnxruntime#28379",
		Kills:  []spec.ID{"ATT-055", "ATT-059", "ATT-060"},
		Change: attentionWith(fault{capLast: true}),
	},
	{
		Name: "attention-softcap-before-scale", Fault: "the cap comes before the scale",
		Kills:  []spec.ID{"ATT-055", "ATT-058"},
		Change: attentionWith(fault{softcap: func(_, c, raw, scale float64) float64 { return tanhCap(raw, c) * scale }}),
	},
	{
		Name: "attention-softcap-not-multiplied", Fault: "tanh(x/c) is not multiplied by c",
		Kills:  []spec.ID{"ATT-055", "ATT-058"},
		Change: attentionWith(fault{softcap: func(x, c, _, _ float64) float64 { return math.Tanh(x / c) }}),
	},
	{
		Name: "attention-softcap-of-half", Fault: "the cap is c·tanh(x/2c), a logistic function",
		Kills:  []spec.ID{"ATT-055", "ATT-058"},
		Change: attentionWith(fault{softcap: func(x, c, _, _ float64) float64 { return c * math.Tanh(x/2/c) }}),
	},
	{
		Name: "attention-softcap-clips", Fault: "logits are cut off at ±c",
		Kills:  []spec.ID{"ATT-055"},
		Change: attentionWith(fault{softcap: func(x, c, _, _ float64) float64 { return max(-c, min(x, c)) }}),
	},
}
