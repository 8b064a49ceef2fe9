package bench

import (
	"fmt"
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// stranger is a way of rounding that covers every way to compute attention that
// is in use: an online softmax over blocks of at least 16 keys, any order of
// additions, exponentials within 4u.
var stranger = spec.Profile{KeyBlock: 16}

// Check compares some rows of a result with the float64 reference, within the
// bound of that reference. The rows of attention are the first two, the middle
// and the last one of the first and the last head; of a product, three rows.
// Gradients and energies are not compared here.
func Check(c Case, x *Operands, out []float32) error {
	if want := c.Batch * c.Heads * c.Queries * c.Channels; c.Kind != Backward && len(out) != want {
		return fmt.Errorf("%d elements, want %d", len(out), want)
	}
	rows := map[int]bool{0: true, 1: true, c.Queries / 2: true, c.Queries - 1: true}
	for i := range rows {
		if i >= c.Queries {
			continue
		}
		switch c.Kind {
		case Attention:
			for _, h := range []int{0, c.Heads - 1} {
				if err := checkAttention(c, x, out, h, i); err != nil {
					return err
				}
			}
		case Product:
			if err := checkProduct(c, x, out, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkAttention compares one row of one head.
func checkAttention(c Case, x *Operands, out []float32, h, i int) error {
	g := spec.KeyHead(h, c.Heads, c.KeyHeads)
	q, k, v := part(x.Query, h, i, 1), part(x.Key, g, 0, c.Keys), part(x.Value, g, 0, c.Keys)
	opt := c.Options()
	opt.Offset = i
	want := spec.NewTensor[float64](1, 1, 1, c.Channels)
	reference.Attention(want, q, k, v, opt)
	bound, ok := reference.AttentionBound(q, k, v, opt, stranger, reference.RoundingOf[float32](), reference.InputError{})
	if !ok {
		return fmt.Errorf("there is no bound for row %d of head %d", i, h)
	}
	at := (h*c.Queries + i) * c.Channels
	return within(out[at:at+c.Channels], want.Data, bound.Data, i)
}

// checkProduct compares one row.
func checkProduct(c Case, x *Operands, out []float32, i int) error {
	n := c.Keys
	row := part(x.Query, 0, i, 1)
	a := spec.Matrix[float64]{Rows: 1, Cols: n, Stride: n, Data: row.Data}
	b := spec.Matrix[float64]{Rows: n, Cols: n, Stride: n, Data: part(x.Key, 0, 0, n).Data}
	want := spec.NewMatrix[float64](1, n)
	reference.Linear(want, a, b, nil)
	bound := reference.LinearBound(a, b, nil, reference.RoundingOf[float32]())
	return within(out[i*n:(i+1)*n], want.Data, bound.Data, i)
}

// part returns tokens of one head as float64.
func part(t spec.Tensor[float32], h, i, tokens int) spec.Tensor[float64] {
	out := spec.NewTensor[float64](1, 1, tokens, t.Shape[3])
	for k, x := range t.Data[t.Index(0, h, i, 0):][:len(out.Data)] {
		out.Data[k] = float64(x)
	}
	return out
}

// within compares a row element by element.
func within(got []float32, want, bound []float64, i int) error {
	for k := range got {
		if err := math.Abs(float64(got[k]) - want[k]); !(err <= bound[k]) {
			return fmt.Errorf("row %d, element %d is %v, want %v within %.2g", i, k, got[k], want[k], bound[k])
		}
	}
	return nil
}
