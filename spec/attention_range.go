package spec

import "math"

// farOffset is the largest distance that is told apart: sums of a few of them
// fit an int.
const farOffset = math.MaxInt / 8

// OffsetOf returns the position of query 0 of batch b among the keys. One that
// is further than MaxInt/8 away counts as that far.
func (o *AttentionOptions) OffsetOf(b int) int {
	offset := o.Offset
	if o.Offsets != nil {
		offset = o.Offsets[b]
	}
	return max(-farOffset, min(offset, farOffset))
}

// Allowed reports whether query i of head h of batch b may attend to key j.
func (o *AttentionOptions) Allowed(b, h, i, j int) bool {
	if o.KeyLengths != nil && j >= o.KeyLengths[b] {
		return false
	}
	ahead := j - i - o.OffsetOf(b) // of the query, by so many places
	if o.Causal && ahead > 0 {
		return false
	}
	if w := o.Window; w != nil && (w.Left >= 0 && ahead < -w.Left || w.Right >= 0 && ahead > w.Right) {
		return false
	}
	return allows(o.Mask, o.Bias, b, h, i, j)
}

// KeyRange returns the range that causal rule, window and key length leave to
// query i of batch b among n keys: it may attend to key j only if lo ≤ j < hi.
func (o *AttentionOptions) KeyRange(b, i, n int) (lo, hi int) {
	hi = n
	if o.KeyLengths != nil {
		hi = min(hi, o.KeyLengths[b])
	}
	p := i + o.OffsetOf(b)
	if o.Causal {
		hi = min(hi, p+1)
	}
	if w := o.Window; w != nil {
		if w.Left >= 0 {
			lo = max(0, p-min(w.Left, 4*farOffset))
		}
		if w.Right >= 0 {
			hi = min(hi, p+1+min(w.Right, 4*farOffset))
		}
	}
	return lo, max(hi, 0)
}

// check panics when an option does not fit the sizes of the attention.
func (o *AttentionOptions) check(batch, heads, queries, keys int) {
	if o.Mask != nil {
		o.Mask.Check("mask", batch, heads, queries, keys)
	}
	if o.Bias != nil {
		o.Bias.Check("bias", batch, heads, queries, keys)
	}
	if o.Keep != nil {
		o.Keep.Check("keep mask", batch, heads, queries, keys)
	}
	if w := o.Window; w != nil && (w.Left < -1 || w.Right < -1) {
		panic("attest: a side of the window is below −1")
	}
	if o.KeyLengths != nil {
		if len(o.KeyLengths) != batch {
			panic("attest: not one key length for each batch")
		}
		for _, n := range o.KeyLengths {
			if n < 0 || n > keys {
				panic("attest: a key length is not in 0..keys")
			}
		}
	}
	if o.Sinks != nil && len(o.Sinks) != heads {
		panic("attest: not one sink for each head")
	}
	if o.Slopes != nil && len(o.Slopes) != heads {
		panic("attest: not one slope for each head")
	}
	if o.Offsets != nil && len(o.Offsets) != batch {
		panic("attest: not one offset for each batch")
	}
}
