package suite_test

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/reference/precise"
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

// TestMisuse makes every mistake of shape and memory with every operation:
// each is refused with a constant text before the first write, and the reference
// and the float32 side refuse the same with the same words.
func TestMisuse(t *testing.T) {
	ref, _ := suite.Reference()
	f32, _ := suite.Float32()
	gonum, _ := suite.Gonum()
	want := misuse(t, ref)
	same(t, "float32", misuse(t, f32), want)
	same(t, "gonum", misuse(t, gonum), want)
	same(t, "precise", misuse(t, preciseAttention()), want)
}

// preciseAttention is what attention needs of the judge of the reference: its
// other operations are met by this project's own operands alone, and check none.
func preciseAttention() *spec.Implementation[float64] {
	im := precise.Implementation()
	return &spec.Implementation[float64]{Name: "precise", Attention: im.Attention, AttentionLSE: im.AttentionLSE, MergeAttention: im.MergeAttention,
		AttentionQK: im.AttentionQK, PagedAttention: im.PagedAttention, CachedAttention: im.CachedAttention, AttentionBackward: im.AttentionBackward,
		MultiHead: im.MultiHead, Block: im.Block}
}

// same requires got to answer each mistake as want does.
func same(t *testing.T, name string, got, want map[string]string) {
	t.Helper()
	for _, mistake := range slices.Sorted(maps.Keys(got)) {
		if got[mistake] != want[mistake] {
			t.Errorf("%s: %s: %q, the reference says %q", name, mistake, got[mistake], want[mistake])
		}
	}
}

// misuse makes every mistake with every operation of im and returns what it
// said to each, "" where it did not panic.
func misuse[T spec.Float](t *testing.T, im *spec.Implementation[T]) map[string]string {
	said := map[string]string{}
	operations(reflect.ValueOf(im).Elem(), "", func(name string, f reflect.Value) {
		m := &mistakes[T]{t: t, im: im.Name, name: name, f: f, said: said}
		if text, _ := m.call(func(*call[T]) {}); text != "" {
			t.Errorf("%s: %s refuses operands that fit: %s", im.Name, name, text)
			return
		}
		c := m.operands()
		for k := range c.matrices {
			m.shapes(fmt.Sprintf("operand %d", k), func(c *call[T]) *spec.Matrix[T] { return c.matrices[k] })
		}
		for k := range c.vectors {
			m.lengths(k)
		}
		for k := range c.masks {
			for _, n := range []int{0, 2, 4} {
				m.refuse(fmt.Sprintf("mask %d of length %d", k, n), func(c *call[T]) { *c.masks[k] = make([]bool, n) })
			}
		}
		for k := range c.tensors {
			m.tensor(k)
		}
		m.memory(c)
	})
	return said
}

// operations calls visit for each operation in v that is offered.
func operations(v reflect.Value, path string, visit func(name string, f reflect.Value)) {
	for k := range v.NumField() {
		name, field := path+v.Type().Field(k).Name, v.Field(k)
		switch {
		case name == "Energies" || field.IsZero():
		case field.Kind() == reflect.Interface:
			visit(name, field.Elem().Method(0))
		case field.Kind() == reflect.Func:
			visit(name, field)
		case field.Kind() == reflect.Struct && !strings.HasSuffix(name, "Profile"):
			operations(field, name+".", visit)
		}
	}
}

// call is one call of an operation: its arguments, and where in them the
// operands are. The first ones are the destinations.
type call[T spec.Float] struct {
	args         []reflect.Value
	matrices     []*spec.Matrix[T]
	tensors      []*spec.Tensor[T]
	vectors      []*[]T
	masks        []*[]bool
	destinations int
}

// mistakes makes them with one operation.
type mistakes[T spec.Float] struct {
	t        *testing.T
	im, name string
	f        reflect.Value
	said     map[string]string
}

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
			c.masks = append(c.masks, x)
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

// call calls the operation with operands that fit, changed by spoil, and
// returns what it panicked with, "" for nothing. It requires the text of a panic
// to be this project's, and the destinations to be as they were.
func (m *mistakes[T]) call(spoil func(*call[T])) (text string, panicked bool) {
	c := m.operands()
	spoil(c)
	var written [][]T
	for k := range c.destinations {
		switch {
		case len(c.tensors) > 0:
			written = append(written, c.tensors[k].Data)
		case len(c.matrices) > 0:
			written = append(written, c.matrices[k].Data)
		default:
			written = append(written, *c.vectors[k])
		}
	}
	for _, w := range written {
		for k := range w {
			w[k] = T(math.NaN())
		}
	}
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		text, panicked = fmt.Sprint(r), true
		if !strings.HasPrefix(text, "attest: ") {
			m.t.Errorf("%s: %s panics with %q", m.im, m.name, text)
		}
		for _, w := range written {
			for _, x := range w {
				if x == x {
					m.t.Errorf("%s: %s wrote before it refused: %s", m.im, m.name, text)
					return
				}
			}
		}
	}()
	in := make([]reflect.Value, len(c.args))
	for k := range in {
		in[k] = c.args[k].Elem()
	}
	m.f.Call(in)
	return "", false
}

// try makes one mistake, keeps what was said, and reports whether it was
// refused.
func (m *mistakes[T]) try(mistake string, spoil func(*call[T])) bool {
	text, panicked := m.call(spoil)
	m.said[m.name+": "+mistake] = text
	return panicked
}

// refuse makes a mistake that must be refused.
func (m *mistakes[T]) refuse(mistake string, spoil func(*call[T])) {
	if !m.try(mistake, spoil) {
		m.t.Errorf("%s: %s takes %s", m.im, m.name, mistake)
	}
}

// shapes gives a matrix a row or column more or fewer, of which at least one
// must be refused, and views that do not fit their data.
func (m *mistakes[T]) shapes(what string, of func(*call[T]) *spec.Matrix[T]) {
	refused := 0
	for _, by := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
		if m.try(fmt.Sprintf("%s with %+d rows and %+d columns", what, by[0], by[1]), func(c *call[T]) {
			x := of(c)
			*x = resized[T](x.Rows+by[0], x.Cols+by[1])
		}) {
			refused++
		}
	}
	if refused == 0 && !slices.Contains(anyShape, m.name) {
		m.t.Errorf("%s: %s takes %s in any shape", m.im, m.name, what)
	}
	m.refuse(what+" shorter than its view", func(c *call[T]) { of(c).Data = of(c).Data[:len(of(c).Data)-1] })
	m.refuse(what+" without data", func(c *call[T]) { of(c).Data = nil })
	m.refuse(what+" with a stride shorter than its rows", func(c *call[T]) { of(c).Stride = of(c).Cols - 1 })
	m.refuse(what+" with a stride beyond any memory", func(c *call[T]) { of(c).Rows, of(c).Stride = 3, math.MaxInt })
	m.refuse(what+" with a negative size", func(c *call[T]) { of(c).Rows = -1 })
}

// lengths gives a vector an element more or fewer.
func (m *mistakes[T]) lengths(k int) {
	for _, n := range []int{2, 4} {
		m.refuse(fmt.Sprintf("vector %d of length %d", k, n), func(c *call[T]) { *c.vectors[k] = make([]T, n) })
	}
}

// tensor gives a tensor one more or fewer along each axis, of which at least one
// must be refused, and views that do not fit their data.
func (m *mistakes[T]) tensor(k int) {
	refused := 0
	for axis := range 4 {
		for _, by := range []int{-1, 1} {
			if m.try(fmt.Sprintf("tensor %d with %+d along axis %d", k, by, axis), func(c *call[T]) {
				s := c.tensors[k].Shape
				s[axis] += by
				*c.tensors[k] = spec.NewTensor[T](s[0], s[1], s[2], s[3])
			}) {
				refused++
			}
		}
	}
	if refused == 0 {
		m.t.Errorf("%s: %s takes tensor %d in any shape", m.im, m.name, k)
	}
	m.refuse(fmt.Sprintf("tensor %d shorter than its view", k), func(c *call[T]) { c.tensors[k].Data = c.tensors[k].Data[:len(c.tensors[k].Data)-1] })
	m.refuse(fmt.Sprintf("tensor %d with a negative stride", k), func(c *call[T]) { c.tensors[k].Stride[2] = -1 })
}

// memory lets a destination share memory with every other operand: they start
// together, or the last element of one is the first of the other.
func (m *mistakes[T]) memory(c *call[T]) {
	for d := range c.destinations {
		for k := range c.slots() {
			if k <= d {
				continue
			}
			where := fmt.Sprintf("destination %d and operand %d", d, k)
			together := func(c *call[T]) { overlay(c.slots()[d], c.slots()[k], 0) }
			if slices.Contains(inPlace, m.name) && k == 1 {
				if text, panicked := m.call(together); panicked {
					m.t.Errorf("%s: %s does not work in place: %s", m.im, m.name, text)
				}
			} else {
				m.refuse(where+" starting together", together)
			}
			m.refuse(where+" meeting at the end", func(c *call[T]) {
				overlay(c.slots()[d], c.slots()[k], len(*c.slots()[d])-1)
			})
			m.refuse(where+" meeting at the start", func(c *call[T]) {
				overlay(c.slots()[k], c.slots()[d], len(*c.slots()[k])-1)
			})
		}
	}
}

// slots returns the memory of all operands.
func (c *call[T]) slots() []*[]T {
	var out []*[]T
	for _, x := range c.tensors {
		out = append(out, &x.Data)
	}
	for _, x := range c.matrices {
		out = append(out, &x.Data)
	}
	return append(out, c.vectors...)
}

// overlay moves a and b into one memory, b beginning at element at of a.
func overlay[T spec.Float](a, b *[]T, at int) {
	buf := make([]T, max(len(*a), at+len(*b)))
	*a, *b = buf[:len(*a):len(*a)], buf[at:at+len(*b):at+len(*b)]
}
