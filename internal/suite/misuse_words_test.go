package suite_test

import (
	"math"

	"example.com/attest/spec"
)

// words makes the mistakes that are neither of shape nor of memory: names that
// name nothing, and numbers that no operation can work with.
func (m *mistakes[T]) words(c *call[T]) {
	for k := range c.args {
		switch c.args[k].Interface().(type) {
		case *spec.Activation:
			text := "attest: unknown activation"
			if m.name == "Prox.Penalty" {
				text = "attest: this activation is the proximal operator of no convex penalty"
			}
			spoil(m, k, text, func(x *spec.Activation) { *x = "step" })
		case *spec.QKStage:
			spoil(m, k, "attest: unknown stage of queries times keys", func(x *spec.QKStage) { *x = 4 })
		case *spec.Rotary:
			rotary(m, func(c *call[T]) *spec.Rotary { return c.args[k].Interface().(*spec.Rotary) })
		case *[]bool:
			for _, n := range []int{0, 2, 4} {
				spoil(m, k, "attest: visible has not an element for each pattern", func(x *[]bool) { *x = make([]bool, n) })
			}
		case *[]int:
			spoil(m, k, "attest: cuts do not reach from channel 0 to the last", func(x *[]int) { *x = []int{0, 2} })
			spoil(m, k, "attest: cuts do not reach from channel 0 to the last", func(x *[]int) { *x = []int{1, 3} })
			spoil(m, k, "attest: cuts do not reach from channel 0 to the last", func(x *[]int) { *x = nil })
			spoil(m, k, "attest: cuts fall", func(x *[]int) { *x = []int{0, 2, 1, 3} })
		case *float64:
			if m.name == "Positions" {
				for _, base := range []float64{1, 0, -1, math.NaN()} {
					spoil(m, k, "attest: the base of the positions is not above 1", func(x *float64) { *x = base })
				}
			}
		case **spec.MultiHeadWeights[T]:
			spoil(m, k, "attest: multi-head attention without weights", func(x **spec.MultiHeadWeights[T]) { *x = nil })
			multiHeadWords(m, func(c *call[T]) *spec.MultiHeadWeights[T] { return *c.args[k].Interface().(**spec.MultiHeadWeights[T]) })
		case **spec.BlockWeights[T]:
			spoil(m, k, "attest: a block without weights", func(x **spec.BlockWeights[T]) { *x = nil })
			of := func(c *call[T]) *spec.BlockWeights[T] { return *c.args[k].Interface().(**spec.BlockWeights[T]) }
			m.says("attest: unknown activation", func(c *call[T]) { of(c).Forward.Activation = "step" })
			m.says("attest: unknown kind of norm", func(c *call[T]) { of(c).ForwardNorm.Kind = "batch" })
			multiHeadWords(m, func(c *call[T]) *spec.MultiHeadWeights[T] { return &of(c).Self })
			multiHeadWords(m, func(c *call[T]) *spec.MultiHeadWeights[T] { return of(c).Cross })
		case **spec.AttentionOptions:
			spoil(m, k, "attest: attention without options", func(x **spec.AttentionOptions) { *x = nil })
		}
	}
}

// multiHeadWords makes the mistakes of the numbers of heads.
func multiHeadWords[T spec.Float](m *mistakes[T], of func(*call[T]) *spec.MultiHeadWeights[T]) {
	m.says("attest: multi-head attention needs a head", func(c *call[T]) { of(c).Heads = 0 })
	m.says("attest: multi-head attention needs a head", func(c *call[T]) { of(c).KeyHeads = -1 })
	m.says("attest: the heads of keys do not divide those of queries", func(c *call[T]) { of(c).KeyHeads = 2 })
	m.says("attest: the heads do not divide the channels of WQ", func(c *call[T]) { of(c).Heads = 2 })
	rotary(m, func(c *call[T]) *spec.Rotary { return of(c).Rotary })
}

// rotary makes the mistakes of a rotary embedding.
func rotary[T spec.Float](m *mistakes[T], of func(*call[T]) *spec.Rotary) {
	m.says("attest: unknown layout of a rotary embedding", func(c *call[T]) { of(c).Layout = "spiral" })
	m.says("attest: a rotary embedding turns an even number of channels", func(c *call[T]) { of(c).Dims = 1 })
	m.says("attest: a rotary embedding turns an even number of channels", func(c *call[T]) { of(c).Dims = -2 })
	m.says("attest: a rotary embedding turns more channels than there are", func(c *call[T]) { of(c).Dims = 4 })
	for _, base := range []float64{1, 0, math.NaN()} {
		m.says("attest: the base of a rotary embedding is not above 1", func(c *call[T]) { of(c).Base = base })
	}
}

// spoil changes argument k of a call, which must then be refused with the text.
func spoil[A any, T spec.Float](m *mistakes[T], k int, text string, change func(x *A)) {
	m.says(text, func(c *call[T]) { change(c.args[k].Interface().(*A)) })
}

// says makes a mistake that must be refused with the text.
func (m *mistakes[T]) says(text string, spoil func(*call[T])) {
	if got, _ := m.call(spoil); got != text {
		m.t.Errorf("%s: %s says %q, not %q", m.im, m.name, got, text)
	}
}
