package bench

import (
	"errors"
	"fmt"
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// stranger is a way of rounding that covers every way to compute attention that
// is in use: an online softmax over blocks of at least 16 keys, any order of
// additions, exponentials within 4u.
var stranger = spec.Profile{KeyBlock: 16}

// Check compares a result with the float64 reference, within the bound of that
// reference: some rows of an attention – the first two, the middle and the last
// one of the first and the last head – or of a product, and all gradients.
// Energies are not compared here.
func Check(c Case, x *Operands, out []float32) error {
	want := c.Batch * c.Heads * c.Queries * c.Channels
	if c.Kind == Backward {
		want += 2 * c.Batch * c.KeyHeads * c.Keys * c.Channels
	}
	if len(out) != want {
		return fmt.Errorf("%d elements, want %d", len(out), want)
	}
	if c.Kind == Backward {
		return checkGradients(c, x, out)
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

// checkGradients compares the gradients in queries, keys and values, which follow
// one another.
func checkGradients(c Case, x *Operands, out []float32) error {
	q, k, v, opt := wide(x.Query), wide(x.Key), wide(x.Value), c.Options()
	want, bound := spec.NewAttentionGradients(q, k, v, opt), spec.NewAttentionGradients(q, k, v, opt)
	reference.AttentionBackward(want, wide(x.Gradient), q, k, v, opt)
	if !reference.AttentionBackwardBound(bound, wide(x.Gradient), q, k, v, opt, stranger, reference.RoundingOf[float32]()) {
		return errors.New("there is no bound for the gradients")
	}
	for n, w := range []spec.Tensor[float64]{want.Query, want.Key, want.Value} {
		b := []spec.Tensor[float64]{bound.Query, bound.Key, bound.Value}[n]
		if err := within(out[:len(w.Data)], w.Data, b.Data, n); err != nil {
			return fmt.Errorf("gradient in %s: %w", []string{"queries", "keys", "values"}[n], err)
		}
		out = out[len(w.Data):]
	}
	return nil
}

// wide returns a tensor as float64.
func wide(t spec.Tensor[float32]) spec.Tensor[float64] {
	out := spec.NewTensor[float64](t.Shape[0], t.Shape[1], t.Shape[2], t.Shape[3])
	for k, x := range t.Data {
		out.Data[k] = float64(x)
	}
	return out
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
