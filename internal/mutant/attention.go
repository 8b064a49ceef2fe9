package mutant

import (
	"math"
	"slices"
	"sync/atomic"
	"unsafe"

	"example.com/attest/spec"
)

var attentionMutants = slices.Concat(
	attentionMaskMutants,
	attentionSoftmaxMutants,
	attentionKernelMutants,
	attentionMemoryMutants,
	attentionOperandMutants,
	multiHeadMutants,
	nanMutants,
	attentionBiasMutants,
	attentionMergeMutants,
	attentionSoftcapMutants,
	attentionWindowMutants,
	attentionSinkMutants,
	attentionDropoutMutants,
	attentionSequencesMutants,
	attentionQKMutants,
	attentionCacheMutants,
	attentionLimitsMutants,
	attentionSizeMutants,
	attentionTogetherMutants,
)

// allowedBy is Allowed for the first head with the mask or the causal rule
// switched off.
func allowedBy(o *spec.AttentionOptions, i, j int, mask, causal bool) bool {
	p := *o
	if !mask {
		p.Mask = nil
	}
	p.Causal = p.Causal && causal
	return p.Allowed(0, 0, i, j)
}

// shorten rounds x to the given number of significant bits.
func shorten(x float64, bits int) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	f, e := math.Frexp(x)
	return math.Ldexp(math.RoundToEven(math.Ldexp(f, bits)), e-bits)
}

// attentionCall holds the operands of one call.
type attentionCall[T spec.Float] struct {
	dst, q, k, v spec.Tensor[T]
	opt          *spec.AttentionOptions
}

// aroundAttention lets f see each call, before and after it does its work.
func aroundAttention[T spec.Float](im *spec.Implementation[T], f func(c *attentionCall[T], work func())) {
	inner := im.Attention
	im.Attention = spec.AttentionFunc[T](func(dst, q, k, v spec.Tensor[T], opt *spec.AttentionOptions) {
		c := &attentionCall[T]{dst, q, k, v, opt}
		f(c, func() { inner.Attend(c.dst, c.q, c.k, c.v, c.opt) })
	})
}

// attentionThen changes the operands before the call.
func attentionThen(f func(c *attentionCall[float64])) func(im *implementation) {
	return func(im *implementation) {
		aroundAttention(im, func(c *attentionCall[float64], work func()) { f(c); work() })
	}
}

// racing multiplies one element by 1.001 in every third call.
func racing[T spec.Float](im *spec.Implementation[T]) {
	calls := 0
	aroundAttention(im, func(c *attentionCall[T], work func()) {
		work()
		if calls++; calls%3 == 0 && c.dst.Span() > 0 {
			c.dst.Data[c.dst.Span()-1] *= 1.001
		}
	})
}

// staleOutput returns the first element of the call before.
func staleOutput[T spec.Float](im *spec.Implementation[T]) {
	var last T
	aroundAttention(im, func(c *attentionCall[T], work func()) {
		work()
		if c.dst.Span() > 0 {
			c.dst.Data[0], last = last, c.dst.Data[0]
		}
	})
}

// headsApart returns x with the strides of heads apart if its heads lie within its
// tokens without gaps.
func headsApart(x spec.Tensor[float64]) spec.Tensor[float64] {
	if s := x.Shape; x.Stride == [4]int{s[1] * s[2] * s[3], s[3], s[1] * s[3], 1} {
		x.Stride = [4]int{s[1] * s[2] * s[3], s[2] * s[3], s[3], 1}
	}
	return x
}

// scalesInPlace multiplies the queries by the scale where they are.
func scalesInPlace[T spec.Float](im *spec.Implementation[T]) {
	aroundAttention(im, func(c *attentionCall[T], work func()) {
		if s := T(c.opt.Scale); c.q.Stride[3] > 0 {
			for b := range c.q.Shape[0] {
				for h := range c.q.Shape[1] {
					for i := range c.q.Shape[2] {
						for x := range c.q.Shape[3] {
							c.q.Set(b, h, i, x, c.q.At(b, h, i, x)*s)
						}
					}
				}
			}
		}
		opt := *c.opt
		opt.Scale, c.opt = 1, &opt
		work()
	})
}

// writesGap sets the element behind the last of each row of the output, if it
// is not another row's.
func writesGap[T spec.Float](im *spec.Implementation[T]) {
	aroundAttention(im, func(c *attentionCall[T], work func()) {
		for i := range c.dst.Shape[2] {
			if at := c.dst.Index(0, 0, i, 0) + c.dst.Shape[3]*c.dst.Stride[3]; c.dst.Span() > at {
				c.dst.Data[at] = 0
			}
		}
		work()
	})
}

// packedQueries drops the gaps between the tokens of the queries.
func packedQueries(c *attentionCall[float64]) {
	if s := c.q.Shape[3] * c.q.Stride[3]; s < c.q.Stride[2] {
		c.q.Stride[2] = s
	}
}

// strideOfKeys reads values with the token stride of the keys, as far as the
// memory reaches.
func strideOfKeys(c *attentionCall[float64]) {
	v := c.v
	v.Stride[2] = c.k.Stride[2]
	if v.Span() <= len(v.Data) {
		c.v = v
	}
}

// skipEqualKeys masks keys that equal the first in all batches and heads.
func skipEqualKeys(c *attentionCall[float64]) {
	m, n := c.q.Shape[2], c.k.Shape[2]
	mask := &spec.Mask{Queries: m, Keys: n, Stride: n, Data: make([]bool, m*n)}
	for j := range n {
		equal := j > 0
		for b := range c.k.Shape[0] {
			for h := range c.k.Shape[1] {
				for x := range c.k.Shape[3] {
					equal = equal && c.k.At(b, h, j, x) == c.k.At(b, h, 0, x)
				}
			}
		}
		for i := range m {
			mask.Data[i*n+j] = !equal && c.opt.Allowed(0, 0, i, j)
		}
	}
	opt := *c.opt
	opt.Mask, c.opt = mask, &opt
}

// sink takes what a read outside an operand finds, so that the read is made.
var sink atomic.Uint32

// beyond returns the element k places from the start of x, which may lie
// outside it.
func beyond(x []float32, k int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(x)), 4*k))
}

func readsPastEnd(im *spec.Implementation[float32]) {
	aroundAttention(im, func(c *attentionCall[float32], work func()) {
		work()
		if n := c.k.Span(); n > 0 {
			sink.Store(math.Float32bits(*beyond(c.k.Data, n)))
		}
	})
}

func readsBefore(im *spec.Implementation[float32]) {
	aroundAttention(im, func(c *attentionCall[float32], work func()) {
		work()
		if c.v.Span() > 0 {
			sink.Store(math.Float32bits(*beyond(c.v.Data, -1)))
		}
	})
}

// writesPastEnd writes behind the output; the canaries of ordinary trials take
// it up.
func writesPastEnd(im *spec.Implementation[float32]) {
	aroundAttention(im, func(c *attentionCall[float32], work func()) {
		work()
		if n := c.dst.Span(); n > 0 {
			*beyond(c.dst.Data, n) = 0
		}
	})
}
