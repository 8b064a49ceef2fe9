package spec

// Profile declares how an implementation of attention rounds, so that its error
// can be bounded as tightly as its way of computing allows. The zero value
// stands for any order of additions, one maximum taken before any exponential,
// and every exponential within 4u.
//
// Every profile divides by the sum of the very exponentials that weigh the
// values, before or after they do. Weights taken as exp(x − log Σ exp x), without
// a division, are off by about u·|log Σ exp x| in common and not covered.
type Profile struct {
	// QueryKeyChain is the largest number of terms of one q·k that pass through
	// the same accumulator, the additions that join accumulators included.
	// 0: any order of additions.
	QueryKeyChain int
	// KeyChain is the same for the sums over keys: the denominators and the
	// weighted sums of values. 0: any order.
	KeyChain int
	// KeyBlock is the least number of keys between two times that the running
	// sums are multiplied to follow a new maximum. 0: never, the maximum is
	// known first. 1 covers an online softmax of any block size.
	KeyBlock int
	// Merges is how many more times partial results are multiplied: the levels
	// of a tree that joins parts of the keys.
	Merges int
	// Exp bounds the relative error of the exponential, for results that do not
	// underflow; exp(0) is 1. 0: 4u.
	Exp float64
	// Tanh bounds the relative error of the hyperbolic tangent. 0: an absolute
	// error of 4u.
	Tanh float64
	// Exp2 is set when the exponential is 2^(x·log₂e) with the product rounded
	// before the maximum is taken off.
	Exp2 bool
	// ScaleRoundings counts the roundings that Scale costs a logit. 0: 3, which
	// covers a rounded scale applied before or after the product; √Scale on both
	// sides takes 6.
	ScaleRoundings int
	// WeightUnit is the unit roundoff of the format that weights are stored in
	// between softmax and values, if it is not T: 2⁻¹¹ for binary16, 2⁻⁸ for
	// bfloat16; WeightTiny is that format's smallest positive number.
	WeightUnit, WeightTiny float64
	// FlushToZero is set when subnormal numbers are taken for zero.
	FlushToZero bool
}

// Rescales returns how many times running sums over n keys may be rescaled.
func (p Profile) Rescales(n int) int {
	r := p.Merges
	if p.KeyBlock > 0 && n > 0 {
		r += (n - 1) / p.KeyBlock
	}
	return r
}
