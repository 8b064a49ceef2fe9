package reference

import (
	"math"

	"example.com/attest/spec"
)

// within is a matrix and how far an implementation's may be from it, element by
// element.
type within struct{ value, err matrix }

// BlockBound returns the bound for each element of a block without a cache whose
// parts keep to their own bounds, and whether there is one. Each part is bounded
// for inputs that are off by what the parts before it may have done:
//
//   - a norm by NormBoundFrom and RMSBoundFrom;
//   - attention by MultiHeadBoundFrom;
//   - a linear layer by LinearBoundFrom, an activation by its largest slope, a
//     gated layer by NewGateBoundsFrom;
//   - a residual sum adds the errors of stream and branch, and a rounding.
//
// The branches of a block see the same stream: errors that they have in common
// are counted in each. There is no bound where a part has none, where a number is
// so large that its square may overflow, and for activations that are no gates.
func BlockBound(x, memory matrix, w *spec.BlockWeights[float64], self, cross *spec.AttentionOptions, p spec.Profile, r Rounding) (matrix, bool) {
	b := &blockBound{Rounding: r, profile: p, ok: true}
	stream := b.attended(within{x, newMatrix(x.Rows, x.Cols)}, memory, w, self, cross)
	stream = b.sublayer(stream, &w.ForwardNorm, w.PostNorm, func(h within) within { return b.forward(h, &w.Forward) })
	return stream.err, b.ok
}

// blockBound carries errors through a block; ok is unset where there is no bound.
type blockBound struct {
	Rounding
	profile spec.Profile
	ok      bool
}

// attended returns the stream behind both attentions.
func (b *blockBound) attended(stream within, memory matrix, w *spec.BlockWeights[float64], self, cross *spec.AttentionOptions) within {
	stream = b.sublayer(stream, &w.SelfNorm, w.PostNorm, func(h within) within { return b.attend(h, h, &w.Self, self) })
	if w.Cross == nil {
		return stream
	}
	return b.sublayer(stream, &w.CrossNorm, w.PostNorm, func(h within) within {
		return b.attend(h, within{memory, newMatrix(memory.Rows, memory.Cols)}, w.Cross, cross)
	})
}

func (b *blockBound) sublayer(x within, n *spec.Norm[float64], post bool, f func(h within) within) within {
	if post {
		return b.norm(b.sum(x, f(x)), n)
	}
	return b.sum(x, f(b.norm(x, n)))
}

func (b *blockBound) norm(x within, n *spec.Norm[float64]) within {
	out, ok := within{value: normalized(x.value, n)}, false
	if n.Kind == spec.RMSNormKind {
		out.err, ok = RMSBoundFrom(x.value, x.err, n.Gain, n.Eps, b.Rounding)
	} else {
		out.err, ok = NormBoundFrom(x.value, x.err, n.Gain, n.Shift, n.Eps, b.Rounding)
	}
	b.ok = b.ok && ok
	return b.small(out)
}

func (b *blockBound) attend(x, memory within, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) within {
	out := within{value: newMatrix(x.value.Rows, w.Output.W.Cols), err: newMatrix(x.value.Rows, w.Output.W.Cols)}
	if !b.ok {
		return out
	}
	MultiHead(out.value, x.value, memory.value, w, opt)
	e, ok := MultiHeadBoundFrom(x.value, x.err, memory.value, memory.err, w, opt, b.profile, b.Rounding)
	if b.ok = ok; ok {
		out.err = e
	}
	return b.small(out)
}

// sum has |x+y|, ex and ey in its rounding.
func (b *blockBound) sum(x, y within) within {
	out := within{newMatrix(x.value.Rows, x.value.Cols), newMatrix(x.value.Rows, x.value.Cols)}
	Residual(out.value, x.value, y.value)
	for i := range x.value.Rows {
		for k, s := range out.value.Row(i) {
			e := x.err.At(i, k) + y.err.At(i, k)
			out.err.Set(i, k, second*(e+b.Unit*(math.Abs(s)+2*e)))
		}
	}
	return b.small(out)
}

func (b *blockBound) forward(x within, w *spec.ForwardWeights[float64]) within {
	out := within{value: forward(x.value, w)}
	_, gate := gateLipschitz[w.Activation]
	b.ok = b.ok && gate
	if !w.Gate.IsZero() {
		g := NewGateBoundsFrom(x.value, x.err, w.Gate, w.Up.W, w.Down.W, w.Activation, b.Rounding)
		b.small(within{g.Hidden, g.Slip})
		out.err = g.Output()
		return b.small(out)
	}
	a, ea := newMatrix(x.value.Rows, w.Up.W.Cols), LinearBoundFrom(x.value, x.err, w.Up.W, w.Up.Bias, b.Rounding)
	Linear(a, x.value, w.Up.W, w.Up.Bias)
	for i := range a.Rows {
		for l, v := range a.Row(i) {
			ea.Set(i, l, activationBoundFrom(v, ea.At(i, l), w.Activation, b.Rounding))
			a.Set(i, l, Activate(v, w.Activation))
		}
	}
	out.err = LinearBoundFrom(a, ea, w.Down.W, w.Down.Bias, b.Rounding)
	return b.small(out)
}

// small unsets ok where the square of an element may overflow.
func (b *blockBound) small(x within) within {
	most := 0x1p60
	if b.Unit == spec.Unit[float64]() {
		most = 0x1p500
	}
	for i := range x.value.Rows {
		for k, v := range x.value.Row(i) {
			b.ok = b.ok && math.Abs(v)+x.err.At(i, k) <= most
		}
	}
	return x
}
