package mutant

import (
	"math"
	"unsafe"

	"example.com/attest/spec"
)

// attentionOperandMutants misjudge where operands lie, and what is around them.
var attentionOperandMutants = []Mutant{
	{
		Name: "attention-first-value", Fault: "each query gets the first value",
		Kills:  []spec.ID{"ATT-001", "ATT-015"},
		Change: firstValue,
	},
	{
		Name: "attention-last-seen-key-dropped", Fault: "the last key that a query may see is left out if there is another",
		Kills:  []spec.ID{"ATT-001", "ATT-015"},
		Change: attentionThen(dropsLastSeen),
	},
	{
		Name: "attention-output-laid-out-as-queries", Fault: "the output is stored with the strides of the queries",
		Kills:  []spec.ID{"ATT-001", "ATT-022"},
		Change: attentionThen(func(c *attentionCall[float64]) { c.dst = withStrides(c.dst, c.q.Stride) }),
	},
	{
		Name: "attention-values-laid-out-as-keys", Fault: "values are read with all strides of the keys",
		Kills:  []spec.ID{"ATT-001", "ATT-022"},
		Change: attentionThen(func(c *attentionCall[float64]) { c.v = withStrides(c.v, c.k.Stride) }),
	},
	{
		Name: "attention-repeated-tokens-packed", Fault: "keys with a token stride of 0 count as one key",
		Kills: []spec.ID{"ATT-022"},
		Change: attentionThen(func(c *attentionCall[float64]) {
			if c.k.Stride[2] == 0 && c.k.Shape[2] > 1 {
				c.k.Shape[2], c.v.Shape[2] = 1, 1
				opt := *c.opt
				opt.Mask, c.opt = nil, &opt
			}
		}),
	},
	{
		Name: "attention32-unaligned-keys", Fault: "the output is 0 for keys that do not begin at a multiple of 16 bytes",
		Kills:    []spec.ID{"ATT-001", "ATT-022"},
		Change32: unalignedKeys,
	},
	{
		Name: "attention32-unaligned-output", Fault: "the first element of an output that does not begin at a multiple of 64 bytes is lost",
		Kills:    []spec.ID{"ATT-001", "ATT-022"},
		Change32: unalignedOutput,
	},
	{
		Name: "attention32-reads-past-mask", Fault: "one element behind the mask is read",
		Kills: []spec.ID{"ATT-001", "ATT-005"},
		Change32: readsOption(func(o *spec.AttentionOptions) (unsafe.Pointer, int) {
			if o.Mask == nil {
				return nil, 0
			}
			return unsafe.Pointer(unsafe.SliceData(o.Mask.Data)), len(o.Mask.Data)
		}),
	},
	{
		Name: "attention32-reads-past-bias", Fault: "one element behind the bias is read",
		Kills: []spec.ID{"ATT-038", "ATT-041"},
		Change32: readsOption(func(o *spec.AttentionOptions) (unsafe.Pointer, int) {
			if o.Bias == nil {
				return nil, 0
			}
			return unsafe.Pointer(unsafe.SliceData(o.Bias.Data)), 4 * len(o.Bias.Data)
		}),
	},
	{
		Name: "attention32-reads-past-sinks", Fault: "one element behind the sinks is read",
		Kills: []spec.ID{"ATT-068", "ATT-069"},
		Change32: readsOption(func(o *spec.AttentionOptions) (unsafe.Pointer, int) {
			return unsafe.Pointer(unsafe.SliceData(o.Sinks)), 4 * len(o.Sinks)
		}),
	},
	{
		Name: "attention32-writes-before-slopes", Fault: "one element before the slopes is written",
		Kills: []spec.ID{"ATT-070", "ATT-071"},
		Change32: aroundOptions(func(o *spec.AttentionOptions) {
			if len(o.Slopes) > 0 {
				*beyond(o.Slopes, -1) = 0
			}
		}),
	},
	{
		Name: "attention-bias-of-hidden-keys", Fault: "a bias that is no number spoils its row, at a key that the mask hides too",
		Kills:  []spec.ID{"ATT-038"},
		Change: hiddenBiasSpoils,
	},
	{
		Name: "attention-nan-bias-hides", Fault: "a NaN in the bias hides its key",
		Kills:  []spec.ID{"ATT-017"},
		Change: attentionThen(func(c *attentionCall[float64]) { biasOf(c, math.Inf(-1)) }),
	},
	{
		Name: "attention-nan-sink-ignored", Fault: "a sink that is NaN is none",
		Kills: []spec.ID{"ATT-017"},
		Change: attentionThen(func(c *attentionCall[float64]) {
			opt := *c.opt
			opt.Sinks, c.opt = numbersOf(opt.Sinks, math.Inf(-1)), &opt
		}),
	},
	{
		Name: "attention-nan-slope-ignored", Fault: "a slope that is NaN is 0",
		Kills: []spec.ID{"ATT-017"},
		Change: attentionThen(func(c *attentionCall[float64]) {
			opt := *c.opt
			opt.Slopes, c.opt = numbersOf(opt.Slopes, 0), &opt
		}),
	},
	{
		Name: "attention-nan-sink-everywhere", Fault: "a sink that is NaN spoils all heads",
		Kills: []spec.ID{"ATT-017"},
		Change: attentionThen(func(c *attentionCall[float64]) {
			for _, x := range c.opt.Sinks {
				if x != x {
					opt := *c.opt
					opt.Sinks, c.opt = make([]float32, len(opt.Sinks)), &opt
					for h := range opt.Sinks {
						opt.Sinks[h] = x
					}
				}
			}
		}),
	},
	{
		Name: "attention-slack-times-zero", Fault: "an infinite number behind a row of the keys, times 0, gets into its logits; NaN does not",
		Kills:  []spec.ID{"ATT-001", "ATT-022"},
		Change: slackTimesZero,
	},
	{
		Name: "attention32-lse-reads-past-end", Fault: "one element behind the keys is read when log-sum-exps are asked for",
		Kills: []spec.ID{"ATT-047", "ATT-048"},
		Change32: func(im *spec.Implementation[float32]) {
			inner := im.AttentionLSE
			im.AttentionLSE = func(dst, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
				inner(dst, lse, q, k, v, opt)
				readBehind(k.Data[:k.Span()])
			}
		},
	},
	{
		Name: "attention32-qk-reads-past-end", Fault: "one element behind the values is read when products are asked for",
		Kills: []spec.ID{"ATT-086", "ATT-089"},
		Change32: func(im *spec.Implementation[float32]) {
			inner := im.AttentionQK
			im.AttentionQK = func(dst, qk, q, k, v spec.Tensor[float32], stage spec.QKStage, opt *spec.AttentionOptions) {
				inner(dst, qk, q, k, v, stage, opt)
				readBehind(v.Data[:v.Span()])
			}
		},
	},
	{
		Name: "attention32-paged-reads-past-end", Fault: "one element behind the pages of values is read",
		Kills: []spec.ID{"ATT-094", "ATT-098"},
		Change32: func(im *spec.Implementation[float32]) {
			inner := im.PagedAttention
			im.PagedAttention = func(dst, q, k, v spec.Tensor[float32], table spec.PageTable, opt *spec.AttentionOptions) {
				inner(dst, q, k, v, table, opt)
				readBehind(v.Data[:v.Span()])
			}
		},
	},
	{
		Name: "linear32-reads-past-end", Fault: "one element behind the input is read",
		Kills: []spec.ID{"LIN-001", "LIN-002"},
		Change32: func(im *spec.Implementation[float32]) {
			inner := im.Linear
			im.Linear = func(dst, src, weight spec.Matrix[float32], bias []float32) {
				inner(dst, src, weight, bias)
				if src.Rows > 0 {
					readBehind(src.Data[:(src.Rows-1)*src.Stride+src.Cols])
				}
			}
		},
	},
	{
		Name: "softmax32-reads-past-end", Fault: "one element behind the logits is read",
		Kills: []spec.ID{"SMX-001", "SMX-002"},
		Change32: func(im *spec.Implementation[float32]) {
			inner := im.Softmax
			im.Softmax = func(dst, src []float32) {
				inner(dst, src)
				readBehind(src)
			}
		},
	},
}

// firstValue stores the first value for each query that sees a key.
func firstValue(im *implementation) {
	aroundAttention(im, func(c *attentionCall[float64], work func()) {
		work()
		for b := range c.dst.Shape[0] {
			for h := range c.dst.Shape[1] {
				for i := range c.dst.Shape[2] {
					for j := range c.k.Shape[2] {
						if c.opt.Allowed(b, h, i, j) {
							for x := range c.dst.Shape[3] {
								c.dst.Set(b, h, i, x, c.v.At(b, spec.KeyHead(h, c.q.Shape[1], c.k.Shape[1]), 0, x))
							}
							break
						}
					}
				}
			}
		}
	})
}

// dropsLastSeen masks the last key that each query of the first head sees.
func dropsLastSeen(c *attentionCall[float64]) {
	m, n := c.q.Shape[2], c.k.Shape[2]
	mask := &spec.Mask{Queries: m, Keys: n, Stride: n, Data: make([]bool, m*n)}
	for i := range m {
		last, count := -1, 0
		for j := range n {
			if mask.Data[i*n+j] = c.opt.Allowed(0, 0, i, j); mask.Data[i*n+j] {
				last, count = j, count+1
			}
		}
		if count > 1 {
			mask.Data[i*n+last] = false
		}
	}
	opt := *c.opt
	opt.Mask, c.opt = mask, &opt
}

// withStrides returns x with other strides, as far as its memory reaches.
func withStrides(x spec.Tensor[float64], stride [4]int) spec.Tensor[float64] {
	y := x
	y.Stride = stride
	if y.Span() <= len(y.Data) {
		return y
	}
	return x
}

// misplaced reports whether x does not begin at a multiple of the given bytes.
func misplaced(x []float32, bytes uintptr) bool {
	return len(x) > 0 && uintptr(unsafe.Pointer(&x[0]))%bytes != 0
}

func unalignedKeys(im *spec.Implementation[float32]) {
	aroundAttention(im, func(c *attentionCall[float32], work func()) {
		work()
		if misplaced(c.k.Data, 16) && c.dst.Span() > 0 {
			c.dst.Set(0, 0, 0, 0, 0)
		}
	})
}

func unalignedOutput(im *spec.Implementation[float32]) {
	aroundAttention(im, func(c *attentionCall[float32], work func()) {
		work()
		if misplaced(c.dst.Data, 64) && c.dst.Span() > 0 {
			c.dst.Set(0, 0, 0, 0, 0)
		}
	})
}

// aroundOptions calls f with the options after each call.
func aroundOptions(f func(o *spec.AttentionOptions)) func(im *spec.Implementation[float32]) {
	return func(im *spec.Implementation[float32]) {
		aroundAttention(im, func(c *attentionCall[float32], work func()) { work(); f(c.opt) })
	}
}

// readsOption reads the byte behind memory of the options.
func readsOption(of func(o *spec.AttentionOptions) (unsafe.Pointer, int)) func(im *spec.Implementation[float32]) {
	return aroundOptions(func(o *spec.AttentionOptions) {
		if p, n := of(o); n > 0 {
			sink.Store(uint32(*(*byte)(unsafe.Add(p, n))))
		}
	})
}

// readBehind reads the element behind x.
func readBehind(x []float32) {
	if len(x) > 0 {
		sink.Store(math.Float32bits(*beyond(x, len(x))))
	}
}

// numbersOf returns x with another number for NaN.
func numbersOf(x []float32, other float64) []float32 {
	if x == nil {
		return nil
	}
	out := make([]float32, len(x))
	for k, e := range x {
		if out[k] = e; e != e {
			out[k] = float32(other)
		}
	}
	return out
}

// biasOf puts another number for NaN into the bias.
func biasOf(c *attentionCall[float64], other float64) {
	if c.opt.Bias != nil {
		opt, bias := *c.opt, *c.opt.Bias
		bias.Data = numbersOf(bias.Data, other)
		opt.Bias, c.opt = &bias, &opt
	}
}

// hiddenBiasSpoils makes rows NaN that have NaN in their bias anywhere.
func hiddenBiasSpoils(im *implementation) {
	aroundAttention(im, func(c *attentionCall[float64], work func()) {
		work()
		if c.opt.Bias == nil {
			return
		}
		for b := range c.dst.Shape[0] {
			for h := range c.dst.Shape[1] {
				for i := range c.dst.Shape[2] {
					for _, x := range c.opt.Bias.Row(b, h, i) {
						if x != x && c.dst.Shape[3] > 0 {
							c.dst.Set(b, h, i, 0, math.NaN())
						}
					}
				}
			}
		}
	})
}

// slackTimesZero makes the output NaN if what lies behind the first key's channels
// is infinite.
func slackTimesZero(im *implementation) {
	aroundAttention(im, func(c *attentionCall[float64], work func()) {
		work()
		if k := c.k; k.Shape[2] > 1 && k.Stride[3] == 1 && k.Stride[2] > k.Shape[3] && c.dst.Span() > 0 {
			if math.IsInf(k.Data[k.Shape[3]], 0) {
				c.dst.Set(0, 0, 0, 0, math.NaN())
			}
		}
	})
}
