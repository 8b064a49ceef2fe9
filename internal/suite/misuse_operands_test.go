package suite_test

import (
	"reflect"
	"slices"

	"example.com/attest/spec"
)

// inPlace lists the operations whose destination may be the input itself, as
// the contract says.
var inPlace = []string{"Softmax", "LayerNorm", "ReLU", "Prox.Apply", "LogSoftmax", "RMSNorm", "Rope", "Residual"}

// anyShape lists the operations that fill a destination of any shape.
var anyShape = []string{"Positions"}

// shapes has the sizes of operands that do not fit as 3×3, by the operation and
// the operand's place among all its operands.
var shapes = map[string]map[int][2]int{
	"Hopfield.Energy":            {0: {3, 1}},
	"Alternating.Step":           {0: {1, 3}, 1: {1, 3}, 3: {1, 3}, 5: {1, 3}},
	"Alternating.ReLUStep":       {0: {1, 3}, 1: {1, 3}, 3: {1, 3}, 5: {1, 3}},
	"Alternating.Region":         {0: {1, 3}, 1: {1, 3}, 2: {1, 3}},
	"Asymmetric.Lift":            {0: {6, 6}},
	"Asymmetric.Dilate":          {0: {6, 6}},
	"Asymmetric.EquilibriumStep": {3: {1, 3}},
}

// oneChannel lists, by the operation, the tensors that have a single channel:
// row sums.
var oneChannel = map[string][]int{"AttentionLSE": {1}, "MergeAttention": {1, 3, 5}}

// present has the number of tokens of the tensors that hold past and new ones.
var present = map[string]map[int]int{"CachedAttention": {1: 6, 2: 6}}

// destinations has the operations that store more than one result.
var destinations = map[string]int{"Asymmetric.Precondition": 2, "AttentionLSE": 2, "MergeAttention": 2, "AttentionBackward": 3, "AttentionQK": 2, "CachedAttention": 3}

// operands returns operands that fit.
func (m *mistakes[T]) operands() *call[T] {
	c, typ := &call[T]{}, m.f.Type()
	for k := range typ.NumIn() {
		arg := reflect.New(typ.In(k)) // arguments are changed through pointers
		c.args = append(c.args, arg)
		switch x := arg.Interface().(type) {
		case *spec.Matrix[T]:
			m.matrix(c, x)
		case *spec.Quadratic[T]:
			m.matrix(c, &x.K)
			m.matrix(c, &x.B)
		case *[]spec.Matrix[T]:
			*x = make([]spec.Matrix[T], 2)
			for h := range *x {
				m.matrix(c, &(*x)[h])
			}
		case *spec.Tensor[T]:
			channels := 3
			if slices.Contains(oneChannel[m.name], len(c.tensors)) {
				channels = 1
			}
			*x = spec.NewTensor[T](1, 1, max(3, present[m.name][len(c.tensors)]), channels)
			c.tensors = append(c.tensors, x)
		case *spec.AttentionGradients[T]:
			for _, g := range []*spec.Tensor[T]{&x.Query, &x.Key, &x.Value} {
				*g = spec.NewTensor[T](1, 1, 3, 3)
				c.tensors = append(c.tensors, g)
			}
		case *[]T:
			*x = make([]T, 3)
			c.vectors = append(c.vectors, x)
		case *[]bool:
			*x = []bool{true, false, true}
		case *[]int:
			*x = []int{0, 1, 3}
		case **spec.MultiHeadWeights[T]:
			*x = new(spec.MultiHeadWeights[T])
			m.multiHead(c, *x)
		case **spec.BlockWeights[T]:
			*x = &spec.BlockWeights[T]{Cross: new(spec.MultiHeadWeights[T])}
			m.block(c, *x)
		case **spec.Cache[T]:
			*x = new(spec.Cache[T])
			m.matrix(c, &(*x).Key)
			m.matrix(c, &(*x).Value)
		case **spec.AttentionOptions:
			*x = &spec.AttentionOptions{Scale: 1}
		case *spec.PageTable:
			*x = spec.PageTable{Tokens: 3, Pages: [][]int{{0}}}
		case *spec.QKStage:
			*x = spec.QKWeights
		case *spec.Activation:
			*x = spec.ActReLU
		case *spec.Rotary:
			*x = spec.Rotary{Layout: spec.HalfLayout, Dims: 2, Offset: 1, Base: 10}
		case *float64: // of T = float64 as well
			if *x = 0.5; m.name == "Positions" {
				*x = 10
			}
		case *T:
			*x = 0.5
		case *int:
			*x = 1
		case *bool:
		default:
			m.t.Fatalf("%s: an operand of type %s: say what fits", m.name, typ.In(k))
		}
	}
	if typ.NumOut() == 0 {
		c.destinations = max(1, destinations[m.name])
	}
	return c
}

// matrix makes x an operand that fits; it is nonsingular.
func (m *mistakes[T]) matrix(c *call[T], x *spec.Matrix[T]) {
	size, ok := shapes[m.name][len(c.matrices)]
	if !ok {
		size = [2]int{3, 3}
	}
	*x = resized[T](size[0], size[1])
	c.matrices = append(c.matrices, x)
}

// multiHead makes w weights of one head that fit.
func (m *mistakes[T]) multiHead(c *call[T], w *spec.MultiHeadWeights[T]) {
	w.Heads, w.KeyHeads, w.Rotary = 1, 1, &spec.Rotary{Layout: spec.HalfLayout, Dims: 2, Base: 10}
	for _, p := range []*spec.Projection[T]{&w.Query, &w.Key, &w.Value, &w.Output} {
		m.projection(c, p)
	}
}

// block makes w weights with both attentions that fit.
func (m *mistakes[T]) block(c *call[T], w *spec.BlockWeights[T]) {
	m.multiHead(c, &w.Self)
	m.multiHead(c, w.Cross)
	w.Forward.Activation = spec.ActGELU
	m.projection(c, &w.Forward.Up)
	m.projection(c, &w.Forward.Down)
	for _, n := range []*spec.Norm[T]{&w.SelfNorm, &w.CrossNorm, &w.ForwardNorm} {
		*n = spec.Norm[T]{Kind: spec.LayerNormKind, Gain: make([]T, 3), Shift: make([]T, 3), Eps: 1}
		c.vectors = append(c.vectors, &n.Gain, &n.Shift)
	}
}

// projection makes p a linear layer that fits.
func (m *mistakes[T]) projection(c *call[T], p *spec.Projection[T]) {
	m.matrix(c, &p.W)
	p.Bias = make([]T, 3)
	c.vectors = append(c.vectors, &p.Bias)
}

// resized returns a matrix with ones on the diagonal and a gap of one element
// between rows.
func resized[T spec.Float](rows, cols int) spec.Matrix[T] {
	x := spec.Matrix[T]{Rows: rows, Cols: cols, Stride: cols + 1, Data: make([]T, max(0, rows*(cols+1)-1))}
	for i := range min(rows, cols) {
		x.Set(i, i, 1)
	}
	return x
}
