package spec

// BlockWeights are one layer of a Transformer as data: up to three branches, each
// with a norm of its own. With f a branch and N its norm the stream x becomes
// x + f(N(x)), or N(x + f(x)) with PostNorm.
type BlockWeights[T Float] struct {
	PostNorm bool
	Self     MultiHeadWeights[T]  // the tokens attend to one another
	Cross    *MultiHeadWeights[T] // then to a memory; nil has no such branch
	Forward  ForwardWeights[T]    // then each is transformed by itself

	SelfNorm, CrossNorm, ForwardNorm Norm[T]
}

// ForwardWeights are a feed-forward branch: act(X·Up + b)·Down + b′, or, where
// Gate is not the zero Matrix, (act(X·Gate) ⊙ X·Up)·Down without biases.
type ForwardWeights[T Float] struct {
	Activation Activation
	Gate       Matrix[T]
	Up, Down   Projection[T]
}

// NormKind says what a norm does.
type NormKind string

const (
	LayerNormKind NormKind = "layer" // LayerNorm, with a shift
	RMSNormKind   NormKind = "rms"   // RMSNorm, without
)

// NormKinds lists every kind.
var NormKinds = []NormKind{LayerNormKind, RMSNormKind}

// Norm is a LayerNorm or an RMSNorm with its parameters.
type Norm[T Float] struct {
	Kind        NormKind
	Gain, Shift []T
	Eps         T
}

// Cache holds the keys, turned to their positions, and the values of the tokens
// that a block has seen: row j belongs to token j. What lies behind the first
// Tokens rows is room for more.
type Cache[T Float] struct {
	Key, Value Matrix[T]
	Tokens     int
}

// NewCache returns an empty cache for self-attention with these weights and room
// for so many tokens.
func NewCache[T Float](w *MultiHeadWeights[T], room int) *Cache[T] {
	return &Cache[T]{Key: NewMatrix[T](room, w.Key.W.Cols), Value: NewMatrix[T](room, w.Value.W.Cols)}
}

// Block stores what one layer of a Transformer makes of the stream X (m×d). Its
// tokens attend to one another as self says and to the rows of the memory as
// cross says: an encoder's block has no memory and no causal rule, a decoder's a
// causal rule and often a memory.
//
// With a cache, X follows the tokens that the cache has seen: X attends to these
// as well, its first token stands at position Tokens and the offset of self, and
// its keys and values are stored behind theirs. Masks, biases and key lengths of
// self are then about Tokens + m keys.
//
// Without Cross the memory is the zero Matrix and cross is not used. It panics as
// CheckBlock says.
type Block[T Float] func(dst, x, memory Matrix[T], w *BlockWeights[T], self, cross *AttentionOptions, cache *Cache[T])

// After returns the options for queries that follow past tokens, whose keys come
// first.
func (o *AttentionOptions) After(past int) *AttentionOptions {
	p := *o
	p.Offset, p.Offsets = o.OffsetOf(0)+past, nil
	return &p
}

// CheckBlock panics with a constant text when the operands of a block do not fit
// one another or their views do not fit their data, or dst or the cache shares
// memory with another operand. Every implementation of this project calls it
// before the first write.
func CheckBlock[T Float](dst, x, memory Matrix[T], w *BlockWeights[T], self, cross *AttentionOptions, cache *Cache[T]) {
	x.Check("X")
	if w == nil {
		panic("attest: a block without weights")
	}
	keys := x.Rows
	w.Self.check(x.Cols, x.Cols, self)
	if cache != nil {
		keys += cache.check(&w.Self, x.Rows)
	}
	self.check(1, w.Self.Heads, x.Rows, keys)
	w.SelfNorm.check(x.Cols)
	switch {
	case w.Cross != nil:
		memory.Check("memory")
		w.Cross.check(x.Cols, memory.Cols, cross)
		cross.check(1, w.Cross.Heads, x.Rows, memory.Rows)
		w.CrossNorm.check(x.Cols)
	case !memory.IsZero():
		panic("attest: a memory and no weights to attend to it")
	}
	w.Forward.check(x.Cols)
	w.ForwardNorm.check(x.Cols)
	if w.Self.Output.W.Cols != x.Cols || w.Cross != nil && w.Cross.Output.W.Cols != x.Cols {
		panic("attest: a branch of the block has not the channels of X")
	}
	dst.CheckShape("dst", x.Rows, x.Cols)
	inputs := append(w.operands(), x.memory(), memory.memory())
	if cache != nil {
		key, value := cache.Key.memory(), cache.Value.memory()
		for _, in := range append(inputs, key) {
			CheckApart(value, in)
		}
		for _, in := range inputs {
			CheckApart(key, in)
		}
		inputs = append(inputs, key, value)
	}
	for _, in := range inputs {
		CheckApart(dst.memory(), in)
	}
	outs := [][]T{dst.memory()}
	if cache != nil {
		outs = append(outs, cache.Key.memory(), cache.Value.memory())
	}
	for _, out := range outs {
		if holds(self, 1, w.Self.Heads, x.Rows, out) || w.Cross != nil && holds(cross, 1, w.Cross.Heads, x.Rows, out) {
			panic("attest: dst shares memory with an input")
		}
	}
}

// check panics unless the cache fits the weights and has room for m tokens more,
// and returns how many it has seen.
func (c *Cache[T]) check(w *MultiHeadWeights[T], m int) int {
	c.Key.CheckShape("cache of keys", c.Key.Rows, w.Key.W.Cols)
	c.Value.CheckShape("cache of values", c.Key.Rows, w.Value.W.Cols)
	if c.Tokens < 0 || c.Tokens > c.Key.Rows-m {
		panic("attest: the cache has no room for X")
	}
	return c.Tokens
}

// check panics unless the norm fits rows of d channels.
func (n *Norm[T]) check(d int) {
	CheckLength("gain", n.Gain, d)
	switch n.Kind {
	case LayerNormKind:
		CheckLength("shift", n.Shift, d)
	case RMSNormKind:
		if n.Shift != nil {
			panic("attest: RMSNorm has no shift")
		}
	default:
		panic("attest: unknown kind of norm")
	}
}

// check panics unless the branch takes d channels to d.
func (f *ForwardWeights[T]) check(d int) {
	hidden := f.Up.W.Cols
	f.Up.check("up", d, hidden)
	f.Down.check("down", hidden, d)
	CheckActivation(f.Activation)
	switch {
	case f.Gate.IsZero():
		return
	case f.Up.Bias != nil || f.Down.Bias != nil:
		panic("attest: a gated branch has no biases")
	}
	f.Gate.CheckShape("gate", d, hidden)
}

// operands returns the memory of all weights.
func (w *BlockWeights[T]) operands() [][]T {
	var out [][]T
	project := func(ps ...*Projection[T]) {
		for _, p := range ps {
			out = append(out, p.W.memory(), p.Bias)
		}
	}
	project(&w.Self.Query, &w.Self.Key, &w.Self.Value, &w.Self.Output, &w.Forward.Up, &w.Forward.Down)
	norms := []*Norm[T]{&w.SelfNorm, &w.ForwardNorm}
	if w.Cross != nil {
		project(&w.Cross.Query, &w.Cross.Key, &w.Cross.Value, &w.Cross.Output)
		norms = append(norms, &w.CrossNorm)
	}
	for _, n := range norms {
		out = append(out, n.Gain, n.Shift)
	}
	return append(out, w.Forward.Gate.memory())
}
