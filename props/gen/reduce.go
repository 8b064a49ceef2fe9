package gen

import (
	"math"
	"slices"

	"example.com/attest/spec"
)

// Reduce returns a simpler record on which fails still reports true. It tries
// smaller sizes first, then simpler words, numbers and fills; then it freezes
// the fills to their values, drops rows and columns, and makes single elements
// zero, small integers or shorter fractions. It calls fails at most budget
// times; fails must be deterministic, must report false for a case that is
// Invalid, and must return the record of the case as the property asked for it.
func Reduce(r Record, budget int, fails func(Record) (Record, bool)) Record {
	s := &reducer{record: r, budget: budget, fails: fails}
	for s.pass(s.recipe) {
	}
	s.freeze()
	for s.pass(s.shape, s.recipe, s.elements) {
	}
	return s.record
}

type reducer struct {
	record Record
	budget int
	fails  func(Record) (Record, bool)
}

// try takes the candidate if it fails too.
func (s *reducer) try(candidate Record) bool {
	if s.budget <= 0 {
		return false
	}
	s.budget--
	if r, bad := s.fails(candidate); bad {
		s.record = r
		return true
	}
	return false
}

// pass runs the steps once and reports whether any of them got somewhere.
func (s *reducer) pass(steps ...func() bool) bool {
	any := false
	for _, step := range steps {
		any = step() || any
	}
	return any && s.budget > 0
}

// recipe simplifies each scalar and each fill by itself.
func (s *reducer) recipe() bool {
	better := false
	for i := 0; i < len(s.record); i++ {
		for _, v := range simpler(s.record[i]) {
			if s.try(s.record.With(s.record[i].Name, v)) {
				better = true
				break
			}
		}
	}
	return better
}

// simpler lists the values to try instead of e's, simplest first.
func simpler(e Entry) []Value {
	var out []Value
	switch e.Type {
	case TypeInt:
		for _, x := range []int{0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 64, 65, e.Int - 1} {
			if x < e.Int && float64(x) >= e.lo {
				out = append(out, Int(x))
			}
		}
	case TypeBool:
		if e.Bool {
			out = append(out, Value{Type: TypeBool})
		}
	case TypeWord:
		for _, w := range e.words {
			if w == e.Word {
				break
			}
			out = append(out, Word(w))
		}
	case TypeNumber:
		for _, x := range simplerNumbers(e.Number) {
			if x >= e.lo && x <= e.hi {
				out = append(out, Number(x))
			}
		}
	case TypeFill:
		for _, k := range order {
			if k == e.Fill.Kind {
				break
			}
			out = append(out, Value{Type: TypeFill, Fill: Fill{k, e.Fill.Exponent, e.Fill.Seed}})
		}
		if e.Fill.Exponent != 0 && e.lo <= 0 && e.hi >= 0 {
			out = append(out, Value{Type: TypeFill, Fill: Fill{e.Fill.Kind, 0, e.Fill.Seed}})
		}
	}
	return out
}

// simplerNumbers lists numbers that are easier to read than x, simplest first.
func simplerNumbers(x float64) []float64 {
	var out []float64
	for _, y := range []float64{0, 1, -1, 2, -2, 0.5, -0.5, math.Round(x), math.Round(2*x) / 2, math.Round(4*x) / 4, math.Round(16*x) / 16} {
		if complexity(y) < complexity(x) && !slices.Contains(out, y) {
			out = append(out, y)
		}
	}
	return out
}

// complexity orders numbers by how much there is to read: zero, then one, then
// small integers by size, then shorter fractions.
func complexity(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 1e9
	}
	c := math.Abs(x)
	if c > 64 {
		c = 64 + math.Log2(c)
	}
	if x < 0 {
		c += 0.5
	}
	for k, step := range []float64{1, 2, 4, 16, 256, 65536} {
		if x*step == math.Trunc(x*step) {
			return c + 100*float64(k)
		}
	}
	return c + 1000
}

// freeze replaces every fill by its values.
func (s *reducer) freeze() {
	r := slices.Clone(s.record)
	for i, e := range r {
		if e.Type == TypeFill {
			r[i].Value = Explicit(e.Fill.Matrix(e.rows, e.cols))
		}
	}
	s.try(r)
}

// shape removes single rows and columns: a size goes down by one, and in every
// matrix that has as many rows (or columns), the same one goes.
func (s *reducer) shape() bool {
	better := false
	for i := 0; i < len(s.record); i++ {
		e := s.record[i]
		if e.Type != TypeInt || float64(e.Int) <= e.lo || e.Int > 64 {
			continue
		}
		for k := 0; k < e.Int; k++ {
			if s.try(drop(s.record, i, k, true, false)) || s.try(drop(s.record, i, k, false, true)) || s.try(drop(s.record, i, k, true, true)) {
				better = true
				break
			}
		}
	}
	return better
}

// drop lowers the size at place i by one and removes row k or column k of the
// matrices that have that size.
func drop(r Record, i, k int, rows, cols bool) Record {
	out := slices.Clone(r)
	size := r[i].Int
	out[i].Value = Int(size - 1)
	for j, e := range out {
		if e.Type != TypeMatrix {
			continue
		}
		m := e.Matrix
		dropRow, dropCol := rows && m.Rows == size, cols && m.Cols == size
		if !dropRow && !dropCol {
			continue
		}
		var kept [][]float64
		for a := range m.Rows {
			if dropRow && a == k {
				continue
			}
			row := slices.Clone(m.Row(a))
			if dropCol {
				row = slices.Delete(row, k, k+1)
			}
			kept = append(kept, row)
		}
		if len(kept) == 0 || len(kept[0]) == 0 {
			return r
		}
		out[j].Value = Explicit(spec.MatrixOf(kept...))
	}
	return out
}

// elements simplifies matrices: whole ones to zero, then whole rows, then
// single elements.
func (s *reducer) elements() bool {
	better := false
	for i := 0; i < len(s.record); i++ {
		if s.record[i].Type != TypeMatrix {
			continue
		}
		set := func(change func(m spec.Matrix[float64])) bool {
			m := spec.Convert[float64](s.record[i].Matrix)
			change(m)
			return s.try(s.record.With(s.record[i].Name, Explicit(m)))
		}
		m := s.record[i].Matrix
		if !slices.ContainsFunc(m.Data, func(x float64) bool { return x != 0 }) {
			continue
		}
		if set(func(m spec.Matrix[float64]) { clear(m.Data) }) {
			better = true
			continue
		}
		for a := range m.Rows {
			for b := range m.Cols {
				for _, x := range simplerNumbers(s.record[i].Matrix.At(a, b)) {
					if set(func(m spec.Matrix[float64]) { m.Set(a, b, x) }) {
						better = true
						break
					}
				}
			}
		}
	}
	return better
}
