package guard_test

import (
	"testing"
	"unsafe"

	"example.com/attest/internal/guard"
)

// TestFault reads one element before and one behind lent memory: the adjacent
// page must fault, and only that.
func TestFault(t *testing.T) {
	if !guard.Pages {
		t.Skip("no guard pages on this system")
	}
	for _, n := range []int{1, 5, 1024, 1025} {
		for _, side := range []guard.Side{guard.Before, guard.Behind} {
			m, err := guard.New[float32](n, side)
			if err != nil {
				t.Fatal(err)
			}
			m.Data[0], m.Data[n-1] = 1, 2
			at := func(k int) *float32 {
				return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(m.Data)), 4*k))
			}
			var sum float32
			before := guard.Fault(func() { sum += *at(-1) }) != ""
			behind := guard.Fault(func() { sum += *at(n) }) != ""
			if full := n%1024 == 0; before != (full || side == guard.Before) || behind != (full || side == guard.Behind) {
				t.Errorf("n=%d side=%d: fault before %v, behind %v", n, side, before, behind)
			}
			m.Free()
		}
	}
}

// TestFaultPassesOtherPanics requires a panic that is no fault to go on.
func TestFaultPassesOtherPanics(t *testing.T) {
	defer func() {
		if x := recover(); x != "other" {
			t.Errorf("recovered %v", x)
		}
	}()
	guard.Fault(func() { panic("other") })
}
