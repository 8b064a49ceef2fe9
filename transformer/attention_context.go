package transformer

import (
	"context"

	"example.com/attest/spec"
)

// AttendContext is Attend that ends between two tiles once ctx is done. It then
// returns ctx.Err(), and what dst holds is unspecified. Operands that do not fit
// panic, whatever ctx says.
func AttendContext(ctx context.Context, dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) error {
	a := NewAttention(bestAttention.kernels)
	a.context = ctx
	a.Attend(dst, q, k, v, opt)
	return ctx.Err()
}

// AttendBackwardContext is AttendBackward that ends as AttendContext does.
func AttendBackwardContext(ctx context.Context, dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) error {
	b := NewBackward(bestBackward.kernels)
	b.forward.context = ctx
	b.AttendBackward(dst, dOut, q, k, v, opt)
	return ctx.Err()
}

// ended reports whether the context asks for an end. Once it does it always does.
func (a *Attention) ended() bool { return a.context != nil && a.context.Err() != nil }
