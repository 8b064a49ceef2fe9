package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// changedQueries hands over copies of the queries, changed.
func changedQueries(f func(x float64) float64) func(im *implementation) {
	return attentionThen(func(c *attentionCall[float64]) {
		out := spec.NewTensor[float64](c.q.Shape[0], c.q.Shape[1], c.q.Shape[2], c.q.Shape[3])
		eachQuery(c.q.Shape, func(b, h, i int) {
			for d := range c.q.Shape[3] {
				out.Set(b, h, i, d, f(c.q.At(b, h, i, d)))
			}
		})
		c.q = out
	})
}

// rescaled changes the scale.
func rescaled(f func(s float64) float64) func(im *implementation) {
	return withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.Scale = f(o.Scale) })
}

var attentionLimitsMutants = []Mutant{
	{
		Name: "attention-maximum-from-minus-50000", Fault: "the running maximum begins at −5·10⁴",
		Model:  "flashinfer-ai/flashinfer#4267",
		Kills:  []spec.ID{"ATT-041"},
		Change: attentionWith(fault{started: true, start: -5e4, block: 4}),
	},
	{
		Name: "attention-exp-3-percent", Fault: "the exponential is off by up to 3 %",
		Kills:  []spec.ID{"ATT-001", "ATT-029"},
		Change: attentionWith(fault{exp: func(x float64) float64 { return math.Exp(x) * (1 + 0.03*math.Sin(50*x)) }}),
	},
	{
		Name: "attention-value-channels-of-first", Fault: "beyond the fourth, channels are those of the first",
		Kills: []spec.ID{"ATT-105", "ATT-001", "ATT-014"},
		Change: attentionThen(func(c *attentionCall[float64]) {
			out := spec.NewTensor[float64](c.v.Shape[0], c.v.Shape[1], c.v.Shape[2], c.v.Shape[3])
			eachQuery(c.v.Shape, func(b, h, j int) {
				for d := range c.v.Shape[3] {
					from := d
					if d >= 4 {
						from = 0
					}
					out.Set(b, h, j, d, c.v.At(b, h, j, from))
				}
			})
			c.v = out
		}),
	},
	{
		Name: "attention-scale-inverse", Fault: "products are divided by the scale",
		Kills: []spec.ID{"ATT-111", "ATT-121", "ATT-001", "ATT-009", "ATT-113"},
		Change: rescaled(func(s float64) float64 {
			if s == 0 {
				return 0
			}
			return 1 / s
		}),
	},
	{
		Name: "attention-scale-negative", Fault: "the scale has the other sign",
		Kills:  []spec.ID{"ATT-111", "ATT-109", "ATT-001"},
		Change: rescaled(func(s float64) float64 { return -s }),
	},
	{
		Name: "attention-mask-of-32768-keys", Fault: "the index into the mask wraps at 2¹⁵",
		Model:  "ml-explore/mlx#3360",
		Kills:  []spec.ID{"ATT-112"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, b, h, i, j int) bool { return o.Allowed(b, h, i, j%(1<<15)) }}),
	},
	{
		Name: "attention-key-index-wraps-at-65536", Fault: "the index of keys wraps at 2¹⁶, that of values does not",
		Model:  "ml-explore/mlx#3360",
		Kills:  []spec.ID{"ATT-112"},
		Change: attentionWith(fault{keyIndex: func(j int) int { return j % (1 << 16) }}),
	},
	{
		Name: "attention-query-index-wraps-at-32768", Fault: "the index of queries into the mask wraps at 2¹⁵",
		Kills:  []spec.ID{"ATT-112"},
		Change: attentionWith(fault{allowed: func(o *spec.AttentionOptions, b, h, i, j int) bool { return o.Allowed(b, h, i%(1<<15), j) }}),
	},
	{
		Name: "attention-queries-clipped", Fault: "queries beyond ±2¹⁰ are cut off there",
		Kills:  []spec.ID{"ATT-113"},
		Change: changedQueries(func(x float64) float64 { return max(-1024, min(x, 1024)) }),
	},
	{
		Name: "attention-queries-flushed", Fault: "queries below 2⁻²⁰ count as 0",
		Kills: []spec.ID{"ATT-113"},
		Change: changedQueries(func(x float64) float64 {
			if math.Abs(x) < 0x1p-20 {
				return 0
			}
			return x
		}),
	},
	{
		Name: "attention-sink-of-query", Fault: "the sinks are taken query by query instead of head by head",
		Model: "modular/modular#6591",
		Kills: []spec.ID{"ATT-068", "ATT-069", "ATT-115"},
		Change: func(im *implementation) {
			im.Attention = spec.AttentionFunc[float64](func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
				reference.Attention(dst, q, k, v, opt)
				if opt.Sinks == nil {
					return
				}
				one := spec.NewTensor[float64](dst.Shape[0], dst.Shape[1], dst.Shape[2], dst.Shape[3])
				for r := range opt.Sinks {
					o := *opt
					o.Sinks = make([]float32, len(opt.Sinks))
					for h := range o.Sinks {
						o.Sinks[h] = opt.Sinks[r]
					}
					reference.Attention(one, q, k, v, &o)
					eachQuery(dst.Shape, func(b, h, i int) {
						for c := range dst.Shape[3] {
							if i%len(opt.Sinks) == r {
								dst.Set(b, h, i, c, one.At(b, h, i, c))
							}
						}
					})
				}
			})
		},
	},
	{
		Name: "attention-scale-as-temperature", Fault: "a scale above 1 is divided by, as a temperature would be",
		Kills: []spec.ID{"ATT-121", "ATT-001"},
		Change: rescaled(func(s float64) float64 {
			if s > 1 {
				return 1 / s
			}
			return s
		}),
	},
	{
		Name: "attention-last-head-channel-halved", Fault: "the last channel of queries counts half if there are more than one",
		Kills: []spec.ID{"ATT-120", "ATT-106", "ATT-001"},
		Change: attentionThen(func(c *attentionCall[float64]) {
			q := copied(c.q)
			each(q, func(x *float64, _, _, _, ch int) {
				if ch > 0 && ch == q.Shape[3]-1 {
					*x /= 2
				}
			})
			c.q = q
		}),
	},
	{
		Name: "attention-queries-of-8-bits", Fault: "queries are rounded to 8 bits",
		Kills:  []spec.ID{"ATT-120", "ATT-001"},
		Change: changedQueries(func(x float64) float64 { return shorten(x, 8) }),
	},
	{
		Name: "attention-key-offset-of-31-bits", Fault: "where keys lie is computed modulo 2³¹",
		Model:  "ml-explore/mlx#3360",
		Kills:  []spec.ID{"ATT-122"},
		Change: attentionThen(func(c *attentionCall[float64]) { c.k = within(c.k, 31) }),
	},
	{
		Name: "attention-query-offset-of-32-bits", Fault: "where queries lie is computed modulo 2³²",
		Kills:  []spec.ID{"ATT-122"},
		Change: attentionThen(func(c *attentionCall[float64]) { c.q = within(c.q, 32) }),
	},
	{
		Name: "attention-mask-offset-of-31-bits", Fault: "where a mask's elements lie is computed modulo 2³¹",
		Kills: []spec.ID{"ATT-122"},
		Change: withOptions(func(c *attentionCall[float64], o *spec.AttentionOptions) {
			if g := o.Mask; g != nil {
				o.Mask = fullGrid(c, func(b, h, i, j int) bool {
					return j < g.Keys && g.Data[narrowed(b*g.BatchStride+h*g.HeadStride+i*g.Stride+j, 31, len(g.Data))]
				})
			}
		}),
	},
}

// copied returns a copy of x without gaps.
func copied(x spec.Tensor[float64]) spec.Tensor[float64] {
	out := spec.NewTensor[float64](x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3])
	overwrite(out, x)
	return out
}

// within returns a copy of x whose elements are those at narrowed places.
func within(x spec.Tensor[float64], bits int) spec.Tensor[float64] {
	out := spec.NewTensor[float64](x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3])
	each(out, func(e *float64, b, h, i, ch int) { *e = x.Data[narrowed(x.Index(b, h, i, ch), bits, len(x.Data))] })
	return out
}

// narrowed returns an index of an operand of so many elements modulo 2 to the given
// number of bits, 16 less where the operand has no half as many: ATT-122 has these
// strides where the system has no memory for the others.
func narrowed(index, bits, length int) int {
	if uint64(length) < 1<<(bits-1) {
		bits -= 16
	}
	return int(uint64(index) & (1<<bits - 1))
}
