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

// TestMisuse makes every mistake of shape, memory and words with every operation:
// each is refused with a constant text before the first write, and all
// implementations refuse the same with the same words.
func TestMisuse(t *testing.T) {
	ref, _ := suite.Reference()
	f32, _ := suite.Float32()
	gonum, _ := suite.Gonum()
	want := misuse(t, ref)
	same(t, "float32", misuse(t, f32), want)
	same(t, "gonum", misuse(t, gonum), want)
	same(t, "precise", misuse(t, precise.Implementation()), want)
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
		for k := range c.tensors {
			m.tensor(k)
		}
		m.memory(c)
		m.words(c)
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
	destinations int
}

// mistakes makes them with one operation.
type mistakes[T spec.Float] struct {
	t        *testing.T
	im, name string
	f        reflect.Value
	said     map[string]string
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
