package mutant

import "example.com/attest/spec"

// windowed changes a window, of which it gets a copy.
func windowed(f func(o *spec.AttentionOptions, w *spec.Window)) func(im *implementation) {
	return withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) {
		if o.Window != nil {
			w := *o.Window
			o.Window = &w
			f(o, &w)
		}
	})
}

// eachLength changes each key length; what it gives is kept within the keys.
func eachLength(f func(lengths []int, b int) int) func(im *implementation) {
	return withOptions(func(c *attentionCall[float64], o *spec.AttentionOptions) {
		if o.KeyLengths == nil {
			return
		}
		out := make([]int, len(o.KeyLengths))
		for b := range out {
			out[b] = max(0, min(f(o.KeyLengths, b), c.k.Shape[2]))
		}
		o.KeyLengths = out
	})
}

// eachOffset changes the offset of each batch.
func eachOffset(f func(o *spec.AttentionOptions, b int) int) func(im *implementation) {
	return withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) {
		if o.Offsets == nil {
			return
		}
		out := make([]int, len(o.Offsets))
		for b := range out {
			out[b] = f(o, b)
		}
		o.Offsets = out
	})
}

var attentionWindowMutants = []Mutant{
	{
		Name: "attention-window-left-plus-one", Fault: "a window sees one key more to the left",
		Kills: []spec.ID{"ATT-061", "ATT-065"},
		Change: windowed(func(_ *spec.AttentionOptions, w *spec.Window) {
			if w.Left >= 0 {
				w.Left++
			}
		}),
	},
	{
		Name: "attention-window-left-minus-one", Fault: "a window sees one key less to the left",
		Kills: []spec.ID{"ATT-061", "ATT-065"},
		Change: windowed(func(_ *spec.AttentionOptions, w *spec.Window) {
			if w.Left > 0 {
				w.Left--
			}
		}),
	},
	{
		Name: "attention-window-right-exclusive", Fault: "a window excludes its rightmost key",
		Kills: []spec.ID{"ATT-061", "ATT-065"},
		Change: windowed(func(_ *spec.AttentionOptions, w *spec.Window) {
			if w.Right > 0 {
				w.Right--
			}
		}),
	},
	{
		Name: "attention-window-unlimited-is-zero", Fault: "a side of −1 counts as 0",
		Kills:  []spec.ID{"ATT-061", "ATT-065"},
		Change: windowed(func(_ *spec.AttentionOptions, w *spec.Window) { w.Left, w.Right = max(0, w.Left), max(0, w.Right) }),
	},
	{
		Name: "attention-window-without-offset", Fault: "a window counts from query 0 whatever the offset",
		Model: "huggingface/transformers#39408",
		Kills: []spec.ID{"ATT-061", "ATT-066"},
		Change: windowed(func(o *spec.AttentionOptions, w *spec.Window) {
			if !o.Causal && o.Offsets == nil {
				o.Offset = 0
			}
		}),
	},
	{
		Name: "attention-window-ignored", Fault: "the window is left out",
		Kills:  []spec.ID{"ATT-061", "ATT-065", "ATT-066"},
		Change: windowed(func(o *spec.AttentionOptions, _ *spec.Window) { o.Window = nil }),
	},
	{
		Name: "attention-window-switches-causal-off", Fault: "a window switches the causal rule off",
		Kills:  []spec.ID{"ATT-061", "ATT-065"},
		Change: windowed(func(o *spec.AttentionOptions, _ *spec.Window) { o.Causal = false }),
	},
	{
		Name: "attention-window-mirrored", Fault: "left and right are exchanged",
		Kills:  []spec.ID{"ATT-061", "ATT-065"},
		Change: windowed(func(_ *spec.AttentionOptions, w *spec.Window) { w.Left, w.Right = w.Right, w.Left }),
	},
	{
		Name: "attention-length-plus-one", Fault: "one key too many counts",
		Kills:  []spec.ID{"ATT-062", "ATT-065"},
		Change: eachLength(func(l []int, b int) int { return l[b] + 1 }),
	},
	{
		Name: "attention-length-minus-one", Fault: "the last key that counts is left out",
		Kills:  []spec.ID{"ATT-062", "ATT-065"},
		Change: eachLength(func(l []int, b int) int { return l[b] - 1 }),
	},
	{
		Name: "attention-length-of-first-batch", Fault: "all of the batch have the length of the first",
		Kills:  []spec.ID{"ATT-062", "ATT-065"},
		Change: eachLength(func(l []int, _ int) int { return l[0] }),
	},
	{
		Name: "attention-offset-of-first-batch", Fault: "all of the batch have the offset of the first",
		Kills:  []spec.ID{"ATT-063", "ATT-065"},
		Change: eachOffset(func(o *spec.AttentionOptions, _ int) int { return o.Offsets[0] }),
	},
	{
		Name: "attention-offsets-ignored", Fault: "the offsets of the batches are left out",
		Kills:  []spec.ID{"ATT-063", "ATT-065"},
		Change: eachOffset(func(o *spec.AttentionOptions, _ int) int { return o.Offset }),
	},
	{
		Name: "attention-offset-not-negative", Fault: "a negative offset counts as 0",
		Kills:  []spec.ID{"ATT-063", "ATT-065"},
		Change: eachOffset(func(o *spec.AttentionOptions, b int) int { return max(0, o.Offsets[b]) }),
	},
}
