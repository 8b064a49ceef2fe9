package mutant

import (
	"math"
	"slices"
	"sync"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// attentionKernelMutants get one of the inner loops of the float32 attention
// wrong.
var attentionKernelMutants = []Mutant{
	{
		Name: "attention-loop-last-key-stale", Fault: "the logit of the last key of an odd number is that of the key before",
		Kills: []spec.ID{"ATT-001", "ATT-005"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			inner := k.Logits
			k.Logits = func(s, q, x []float32, stride, keys, channels, lanes int) {
				inner(s, q, x, stride, keys, channels, lanes)
				if keys%2 == 1 && keys > 1 {
					copy(s[(keys-1)*lanes:][:lanes], s[(keys-2)*lanes:])
				}
			}
			dots := k.Dots
			k.Dots = func(s, q, x []float32, pitch, stride, keys, channels, rows int) {
				dots(s, q, x, pitch, stride, keys, channels, rows)
				if keys%2 == 1 && keys > 1 {
					s[keys-1] = s[keys-2]
				}
			}
		}),
	},
	{
		Name: "attention-loop-last-channel-dropped", Fault: "channels that are left over after whole vectors are not multiplied",
		Kills: []spec.ID{"ATT-001", "ATT-024"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			inner := k.Dots
			k.Dots = func(s, q, x []float32, pitch, stride, keys, channels, rows int) {
				q = slices.Clone(q[:rows*channels])
				for row := range rows {
					clear(q[row*channels+channels/8*8 : (row+1)*channels])
				}
				inner(s, q, x, pitch, stride, keys, channels, rows)
			}
		}),
	},
	{
		Name: "attention-loop-sums-not-rescaled", Fault: "sums are not multiplied when a block raises the maximum", Model: "online softmax without its correction",
		Kills: []spec.ID{"ATT-001", "ATT-025"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			inner := k.Values
			k.Values = func(o, s, v, factor []float32, stride, keys, channels, lanes int) {
				inner(o, s, v, slices.Repeat([]float32{1}, lanes), stride, keys, channels, lanes)
			}
		}),
	},
	{
		Name: "attention-loop-denominator-not-rescaled", Fault: "denominators are not multiplied when a block raises the maximum",
		Kills: []spec.ID{"ATT-001", "ATT-013"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			inner := k.Softmax
			k.Softmax = func(s, top, den, factor []float32, keys, lanes int, two bool) {
				old := slices.Clone(den[:lanes])
				inner(s, top, den, factor, keys, lanes, two)
				for l := range lanes {
					den[l] += old[l] * (1 - factor[l])
				}
			}
		}),
	},
	{
		Name: "attention-loop-hidden-in-next-lane", Fault: "what a query may not see is hidden from the query in the next lane",
		Kills: []spec.ID{"ATT-001", "ATT-008"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			inner := k.Fill
			k.Fill = func(s []float32, bits []uint64, lanes int, x float32) {
				bits = slices.Clone(bits)
				for j := range bits {
					bits[j] <<= 1
				}
				inner(s, bits, lanes, x)
			}
		}),
	},
	{
		Name: "attention-loop-stale-sums", Fault: "the sums of a tile begin with those of the tile before", Model: "an accumulator that is not cleared",
		Kills: []spec.ID{"ATT-001", "ATT-016"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			inner := k.Values
			var mu sync.Mutex
			last := map[int]float32{}
			k.Values = func(o, s, v, factor []float32, stride, keys, channels, lanes int) {
				if channels == 0 {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				inner(o, s, v, factor, stride, keys, channels, lanes)
				if slices.Max(factor[:lanes]) == 0 {
					o[0] += last[lanes]
				}
				last[lanes] = o[0]
			}
		}),
	},
	{
		Name: "attention-loop-reads-past-keys", Fault: "one element behind the last key is read", Model: "a loop over whole vectors",
		Kills: []spec.ID{"ATT-026"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			inner := k.Logits
			k.Logits = func(s, q, x []float32, stride, keys, channels, lanes int) {
				inner(s, q, x, stride, keys, channels, lanes)
				if n := (keys-1)*stride + channels; channels > 0 && n == len(x) {
					sink.Store(math.Float32bits(*beyond(x, n)))
				}
			}
		}),
	},
	{
		Name: "attention-loop-rows-exchanged", Fault: "of a few rows, the first two get each other's logits",
		Kills: []spec.ID{"ATT-001", "ATT-018"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			inner := k.Dots
			k.Dots = func(s, q, x []float32, pitch, stride, keys, channels, rows int) {
				inner(s, q, x, pitch, stride, keys, channels, rows)
				for j := 0; rows > 1 && j < keys; j++ {
					s[j], s[pitch+j] = s[pitch+j], s[j]
				}
			}
		}),
	},
	{
		Name: "attention-loop-last-weights-not-counted", Fault: "a row's denominator leaves out the weights of its last vector",
		Kills: []spec.ID{"ATT-001", "ATT-002"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			inner := k.Weigh
			k.Weigh = func(x []float32, top float32, two bool) float32 {
				sum := inner(x, top, two)
				if len(x) > 16 {
					for _, w := range x[len(x)-16:] {
						sum -= w
					}
				}
				return sum
			}
		}),
	},
	{
		Name: "attention-loop-not-finite-not-seen", Fault: "results that are not finite are not noticed: hidden values times 0 stay",
		Kills: []spec.ID{"ATT-007"},
		Change32: attentionKernel(func(k *kernel.Attention) {
			k.Finite = func([]float32) bool { return true }
		}),
	},
}

// attentionKernel replaces the float32 attention by one with a fault in an inner
// loop.
func attentionKernel(fault func(k *kernel.Attention)) func(im *spec.Implementation[float32]) {
	return func(im *spec.Implementation[float32]) {
		k := kernel.Best().Attention()
		fault(k)
		a := transformer.NewAttention(k)
		im.Attention, im.AttentionLSE = a, a.AttendLSE
	}
}
