package mutant

import (
	"slices"

	"example.com/attest/spec"
)

// repacked changes the options of calls with packed sequences; packed is a copy
// of these.
func repacked(f func(c *attentionCall[float64], o *spec.AttentionOptions, packed *spec.Sequences)) func(im *implementation) {
	return withOptions(func(c *attentionCall[float64], o *spec.AttentionOptions) {
		if s := o.Sequences; s != nil {
			o.Sequences = &spec.Sequences{Queries: slices.Clone(s.Queries), Keys: slices.Clone(s.Keys)}
			f(c, o, o.Sequences)
		}
	})
}

// allowing replaces sequences and all other rules by a mask.
func allowing(f func(o *spec.AttentionOptions, i, j int) bool) func(im *implementation) {
	return repacked(func(c *attentionCall[float64], o *spec.AttentionOptions, _ *spec.Sequences) {
		mask := fullGrid(c, func(_, _, i, j int) bool { return f(c.opt, i, j) })
		o.Sequences, o.KeyLengths, o.Offsets, o.Causal, o.Window, o.Mask = nil, nil, nil, false, nil, mask
	})
}

// inner moves the boundaries between sequences by a token, within the tokens.
func inner(ends []int, by int) {
	for n := 1; n < len(ends)-1; n++ {
		ends[n] = max(0, min(ends[n]+by, ends[len(ends)-1]))
	}
}

// fitLengths keeps the key lengths within sequences that were changed.
func fitLengths(o *spec.AttentionOptions) {
	o.KeyLengths = slices.Clone(o.KeyLengths)
	for n := range o.KeyLengths {
		o.KeyLengths[n] = min(o.KeyLengths[n], o.Sequences.Keys[n+1]-o.Sequences.Keys[n])
	}
}

var attentionSequencesMutants = []Mutant{
	{
		Name: "attention-packed-ignored", Fault: "packed sequences see one another",
		Kills: []spec.ID{"ATT-080", "ATT-081", "ATT-082", "ATT-083", "ATT-084", "ATT-085"},
		Change: repacked(func(_ *attentionCall[float64], o *spec.AttentionOptions, _ *spec.Sequences) {
			o.Sequences, o.KeyLengths, o.Offsets = nil, nil, nil
		}),
	},
	{
		Name: "attention-packed-key-boundary-plus-one", Fault: "a sequence has the first key of the next",
		Kills: []spec.ID{"ATT-080", "ATT-081", "ATT-082", "ATT-083", "ATT-085"},
		Change: repacked(func(_ *attentionCall[float64], o *spec.AttentionOptions, packed *spec.Sequences) {
			inner(packed.Keys, 1)
			fitLengths(o)
		}),
	},
	{
		Name: "attention-packed-key-boundary-minus-one", Fault: "a sequence has the last key of the one before",
		Kills: []spec.ID{"ATT-080", "ATT-081", "ATT-082", "ATT-083", "ATT-084"},
		Change: repacked(func(_ *attentionCall[float64], o *spec.AttentionOptions, packed *spec.Sequences) {
			inner(packed.Keys, -1)
			fitLengths(o)
		}),
	},
	{
		Name: "attention-packed-query-boundary-plus-one", Fault: "the first query of a sequence belongs to the one before",
		Kills: []spec.ID{"ATT-080", "ATT-082", "ATT-083"},
		Change: repacked(func(_ *attentionCall[float64], _ *spec.AttentionOptions, packed *spec.Sequences) {
			inner(packed.Queries, 1)
		}),
	},
	{
		Name: "attention-packed-sixteen-sequences", Fault: "the sixteenth sequence has all keys that are left, those behind it none",
		Kills: []spec.ID{"ATT-080", "ATT-082", "ATT-083"},
		Change: repacked(func(_ *attentionCall[float64], o *spec.AttentionOptions, packed *spec.Sequences) {
			for k := 16; k < packed.Count(); k++ {
				packed.Keys[k] = packed.Keys[packed.Count()]
			}
			fitLengths(o)
		}),
	},
	{
		Name: "attention-packed-keys-beyond-128", Fault: "a sequence among others has 128 keys at most",
		Kills: []spec.ID{"ATT-080", "ATT-083"},
		Change: allowing(func(o *spec.AttentionOptions, i, j int) bool {
			packed := o.Sequences
			return o.Allowed(0, 0, i, j) && (packed.Count() == 1 || j < packed.Keys[packed.Of(i)]+128)
		}),
	},
	{
		Name: "attention-packed-keys-as-queries", Fault: "the keys are divided as the queries are",
		Kills: []spec.ID{"ATT-080", "ATT-082", "ATT-083"},
		Change: repacked(func(_ *attentionCall[float64], o *spec.AttentionOptions, packed *spec.Sequences) {
			n := packed.Keys[packed.Count()]
			for k := range packed.Count() {
				packed.Keys[k] = min(packed.Queries[k], n)
			}
			fitLengths(o)
		}),
	},
	{
		Name: "attention-packed-positions-of-all", Fault: "causal rule and window count positions among all packed tokens",
		Kills: []spec.ID{"ATT-080", "ATT-082", "ATT-085"},
		Change: allowing(func(o *spec.AttentionOptions, i, j int) bool {
			apart, global := *o, *o
			apart.Causal, apart.Window = false, nil
			global.Sequences, global.KeyLengths, global.Offsets = nil, nil, nil
			return apart.Allowed(0, 0, i, j) && global.Allowed(0, 0, i, j)
		}),
	},
	{
		Name: "attention-packed-length-of-all", Fault: "the length of a sequence counts from the first of all keys",
		Kills: []spec.ID{"ATT-080", "ATT-083"},
		Change: allowing(func(o *spec.AttentionOptions, i, j int) bool {
			free := *o
			free.KeyLengths = nil
			return free.Allowed(0, 0, i, j) && (o.KeyLengths == nil || j < o.KeyLengths[o.Sequences.Of(i)])
		}),
	},
	{
		Name: "attention-packed-offset-of-first", Fault: "all sequences have the offset of the first",
		Kills: []spec.ID{"ATT-080"},
		Change: repacked(func(_ *attentionCall[float64], o *spec.AttentionOptions, _ *spec.Sequences) {
			if o.Offsets != nil {
				o.Offset, o.Offsets = o.Offsets[0], nil
			}
		}),
	},
	{
		Name: "attention-packed-empty-skipped", Fault: "the queries of a sequence without keys see the keys before",
		Kills: []spec.ID{"ATT-080", "ATT-082", "ATT-083"},
		Change: repacked(func(_ *attentionCall[float64], o *spec.AttentionOptions, packed *spec.Sequences) {
			for n := packed.Count() - 1; n > 0; n-- {
				if packed.Keys[n] == packed.Keys[n+1] {
					packed.Keys[n] = packed.Keys[n-1]
				}
			}
			fitLengths(o)
		}),
	},
	{
		Name: "attention-packed-as-one-in-slopes", Fault: "the distances of packed sequences count from the first of all queries and keys",
		Kills: []spec.ID{"ATT-083"},
		Change: repacked(func(c *attentionCall[float64], o *spec.AttentionOptions, _ *spec.Sequences) {
			if slopes := o.Slopes; slopes != nil {
				o.Slopes, o.Bias = nil, fullGrid(c, func(b, h, i, j int) float32 {
					return float32(c.opt.BiasAt(b, h, i, j) + float64(slopes[h])*float64(j-i))
				})
			}
		}),
	},
}
