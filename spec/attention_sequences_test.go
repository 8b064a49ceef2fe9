package spec_test

import (
	"testing"

	"example.com/attest/spec"
)

// TestSequencesOf names the sequence of each query; sequences without a query
// have none.
func TestSequencesOf(t *testing.T) {
	s := &spec.Sequences{Queries: []int{0, 0, 2, 2, 3, 3}, Keys: []int{0, 1, 1, 4, 4, 4}}
	for i, want := range []int{1, 1, 3} {
		if got := s.Of(i); got != want {
			t.Errorf("query %d is of sequence %d, want %d", i, got, want)
		}
	}
}

// TestAllowedInSequences compares rule, range and position with those of each
// sequence alone.
func TestAllowedInSequences(t *testing.T) {
	for _, o := range []spec.AttentionOptions{
		{}, {Causal: true}, {Causal: true, Offset: 1}, {Causal: true, Offsets: []int{0, -1, 2, 1}},
		{Window: &spec.Window{Left: 1, Right: 0}, Offset: 1}, {KeyLengths: []int{2, 0, 1, 3}, Causal: true},
	} {
		s := &spec.Sequences{Queries: []int{0, 2, 2, 5, 6}, Keys: []int{0, 3, 4, 5, 8}}
		o.Sequences = s
		for i := range 6 {
			n := s.Of(i)
			alone := o
			alone.Sequences, alone.Offsets, alone.KeyLengths = nil, nil, nil
			alone.Offset = o.OffsetOf(n)
			if o.KeyLengths != nil {
				alone.KeyLengths = o.KeyLengths[n : n+1]
			}
			lo, hi := o.KeyRange(0, i, 8)
			for j := range 8 {
				inside := s.Keys[n] <= j && j < s.Keys[n+1]
				want := inside && alone.Allowed(0, 0, i-s.Queries[n], j-s.Keys[n])
				if got, ranged := o.Allowed(0, 0, i, j), lo <= j && j < hi; got != want || ranged != want {
					t.Errorf("%+v, query %d, key %d: %v by the rule, %v by the range, %v alone", o, i, j, got, ranged, want)
				}
				if got, want := o.Distance(0, i, j), alone.Distance(0, i-s.Queries[n], j-s.Keys[n]); got != want {
					t.Errorf("%+v, query %d, key %d: distance %v, alone %v", o, i, j, got, want)
				}
			}
		}
	}
}

// TestCheckSequences spoils packed sequences of 3 queries and 7 keys in one way
// each.
func TestCheckSequences(t *testing.T) {
	for _, c := range []struct {
		text  string
		spoil func(o *operands)
	}{
		{"", func(*operands) {}},
		{"", func(o *operands) { o.opt.Sequences = &spec.Sequences{Queries: []int{0, 3}, Keys: []int{0, 7}} }},
		{"", func(o *operands) { o.opt.KeyLengths, o.opt.Offsets = []int{0, 0, 5}, []int{1, -1, 0} }},
		{"attest: packed sequences need a batch of 1", func(o *operands) { *o = fitting(); o.opt.Sequences = &spec.Sequences{} }},
		{"attest: queries and keys are not packed into equally many sequences", func(o *operands) { o.opt.Sequences.Keys = []int{0, 7} }},
		{"attest: cumulative lengths do not begin with 0", func(o *operands) { o.opt.Sequences.Queries[0] = 1 }},
		{"attest: cumulative lengths do not begin with 0", func(o *operands) { o.opt.Sequences.Keys[0] = -1 }},
		{"attest: cumulative lengths do not begin with 0", func(o *operands) { o.opt.Sequences = &spec.Sequences{} }},
		{"attest: cumulative lengths fall", func(o *operands) { o.opt.Sequences.Queries[2] = 1 }},
		{"attest: cumulative lengths fall", func(o *operands) { o.opt.Sequences.Keys[2] = 8 }},
		{"attest: cumulative lengths do not end with the number of tokens", func(o *operands) { o.opt.Sequences.Queries[3] = 4 }},
		{"attest: cumulative lengths do not end with the number of tokens", func(o *operands) { o.opt.Sequences.Keys[3] = 6 }},
		{"attest: not one key length for each batch or packed sequence", func(o *operands) { o.opt.KeyLengths = []int{1} }},
		{"attest: a key length is not in 0..keys", func(o *operands) { o.opt.KeyLengths = []int{0, 3, 5} }},
		{"attest: not one offset for each batch or packed sequence", func(o *operands) { o.opt.Offsets = []int{1} }},
	} {
		o := fitting()
		for _, x := range []*spec.Tensor[float64]{&o.dst, &o.q, &o.k, &o.v} {
			x.Shape[0] = 1
		}
		o.opt.Sequences = &spec.Sequences{Queries: []int{0, 2, 2, 3}, Keys: []int{0, 0, 2, 7}}
		c.spoil(&o)
		if text := panicText(func() { check(o) }); text != c.text {
			t.Errorf("got %q, want %q", text, c.text)
		}
	}
}
