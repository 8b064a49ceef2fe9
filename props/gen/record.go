package gen

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/attest/spec"
)

// Type says what a recorded value is.
type Type string

const (
	TypeInt    Type = "int"
	TypeNumber Type = "number"
	TypeBool   Type = "bool"
	TypeWord   Type = "word"
	TypeFill   Type = "fill"
	TypeMatrix Type = "matrix"
	// TypeShare is only ever given: a number from which a draw takes a value of
	// its own range, as a fuzz target's typed arguments do. Given under the name
	// "*int", "*number", "*bool", "*word" or "*fill" it stands for every draw of
	// that type that is not given by name.
	TypeShare Type = "share"
)

// Value is a recorded value; Type says which field holds it.
type Value struct {
	Type   Type
	Int    int
	Number float64
	Bool   bool
	Word   string
	Fill   Fill
	Matrix spec.Matrix[float64]
}

// Int returns an integer value.
func Int(x int) Value { return Value{Type: TypeInt, Int: x} }

// Number returns a number value.
func Number(x float64) Value { return Value{Type: TypeNumber, Number: x} }

// Word returns a named choice.
func Word(s string) Value { return Value{Type: TypeWord, Word: s} }

// Share returns a value that a draw folds into its own range.
func Share(x uint) Value { return Value{Type: TypeShare, Int: int(x)} }

// Explicit returns a matrix value.
func Explicit(m spec.Matrix[float64]) Value { return Value{Type: TypeMatrix, Matrix: m} }

// Entry is a named value of a case.
type Entry struct {
	Name string
	Value

	lo, hi     float64  // the range of a number
	words      []string // the options of a word
	rows, cols int      // the shape of a fill
}

// Record is a case: its named values in the order in which they were drawn.
type Record []Entry

// With returns a copy of r in which name has the value v.
func (r Record) With(name string, v Value) Record {
	out := slices.Clone(r)
	for i := range out {
		if out[i].Name == name {
			out[i].Value = v
			return out
		}
	}
	return append(out, Entry{Name: name, Value: v})
}

// FromCounterexample returns the record of a stored counterexample.
func FromCounterexample(x *spec.Counterexample) Record {
	var r Record
	for name, v := range x.Sizes {
		r = append(r, Entry{Name: name, Value: Int(v)})
	}
	for name, v := range x.Numbers {
		r = append(r, Entry{Name: name, Value: Number(v)})
	}
	for name, rows := range x.Matrices {
		r = append(r, Entry{Name: name, Value: Explicit(spec.MatrixOf(rows...))})
	}
	for name, w := range x.Words {
		r = append(r, Entry{Name: name, Value: Word(w)})
	}
	slices.SortFunc(r, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return r
}

// String prints the record in one line, without what is false: numbers in decimal,
// small matrices whole, fills by their recipe.
func (r Record) String() string {
	var b strings.Builder
	for _, e := range r {
		switch {
		case e.Type == TypeBool && !e.Bool:
			continue
		case b.Len() > 0:
			b.WriteByte(' ')
		}
		b.WriteString(e.Name + "=" + e.Value.String())
	}
	return b.String()
}

// GoString prints the same line, so that a log of %#v stays readable.
func (r Record) GoString() string { return r.String() }

func (v Value) String() string {
	switch v.Type {
	case TypeInt:
		return strconv.Itoa(v.Int)
	case TypeNumber:
		return strconv.FormatFloat(v.Number, 'g', -1, 64)
	case TypeBool:
		return strconv.FormatBool(v.Bool)
	case TypeWord:
		return v.Word
	case TypeFill:
		return v.Fill.String()
	case TypeMatrix:
		return matrixString(v.Matrix)
	}
	return "?"
}

// longest is the number of bytes after which a matrix is cut.
const longest = 2000

// matrixString prints rows separated by semicolons. Eight and more equal elements
// of a row are printed as one and their number, 0×65, and so are as many equal
// rows, 1 2 (×9).
func matrixString(m spec.Matrix[float64]) string {
	rows := make([]string, m.Rows)
	for i := range rows {
		var words []string
		for _, x := range m.Row(i) {
			words = append(words, strconv.FormatFloat(x, 'g', -1, 64))
		}
		rows[i] = strings.Join(repeated(words, "%s×%d"), " ")
	}
	text := "[" + strings.Join(repeated(rows, "%s (×%d)"), "; ")
	if len(text) > longest {
		return text[:strings.LastIndexByte(text[:longest], ' ')] + " …]"
	}
	return text + "]"
}

// repeated returns words in which eight and more equal ones that follow one another
// are one, with their number.
func repeated(words []string, format string) (out []string) {
	for len(words) > 0 {
		count := 1
		for count < len(words) && words[count] == words[0] {
			count++
		}
		if count >= 8 {
			out = append(out, fmt.Sprintf(format, words[0], count))
		} else {
			out = append(out, words[:count]...)
		}
		words = words[count:]
	}
	return out
}

// jsonEntry is the stored form: numbers as hexadecimal floats, exact and
// readable by every language's parser.
type jsonEntry struct {
	Name   string     `json:"name"`
	Type   Type       `json:"type"`
	Int    *int       `json:"int,omitempty"`
	Number string     `json:"number,omitempty"`
	Bool   *bool      `json:"bool,omitempty"`
	Word   *string    `json:"word,omitempty"`
	Fill   *Fill      `json:"fill,omitempty"`
	Rows   int        `json:"rows,omitempty"`
	Cols   int        `json:"cols,omitempty"`
	Matrix [][]string `json:"matrix,omitempty"`
}

// MarshalJSON writes the record as an array of named values.
func (r Record) MarshalJSON() ([]byte, error) {
	out := make([]jsonEntry, len(r))
	for i, e := range r {
		j := jsonEntry{Name: e.Name, Type: e.Type}
		switch e.Type {
		case TypeInt:
			j.Int = &r[i].Int
		case TypeNumber:
			j.Number = hex(e.Number)
		case TypeBool:
			j.Bool = &r[i].Bool
		case TypeWord:
			j.Word = &r[i].Word
		case TypeFill:
			j.Fill = &r[i].Fill
		case TypeMatrix:
			j.Rows, j.Cols = e.Matrix.Rows, e.Matrix.Cols
			for k := range e.Matrix.Rows {
				row := make([]string, e.Matrix.Cols)
				for l, x := range e.Matrix.Row(k) {
					row[l] = hex(x)
				}
				j.Matrix = append(j.Matrix, row)
			}
		}
		out[i] = j
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. An error names the value that
// cannot be read.
func (r *Record) UnmarshalJSON(data []byte) error {
	var in []jsonEntry
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*r = nil
	for _, j := range in {
		e := Entry{Name: j.Name}
		e.Type = j.Type
		var err error
		switch {
		case j.Type == TypeInt && j.Int != nil:
			e.Int = *j.Int
		case j.Type == TypeNumber:
			e.Number, err = strconv.ParseFloat(j.Number, 64)
		case j.Type == TypeBool && j.Bool != nil:
			e.Bool = *j.Bool
		case j.Type == TypeWord && j.Word != nil:
			e.Word = *j.Word
		case j.Type == TypeFill && j.Fill != nil:
			e.Fill = *j.Fill
		case j.Type == TypeMatrix:
			e.Matrix, err = parseMatrix(j)
		default:
			err = fmt.Errorf("no value of type %q", j.Type)
		}
		if err != nil {
			return fmt.Errorf("value %q: %w", j.Name, err)
		}
		*r = append(*r, e)
	}
	return nil
}

func parseMatrix(j jsonEntry) (spec.Matrix[float64], error) {
	m := spec.Matrix[float64]{}
	if j.Rows < 0 || j.Cols < 0 {
		return m, fmt.Errorf("%d rows and %d columns", j.Rows, j.Cols)
	}
	if len(j.Matrix) != j.Rows {
		return m, fmt.Errorf("%d rows where %d are announced", len(j.Matrix), j.Rows)
	}
	m = spec.NewMatrix[float64](j.Rows, j.Cols)
	for i, row := range j.Matrix {
		if len(row) != j.Cols {
			return m, fmt.Errorf("row %d has %d numbers, not %d", i, len(row), j.Cols)
		}
		for k, s := range row {
			x, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return m, err
			}
			m.Set(i, k, x)
		}
	}
	return m, nil
}

func hex(x float64) string { return strconv.FormatFloat(x, 'x', -1, 64) }
