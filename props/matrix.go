package props

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

type matrix = spec.Matrix[float64]

// unit64 is the unit roundoff of the arithmetic in which properties judge.
const unit64 = 0x1p-53

// near requires every element of got to lie within its bound of want.
func near(t *Trial, what string, got, want, bound matrix) {
	for i := range want.Rows {
		for j := range want.Cols {
			x, y, e := got.At(i, j), want.At(i, j), bound.At(i, j)
			if !math.IsNaN(y) { // two NaN agree
				e += unit64 * math.Abs(y)
			}
			t.near(func() string { return at(what, i, j) }, x, y, e)
		}
	}
}

// gamma returns k·u64, the relative error of k operations of the judge.
func gamma(k int) float64 { return 1.01 * float64(k) * unit64 }

// exceeds reports whether some element of x is more than k times its bound.
func exceeds(x, bound matrix, k float64) bool {
	for i := range x.Rows {
		for j := range x.Cols {
			if math.Abs(x.At(i, j)) > k*bound.At(i, j) {
				return true
			}
		}
	}
	return false
}

func roundTo32(m matrix) matrix { return roundedTo[float32](m) }

// roundedTo returns m with elements that T represents.
func roundedTo[T spec.Float](m matrix) matrix { return wide(spec.Convert[T](m)) }

func absolute(m matrix) matrix {
	out := spec.Convert[float64](m)
	for k, x := range out.Data {
		out.Data[k] = math.Abs(x)
	}
	return out
}

// diameter returns the largest distance between rows of YA.
func diameter(y, a matrix) float64 {
	var d float64
	for i := range y.Rows {
		for j := range i {
			d = max(d, math.Sqrt(2*reference.HalfSquaredDistance(y, a, i, j)))
		}
	}
	return d
}

// permutation returns the order in which to take n things: a rotation by the
// drawn amount, reversed if drawn so.
func permutation(t *Trial, name string, n int) []int {
	by, reversed := t.Int(name+" rotation", 0, max(0, n-1)), t.Bool(name+" reversed")
	out := make([]int, n)
	for i := range out {
		out[i] = (i + by) % n
		if reversed {
			out[i] = n - 1 - out[i]
		}
	}
	return out
}

// permuteRows returns the rows of m in the given order.
func permuteRows(m matrix, order []int) matrix {
	out := spec.NewMatrix[float64](m.Rows, m.Cols)
	for i, from := range order {
		copy(out.Row(i), m.Row(from))
	}
	return out
}

// scaled returns c·m.
func scaled(m matrix, c float64) matrix {
	out := spec.Convert[float64](m)
	for k := range out.Data {
		out.Data[k] *= c
	}
	return out
}

// plus returns the sum of matrices.
func plus(first matrix, more ...matrix) matrix {
	out := spec.Convert[float64](first)
	for _, m := range more {
		for i := range m.Rows {
			for j := range m.Cols {
				out.Set(i, j, out.At(i, j)+m.At(i, j))
			}
		}
	}
	return out
}
