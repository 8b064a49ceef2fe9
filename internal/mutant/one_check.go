package mutant

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// oneCheckMutants pass all checks of a property but one: a value that is wrong and
// still within its bound, a wrong second result beside a right first one, or a
// fault that the checks before do not come to.
var oneCheckMutants = slices.Concat(oneCheckAttention, oneCheckLayers, oneCheckEnergies)

var oneCheckAttention = []Mutant{
	{
		Name: "attention-masked-weight-of-minus-60", Fault: "a masked key's logit is −60: its weight is not 0, though below every bound",
		Kills:  []spec.ID{"ATT-002", "ATT-056"},
		Change: attentionWith(fault{sentinel: -60}),
	},
	{
		Name: "attention-rows-without-keys-tiny", Fault: "outputs without an allowed key are 2⁻⁹⁰",
		Kills: []spec.ID{"ATT-062", "ATT-006", "ATT-008"},
		Change: func(im *implementation) {
			aroundAttention(im, func(c *attentionCall[float64], work func()) {
				work()
				each(c.dst, func(x *float64, b, h, i, _ int) {
					for j := range c.k.Shape[2] {
						if c.opt.Allowed(b, h, i, j) {
							return
						}
					}
					*x = 0x1p-90
				})
			})
		},
	},
	{
		Name: "attention-causal-in-packs-alone", Fault: "the causal rule counts only where sequences are packed",
		Kills: []spec.ID{"ATT-082", "ATT-001", "ATT-008"},
		Change: withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) {
			o.Causal = o.Causal && o.Sequences != nil
		}),
	},
	{
		Name: "attention-refuses-company", Fault: "a call that meets another one panics",
		Kills: []spec.ID{"DET-002"},
		Change: func(im *implementation) {
			var busy atomic.Int64
			aroundAttention(im, func(_ *attentionCall[float64], work func()) {
				defer busy.Add(-1)
				if busy.Add(1) > 1 {
					panic("busy")
				}
				runtime.Gosched() // let others begin
				work()
			})
		},
	},
	{
		Name: "attention-softcap-doubled-without-lse", Fault: "there are no log-sum-exps, and the cap is 2c",
		Kills: []spec.ID{"ATT-055"},
		Change: func(im *implementation) {
			im.AttentionLSE = nil
			withOptions(func(_ *attentionCall[float64], o *spec.AttentionOptions) { o.Softcap *= 2 })(im)
		},
	},
	{
		Name: "gradient-refuses-company", Fault: "a backward pass that meets another one panics",
		Kills: []spec.ID{"DET-023"},
		Change: func(im *implementation) {
			var busy atomic.Int64
			im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
				defer busy.Add(-1)
				if busy.Add(1) > 1 {
					panic("busy")
				}
				runtime.Gosched() // let others begin
				reference.AttentionBackward(dst, dOut, q, k, v, opt)
			}
		},
	},
	{
		Name: "attention-lse-of-several-batches", Fault: "the log-sum-exps, not the outputs, are rounded once more if there are several batches",
		Kills: []spec.ID{"DET-003"},
		Change: lseThen(func(lse, _ float64, q, _ spec.Tensor[float64], _ *spec.AttentionOptions, _, _, _ int) float64 {
			if q.Shape[0] > 1 {
				return lse * (1 + 0x1p-50)
			}
			return lse
		}),
	},
	{
		Name: "merge-lse-of-nothing", Fault: "the log-sum-exp of two parts without keys is the least number instead of −Inf",
		Kills: []spec.ID{"ATT-051"},
		Change: func(im *implementation) {
			im.MergeAttention = func(dst, lse, o1, l1, o2, l2 spec.Tensor[float64]) {
				reference.MergeAttention(dst, lse, o1, l1, o2, l2)
				each(lse, func(x *float64, _, _, _, _ int) { *x = max(*x, -math.MaxFloat64) })
			}
		},
	},
	{
		Name: "qk-output-of-zeros-times-values", Fault: "beside products, 0 times the value of hidden keys is added to the output",
		Kills: []spec.ID{"ATT-091"},
		Change: qkThenOutput(func(c *qkCall) {
			each(c.dst, func(x *float64, b, h, _, ch int) {
				for j := range c.v.Shape[2] {
					*x += 0 * c.v.At(b, spec.KeyHead(h, c.q.Shape[1], c.k.Shape[1]), j, ch)
				}
			})
		}),
	},
	{
		Name: "gradient-decay-of-keys", Fault: "2⁻⁶ of the keys is added to their gradient",
		Kills: []spec.ID{"GRD-028", "GRD-002"},
		Change: backwardThen(func(dst spec.AttentionGradients[float64], k spec.Tensor[float64]) {
			each(dst.Key, func(x *float64, b, g, j, c int) { *x += k.At(b, g, j, c) / 64 })
		}),
	},
	{
		Name: "gradient-ends-before-quiet-rows", Fault: "where the last gradients of outputs are zero, those of the query before count as zero too",
		Kills: []spec.ID{"GRD-027"},
		Change: func(im *implementation) {
			im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
				cut := copied(dOut)
				last := -1
				each(cut, func(x *float64, _, _, i, _ int) {
					if *x != 0 {
						last = max(last, i)
					}
				})
				each(cut, func(x *float64, _, _, i, _ int) {
					if i == last && last < cut.Shape[2]-1 {
						*x = 0
					}
				})
				reference.AttentionBackward(dst, cut, q, k, v, opt)
			}
		},
	},
}

// qkThenOutput lets f change what an attention with products stores.
func qkThenOutput(f func(c *qkCall)) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionQK = func(dst, qk, q, k, v spec.Tensor[float64], stage spec.QKStage, opt *spec.AttentionOptions) {
			reference.AttentionQK(dst, qk, q, k, v, stage, opt)
			f(&qkCall{dst, qk, q, k, v, stage, opt})
		}
	}
}

// backwardThen lets f change the gradients.
func backwardThen(f func(dst spec.AttentionGradients[float64], k spec.Tensor[float64])) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			reference.AttentionBackward(dst, dOut, q, k, v, opt)
			f(dst, k)
		}
	}
}

// every changes each element of m.
func every(m matrix, f func(i int, x float64) float64) {
	for i := range m.Rows {
		for k, x := range m.Row(i) {
			m.Set(i, k, f(i, x))
		}
	}
}

// restless returns a factor that is another one in every other call: sums whose
// order changes.
func restless() func() float64 {
	var calls atomic.Int64
	return func() float64 { return 1 + float64(calls.Add(1)%2)*0x1p-50 }
}

var oneCheckLayers = []Mutant{
	{
		Name: "softmax-far-weights-negative", Fault: "weights of logits 40 below the largest are negative",
		Kills: []spec.ID{"SMX-002"},
		Change: softmaxParts{exp: func(_ int, t float64) float64 {
			if t < -40 {
				return -math.Exp(t)
			}
			return math.Exp(t)
		}}.change,
	},
	{
		Name: "softmax-above-one", Fault: "the weight of a single logit is 1 + 2⁻⁴⁰",
		Kills: []spec.ID{"SMX-002", "SMX-001"},
		Change: softmaxParts{sum: func(e []float64) float64 {
			if len(e) == 1 {
				return e[0] * (1 - 0x1p-40)
			}
			return softmaxTotal(e)
		}}.change,
	},
	{
		Name: "log-softmax-above-zero", Fault: "2⁻⁴⁰ is added to each log-weight",
		Kills: []spec.ID{"SMX-011", "SMX-010"},
		Change: func(im *implementation) {
			im.LogSoftmax = func(dst, x []float64) {
				reference.LogSoftmax(dst, x)
				for j := range dst {
					dst[j] += 0x1p-40
				}
			}
		},
	},
	{
		Name: "relu-higher-around-10", Fault: "16 is added for 8 ≤ |x| < 16",
		Kills: []spec.ID{"LIN-008", "LIN-007"},
		Change: func(im *implementation) {
			inner := im.ReLU
			im.ReLU = func(dst, src []float64) {
				wide := slices.Clone(src)
				inner(dst, src)
				for j, x := range wide {
					if math.Abs(x) >= 8 && math.Abs(x) < 16 {
						dst[j] += 16
					}
				}
			}
		},
	},
	{
		Name: "norm-restless-with-own-eps", Fault: "eps is 1e-5 whatever the caller says, and the last bits change from call to call",
		Kills: []spec.ID{"LNM-003"},
		Change: func(im *implementation) {
			factor := restless()
			im.LayerNorm = func(dst, src matrix, gain, shift []float64, _ float64) {
				f := factor()
				reference.LayerNorm(dst, src, gain, shift, 1e-5)
				every(dst, func(_ int, x float64) float64 { return x * f })
			}
		},
	},
	{
		Name: "rope-multiplies-by-zeros-beyond", Fault: "0 times the channels that are not turned is added to those that are",
		Kills: []spec.ID{"ROP-006"},
		Change: func(im *implementation) {
			im.Rope = func(dst, src matrix, r spec.Rotary) {
				beyond := make([]float64, src.Rows)
				for i := range src.Rows {
					for _, x := range src.Row(i)[r.Dims:] {
						beyond[i] += 0 * x
					}
				}
				reference.Rope(dst, src, r)
				every(dst.Columns(0, r.Dims), func(i int, x float64) float64 { return x + beyond[i] })
			}
		},
	},
	{
		Name: "gate-closed-to-plus", Fault: "left of −6 both forms of GELU and SiLU are positive, as small as they should be negative",
		Kills: []spec.ID{"GLU-016", "PRX-001"},
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			y := reference.Activate(x, act)
			if x <= -6 && slices.Contains([]spec.Activation{spec.ActGELU, spec.ActGELUTanh, spec.ActSiLU}, act) {
				return math.Abs(y)
			}
			return y
		}),
	},
	{
		Name: "gate-closed-too-deep", Fault: "left of −6 both forms of GELU and SiLU are lower by 2⁻²⁰",
		Kills: []spec.ID{"GLU-016", "PRX-001"},
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			y := reference.Activate(x, act)
			if x <= -6 && slices.Contains([]spec.Activation{spec.ActGELU, spec.ActGELUTanh, spec.ActSiLU}, act) {
				return y - 0x1p-20
			}
			return y
		}),
	},
	{
		Name: "prox-step-a-little-below-zero", Fault: "the step with ReLU stores −2⁻¹²⁰ for 0",
		Kills: []spec.ID{"PRX-015"},
		Change: func(im *implementation) {
			im.Prox.Step = func(dst, y, w, b matrix, lambda, eta float64) {
				reference.ProxStep(dst, y, w, b, lambda, eta)
				every(dst, func(_ int, x float64) float64 {
					if lambda < 0 && x == 0 {
						return -0x1p-120
					}
					return x
				})
			}
		},
	},
	{
		Name: "ffn-step-of-weights-as-given", Fault: "the step, not the gradient, multiplies by W instead of its symmetric part",
		Kills: []spec.ID{"FFN-011", "FFN-003"},
		Change: func(im *implementation) {
			im.FeedForward.Step = func(dst, y, w, b matrix, eta float64) {
				g := reference.Times(y, w)
				for i := range y.Rows {
					for k := range y.Cols {
						dst.Set(i, k, y.At(i, k)-eta*(g.At(i, k)+b.At(i, k)))
					}
				}
			}
		},
	},
	{
		Name: "block-not-composed-and-shifted", Fault: "a block that is not composed of the parts adds 2⁻⁸ to each channel",
		Kills: []spec.ID{"BLK-005"},
		Change: func(im *implementation) {
			im.ComposedBlock = false
			aroundBlock(func(c *blockCall) { c.work(); every(c.dst, func(_ int, x float64) float64 { return x + 0x1p-8 }) })(im)
		},
	},
	{
		Name: "block-cache-counts-calls-twice", Fault: "the cache counts the tokens of the first call twice",
		Kills: []spec.ID{"BLK-016"},
		Change: aroundBlock(func(c *blockCall) {
			first := c.cache != nil && c.cache.Tokens == 0
			c.work()
			if first {
				c.cache.Tokens += c.x.Rows
			}
		}),
	},
	{
		Name: "block-swallows-nan", Fault: "outputs that are NaN become 0",
		Kills: []spec.ID{"BLK-017"},
		Change: aroundBlock(func(c *blockCall) {
			c.work()
			every(c.dst, func(_ int, x float64) float64 {
				if math.IsNaN(x) {
					return 0
				}
				return x
			})
		}),
	},
	{
		Name: "block-restless-and-shifted", Fault: "2⁻⁸ is added to each channel, and the last bits change from call to call",
		Kills: []spec.ID{"BLK-021"},
		Change: func(im *implementation) {
			factor := restless()
			aroundBlock(func(c *blockCall) {
				f := factor()
				c.work()
				every(c.dst, func(_ int, x float64) float64 { return f * (x + 0x1p-8) })
			})(im)
		},
	},
}

var oneCheckEnergies = []Mutant{
	{
		Name: "conjugate-too-low", Fault: "the conjugate is g·log g − 2g",
		Kills: []spec.ID{"INT-012"},
		Change: func(im *implementation) {
			im.Interaction.Conjugate = func(g float64) float64 { return reference.Conjugate(g) - g }
		},
	},
	{
		Name: "conjugate-of-zero", Fault: "the conjugate of 0 is 0·log 0 − 0",
		Kills: []spec.ID{"INT-012"},
		Change: func(im *implementation) {
			im.Interaction.Conjugate = func(g float64) float64 { return g*math.Log(g) - g }
		},
	},
	{
		Name: "step-decays-tokens", Fault: "the step multiplies tokens by 1 − 2⁻²⁰ besides, as a decay of weights would",
		Kills:  []spec.ID{"INT-007", "INT-023"},
		Change: tokensAfterStep(func(_ int, x float64) float64 { return x * (1 - 0x1p-20) }),
	},
	{
		Name: "gradient-beyond-64-tokens", Fault: "the gradient is twice as large from the 65th token on",
		Kills: []spec.ID{"INT-033"},
		Change: gradientThen(func(i int, g float64) float64 {
			if i >= 64 {
				return 2 * g
			}
			return g
		}),
	},
	{
		Name: "gradient-never-zero", Fault: "gradients that are 0 become 2⁻⁹⁰",
		Kills: []spec.ID{"INT-033", "INT-007"},
		Change: gradientThen(func(_ int, g float64) float64 {
			if g == 0 {
				return 0x1p-90
			}
			return g
		}),
	},
	{
		Name: "step-beyond-64-tokens", Fault: "the step moves tokens from the 65th on a little",
		Kills: []spec.ID{"INT-033"},
		Change: tokensAfterStep(func(i int, x float64) float64 {
			if i >= 64 && x != 0 && math.Abs(x) < 64 {
				return x * (1 - 0x1p-20)
			}
			return x
		}),
	},
	{
		Name: "energy-of-threads", Fault: "the last bits of the energy, not of the step, depend on GOMAXPROCS",
		Kills: []spec.ID{"DET-016"},
		Change: func(im *implementation) {
			inner := im.Interaction.Energy
			im.Interaction.Energy = func(y, a matrix) float64 { return inner(y, a) * (1 + float64(runtime.GOMAXPROCS(0))*0x1p-50) }
		},
	},
	{
		Name: "gradient-of-threads", Fault: "the last bits of the gradient, not of the energy, depend on GOMAXPROCS",
		Kills:  []spec.ID{"DET-016"},
		Change: gradientThen(func(_ int, g float64) float64 { return g * (1 + float64(runtime.GOMAXPROCS(0))*0x1p-50) }),
	},
	{
		Name: "heads-average-of-none", Fault: "without heads the average is 0 instead of the tokens",
		Kills: []spec.ID{"HED-017"},
		Change: func(im *implementation) {
			inner := im.Heads.AverageStep
			im.Heads.AverageStep = func(dst, y matrix, a []matrix, eta float64) {
				if inner(dst, y, a, eta); len(a) == 0 {
					every(dst, func(int, float64) float64 { return 0 })
				}
			}
		},
	},
	{
		Name: "hopfield-step-along-first-axis", Fault: "the step, not the energy, adds 2⁻⁸ to the first channel",
		Kills: []spec.ID{"HOP-016", "HOP-002"},
		Change: hopfieldStepThen(func(dst, _ matrix) {
			every(dst.Columns(0, min(1, dst.Cols)), func(_ int, x float64) float64 { return x + 0x1p-8 })
		}),
	},
	{
		Name: "hopfield-stored-state-decays", Fault: "the step of a state that is a pattern loses 2⁻⁸ of it",
		Kills: []spec.ID{"HOP-020"},
		Change: func(im *implementation) {
			inner := im.Hopfield.Step
			im.Hopfield.Step = func(dst, q, k matrix, visible []bool, beta, eta float64) {
				inner(dst, q, k, visible, beta, eta)
				every(dst, func(i int, x float64) float64 {
					for j := range k.Rows {
						if slices.Equal(k.Row(j), q.Row(i)) {
							return x * (1 - 0x1p-8)
						}
					}
					return x
				})
			}
		},
	},
	{
		Name: "hopfield-step-times-zeros", Fault: "the step of each state adds 0 times the other states, which NaN survives",
		Kills: []spec.ID{"HOP-030"},
		Change: hopfieldStepThen(func(dst, q matrix) {
			var zero float64
			for i := range q.Rows {
				for _, x := range q.Row(i) {
					zero += 0 * x
				}
			}
			every(dst, func(_ int, x float64) float64 { return x + zero })
		}),
	},
	{
		Name: "hopfield-log-sum-exp-thrice", Fault: "the log-sum-exp counts three times in the energy: it is less convex than the patterns allow",
		Kills: []spec.ID{"HOP-024", "HOP-001"},
		Change: func(im *implementation) {
			inner := im.Hopfield.Energy
			im.Hopfield.Energy = func(dst, q, k matrix, visible []bool, beta float64) {
				inner(dst, q, k, visible, beta)
				every(dst, func(i int, x float64) float64 { return 3*x - reference.Dot(q.Row(i), q.Row(i)) })
			}
		},
	},
	{
		Name: "lift-keeps-idle-channels", Fault: "a channel that no other leads to keeps its second copy",
		Kills: []spec.ID{"ASY-006"},
		Change: liftWith(func(i, j int, w matrix) (upLeft, upRight, downLeft, downRight float64) {
			idle := i == j
			for k := range w.Rows {
				idle = idle && w.At(k, j) == 0
			}
			if idle {
				downRight = 1
			}
			return 0, w.At(i, j), w.At(j, i), downRight
		}),
	},
	{
		Name: "lift-of-rounded-weights", Fault: "both blocks of the lift are rounded to 5 bits",
		Kills: []spec.ID{"ASY-005"},
		Change: liftWith(func(i, j int, w matrix) (upLeft, upRight, downLeft, downRight float64) {
			return 0, shorten(w.At(i, j), 5), shorten(w.At(j, i), 5), 0
		}),
	},
	{
		Name: "dilation-of-weights-as-given", Fault: "the lower block of the dilation is W instead of Wᵀ",
		Kills: []spec.ID{"ASY-009"},
		Change: dilateThen(func(dst, w matrix) {
			d := w.Rows
			for i := range d {
				for k := range d {
					dst.Set(d+i, k, w.At(i, k))
				}
			}
		}),
	},
	{
		Name: "precondition-h-above-diagonal", Fault: "H is larger by 2⁻⁵⁰ of itself above its diagonal",
		Kills: []spec.ID{"ASY-012"},
		Change: preconditionThen(func(h, _, _ matrix, _ []float64) {
			for i := range h.Rows {
				every(spec.Matrix[float64]{Rows: 1, Cols: h.Cols - i - 1, Stride: h.Stride, Data: h.Row(i)[i+1:]}, func(_ int, x float64) float64 { return x * (1 + 0x1p-50) })
			}
		}),
	},
	{
		Name: "precondition-q-below-diagonal", Fault: "Q is larger by 2⁻⁵⁰ of itself below its diagonal",
		Kills: []spec.ID{"ASY-012"},
		Change: preconditionThen(func(_, q, _ matrix, _ []float64) {
			for i := range q.Rows {
				every(spec.Matrix[float64]{Rows: 1, Cols: i, Stride: q.Stride, Data: q.Row(i)[:i]}, func(_ int, x float64) float64 { return x * (1 + 0x1p-50) })
			}
		}),
	},
	{
		Name: "dilation-of-rounded-weights", Fault: "the blocks W and Wᵀ of the dilation are rounded to 5 bits",
		Kills: []spec.ID{"ASY-009"},
		Change: dilateThen(func(dst, w matrix) {
			d := w.Rows
			for i := range d {
				for k := range d {
					dst.Set(i, d+k, shorten(w.At(i, k), 5))
					dst.Set(d+k, i, shorten(w.At(i, k), 5))
				}
			}
		}),
	},
	{
		Name: "precondition-both-negative", Fault: "H and Q both have the other sign: their product is right",
		Kills: []spec.ID{"ASY-012"},
		Change: preconditionThen(func(h, q, _ matrix, _ []float64) {
			multiplyBy(h, -1)
			multiplyBy(q, -1)
		}),
	},
	{
		Name: "frozen-step-backwards", Fault: "queries move away from the keys",
		Kills: []spec.ID{"MSK-006"},
		Change: func(im *implementation) {
			im.Masked.FrozenStep = func(dst, y, x matrix, eta float64) { reference.FrozenStep(dst, y, x, -eta) }
		},
	},
}

// tokensAfterStep changes the tokens that the interaction's step stores.
func tokensAfterStep(f func(i int, x float64) float64) func(im *implementation) {
	return func(im *implementation) {
		inner := im.Interaction.Step
		im.Interaction.Step = func(dst, y, a matrix, eta float64) {
			inner(dst, y, a, eta)
			every(dst, f)
		}
	}
}

// hopfieldStepThen lets f change what the step of states stores.
func hopfieldStepThen(f func(dst, q matrix)) func(im *implementation) {
	return func(im *implementation) {
		inner := im.Hopfield.Step
		im.Hopfield.Step = func(dst, q, k matrix, visible []bool, beta, eta float64) {
			inner(dst, q, k, visible, beta, eta)
			f(dst, q)
		}
	}
}
