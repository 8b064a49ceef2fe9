package mutant

import (
	"math"

	"example.com/attest/spec"
)

// gradientCall holds the operands of one call.
type gradientCall[T spec.Float] struct {
	dst           spec.AttentionGradients[T]
	dOut, q, k, v spec.Tensor[T]
	opt           *spec.AttentionOptions
}

// aroundGradients lets f see each call, before and after it does its work.
func aroundGradients[T spec.Float](im *spec.Implementation[T], f func(c *gradientCall[T], work func())) {
	inner := im.AttentionBackward
	im.AttentionBackward = func(dst spec.AttentionGradients[T], dOut, q, k, v spec.Tensor[T], opt *spec.AttentionOptions) {
		c := &gradientCall[T]{dst, dOut, q, k, v, opt}
		f(c, func() { inner(c.dst, c.dOut, c.q, c.k, c.v, c.opt) })
	}
}

// gradientMemoryMutants touch what they must not, or keep state.
var gradientMemoryMutants = []Mutant{
	{
		Name: "gradient-added-to-destination", Fault: "gradients are added to what the destination holds",
		Kills:  []spec.ID{"GRD-001", "GRD-002", "GRD-003", "GRD-027", "GRD-033", "GRD-044"},
		Change: gradientWith(gradientFault{unzeroed: true}),
	},
	{
		Name: "gradient-unwritten-without-keys", Fault: "nothing is written if there is no key",
		Kills:  []spec.ID{"GRD-033", "GRD-044"},
		Change: gradientWith(gradientFault{skip: func(_, k spec.Tensor[float64]) bool { return k.Shape[2] == 0 }}),
	},
	{
		Name: "gradient-unwritten-without-channels", Fault: "nothing is written if queries have no channels",
		Kills:  []spec.ID{"GRD-044"},
		Change: gradientWith(gradientFault{skip: func(q, _ spec.Tensor[float64]) bool { return q.Shape[3] == 0 }}),
	},
	{
		Name: "gradient-writes-gap", Fault: "one element behind each row of dQ is written",
		Kills:  []spec.ID{"GRD-033", "GRD-034", "GRD-001"},
		Change: gradientWritesGap[float64],
	},
	{
		Name: "gradient-strides-ignored", Fault: "dOut is read as if it had no gaps",
		Model: "pytorch/pytorch#181133",
		Kills: []spec.ID{"GRD-033", "GRD-034", "GRD-001", "GRD-003"},
		Change: func(im *implementation) {
			aroundGradients(im, func(c *gradientCall[float64], work func()) {
				if s := c.dOut.Shape[3] * c.dOut.Stride[3]; s < c.dOut.Stride[2] {
					c.dOut.Stride[2] = s
				}
				work()
			})
		},
	},
	{
		Name: "gradient32-writes-inputs", Fault: "queries are scaled in place",
		Model:    "KernelBench PR#82",
		Kills:    []spec.ID{"GRD-033", "GRD-001", "GRD-034"},
		Change32: gradientWritesInputs,
	},
	{
		Name: "gradient32-reads-past-end", Fault: "one element behind dOut is read",
		Kills: []spec.ID{"GRD-033"},
		Change32: func(im *spec.Implementation[float32]) {
			aroundGradients(im, func(c *gradientCall[float32], work func()) {
				work()
				if n := c.dOut.Span(); n > 0 {
					sink.Store(math.Float32bits(*beyond(c.dOut.Data, n)))
				}
			})
		},
	},
	{
		Name: "gradient32-plausible-slack", Fault: "what lies behind a row of dOut is added to its dQ where it is a number of usual size",
		Kills: []spec.ID{"GRD-033"},
		Change32: func(im *spec.Implementation[float32]) {
			aroundGradients(im, func(c *gradientCall[float32], work func()) {
				work()
				addSlack(c.dst.Query, c.dOut)
			})
		},
	},
	{
		Name: "gradient32-race", Fault: "every third call is off in one element",
		Kills:    []spec.ID{"GRD-034", "GRD-003"},
		Change32: gradientRace[float32],
	},
	{
		Name: "gradient32-exp-coarse", Fault: "the weights in dV are off by 2⁻¹⁶",
		Kills: []spec.ID{"GRD-003", "GRD-012", "GRD-014"},
		Change32: func(im *spec.Implementation[float32]) {
			aroundGradients(im, func(c *gradientCall[float32], work func()) {
				work()
				for k := range c.dst.Value.Span() {
					c.dst.Value.Data[k] *= 1 + 0x1p-16
				}
			})
		},
	},
}

func gradientWritesGap[T spec.Float](im *spec.Implementation[T]) {
	aroundGradients(im, func(c *gradientCall[T], work func()) {
		d := c.dst.Query
		for i := range d.Shape[2] {
			if at := d.Index(0, 0, i, 0) + d.Shape[3]*d.Stride[3]; d.Span() > at {
				d.Data[at] = 0
			}
		}
		work()
	})
}

func gradientWritesInputs(im *spec.Implementation[float32]) {
	aroundGradients(im, func(c *gradientCall[float32], work func()) {
		s := float32(c.opt.Scale)
		for b := range c.q.Shape[0] {
			for h := range c.q.Shape[1] {
				for i := range c.q.Shape[2] {
					for x := range c.q.Shape[3] {
						c.q.Set(b, h, i, x, c.q.At(b, h, i, x)*s)
					}
				}
			}
		}
		work()
	})
}

func gradientRace[T spec.Float](im *spec.Implementation[T]) {
	calls := 0
	aroundGradients(im, func(c *gradientCall[T], work func()) {
		work()
		if calls++; calls%3 == 0 && c.dst.Value.Span() > 0 {
			c.dst.Value.Data[c.dst.Value.Span()-1] *= 1.001
		}
	})
}
