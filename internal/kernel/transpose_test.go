package kernel

import (
	"testing"

	"example.com/attest/internal/guard"
)

// TestTransposed transposes all shapes of up to three squares of eight, between
// pages that cannot be touched.
func TestTransposed(t *testing.T) {
	for _, l := range Levels() {
		for _, side := range []guard.Side{guard.Behind, guard.Before} {
			o := newGemmOperands(t, side, 30*30)
			for rows := range 26 {
				for cols := range 26 {
					src, dst := o.view(o.a, rows, cols, rows%3), o.view(o.dst, cols, rows, cols%4)
					for i := range rows {
						for j := range cols {
							src.Set(i, j, float32(100*i+j))
						}
					}
					if fault := guard.Fault(func() {
						l.transposed(dst.Data, dst.Stride, src.Data, src.Stride, rows, cols)
					}); fault != "" {
						t.Fatalf("%v: %d×%d: %s", l, rows, cols, fault)
					}
					for k, x := range dst.Data {
						j, i := k/dst.Stride, k%dst.Stride
						if i >= rows && x == x || i < rows && x != float32(100*i+j) {
							t.Fatalf("%v: %d×%d: element (%d, %d) is %v", l, rows, cols, j, i, x)
						}
					}
				}
			}
		}
	}
}
