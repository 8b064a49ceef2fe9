package guard_test

import (
	"math"
	"strconv"
	"testing"
	"unsafe"

	"example.com/attest/internal/guard"
)

// TestPool lends memory of many sizes twice: it must be where it was asked to
// be, what is lent together must be apart, and what was freed must serve again.
func TestPool(t *testing.T) {
	var p guard.Pool
	first := map[uintptr]bool{} // ends of what was lent
	for round := range 2 {
		var all []guard.Memory[float32]
		for _, n := range []int{0, 1, 5, 16, 1000, 1024, 1025, 70000} {
			for shift := -1; shift < 16; shift++ {
				m := guard.Lend[float32](&p, n, shift)
				if len(m.Data) != n || cap(m.Data) != n || m.Offset != guard.Canary {
					t.Fatalf("n=%d: %d elements at %d", n, len(m.Data), m.Offset)
				}
				slack := len(m.Whole) - guard.Canary - n
				at := uintptr(unsafe.Pointer(&m.Whole[0])) + 4*guard.Canary
				if shift >= 0 && (slack > 15 || at%64 != uintptr(4*shift)) || shift < 0 && slack != 0 {
					t.Errorf("n=%d shift=%d: lent at %#x with %d elements behind", n, shift, at, slack)
				}
				if end := at + uintptr(4*(n+slack)); round == 0 {
					first[end] = true
				} else if !first[end] {
					t.Errorf("n=%d shift=%d: memory was not taken back", n, shift)
				}
				all = append(all, m)
			}
		}
		for k, m := range all {
			for i := range m.Whole {
				m.Whole[i] = float32(k)
			}
		}
		for k, m := range all {
			for i, x := range m.Whole {
				if x != float32(k) {
					t.Fatalf("operand %d shares its element %d", k, i)
				}
			}
		}
		p.Free()
	}
}

// TestPoolFault reads one element behind lent memory.
func TestPoolFault(t *testing.T) {
	if !guard.Pages || guard.Raced {
		t.Skip("no guard pages behind lent memory here")
	}
	var p guard.Pool
	defer p.Free()
	for _, n := range []int{1, 5, 1024, 1025} {
		m := guard.Lend[bool](&p, n, -1)
		if guard.Fault(func() { m.Data[0] = *(*bool)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(m.Data)), n)) }) == "" {
			t.Errorf("n=%d: the element behind can be read", n)
		}
	}
}

// TestSparse touches both ends of memory that no machine could give as a whole.
func TestSparse(t *testing.T) {
	if strconv.IntSize < 64 {
		t.Skip("no address space for it")
	}
	n := math.MaxInt32
	n *= 32
	var p guard.Pool
	data, ok := guard.Sparse[float64](&p, n)
	if !ok {
		t.Skip("the system does not give memory page by page")
	}
	defer p.Free()
	data[0], data[n-1] = 1, 2
	if len(data) != n || data[0] != 1 || data[n/2] != 0 || data[n-1] != 2 {
		t.Errorf("%v, %v and %v at the ends and in the middle of %d elements", data[0], data[n-1], data[n/2], len(data))
	}
	if guard.Fault(func() { data[0] = *(*float64)(unsafe.Add(unsafe.Pointer(&data[n-1]), 8)) }) == "" {
		t.Error("the element behind can be read")
	}
}
