package mutant

import (
	"example.com/attest/reference"
	"example.com/attest/spec"
)

var multiHeadMutants = []Mutant{
	{
		Name: "multi-head-not-transposed", Fault: "heads are split by reshaping tokens × channels without exchanging axes",
		Model:  "onnx/onnx#7142",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadReshaped,
	},
	{
		Name: "multi-head-one-head", Fault: "all channels form one head",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.heads = 1 }),
	},
	{
		Name: "multi-head-no-output-weights", Fault: "WO is left out",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.wo = identity(c.x.Cols) }),
	},
	{
		Name: "multi-head-output-transposed", Fault: "WO is used transposed",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.wo = reference.Transpose(c.wo) }),
	},
	{
		Name: "multi-head-query-key-exchanged", Fault: "WQ and WK are exchanged",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.wq, c.wk = c.wk, c.wq }),
	},
	{
		Name: "multi-head-key-weights-for-values", Fault: "values are projected by WK",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.wv = c.wk }),
	},
	{
		Name: "multi-head-scale-of-model", Fault: "the scale is 1/√dModel",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.opt.Scale = spec.DefaultScale(c.x.Cols) }),
	},
	{
		Name: "multi-head-mask-dropped", Fault: "mask and causal rule are left out",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.opt.Mask, c.opt.Causal = nil, false }),
	},
	{
		Name: "multi-head-heads-reversed", Fault: "the heads are joined in reverse order",
		Kills:  []spec.ID{"ATT-028", "ATT-029"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.wo = reversedHeads(c.wo, c.heads) }),
	},
}
