package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// attentionLogits replaces attention by one whose logits are f of scale·q·k,
// the key and the query.
func attentionLogits(f func(x float64, q, k []float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Attention = spec.AttentionFunc[float64](func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			spec.CheckAttention(dst, q, k, v, opt)
			for b := range q.Shape[0] {
				for h := range q.Shape[1] {
					kh := spec.KeyHead(h, q.Shape[1], k.Shape[1])
					for i := range q.Shape[2] {
						logits := reference.Logits(q, k, opt, b, h, i)
						for j := range logits {
							logits[j] = f(logits[j], channels(q, b, h, i), channels(k, b, kh, j))
						}
						w := reference.SoftmaxRow(logits)
						for c := range v.Shape[3] {
							var s float64
							for j := range w {
								s += w[j] * v.At(b, kh, j, c)
							}
							dst.Set(b, h, i, c, s)
						}
					}
				}
			}
		})
	}
}

// channels returns row (b, h, i) of x.
func channels(x spec.Tensor[float64], b, h, i int) []float64 {
	out := make([]float64, x.Shape[3])
	for c := range out {
		out[c] = x.At(b, h, i, c)
	}
	return out
}

// attentionOutput changes attention's output in place, given the values' mean.
func attentionOutput(f func(x float64) float64) func(im *implementation) {
	return func(im *implementation) {
		sound := im.Attention
		im.Attention = spec.AttentionFunc[float64](func(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			sound.Attend(dst, q, k, v, opt)
			for b := range dst.Shape[0] {
				for h := range dst.Shape[1] {
					for i := range dst.Shape[2] {
						for c := range dst.Shape[3] {
							dst.Set(b, h, i, c, f(dst.At(b, h, i, c)))
						}
					}
				}
			}
		})
	}
}

var equivalenceMutants = []Mutant{
	{
		Name: "equal-attention-default-scale", Fault: "attention always scales by 1/√dHead, whatever scale it is told",
		Model: "kernels that fold the scale in",
		Kills: []spec.ID{"EQV-001", "EQV-003", "EQV-010"},
		Change: attentionLogits(func(x float64, q, _ []float64) float64 {
			return x * spec.DefaultScale(len(q))
		}),
	},
	{
		Name: "equal-attention-beta-built-in", Fault: "attention takes −‖k‖²/2 off every logit by itself",
		Kills: []spec.ID{"EQV-002", "EQV-003", "EQV-004", "EQV-007"},
		Change: attentionLogits(func(x float64, _, k []float64) float64 {
			return x - reference.Dot(k, k)/2
		}),
	},
	{
		Name: "equal-attention-uniform", Fault: "attention returns the mean of the values",
		Kills:  []spec.ID{"EQV-001", "EQV-003", "EQV-005", "EQV-007", "EQV-010"},
		Change: attentionLogits(func(float64, []float64, []float64) float64 { return 0 }),
	},
	{
		Name: "equal-attention-anti", Fault: "attention looks away: the logits have the wrong sign",
		Kills:  []spec.ID{"EQV-001", "EQV-003"},
		Change: attentionLogits(func(x float64, _, _ []float64) float64 { return -x }),
	},
	{
		Name: "equal-attention-peaked", Fault: "the logits are multiplied by 8: attention hardly moves a token",
		Kills:  []spec.ID{"EQV-001", "EQV-008"},
		Change: attentionLogits(func(x float64, _, _ []float64) float64 { return 8 * x }),
	},
	{
		Name: "equal-attention-output-doubled", Fault: "the output of attention is doubled",
		Kills:  []spec.ID{"EQV-001", "EQV-004", "EQV-006", "EQV-008"},
		Change: attentionOutput(func(x float64) float64 { return 2 * x }),
	},
	{
		Name: "equal-attention-output-half-precision", Fault: "the output of attention passes through 11 bits",
		Kills:  []spec.ID{"EQV-001", "EQV-003", "EQV-004", "EQV-005", "EQV-006", "EQV-010"},
		Change: attentionOutput(func(x float64) float64 { return shorten(x, 11) }),
	},
	{
		Name: "equal-step-plain-softmax", Fault: "the energy's step is ordinary softmax attention: β is left out",
		Kills:  []spec.ID{"EQV-002", "EQV-003", "EQV-004"},
		Change: stepWith(dotSoftmax),
	},
	{
		Name: "equal-step-eta-ignored", Fault: "the energy's step takes η = 1 always",
		Kills:  []spec.ID{"EQV-004"},
		Change: etaThen(func(float64) float64 { return 1 }),
	},
	{
		Name: "equal-ridge-without-sink", Fault: "the step of the ridge forgets λ",
		Kills: []spec.ID{"EQV-005"},
		Change: func(im *implementation) {
			im.Ridge.Step = func(dst, y, a matrix, _, eta float64) { reference.RidgeStep(dst, y, a, 0, eta) }
		},
	},
	{
		Name: "equal-ridge-lambda-squared", Fault: "the sink weighs λ²",
		Kills: []spec.ID{"EQV-005"},
		Change: func(im *implementation) {
			im.Ridge.Step = func(dst, y, a matrix, lambda, eta float64) {
				reference.RidgeStep(dst, y, a, lambda*lambda, eta)
			}
		},
	},
	{
		Name: "equal-linear-without-bias", Fault: "the linear layer leaves out its bias",
		Kills: []spec.ID{"EQV-006"},
		Change: func(im *implementation) {
			linear := im.Linear
			im.Linear = func(dst, x, w matrix, _ []float64) { linear(dst, x, w, nil) }
		},
	},
	{
		Name: "equal-layer-order", Fault: "the unfolded layer takes the feed-forward step first",
		Kills: []spec.ID{"EQV-006"},
		Change: func(im *implementation) {
			forward, attend, relu := im.FeedForward.Step, im.Interaction.Step, im.ReLU
			im.Layer.Step = func(dst, y, a, w, b matrix, eta1, eta2 float64, rectify bool) {
				u := spec.NewMatrix[float64](y.Rows, y.Cols)
				forward(u, y, w, b, eta2)
				attend(dst, u, a, eta1)
				for i := range dst.Rows {
					if rectify {
						relu(dst.Row(i), dst.Row(i))
					}
				}
			}
		},
	},
	{
		Name: "equal-heads-reversed", Fault: "multi-head attention joins its heads in reverse order",
		Kills: []spec.ID{"EQV-009"},
		Change: multiHeadThen(func(c *multiHeadCall) {
			c.w.Output.W = reversedHeads(c.w.Output.W, c.w.Heads)
		}),
	},
	{
		Name: "equal-concat-first-head-weights", Fault: "the step of several heads uses the first head's weights for all",
		Kills: []spec.ID{"EQV-009"},
		Change: func(im *implementation) {
			im.Heads.ConcatStep = func(dst, y matrix, cuts []int, eta float64) {
				g := reference.Kernel(y.Columns(cuts[0], cuts[1]), matrix{})
				averageStep(dst, y, normalized(g), eta)
			}
		},
	},
	{
		Name: "equal-frozen-without-self", Fault: "the frozen-key step leaves out the query itself",
		Kills: []spec.ID{"EQV-010"},
		Change: func(im *implementation) {
			im.Masked.FrozenStep = func(dst, y, x matrix, eta float64) {
				for i := range y.Rows {
					for k := range y.Cols {
						var num, den float64
						for j := range x.Rows {
							var z float64
							for c := range y.Cols {
								r := y.At(i, c) - x.At(j, c)
								z += r * r / 2
							}
							num += math.Exp(-z) * (x.At(j, k) - y.At(i, k))
							den += math.Exp(-z)
						}
						if den > 0 {
							num /= den
						}
						dst.Set(i, k, y.At(i, k)+eta*num)
					}
				}
			}
		},
	},
	{
		Name: "equal-softmax-base-2", Fault: "softmax raises 2 to the logits",
		Kills: []spec.ID{"EQV-011"},
		Change: func(im *implementation) {
			softmax := im.Softmax
			im.Softmax = func(dst, x []float64) {
				scaled := make([]float64, len(x))
				for j := range x {
					scaled[j] = x[j] * math.Ln2
				}
				softmax(dst, scaled)
			}
		},
	},
	{
		Name: "equal-weights-scaled", Fault: "the kernel's weights use exp(−z/2)",
		Kills: []spec.ID{"EQV-011"},
		Change: func(im *implementation) {
			im.Interaction.Weights = func(dst, y, a matrix) {
				p := normalized(kernelWith(y, a, func(_, _ int, z float64) float64 { return math.Exp(-z / 2) }))
				copyRows(dst, p)
			}
		},
	},
}
