package spec

// CachedAttention is Attention over past and new tokens. It stores in presentK and
// presentV (batch×headsKV×(past+n)×channels) the past keys and values followed by
// the new ones, bit for bit, and in dst the attention of the queries over these.
// The options are those of an attention over present keys, but Offset and Offsets
// count from the first new token: query 0 stands at position past + Offset.
// Operands that do not fit panic as CheckCachedAttention says.
type CachedAttention[T Float] func(dst, presentK, presentV, q, k, v, pastK, pastV Tensor[T], opt *AttentionOptions)

// AfterPast returns the options of an attention over present keys whose first
// past tokens came before the queries' own.
func (o *AttentionOptions) AfterPast(past int) *AttentionOptions {
	after := *o
	after.Offset = later(o.Offset, past)
	after.Offsets = nil
	for _, offset := range o.Offsets {
		after.Offsets = append(after.Offsets, later(offset, past))
	}
	return &after
}

// later returns offset + past, both kept within what OffsetOf tells apart.
func later(offset, past int) int {
	return max(-farOffset, min(offset, farOffset)) + min(past, farOffset)
}

// CheckCachedAttention panics with a constant text when the operands of an
// attention over past and new tokens do not fit one another or their views do
// not fit their data. The destinations must be distinct in their elements and
// apart from one another and from the inputs.
func CheckCachedAttention[T Float](dst, presentK, presentV, q, k, v, pastK, pastV Tensor[T], opt *AttentionOptions) {
	checkOperands("dst", dst, q, presentK, presentV, opt)
	checkPresent(presentK, pastK, k, "key", "past key", "present key")
	checkPresent(presentV, pastV, v, "value", "past value", "present value")
	if opt.Sequences != nil {
		panic("attest: packed sequences have no past in common")
	}
	outs, ins := []Tensor[T]{dst, presentK, presentV}, []Tensor[T]{q, k, v, pastK, pastV}
	for n, out := range outs {
		if !out.distinct() {
			panic("attest: a destination overlaps itself")
		}
		for _, other := range outs[:n] {
			if overlap(out, other) {
				panic("attest: two destinations share memory")
			}
		}
		for _, in := range ins {
			if overlap(out, in) {
				panic("attest: a destination shares memory with an input")
			}
		}
		if holds(opt, q.Shape[0], q.Shape[1], q.Shape[2], out.memory()) {
			panic("attest: a destination shares memory with an input")
		}
	}
}

// checkPresent panics when present has not the tokens of past and new ones.
func checkPresent[T Float](present, past, fresh Tensor[T], name, pastName, presentName string) {
	fresh.Check(name)
	past.Check(pastName)
	want := fresh.Shape
	want[2] += past.Shape[2]
	if present.Shape != want {
		panic("attest: the " + presentName + " is not that of past and new tokens")
	}
	want[2] = past.Shape[2]
	if past.Shape != want {
		panic("attest: " + pastName + " and " + name + " differ in more than their tokens")
	}
}
