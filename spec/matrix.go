package spec

// Matrix is a view of Rows×Cols numbers: element (i, j) is Data[i*Stride+j].
// Stride may exceed Cols; what lies in the gap belongs to nobody and is neither
// read nor written. The zero Matrix is empty; where a function takes weights,
// it stands for the identity.
type Matrix[T Float] struct {
	Rows, Cols, Stride int
	Data               []T
}

// NewMatrix returns a zero matrix without gaps.
func NewMatrix[T Float](rows, cols int) Matrix[T] {
	return Matrix[T]{Rows: rows, Cols: cols, Stride: cols, Data: make([]T, rows*cols)}
}

// MatrixOf returns a matrix of the given rows, which must be equally long.
func MatrixOf[T Float](rows ...[]T) Matrix[T] {
	if len(rows) == 0 {
		return Matrix[T]{}
	}
	m := NewMatrix[T](len(rows), len(rows[0]))
	for i, r := range rows {
		if len(r) != m.Cols {
			panic("attest: MatrixOf: rows of different lengths")
		}
		copy(m.Row(i), r)
	}
	return m
}

// Column returns a matrix of one column.
func Column[T Float](x ...T) Matrix[T] {
	return Matrix[T]{Rows: len(x), Cols: 1, Stride: 1, Data: x}
}

// Row returns row i, without the gap; it shares memory with m.
func (m Matrix[T]) Row(i int) []T {
	return m.Data[i*m.Stride : i*m.Stride+m.Cols : i*m.Stride+m.Cols]
}

// At returns element (i, j).
func (m Matrix[T]) At(i, j int) T { return m.Data[i*m.Stride+j] }

// Set stores x as element (i, j).
func (m Matrix[T]) Set(i, j int, x T) { m.Data[i*m.Stride+j] = x }

// IsZero reports whether m is the zero Matrix, which stands for the identity
// where weights are expected.
func (m Matrix[T]) IsZero() bool { return m.Rows == 0 && m.Cols == 0 && m.Data == nil }

// Check panics with a text that names the matrix when its view does not fit
// its data.
func (m Matrix[T]) Check(name string) {
	switch {
	case m.Rows < 0 || m.Cols < 0:
		panic("attest: " + name + " has a negative size")
	case m.Stride < m.Cols:
		panic("attest: " + name + " has a stride shorter than its rows")
	case m.Rows > 0 && (len(m.Data) < m.Cols || m.Stride > 0 && m.Rows-1 > (len(m.Data)-m.Cols)/m.Stride):
		panic("attest: " + name + " is shorter than rows×stride")
	}
}

// CheckShape panics with a text that names the matrix when it is not rows×cols
// or its view does not fit its data.
func (m Matrix[T]) CheckShape(name string, rows, cols int) {
	m.Check(name)
	if m.Rows != rows || m.Cols != cols {
		panic("attest: " + name + " has the wrong shape")
	}
}

// Convert returns a gapless copy of m with elements of type U.
func Convert[U, T Float](m Matrix[T]) Matrix[U] {
	if m.IsZero() {
		return Matrix[U]{}
	}
	out := NewMatrix[U](m.Rows, m.Cols)
	for i := range m.Rows {
		for j, x := range m.Row(i) {
			out.Set(i, j, U(x))
		}
	}
	return out
}
