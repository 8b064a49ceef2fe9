package spec

import "math"

// Tensor is a strided view of Shape[0]×…×Shape[3] numbers in the order batch,
// head, token, channel: element (b, h, i, c) is
// Data[b*Stride[0] + h*Stride[1] + i*Stride[2] + c*Stride[3]]. Data may be far longer
// than its elements need, and reserved rather than there: copy elements, not Data.
type Tensor[T Float] struct {
	Data          []T
	Shape, Stride [4]int
}

// NewTensor returns a zero tensor without gaps.
func NewTensor[T Float](batch, heads, tokens, channels int) Tensor[T] {
	return Tensor[T]{
		Data:   make([]T, batch*heads*tokens*channels),
		Shape:  [4]int{batch, heads, tokens, channels},
		Stride: [4]int{heads * tokens * channels, tokens * channels, channels, 1},
	}
}

// Index returns the place of element (b, h, i, c) in Data.
func (t Tensor[T]) Index(b, h, i, c int) int {
	return b*t.Stride[0] + h*t.Stride[1] + i*t.Stride[2] + c*t.Stride[3]
}

// At returns element (b, h, i, c).
func (t Tensor[T]) At(b, h, i, c int) T { return t.Data[t.Index(b, h, i, c)] }

// Set stores x as element (b, h, i, c).
func (t Tensor[T]) Set(b, h, i, c int, x T) { t.Data[t.Index(b, h, i, c)] = x }

// AttentionOptions says how logits are formed and which of them count.
type AttentionOptions struct {
	Scale  float64 // multiplies q·kᵀ, finite; DefaultScale(dHead) is the usual one
	Mask   *Mask   // nil allows everything
	Causal bool    // query i may attend to key j only if j ≤ i+Offset
	Offset int     // of the first query among the keys; may be negative
	Bias   *Bias   // added to Scale·q·kᵀ, or what Softcap makes of it; nil adds nothing
	// Softcap c makes logits c·tanh(x/c) before the bias is added; 0 leaves them.
	// Otherwise it is a positive normal number of float32.
	Softcap float64
	// Window limits how far from its own position a query sees; nil does not.
	Window *Window
	// Sequences packs sequences one after the other into the tokens of a batch of
	// 1: a query attends to keys of its own sequence alone, and positions count
	// from the first query and the first key of it. Grids go by the tokens as
	// they lie. Nil is one sequence for each batch.
	Sequences *Sequences
	// KeyLengths has, for each batch or packed sequence, how many of its keys
	// count; nil is all.
	KeyLengths []int
	// Offsets has, for each batch or packed sequence, what takes the place of
	// Offset; nil has nothing.
	Offsets []int
	// Sinks has, for each query head, the logit of one more key whose value is 0:
	// it takes weight from the others. −Inf is none, as nil is for all.
	Sinks []float32
	// Slopes has, for each query head, what the logit of a key grows by with each
	// place that it is ahead of the query's position i + offset; nil is 0.
	Slopes []float32
	// Keep says which weights, after the softmax, are multiplied by KeepScale; the
	// others become 0, as do those from Keep.Keys on. With p the share that is
	// dropped, KeepScale is usually 1/(1−p); it is finite and not negative. Nil
	// leaves all weights; KeepScale is then not used.
	Keep      *Mask
	KeepScale float64
}

// Window lets a query at position p = i + offset attend to key j only if
// p − Left ≤ j ≤ p + Right. A side of −1 has no limit.
type Window struct{ Left, Right int }

// BottomRight returns the Offset by which the last of m queries is at the
// position of the last of n keys. An attention without Offset is aligned at the
// top left: query 0 is at the position of key 0.
func BottomRight(m, n int) int { return n - m }

// AttentionAbilities declares what an Attention takes beyond Scale, Causal,
// Offset and a Mask that all batches and heads share and that has a row for each
// query and an element for each key. Claims about other options are tried only
// where they are declared.
type AttentionAbilities struct {
	Broadcast bool // grids of any strides and of fewer keys
	Bias      bool
	Softcap   bool
	Window    bool

	Sequences           bool
	KeyLengths, Offsets bool // one for each batch, or sequence where these are taken too
	Sinks, Slopes       bool // one for each head
	Keep                bool
}

// AllAttentionAbilities declares everything.
func AllAttentionAbilities() AttentionAbilities {
	return AttentionAbilities{Broadcast: true, Bias: true, Softcap: true, Window: true, Sequences: true, KeyLengths: true, Offsets: true,
		Sinks: true, Slopes: true, Keep: true}
}

// DefaultScale returns 1/√dHead, dHead being the head size of query and key.
func DefaultScale(dHead int) float64 { return 1 / math.Sqrt(float64(dHead)) }

// Distance returns how many places key j is ahead of query i of batch b.
func (o *AttentionOptions) Distance(b, i, j int) float64 { return float64(j - o.Position(b, i)) }

// KeepFactor returns what the weight of key j for query i of head h of batch b is
// multiplied by.
func (o *AttentionOptions) KeepFactor(b, h, i, j int) float64 {
	switch {
	case o.Keep == nil:
		return 1
	case j < o.Keep.Keys && o.Keep.At(b, h, i, j):
		return o.KeepScale
	}
	return 0
}

// SinkAt returns the sink of query head h, −Inf if there is none.
func (o *AttentionOptions) SinkAt(h int) float64 {
	if o.Sinks == nil {
		return math.Inf(-1)
	}
	return float64(o.Sinks[h])
}

// BiasAt returns what Bias adds to the logit of an allowed key j for query i of
// head h of batch b.
func (o *AttentionOptions) BiasAt(b, h, i, j int) float64 {
	if o.Bias == nil {
		return 0
	}
	return float64(o.Bias.At(b, h, i, j))
}

// Attention computes scaled dot-product attention,
//
//	dst = softmax(cap(Scale·QKᵀ) + Slopes·distance + Bias over allowed keys)·V,
//
// cap(x) = Softcap·tanh(x/Softcap) or x, Q batch×heads×m×dHead, K batch×heads×n×dHead, V batch×heads×n×dValue, dst
// batch×heads×m×dValue. The head count of K and V divides that of Q: query head
// h uses key head KeyHead(h, Hq, Hkv). Every size may be 0.
//
// Special cases: a query without an allowed key gets exactly zero, with a sink too. Keys and
// values that no query may see are never used, whatever they hold. A NaN logit
// of an allowed key makes the whole output row NaN, a NaN value of an allowed
// key the output of its channel. A row whose logits are infinite is NaN when
// one of them is +Inf or all are −Inf; only a Bias of −Inf takes a key away, a
// logit of −Inf does not.
//
// Operands that do not fit panic as CheckAttention says.
type Attention[T Float] interface {
	Attend(dst, q, k, v Tensor[T], opt *AttentionOptions)
}

// AttentionFunc makes a function an Attention.
type AttentionFunc[T Float] func(dst, q, k, v Tensor[T], opt *AttentionOptions)

// Attend calls f.
func (f AttentionFunc[T]) Attend(dst, q, k, v Tensor[T], opt *AttentionOptions) {
	f(dst, q, k, v, opt)
}

// KeyHead returns the head of keys and values that query head h uses when there
// are heads query heads and keyHeads key heads: each serves heads/keyHeads
// query heads that follow one another.
func KeyHead(h, heads, keyHeads int) int { return h / (heads / keyHeads) }
