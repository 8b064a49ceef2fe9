package guard

import (
	"math/bits"
	"os"
	"sync"
	"unsafe"
)

// Element is what lent memory may hold.
type Element interface {
	bool | int | float32 | float64
}

// Canary is how many elements in front of lent memory are lent with it.
const Canary = 16

// Pool lends memory that ends right at an unreadable page, or as near to it as
// an alignment allows, and takes it back for others: a new mapping for each
// operand would take longer than most calls. The zero Pool is ready; it is for
// one goroutine at a time.
type Pool struct{ used []*block }

type block struct {
	bytes []byte
	class int
	extra bool   // ordinary memory for want of mappings, which serves once
	unmap func() // of Sparse, which serves once
}

// most is how many blocks are mapped at most, two or three mappings each: Linux
// allows a process 65 530 by default, and Go's own memory needs some of them.
const most = 1 << 13

// idle holds what was taken back: for each class memory of 2^class pages.
var idle struct {
	sync.Mutex
	blocks [64][]*block
	mapped int // blocks, lent ones included
}

// Lend returns memory for n elements with Canary elements in front of it and
// whatever lies behind it up to the unreadable page: nothing if shift is
// negative, else as little as lets it begin shift elements from a multiple of 64
// bytes. The content is arbitrary. It is nobody's after Free.
func Lend[E Element](p *Pool, n, shift int) Memory[E] {
	const line = 64
	size := int(unsafe.Sizeof(*new(E)))
	b := take((n+Canary)*size + line)
	p.used = append(p.used, b)
	at := len(b.bytes) - n*size
	if shift >= 0 {
		at -= int(uintptr(unsafe.Pointer(&b.bytes[at-size]))+uintptr(size-shift*size)) & (line - 1)
	}
	whole := unsafe.Slice((*E)(unsafe.Pointer(&b.bytes[at-Canary*size])), Canary+(len(b.bytes)-at)/size)
	return Memory[E]{Whole: whole, Data: whole[Canary : Canary+n : Canary+n], Offset: Canary}
}

// Sparse returns memory for n elements of which few will be touched: the system
// gives a page only when it is written to. The content is zero, and right behind it
// lies a page that cannot be touched. It is nobody's after Free. It returns false where the system has no such memory or refuses it.
func Sparse[E Element](p *Pool, n int) ([]E, bool) {
	size := n * int(unsafe.Sizeof(*new(E)))
	bytes, unmap, err := reserve(size)
	if err != nil {
		return nil, false
	}
	p.used = append(p.used, &block{unmap: unmap})
	return unsafe.Slice((*E)(unsafe.Pointer(unsafe.SliceData(bytes[len(bytes)-size:]))), n), true
}

// Free takes everything back that was lent from p.
func (p *Pool) Free() {
	idle.Lock()
	defer idle.Unlock()
	for _, b := range p.used {
		switch {
		case b.unmap != nil:
			b.unmap()
		case !b.extra:
			idle.blocks[b.class] = append(idle.blocks[b.class], b)
		}
	}
	p.used = p.used[:0]
}

// take returns a block of at least n bytes.
func take(n int) *block {
	page := os.Getpagesize()
	class := bits.Len(uint((n - 1) / page))
	idle.Lock()
	defer idle.Unlock()
	if free := idle.blocks[class]; len(free) > 0 {
		idle.blocks[class] = free[:len(free)-1]
		return free[len(free)-1]
	}
	return guarded(page<<class, class)
}

// guarded returns a block of n bytes, a number of pages, between unreadable pages.
// It is ordinary memory where the system gives no more of that, while very many
// blocks are lent at once, and under the race detector, which watches no other.
func guarded(n, class int) *block {
	if !Raced && idle.mapped < most {
		if bytes, _, err := pages(n); err == nil {
			idle.mapped++
			return &block{bytes: bytes, class: class}
		}
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(make([]float64, n/8)))), n)
	return &block{bytes: bytes, class: class, extra: !Raced}
}
