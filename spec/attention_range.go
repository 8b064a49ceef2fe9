package spec

import "math"

// farOffset is the largest distance that is told apart: sums of a few of them
// fit an int.
const farOffset = math.MaxInt / 8

// OffsetOf returns the position of the first query of batch b, or of packed
// sequence b, among its keys. One that is further than MaxInt/8 away counts as
// that far.
func (o *AttentionOptions) OffsetOf(b int) int {
	offset := o.Offset
	if o.Offsets != nil {
		offset = o.Offsets[b]
	}
	return max(-farOffset, min(offset, farOffset))
}

// Position returns the place in the row of keys at which query i of batch b
// stands: i + offset, in packed sequences counted from the first query and the
// first key of its own.
func (o *AttentionOptions) Position(b, i int) int {
	if s := o.Sequences; s != nil {
		n := s.Of(i)
		return s.Keys[n] + i - s.Queries[n] + o.OffsetOf(n)
	}
	return i + o.OffsetOf(b)
}

// Allowed reports whether query i of head h of batch b may attend to key j.
func (o *AttentionOptions) Allowed(b, h, i, j int) bool {
	n, first := b, 0 // which key length counts, and from where
	if s := o.Sequences; s != nil {
		n = s.Of(i)
		if first = s.Keys[n]; j < first || j >= s.Keys[n+1] {
			return false
		}
	}
	if o.KeyLengths != nil && j-first >= o.KeyLengths[n] {
		return false
	}
	ahead := j - o.Position(b, i) // of the query, by so many places
	if o.Causal && ahead > 0 {
		return false
	}
	if w := o.Window; w != nil && (w.Left >= 0 && ahead < -w.Left || w.Right >= 0 && ahead > w.Right) {
		return false
	}
	return allows(o.Mask, o.Bias, b, h, i, j)
}

// KeyRange returns the range that causal rule, window, key length and packed
// sequence leave to query i of batch b among n keys: it may attend to key j only
// if lo ≤ j < hi.
func (o *AttentionOptions) KeyRange(b, i, n int) (lo, hi int) {
	lo, hi = 0, n
	if s := o.Sequences; s != nil {
		b = s.Of(i)
		lo, hi = s.Keys[b], s.Keys[b+1]
	}
	if o.KeyLengths != nil {
		hi = min(hi, lo+o.KeyLengths[b])
	}
	p := o.Position(b, i)
	if o.Causal {
		hi = min(hi, p+1)
	}
	if w := o.Window; w != nil {
		if w.Left >= 0 {
			lo = max(lo, p-min(w.Left, 4*farOffset))
		}
		if w.Right >= 0 {
			hi = min(hi, p+1+min(w.Right, 4*farOffset))
		}
	}
	return lo, max(hi, 0)
}

// minSoftcap is the smallest normal number of float32.
const minSoftcap = 0x1p-126

func finite(x float64) bool { return !math.IsInf(x, 0) && x == x }

// check panics when an option has no meaning, or does not fit the sizes of the
// attention.
func (o *AttentionOptions) check(batch, heads, queries, keys int) {
	switch {
	case !finite(o.Scale):
		panic("attest: the scale is not finite")
	case o.Softcap != 0 && !(minSoftcap <= o.Softcap && o.Softcap <= math.MaxFloat32):
		panic("attest: the soft cap is neither 0 nor a positive normal number of float32")
	case o.Keep != nil && !(o.KeepScale >= 0 && finite(o.KeepScale)):
		panic("attest: the scale of kept weights is negative or not finite")
	}
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
	o.checkLengths(batch, queries, keys)
	if o.Sinks != nil && len(o.Sinks) != heads {
		panic("attest: not one sink for each head")
	}
	if o.Slopes != nil && len(o.Slopes) != heads {
		panic("attest: not one slope for each head")
	}
}

// checkLengths panics when sequences, key lengths or offsets do not fit.
func (o *AttentionOptions) checkLengths(batch, queries, keys int) {
	count := batch // of key lengths and offsets
	keysOf := func(int) int { return keys }
	if s := o.Sequences; s != nil {
		s.check(batch, queries, keys)
		count = s.Count()
		keysOf = func(n int) int { return s.Keys[n+1] - s.Keys[n] }
	}
	if o.KeyLengths != nil {
		if len(o.KeyLengths) != count {
			panic("attest: not one key length for each batch or packed sequence")
		}
		for n, length := range o.KeyLengths {
			if length < 0 || length > keysOf(n) {
				panic("attest: a key length is not in 0..keys")
			}
		}
	}
	if o.Offsets != nil && len(o.Offsets) != count {
		panic("attest: not one offset for each batch or packed sequence")
	}
}
