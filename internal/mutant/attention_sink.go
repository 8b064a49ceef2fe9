package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// sinkThen computes without sinks and lets f join the output o, the weight that
// the sink should have, and the value of the first key.
func sinkThen(f func(o, share, first float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Attention = spec.AttentionFunc[float64](func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			plain := *opt
			plain.Sinks = nil
			reference.Attention(dst, q, k, v, &plain)
			for b := range q.Shape[0] {
				for h := range q.Shape[1] {
					for i := range q.Shape[2] {
						lse := reference.RowLSE(q, k, &plain, b, h, i)
						if opt.Sinks == nil || math.IsInf(lse, -1) {
							continue
						}
						share := 1 / (1 + math.Exp(lse-opt.SinkAt(h)))
						for c := range v.Shape[3] {
							dst.Set(b, h, i, c, f(dst.At(b, h, i, c), share, v.At(b, spec.KeyHead(h, q.Shape[1], k.Shape[1]), 0, c)))
						}
					}
				}
			}
		})
	}
}

// onMaskedRows lets f say what becomes of the outputs of queries without an
// allowed key where there is a sink: it is told the sink and the value of the first key.
func onMaskedRows(f func(sink, first float64) float64) func(im *implementation) {
	return func(im *implementation) {
		aroundAttention(im, func(c *attentionCall[float64], work func()) {
			work()
			if c.opt.Sinks == nil || c.k.Shape[2] == 0 {
				return
			}
			plain := *c.opt
			plain.Sinks = nil
			each(c.dst, func(x *float64, b, h, i, ch int) {
				if math.IsInf(reference.RowLSE(c.q, c.k, &plain, b, h, i), -1) {
					*x = f(c.opt.SinkAt(h), c.v.At(b, spec.KeyHead(h, c.q.Shape[1], c.k.Shape[1]), 0, ch))
				}
			})
		})
	}
}

// sloped replaces the slopes by a bias.
func sloped(f func(slopes []float32, h int, distance float64) float64) func(im *implementation) {
	return withOptions(func(c *attentionCall[float64], o *spec.AttentionOptions) {
		if slopes := o.Slopes; slopes != nil {
			o.Slopes = nil
			o.Bias = fullGrid(c, func(b, h, i, j int) float32 {
				if !c.opt.Allowed(b, h, i, j) {
					return float32(math.Inf(-1))
				}
				return float32(c.opt.BiasAt(b, h, i, j) + f(slopes, h, c.opt.Distance(b, i, j)))
			})
		}
	})
}

var attentionSinkMutants = []Mutant{
	{
		Name: "attention-sink-ignored", Fault: "the sink is left out",
		Kills:  []spec.ID{"ATT-068", "ATT-069", "ATT-072", "ATT-115"},
		Change: sinkThen(func(o, _, _ float64) float64 { return o }),
	},
	{
		Name: "attention-sink-in-numerator", Fault: "the sink's weight meets the value of the first key",
		Model:  "modular/modular#6591",
		Kills:  []spec.ID{"ATT-068", "ATT-069", "ATT-115"},
		Change: sinkThen(func(o, share, first float64) float64 { return o*(1-share) + share*first }),
	},
	{
		Name: "attention-sink-above-half", Fault: "a sink counts only where it outweighs the keys",
		Kills: []spec.ID{"ATT-068", "ATT-069", "ATT-072"},
		Change: sinkThen(func(o, share, _ float64) float64 {
			if share > 0.5 {
				return o * (1 - share)
			}
			return o
		}),
	},
	{
		Name: "attention-sink-of-first-head", Fault: "all heads use the sink of the first",
		Kills: []spec.ID{"ATT-068", "ATT-069"},
		Change: withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) {
			if o.Sinks != nil {
				sinks := make([]float32, len(o.Sinks))
				for h := range sinks {
					sinks[h] = o.Sinks[0]
				}
				o.Sinks = sinks
			}
		}),
	},
	{
		Name: "attention-slopes-ignored", Fault: "the slopes are left out",
		Kills:  []spec.ID{"ATT-070", "ATT-071"},
		Change: sloped(func([]float32, int, float64) float64 { return 0 }),
	},
	{
		Name: "attention-slopes-of-next-head", Fault: "each head uses the slope of the next",
		Kills:  []spec.ID{"ATT-070", "ATT-071"},
		Change: sloped(func(s []float32, h int, d float64) float64 { return float64(s[(h+1)%len(s)]) * d }),
	},
	{
		Name: "attention-slopes-of-power-of-two", Fault: "slopes are 2^(−8(h+1)/heads) whatever the number of heads, and whatever is given",
		Model:  "ml-explore/mlx#3071",
		Kills:  []spec.ID{"ATT-070", "ATT-071"},
		Change: sloped(func(s []float32, h int, d float64) float64 { return math.Exp2(-8*float64(h+1)/float64(len(s))) * d }),
	},
	{
		Name: "attention-slopes-from-exponent-zero", Fault: "slopes are 2^(−8h/heads), a step of the usual slopes steeper than those given",
		Model: "paiml/aprender#2143",
		Kills: []spec.ID{"ATT-070", "ATT-071"},
		Change: sloped(func(s []float32, h int, d float64) float64 {
			return float64(s[h]) * math.Exp2(8/float64(len(s))) * d
		}),
	},
	{
		Name: "attention-slopes-both-sides", Fault: "later keys are pushed down like earlier ones",
		Kills:  []spec.ID{"ATT-070", "ATT-071", "ATT-073"},
		Change: sloped(func(s []float32, h int, d float64) float64 { return -float64(s[h]) * math.Abs(d) }),
	},
	{
		Name: "attention-slopes-later-hidden", Fault: "the distance of later keys counts twice, downwards",
		Kills:  []spec.ID{"ATT-070", "ATT-071"},
		Change: sloped(func(s []float32, h int, d float64) float64 { return float64(s[h]) * min(d, -2*d) }),
	},
	{
		Name: "attention-sink-times-zero", Fault: "a masked row is 0 over the sink's weight",
		Kills:  []spec.ID{"ATT-119"},
		Change: onMaskedRows(func(sink, _ float64) float64 { return 0 / math.Exp(sink-max(sink, -math.MaxFloat64)) }),
	},
	{
		Name: "attention-sink-of-masked-row", Fault: "a masked row with a sink that is not finite gets the value of the first key",
		Kills: []spec.ID{"ATT-119"},
		Change: onMaskedRows(func(sink, first float64) float64 {
			if sink-sink == 0 {
				return 0
			}
			return first
		}),
	},
}
