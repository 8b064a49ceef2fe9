package mutant

import (
	"example.com/attest/spec"
)

var attentionMaskMutants = []Mutant{
	{
		Name: "attention-causal-top-left", Fault: "the causal rule ignores its offset",
		Model:  "onnx/onnx#8068",
		Kills:  []spec.ID{"ATT-064", "ATT-001", "ATT-004", "ATT-006", "ATT-007", "ATT-008", "ATT-021"},
		Change: attentionWith(fault{offset: func(*spec.AttentionOptions, int, int) int { return 0 }}),
	},
	{
		Name: "attention-causal-bottom-right", Fault: "the causal rule aligns the last query with the last key whatever the offset",
		Model:  "ml-explore/mlx#2835",
		Kills:  []spec.ID{"ATT-067", "ATT-001", "ATT-006", "ATT-007", "ATT-021", "ATT-025", "ATT-027"},
		Change: attentionWith(fault{offset: func(_ *spec.AttentionOptions, m, n int) int { return n - m }}),
	},
	{
		Name: "attention-causal-strict", Fault: "a query does not see its own key",
		Kills:  []spec.ID{"ATT-001", "ATT-004", "ATT-006", "ATT-008", "ATT-012", "ATT-017"},
		Change: attentionWith(fault{offset: func(o *spec.AttentionOptions, _, _ int) int { return o.Offset - 1 }}),
	},
	{
		Name: "attention-causal-plus-one", Fault: "a query sees one key too many",
		Kills:  []spec.ID{"ATT-064", "ATT-001", "ATT-004", "ATT-006", "ATT-007", "ATT-008", "ATT-027"},
		Change: attentionWith(fault{offset: func(o *spec.AttentionOptions, _, _ int) int { return o.Offset + 1 }}),
	},
	{
		Name: "attention-causal-dropped-if-mask", Fault: "a mask switches the causal rule off",
		Model:  "onnx/onnx#7164",
		Kills:  []spec.ID{"ATT-001", "ATT-004", "ATT-006", "ATT-007", "ATT-008", "ATT-023"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, _, _, i, j int) bool { return allowedBy(o, i, j, true, o.Mask == nil) }}),
	},
	{
		Name: "attention-mask-dropped-if-causal", Fault: "the causal rule switches the mask off",
		Model:  "onnx/onnx#7164",
		Kills:  []spec.ID{"ATT-001", "ATT-004", "ATT-006", "ATT-007", "ATT-008", "ATT-023"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, _, _, i, j int) bool { return allowedBy(o, i, j, !o.Causal, true) }}),
	},
	{
		Name: "attention-mask-ignored", Fault: "all keys are allowed",
		Kills:  []spec.ID{"ATT-067", "ATT-001", "ATT-023", "ATT-027", "ATT-031", "ATT-032", "ATT-033"},
		Change: attentionWith(fault{allowed: func(*spec.AttentionOptions, int, int, int, int) bool { return true }}),
	},
	{
		Name: "attention-mask-additive", Fault: "the mask is added to the logits as 0 or 1",
		Model:  "facebookresearch/xformers#683",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-023", "ATT-031", "ATT-032", "ATT-033"},
		Change: attentionWith(fault{additive: true, allowed: func(o *spec.AttentionOptions, _, _, i, j int) bool { return allowedBy(o, i, j, false, true) }}),
	},
	{
		Name: "attention-mask-inverted", Fault: "the mask says which keys are forbidden",
		Kills: []spec.ID{"ATT-001", "ATT-005", "ATT-023", "ATT-031", "ATT-032", "ATT-033"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, _, _, i, j int) bool {
			return (o.Mask == nil || !o.Mask.Data[i*o.Mask.Stride+j]) && allowedBy(o, i, j, false, true)
		}}),
	},
	{
		Name: "attention-sentinel-1e4", Fault: "masked logits are −10⁴ instead of −Inf",
		Model:  "microsoft/onnxruntime#8549",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-006", "ATT-031", "ATT-032", "ATT-033", "ATT-057"},
		Change: attentionWith(fault{sentinel: -1e4}),
	},
	{
		Name: "attention-sentinel-1e9", Fault: "masked logits are −10⁹ instead of −Inf",
		Model:  "microsoft/onnxruntime#28958",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-006", "ATT-031", "ATT-032", "ATT-033"},
		Change: attentionWith(fault{sentinel: -1e9}),
	},
	{
		Name: "attention-deaf-nan", Fault: "a query without an allowed key gets NaN",
		Model:  "pytorch/pytorch#103963",
		Kills:  []spec.ID{"ATT-001", "ATT-006", "ATT-008", "ATT-031", "ATT-032", "ATT-033"},
		Change: attentionWith(fault{deafNaN: true}),
	},
	{
		Name: "attention-deaf-mean", Fault: "a query without an allowed key gets the mean of the values",
		Model:  "microsoft/onnxruntime#28958",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-006", "ATT-031", "ATT-032", "ATT-033"},
		Change: attentionWith(fault{deafMean: true}),
	},
	{
		Name: "attention-mask-row-zero", Fault: "every query uses the first row of the mask",
		Kills: []spec.ID{"ATT-001", "ATT-006", "ATT-008", "ATT-021"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, _, _, i, j int) bool {
			return (o.Mask == nil || o.Mask.Data[j]) && allowedBy(o, i, j, false, true)
		}}),
	},
	{
		Name: "attention-mask-first-head", Fault: "the mask counts for the first head alone",
		Model:  "pytorch/pytorch#139462",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-006", "ATT-007", "ATT-018", "ATT-023"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, _, h, i, j int) bool { return allowedBy(o, i, j, h == 0, true) }}),
	},
	{
		Name: "attention-mask-first-batch", Fault: "the mask counts for the first of the batch alone",
		Model:  "pytorch/pytorch#139462",
		Kills:  []spec.ID{"ATT-001", "ATT-005", "ATT-006", "ATT-007", "ATT-020", "ATT-023"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, b, _, i, j int) bool { return allowedBy(o, i, j, b == 0, true) }}),
	},
	{
		Name: "attention-mask-index-of-head-0", Fault: "every head uses the mask of the first",
		Kills:  []spec.ID{"ATT-065", "ATT-047", "ATT-103"},
		Change: inAllForms(remaskedAt(func(mask *spec.Mask, b, _, i, j int) bool { return mask.At(b, 0, i, j) })),
	},
	{
		Name: "attention-mask-index-of-batch-0", Fault: "every batch uses the mask of the first",
		Kills:  []spec.ID{"ATT-065", "ATT-047"},
		Change: inAllForms(remaskedAt(func(mask *spec.Mask, _, h, i, j int) bool { return mask.At(0, h, i, j) })),
	},
	{
		Name: "attention-mask-short-allows", Fault: "keys behind the last of a mask are allowed",
		Kills: []spec.ID{"ATT-065", "ATT-047", "ATT-103"},
		Change: inAllForms(func(c *attentionCall[float64], o *spec.AttentionOptions) {
			if mask := o.Mask; mask != nil {
				o.Mask = fullGrid(c, func(b, h, i, j int) bool { return j >= mask.Keys || mask.At(b, h, i, j) })
			}
		}),
	},
	{
		Name: "attention-mask-of-128-keys", Fault: "the index into the mask wraps at 128",
		Model:  "ml-explore/mlx#3360",
		Kills:  []spec.ID{"ATT-013", "ATT-014", "ATT-015", "ATT-112"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, b, h, i, j int) bool { return o.Allowed(b, h, i, j%128) }}),
	},
	{
		Name: "attention-key-index-wraps", Fault: "the indices of keys and of values wrap at 128",
		Model:  "ml-explore/mlx#3360",
		Kills:  []spec.ID{"ATT-013", "ATT-014", "ATT-015", "ATT-112"},
		Change: attentionWith(fault{keyIndex: func(j int) int { return j % 128 }, valueRow: func(j int) int { return j % 128 }}),
	},
	{
		Name: "attention-reads-masked-values", Fault: "values of masked keys are multiplied by 0",
		Model:  "Dao-AILab/flash-attention#1745",
		Kills:  []spec.ID{"ATT-007", "ATT-017", "ATT-081"},
		Change: attentionWith(fault{readMaskedV: true}),
	},
	{
		Name: "attention-reads-masked-keys", Fault: "−Inf is added to masked logits after they are computed",
		Model:  "pytorch/pytorch#101967",
		Kills:  []spec.ID{"ATT-001", "ATT-006", "ATT-007", "ATT-031", "ATT-032", "ATT-033", "ATT-081"},
		Change: attentionWith(fault{readMaskedK: true}),
	},
}
