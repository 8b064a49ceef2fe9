package spec

// AttentionGradients are the derivatives of a number in the operands of an
// attention: of its queries, keys and values, each of the operand's shape, and
// of what its options add to the logits.
type AttentionGradients[T Float] struct {
	Query, Key, Value Tensor[T]
	// Bias has the Keys of the options' bias, and a stride of 0 where that has
	// one: the gradients of all that share an element are added up. Elements for
	// keys that are not allowed are 0. Nil asks for none.
	Bias *Grid[T]
	// Sinks has an element for each query head. Nil asks for none.
	Sinks []T
}

// NewAttentionGradients returns zero gradients without gaps for the operands of
// an attention: of bias and sinks, too, where the options have any.
func NewAttentionGradients[T Float](q, k, v Tensor[T], opt *AttentionOptions) AttentionGradients[T] {
	like := func(t Tensor[T]) Tensor[T] { return NewTensor[T](t.Shape[0], t.Shape[1], t.Shape[2], t.Shape[3]) }
	g := AttentionGradients[T]{Query: like(q), Key: like(k), Value: like(v)}
	if b := opt.Bias; b != nil {
		axes := b.axes(q.Shape[0], q.Shape[1])
		g.Bias = GridOf(b.Queries, make([]T, axes[0]*axes[1]*axes[2]*axes[3]), axes[:]...)
	}
	if opt.Sinks != nil {
		g.Sinks = make([]T, len(opt.Sinks))
	}
	return g
}

// axes returns how many different rows and elements the grid has along batch,
// head, query and key.
func (g *Grid[E]) axes(batch, heads int) [4]int {
	axes := [4]int{batch, heads, g.Queries, g.Keys}
	for k, stride := range [3]int{g.BatchStride, g.HeadStride, g.Stride} {
		if stride == 0 {
			axes[k] = min(axes[k], 1)
		}
	}
	return axes
}

// AttentionBackward stores the gradients of L in the operands of the attention
// O = Attend(q, k, v, opt), given those in its output, dOut = ∂L/∂O (of the shape
// of O). For one query, with yⱼ = Scale·q·kⱼ, xⱼ its logits, aⱼ its weights over
// the allowed keys and the sink, and fⱼ its keep factors:
//
//	dPⱼ = fⱼ·dOut·vⱼ          gradient in aⱼ
//	D   = Σⱼ aⱼdPⱼ = dOut·O
//	dXⱼ = aⱼ(dPⱼ − D)         gradient in xⱼ, and in the bias
//	dYⱼ = dXⱼ·cap′(yⱼ)        cap′(y) = 1 − tanh²(y/Softcap), or 1
//	dQ  = Scale·Σⱼ dYⱼkⱼ      dKⱼ = Scale·Σ dYⱼq      dVⱼ = Σ fⱼaⱼ·dOut
//	dSink = −Σ a_sink·D
//
// The sums in dK and dV run over the queries of all query heads that use the key
// head, that in a sink over the queries of its head with an allowed key.
//
// Neither O nor its log-sum-exps are operands: gradients are a function of what
// they are gradients in. A kernel that wants them from its own forward pass runs
// that first, and may keep what it stored; the bounds cover weights taken as
// exp(x − lse) as well as divided ones, and D taken as dOut·O.
//
// Special cases: a query without an allowed key has gradient +0 and adds to no
// other, whatever it and its dOut hold; a key that no query may see has gradients
// +0, and neither it nor its value is used. A NaN makes NaN what depends on it: a
// NaN logit or value of an allowed key, or in dOut of a query, spoils the query's
// dX, and through it dQ of the query and dK of the keys that the query may see;
// dV depends on no value.
//
// Operands that do not fit panic as CheckAttentionBackward says.
type AttentionBackward[T Float] func(dst AttentionGradients[T], dOut, q, k, v Tensor[T], opt *AttentionOptions)

// BackwardAbilities declares what an AttentionBackward takes, as
// AttentionAbilities does for an Attention, and which gradients it has beyond
// those of query, key and value.
type BackwardAbilities struct {
	AttentionAbilities
	BiasGradient bool // of a bias with the axes that it takes
	SinkGradient bool
}

// AllBackwardAbilities declares everything.
func AllBackwardAbilities() BackwardAbilities {
	return BackwardAbilities{AttentionAbilities: AllAttentionAbilities(), BiasGradient: true, SinkGradient: true}
}

// CheckAttentionBackward panics with a constant text when the operands of an
// attention's backward pass do not fit one another or their views do not fit
// their data, or a gradient shares memory with another or with an input, what the
// options hold included. Every implementation of this project calls
// it before the first write.
func CheckAttentionBackward[T Float](dst AttentionGradients[T], dOut, q, k, v Tensor[T], opt *AttentionOptions) {
	checkOperands("dOut", dOut, q, k, v, opt)
	names := [...]string{"dQ", "dK", "dV"}
	for n, g := range []Tensor[T]{dst.Query, dst.Key, dst.Value} {
		g.Check(names[n])
		if g.Shape != [...]Tensor[T]{q, k, v}[n].Shape {
			panic("attest: " + names[n] + " is not of the shape of what it is the gradient of")
		}
		if !g.distinct() {
			panic("attest: " + names[n] + " overlaps itself")
		}
	}
	if dst.Bias != nil {
		checkBiasGradient(dst.Bias, q, k, opt)
	}
	if dst.Sinks != nil {
		switch {
		case opt.Sinks == nil:
			panic("attest: a gradient of sinks that there are not")
		case len(dst.Sinks) != len(opt.Sinks):
			panic("attest: not one gradient for each sink")
		}
	}
	gradients := dst.all(dOut)
	for n, g := range gradients {
		for _, in := range []Tensor[T]{dOut, q, k, v} {
			if overlap(g, in) {
				panic("attest: a gradient shares memory with an input")
			}
		}
		if holds(opt, q.Shape[0], q.Shape[1], q.Shape[2], g.memory()) {
			panic("attest: a gradient shares memory with an input")
		}
		for _, other := range gradients[:n] {
			if overlap(g, other) {
				panic("attest: a gradient shares memory with another")
			}
		}
	}
}

// all returns the gradients that there are as tensors, given that of the output.
func (g *AttentionGradients[T]) all(dOut Tensor[T]) []Tensor[T] {
	all := []Tensor[T]{g.Query, g.Key, g.Value}
	if g.Bias != nil {
		all = append(all, elements(g.Bias, dOut.Shape[0], dOut.Shape[1]))
	}
	if g.Sinks != nil {
		all = append(all, Tensor[T]{Data: g.Sinks, Shape: [4]int{1, 1, 1, len(g.Sinks)}, Stride: [4]int{0, 0, 0, 1}})
	}
	return all
}

// elements returns the elements of a grid, each once, as a tensor.
func elements[T Float](g *Grid[T], batch, heads int) Tensor[T] {
	return Tensor[T]{Data: g.Data, Shape: g.axes(batch, heads), Stride: [4]int{g.BatchStride, g.HeadStride, g.Stride, 1}}
}

// checkBiasGradient panics when g is not one for the options' bias.
func checkBiasGradient[T Float](g *Grid[T], q, k Tensor[T], opt *AttentionOptions) {
	if opt.Bias == nil {
		panic("attest: a gradient of a bias that there is not")
	}
	g.Check("gradient of the bias", q.Shape[0], q.Shape[1], q.Shape[2], k.Shape[2])
	axes := g.axes(q.Shape[0], q.Shape[1])
	empty := q.Shape[0] == 0 || q.Shape[1] == 0 || q.Shape[2] == 0 || g.Keys == 0
	if g.Keys != opt.Bias.Keys || !empty && axes != opt.Bias.axes(q.Shape[0], q.Shape[1]) {
		panic("attest: the gradient of the bias has other axes than the bias")
	}
	if !elements(g, q.Shape[0], q.Shape[1]).distinct() {
		panic("attest: the gradient of the bias overlaps itself")
	}
}

// CheckSaved panics with a constant text when an output and its log-sum-exps,
// which a backward pass takes instead of computing them, do not fit dOut or share
// memory with a gradient.
func CheckSaved[T Float](dst AttentionGradients[T], dOut, out, lse Tensor[T]) {
	out.Check("the output")
	lse.Check("lse")
	switch {
	case out.Shape != dOut.Shape:
		panic("attest: the output is not of the shape of dOut")
	case lse.Shape != rowShape(dOut):
		panic("attest: lse is not batch×heads×queries×1")
	}
	for _, g := range dst.all(dOut) {
		if overlap(g, out) || overlap(g, lse) {
			panic("attest: a gradient shares memory with an input")
		}
	}
}
