package mutant

import "example.com/attest/spec"

// attentionSizeMutants are wrong where a size is beyond what a kernel treats in
// one go.
var attentionSizeMutants = []Mutant{
	{
		Name: "attention-channels-beyond-63", Fault: "channels of queries and keys beyond the 63rd are not multiplied",
		Kills:  []spec.ID{"ATT-001", "ATT-065"},
		Change: attentionWith(fault{dHead: func(d int) int { return min(d, 63) }}),
	},
	{
		Name: "attention-channels-beyond-31", Fault: "channels of queries and keys beyond the 31st are not multiplied",
		Kills:  []spec.ID{"ATT-001", "ATT-065"},
		Change: attentionWith(fault{dHead: func(d int) int { return min(d, 31) }}),
	},
	{
		Name: "attention-values-beyond-63", Fault: "channels of values beyond the 63rd are zero",
		Kills:  []spec.ID{"ATT-001", "ATT-065"},
		Change: wrongWhere(func(_ *attentionCall[float64], _, _, _, ch int) bool { return ch > 63 }),
	},
	{
		Name: "attention-queries-beyond-64", Fault: "the outputs of queries beyond the 64th are zero",
		Kills:  []spec.ID{"ATT-001", "ATT-065"},
		Change: wrongWhere(func(_ *attentionCall[float64], _, _, i, _ int) bool { return i >= 64 }),
	},
	{
		Name: "attention-causal-beyond-64", Fault: "the causal rule leaves out queries beyond the 64th",
		Kills: []spec.ID{"ATT-001", "ATT-065"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, b, h, i, j int) bool {
			free := *o
			free.Causal = o.Causal && i < 64
			return free.Allowed(b, h, i, j)
		}}),
	},
	{
		Name: "attention-keys-beyond-256", Fault: "keys beyond the 256th are left out",
		Kills:  []spec.ID{"ATT-001", "ATT-065"},
		Change: attentionWith(fault{keys: func(n int) int { return min(n, 256) }}),
	},
	{
		Name: "attention-group-of-four", Fault: "the fourth head of a group and those behind it are zero",
		Kills:  []spec.ID{"ATT-001", "ATT-065"},
		Change: wrongWhere(func(c *attentionCall[float64], _, h, _, _ int) bool { return h%(c.q.Shape[1]/c.k.Shape[1]) >= 3 }),
	},
	{
		Name: "attention-third-batch", Fault: "all of the batch but the first two are zero",
		Kills:  []spec.ID{"ATT-001", "ATT-065"},
		Change: wrongWhere(func(_ *attentionCall[float64], b, _, _, _ int) bool { return b >= 2 }),
	},
	{
		Name: "attention-third-key-head", Fault: "the third head of keys and values and those behind it are taken for the second",
		Kills:  []spec.ID{"ATT-001", "ATT-065"},
		Change: attentionWith(fault{keyHead: func(h, heads, keyHeads int) int { return min(1, spec.KeyHead(h, heads, keyHeads)) }}),
	},
	{
		Name: "attention-offset-beyond-63", Fault: "an offset beyond 63 counts as 63",
		Kills:  []spec.ID{"ATT-001"},
		Change: attentionWith(fault{offset: func(o *spec.AttentionOptions, _, _ int) int { return min(o.Offset, 63) }}),
	},
	{
		Name: "attention-window-beyond-41", Fault: "a window reaches at most 41 keys to each side",
		Kills: []spec.ID{"ATT-065"},
		Change: windowed(func(_ *spec.AttentionOptions, w *spec.Window) {
			w.Left, w.Right = min(w.Left, 41), min(w.Right, 41)
		}),
	},
}

// wrongWhere sets outputs to zero where the fault lies.
func wrongWhere(lies func(c *attentionCall[float64], b, h, i, ch int) bool) func(im *implementation) {
	return func(im *implementation) {
		aroundAttention(im, func(c *attentionCall[float64], work func()) {
			work()
			each(c.dst, func(x *float64, b, h, i, ch int) {
				if lies(c, b, h, i, ch) {
					*x = 0
				}
			})
		})
	}
}
