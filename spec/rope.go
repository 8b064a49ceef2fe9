package spec

// Layout says which two channels a rotary embedding turns together.
type Layout string

const (
	// HalfLayout pairs channel k with channel k + Dims/2.
	HalfLayout Layout = "half"
	// InterleavedLayout pairs channel 2k with channel 2k + 1.
	InterleavedLayout Layout = "interleaved"
)

// Rotary holds the parameters of a rotary embedding.
type Rotary struct {
	Layout Layout
	Dims   int     // channels that are turned, the first ones; even
	Offset int     // position of row 0; row i is at Offset + i
	Base   float64 // frequencies are Base^(−2k/Dims); above 1
}

// Pair returns the two channels of pair k, 0 ≤ k < Dims/2.
func (r Rotary) Pair(k int) (first, second int) {
	if r.Layout == InterleavedLayout {
		return 2 * k, 2*k + 1
	}
	return k, k + r.Dims/2
}

// Check panics with a constant text when the parameters do not fit rows of the
// given number of channels.
func (r Rotary) Check(channels int) {
	switch {
	case r.Layout != HalfLayout && r.Layout != InterleavedLayout:
		panic("attest: unknown layout of a rotary embedding")
	case r.Dims < 0 || r.Dims%2 != 0:
		panic("attest: a rotary embedding turns an even number of channels")
	case r.Dims > channels:
		panic("attest: a rotary embedding turns more channels than there are")
	case !(r.Base > 1):
		panic("attest: the base of a rotary embedding is not above 1")
	}
}

// Rope stores the rotary embedding of each row of src in dst: at position p,
// pair k, (x, y) becomes (x cos θ − y sin θ, x sin θ + y cos θ) with θ =
// p·Base^(−2k/Dims). Channels from Dims on are copied. Angles are formed and
// reduced in float64 whatever T is, so that far positions lose nothing: θ is off
// by at most (4 ln Base + 8)·2⁻⁵³·|θ|. dst may be src itself; it panics if the
// shapes differ or the parameters do not fit.
type Rope[T Float] func(dst, src Matrix[T], r Rotary)
