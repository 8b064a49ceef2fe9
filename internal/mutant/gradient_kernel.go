package mutant

import (
	"math"
	"slices"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// gradientKernelMutants get one of the inner loops of the float32 gradients wrong.
var gradientKernelMutants = []Mutant{
	{
		Name: "gradient32-last-lane-owes-nothing", Fault: "what the last query of a tile owes to keys is dropped",
		Kills: []spec.ID{"GRD-002", "GRD-003"},
		Change32: gradientKernel(func(k *kernel.Backward) {
			inner := k.Owed
			k.Owed = func(dst, a, x []float32, stride, xStride, keys, lanes, channels int) {
				a = slices.Clone(a[:keys*lanes])
				for j := range keys {
					a[j*lanes+lanes-1] = 0
				}
				inner(dst, a, x, stride, xStride, keys, lanes, channels)
			}
		}),
	},
	{
		Name: "gradient32-last-key-owed-nothing", Fault: "the last key of a block is dropped from the sums over queries",
		Kills: []spec.ID{"GRD-002", "GRD-003"},
		Change32: gradientKernel(func(k *kernel.Backward) {
			inner := k.Owed
			k.Owed = func(dst, a, x []float32, stride, xStride, keys, lanes, channels int) {
				if keys > 1 {
					inner(dst, a, x, stride, xStride, keys-1, lanes, channels)
				}
			}
		}),
	},
	{
		Name: "gradient32-stale-sums", Fault: "a tile of queries begins the sums of its keys anew",
		Kills: []spec.ID{"GRD-002", "GRD-003", "GRD-026"},
		Change32: gradientKernel(func(k *kernel.Backward) {
			inner := k.Owed
			k.Owed = func(dst, a, x []float32, stride, xStride, keys, lanes, channels int) {
				for j := range keys {
					clear(dst[j*stride:][:channels])
				}
				inner(dst, a, x, stride, xStride, keys, lanes, channels)
			}
		}),
	},
	{
		Name: "gradient32-means-not-rescaled", Fault: "D is not multiplied when a block raises the maximum",
		Kills: []spec.ID{"GRD-001", "GRD-002"},
		Change32: gradientKernel(func(k *kernel.Backward) {
			inner := k.Means
			k.Means = func(mean, s, p, factor []float32, keys, lanes int) {
				ones := slices.Repeat([]float32{1}, lanes)
				inner(mean, s, p, ones, keys, lanes)
			}
		}),
	},
	{
		Name: "gradient32-mean-of-next-lane", Fault: "D is that of the query in the next lane",
		Kills: []spec.ID{"GRD-001", "GRD-002"},
		Change32: gradientKernel(func(k *kernel.Backward) {
			inner := k.Gradients
			k.Gradients = func(s, p, top, inverse, mean []float32, keys, lanes int, two bool, scale float32) {
				turned := append(slices.Clone(mean[1:lanes]), mean[0])
				inner(s, p, top, inverse, turned, keys, lanes, two, scale)
			}
		}),
	},
	{
		Name: "gradient32-reads-past-queries", Fault: "one row behind the last of dQ's keys is read",
		Kills: []spec.ID{"GRD-033"},
		Change32: gradientKernel(func(k *kernel.Backward) {
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
		Name: "gradient32-hidden-pairs-weigh", Fault: "a block with hidden pairs keeps the weights of the first key's",
		Kills: []spec.ID{"GRD-016"},
		Change32: gradientKernel(func(k *kernel.Backward) {
			inner := k.Fill
			forward := *k.Attention
			forward.Fill = func(s []float32, bits []uint64, lanes int, x float32) {
				bits = slices.Clone(bits)
				bits[0] = 0
				inner(s, bits, lanes, x)
			}
			k.Attention = &forward
		}),
	},
}

// gradientKernel replaces the float32 gradients by those with a fault in an inner
// loop.
func gradientKernel(fault func(k *kernel.Backward)) func(im *spec.Implementation[float32]) {
	return func(im *spec.Implementation[float32]) {
		k := kernel.Best().Backward()
		fault(k)
		im.AttentionBackward = transformer.NewBackward(k).AttendBackward
	}
}
