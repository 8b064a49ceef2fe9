package bench

import "fmt"

// Kind is an operation.
type Kind string

// The kinds of case.
const (
	Attention Kind = "attention" // forward
	Backward  Kind = "backward"  // gradients of attention
	Product   Kind = "sgemm"     // Keys×Keys matrices
	Energy    Kind = "energy"    // interaction energy of Queries tokens, its gradient and step
)

// Case is an operation of one size. A product and an energy leave fields 1 or 0
// that mean nothing to them.
type Case struct {
	Kind                    Kind
	Batch, Heads, KeyHeads  int
	Queries, Keys, Channels int
	Causal                  bool
	Threads                 int
}

// Cases are those that "attest bench" measures.
var Cases = []Case{
	attention(2048, 64, false, 1),
	attention(2048, 128, false, 1),
	attention(2048, 64, true, 1),
	attention(2048, 128, true, 1),
	attention(512, 64, false, 1),
	attention(128, 64, false, 1),
	decode(32),
	decode(8),
	product(512),
	product(1024),
	product(2048),
	{Backward, 1, 8, 8, 1024, 1024, 64, false, 1},
	{Energy, 1, 1, 1, 4096, 4096, 64, false, 1},
	attention(2048, 64, false, 2),
}

func attention(n, d int, causal bool, threads int) Case {
	return Case{Attention, 1, 8, 8, n, n, d, causal, threads}
}

func decode(keyHeads int) Case { return Case{Attention, 1, 32, keyHeads, 1, 4096, 128, false, 1} }

func product(n int) Case { return Case{Product, 1, 1, 1, n, n, n, false, 1} }

// Name returns the case in words: "attention 1,8,2048,2048,64 causal" is batch,
// heads, queries, keys, channels.
func (c Case) Name() string {
	switch c.Kind {
	case Product:
		return fmt.Sprintf("sgemm %d", c.Keys)
	case Energy:
		return fmt.Sprintf("energy n=%d d=%d", c.Queries, c.Channels)
	}
	kind, heads, end := string(c.Kind), fmt.Sprint(c.Heads), ""
	if c.MemoryBound() {
		kind = "decode"
	}
	if c.KeyHeads != c.Heads {
		heads += fmt.Sprintf("/%d", c.KeyHeads)
	}
	if c.Causal {
		end += " causal"
	}
	if c.Threads > 1 {
		end += fmt.Sprintf(" on %d threads", c.Threads)
	}
	return fmt.Sprintf("%s %d,%s,%d,%d,%d%s", kind, c.Batch, heads, c.Queries, c.Keys, c.Channels, end)
}

// MemoryBound reports whether reading the keys and values takes longer than
// computing with them: the case is then compared with the rate of reading.
func (c Case) MemoryBound() bool { return c.Kind == Attention && c.Queries == 1 }

// Flops returns how many floating-point operations the case is said to need:
// two for each product of the equation, half of them for a causal mask, and none
// for the exponentials. The backward pass counts five products of matrices, one
// of them the logits that it computes anew; an energy counts each pair of tokens
// once, 2d for the distance and 4d for its part of both gradients.
func (c Case) Flops() float64 {
	pairs := float64(c.Batch) * float64(c.Heads) * float64(c.Queries) * float64(c.Keys)
	d := float64(c.Channels)
	switch c.Kind {
	case Product:
		return 2 * pairs * d
	case Backward:
		return 10 * pairs * d
	case Energy:
		return 6 * (pairs - float64(c.Queries)) / 2 * d
	}
	if c.Causal {
		pairs /= 2
	}
	return 4 * pairs * d
}

// Bytes returns how much memory the operands and the result take, which is the
// least that is read and written.
func (c Case) Bytes() float64 {
	queries := float64(c.Batch) * float64(c.Heads) * float64(c.Queries) * float64(c.Channels)
	keys := float64(c.Batch) * float64(c.KeyHeads) * float64(c.Keys) * float64(c.Channels)
	switch c.Kind {
	case Product:
		return 4 * 3 * queries
	case Energy:
		return 4 * 2 * queries
	case Backward:
		return 4 * (3*queries + 4*keys)
	}
	return 4 * 2 * (queries + keys)
}
