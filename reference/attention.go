package reference

import (
	"math"

	"example.com/attest/spec"
)

type tensor = spec.Tensor[float64]

var attention spec.Attention[float64] = spec.AttentionFunc[float64](Attention)

// Attention stores softmax(cap(Scale·QKᵀ) + Bias over allowed keys)·V, one query at a time:
// its weights first, then their average of the values.
func Attention(dst, q, k, v tensor, opt *spec.AttentionOptions) {
	spec.CheckAttention(dst, q, k, v, opt)
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				a := AttentionWeights(q, k, opt, b, h, i)
				for c := range v.Shape[3] {
					var o float64
					for j := range v.Shape[2] {
						if opt.Allowed(b, h, i, j) {
							o += a[j] * opt.KeepFactor(b, h, i, j) * v.At(b, spec.KeyHead(h, q.Shape[1], v.Shape[1]), j, c)
						}
					}
					dst.Set(b, h, i, c, o)
				}
			}
		}
	}
}

// Logits returns xⱼ = cap(Scale·qᵢ·kⱼ) + slope + Biasᵢⱼ for allowed keys and −Inf for the others,
// which are not touched.
func Logits(q, k tensor, opt *spec.AttentionOptions, b, h, i int) []float64 {
	x := make([]float64, k.Shape[2])
	for j := range x {
		if !opt.Allowed(b, h, i, j) {
			x[j] = math.Inf(-1)
			continue
		}
		x[j] = softcap(rawLogit(q, k, opt, b, h, i, j), opt.Softcap) + slope(opt, b, h, i, j) + opt.BiasAt(b, h, i, j)
	}
	return x
}

// rawLogit returns Scale·q·kⱼ, which Softcap caps.
func rawLogit(q, k tensor, opt *spec.AttentionOptions, b, h, i, j int) float64 {
	var dot float64
	keys := channels(k, b, spec.KeyHead(h, q.Shape[1], k.Shape[1]), j)
	for c, y := range channels(q, b, h, i) {
		dot += y * keys[c]
	}
	return opt.Scale * dot
}

// channels returns the channels of token i of head h of batch b, in t's own
// memory where they lie next to one another.
func channels(t tensor, b, h, i int) []float64 {
	at, size := t.Index(b, h, i, 0), t.Shape[3]
	switch {
	case size == 0:
		return nil
	case t.Stride[3] == 1:
		return t.Data[at : at+size]
	}
	out := make([]float64, size)
	for c := range out {
		out[c] = t.Data[at+c*t.Stride[3]]
	}
	return out
}

// slope returns what the slope of head h adds for key j and query i of batch b.
func slope(opt *spec.AttentionOptions, b, h, i, j int) float64 {
	if opt.Slopes == nil {
		return 0
	}
	return float64(opt.Slopes[h]) * opt.Distance(b, i, j)
}

// softcap returns c·tanh(x/c), and x for c = 0.
func softcap(x, c float64) float64 {
	if c == 0 {
		return x
	}
	return c * math.Tanh(x/c)
}

// AttentionWeights returns the weights of query (b, h, i): the softmax of its
// logits over allowed keys, with the sink in the denominator, and 0 for the
// others; all 0 when no key is allowed.
func AttentionWeights(q, k tensor, opt *spec.AttentionOptions, b, h, i int) []float64 {
	return weightsOf(Logits(q, k, opt, b, h, i), opt, b, h, i)
}

// weightsOf returns the weights of query (b, h, i) that has the logits x.
func weightsOf(x []float64, opt *spec.AttentionOptions, b, h, i int) []float64 {
	m := opt.SinkAt(h)
	for j := range x {
		if opt.Allowed(b, h, i, j) {
			m = math.Max(m, x[j])
		}
	}
	a := make([]float64, len(x))
	sum := 0.0
	if !math.IsInf(opt.SinkAt(h), -1) {
		sum = math.Exp(opt.SinkAt(h) - m)
	}
	for j := range a {
		if opt.Allowed(b, h, i, j) {
			a[j] = math.Exp(x[j] - m)
			sum += a[j]
		}
	}
	for j := range a {
		if opt.Allowed(b, h, i, j) {
			a[j] /= sum
		}
	}
	return a
}
