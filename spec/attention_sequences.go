package spec

import "sort"

// Sequences divides the tokens of a batch of 1 into sequences that lie one after
// the other. Sequence s has the queries Queries[s] ≤ i < Queries[s+1] and the
// keys Keys[s] ≤ j < Keys[s+1]: both begin with 0, never fall, and end with the
// number of tokens. A sequence may have no query or no key.
type Sequences struct{ Queries, Keys []int }

// Count returns the number of sequences.
func (s *Sequences) Count() int { return len(s.Queries) - 1 }

// Of returns the sequence of query i.
func (s *Sequences) Of(i int) int {
	return sort.Search(s.Count(), func(n int) bool { return i < s.Queries[n+1] })
}

// check panics when the sequences do not divide the tokens of the attention.
func (s *Sequences) check(batch, queries, keys int) {
	if batch != 1 {
		panic("attest: packed sequences need a batch of 1")
	}
	if len(s.Queries) != len(s.Keys) {
		panic("attest: queries and keys are not packed into equally many sequences")
	}
	checkCumulative(s.Queries, queries)
	checkCumulative(s.Keys, keys)
}

func checkCumulative(ends []int, tokens int) {
	if len(ends) == 0 || ends[0] != 0 {
		panic("attest: cumulative lengths do not begin with 0")
	}
	for n := range ends[1:] {
		if ends[n+1] < ends[n] {
			panic("attest: cumulative lengths fall")
		}
	}
	if ends[len(ends)-1] != tokens {
		panic("attest: cumulative lengths do not end with the number of tokens")
	}
}
