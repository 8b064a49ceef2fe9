// Package guard lends memory with an unreadable page right before or right
// behind it, so that code which reads or writes one element too far faults
// instead of getting away with it. On systems other than Linux the memory is
// ordinary and only its slack can be checked.
package guard

import (
	"fmt"
	"runtime/debug"
	"unsafe"
)

// Side says at which end of the lent memory the unreadable page is adjacent.
type Side int

const (
	Before Side = iota
	Behind
)

// Memory is lent memory: Data of the asked length inside Whole, which also has
// the slack up to the far page.
type Memory[T Element] struct {
	Data, Whole []T
	Offset      int // of Data in Whole
	free        func()
}

// Free gives the memory back; nothing may use it afterwards.
func (m Memory[T]) Free() { m.free() }

// New lends memory for n elements, adjacent at the given side to an unreadable
// page. The content is zero. The error says why the system refused.
func New[T Element](n int, side Side) (Memory[T], error) {
	size := int(unsafe.Sizeof(*new(T)))
	bytes, free, err := pages(n * size)
	if err != nil {
		return Memory[T]{}, fmt.Errorf("guard: %w", err)
	}
	whole := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(bytes))), len(bytes)/size)
	m := Memory[T]{Whole: whole, free: free}
	if side == Behind {
		m.Offset = len(whole) - n
	}
	m.Data = whole[m.Offset : m.Offset+n : m.Offset+n]
	return m, nil
}

// Fault runs f and returns what it says of a memory fault in f, or an empty
// string. Other panics pass. A fault in a goroutine that f starts ends the
// program.
func Fault(f func()) (fault string) {
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if x := recover(); x != nil {
			if at, ok := x.(interface{ Addr() uintptr }); ok {
				fault = fmt.Sprintf("memory fault at %#x", at.Addr())
				return
			}
			panic(x)
		}
	}()
	f()
	return ""
}
