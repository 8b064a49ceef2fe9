package transformer

import (
	"sync"

	"example.com/attest/spec"
)

// scratch is memory for the intermediate results of one call: pieces are taken
// one after the other and all come back at once. Between calls it is kept, so
// that calls of the same sizes allocate nothing.
type scratch struct {
	data []float32
	used int
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func takeScratch() *scratch { return scratches.Get().(*scratch) }

func (s *scratch) give() {
	s.used = 0
	scratches.Put(s)
}

// matrix returns a rows×cols matrix without gaps that holds anything. Where the
// memory is too short a larger one takes its place; pieces taken before keep the
// old one.
func (s *scratch) matrix(rows, cols int) spec.Matrix[float32] {
	n := rows * cols
	if s.used+n > len(s.data) {
		s.data, s.used = make([]float32, 2*len(s.data)+n), 0
	}
	m := spec.Matrix[float32]{Rows: rows, Cols: cols, Stride: cols, Data: s.data[s.used : s.used+n : s.used+n]}
	s.used += n
	return m
}
